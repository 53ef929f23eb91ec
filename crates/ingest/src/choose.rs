//! Which mapping to use for a file that someone names on the command line.

use std::collections::BTreeMap;
use std::path::Path;

use gdal::vector::LayerAccess;
use urbis_catalog::{Layer, Source};
use urbis_model::Srid;

use crate::crs;
use crate::error::IngestError;
use crate::mapping::find_field;
use crate::open::Opened;
use crate::raw::{self, Quiet};

/// What is known about the origin of a file that no layer definition names.
const NOT_STATED: &str = "not stated";

/// Finds the source of a layer that a file is, or makes one up for it.
///
/// A file that is called like the file of one of the layer's sources is that source. Any other
/// is read by the field names of all of them and by the attributes' own names, in the CRS that
/// the file or `stated` says. Where it has no field of the layer's key, its records are told
/// apart by their geometry. OSM files are read as the layer's first OSM source says.
///
/// # Errors
///
/// [`IngestError`] where the file cannot be opened, where neither it nor `stated` says a CRS, or
/// where it has a part of the key only.
pub fn choose_source(
    layer: &Layer,
    path: &Path,
    stated: Option<Srid>,
) -> Result<Source, IngestError> {
    let is_this = |source: &&Source| Path::new(&source.file).file_name() == path.file_name();
    if let Some(source) = layer.sources.iter().find(is_this) {
        return Ok(source.clone());
    }
    let _quiet = Quiet::start();
    let opened = Opened::new(path, None)?;
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some(first) = layer.sources.first() else {
        return Err(IngestError::CrsUnknown { layer: layer.id.clone(), path: path.to_owned() });
    };
    if opened.is_osm() {
        return osm_source(layer, &opened, first).map(|source| Source { file, ..source });
    }
    let from = opened.layer(layer, None)?;
    let srs = from.spatial_ref().filter(|srs| !crs::says_nothing(srs));
    // What somebody states is compared with the file when it is read.
    let srid = stated.or_else(|| srs.as_ref().and_then(crs::identify)).ok_or_else(|| {
        IngestError::CrsUnknown { layer: layer.id.clone(), path: path.to_owned() }
    })?;
    let known = raw::field_names(&from);
    let fields = known_fields(layer, &known);
    let (present, missing): (Vec<_>, Vec<_>) =
        layer.key.iter().partition(|name| fields.contains_key(*name));
    if let (Some(field), false) = (missing.first(), present.is_empty()) {
        let (layer, field) = (layer.id.clone(), (*field).clone());
        return Err(IngestError::MissingField { layer, field, known });
    }
    Ok(Source {
        file,
        synthetic: false,
        layer: Some(from.name()),
        geometry_of: None,
        crs: srid.to_string(),
        publisher: NOT_STATED.to_owned(),
        licence: NOT_STATED.to_owned(),
        attribution: None,
        origin: None,
        retrieved: first.retrieved,
        fields,
        xy: None,
        filter: BTreeMap::new(),
        constants: BTreeMap::new(),
    })
}

fn osm_source(layer: &Layer, opened: &Opened, first: &Source) -> Result<Source, IngestError> {
    const OSM_FILES: [&str; 2] = [".pbf", ".osm"];
    let is_osm = |source: &&Source| OSM_FILES.iter().any(|end| source.file.ends_with(end));
    let source = layer.sources.iter().find(is_osm).unwrap_or(first);
    if source.layer.as_deref() != Some(Source::RELATIONS) {
        opened.layer(layer, source.layer.as_deref())?;
    }
    Ok(source.clone())
}

/// All attributes that the file has a field for.
fn known_fields(layer: &Layer, known: &[String]) -> BTreeMap<String, Vec<String>> {
    let names = layer.attributes.iter().map(|attribute| attribute.name.as_str());
    names
        .chain(["valid_from", "valid_to"])
        .map(|name| (name.to_owned(), present_aliases(layer, name, known)))
        .filter(|(_, aliases)| !aliases.is_empty())
        .collect()
}

/// The attribute's own name and its names in all sources, as far as the file has them.
fn present_aliases(layer: &Layer, name: &str, known: &[String]) -> Vec<String> {
    let named = layer.sources.iter().filter_map(|source| source.fields.get(name)).flatten();
    let mut aliases: Vec<String> = Vec::new();
    for alias in std::iter::once(name).chain(named.map(String::as_str)) {
        let is_new = !aliases.iter().any(|earlier| earlier == alias);
        if is_new && find_field(known, alias).is_some() {
            aliases.push(alias.to_owned());
        }
    }
    aliases
}
