//! Checks layer definitions for contradictions that TOML alone cannot show.

mod codes;
mod network;
mod openness;
mod search;
mod source;
mod theme;
mod tiles;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Attribute, AttributeType, Deprecation, Example, Layer, LayerFault, Nearest, Source, Theme,
};

pub(crate) use network::check_roles;
pub(crate) use theme::check_themes;

/// CRSs that tables, transforms and tests cover.
const STORAGE_SRIDS: [u32; 4] = [4326, 5899, 3405, 3406];

/// Columns of every layer table, the member that nearest answers add, and the columns that
/// PostgreSQL itself gives every table.
const RESERVED: [&str; 13] = [
    "feature_id",
    "geom",
    "edited_at",
    "actor",
    "client",
    "distance_m",
    "ctid",
    "xmin",
    "xmax",
    "cmin",
    "cmax",
    "tableoid",
    "oid",
];

/// Endings of the indexes that stand beside the tables of other layers, in the same schema.
const INDEX_ENDINGS: [&str; 3] = ["_geom", "_pkey", "_version"];

/// Beginnings of columns that hold the two times.
const RESERVED_STARTS: [&str; 2] = ["valid_", "recorded_"];

/// Columns that a source may fill although they are no attributes.
const VALIDITY: [&str; 2] = ["valid_from", "valid_to"];

/// Longest attribute name, so that derived names fit PostgreSQL's 63 bytes.
const MAX_NAME_LEN: usize = 48;

/// Finds the first contradiction in a definition.
pub(crate) fn check_layer(layer: &Layer) -> Result<(), LayerFault> {
    check_identity(layer)?;
    check_attributes(layer)?;
    openness::check_openness_by(layer)?;
    check_key(layer)?;
    tiles::check_tiles(layer)?;
    source::check_sources(layer)?;
    network::check_role(layer)?;
    search::check_search(layer)?;
    check_examples(layer)
}

fn check_identity(layer: &Layer) -> Result<(), LayerFault> {
    if Theme::find(layer.id.as_str()).is_some() {
        return Err(LayerFault::NameIsTheme);
    }
    if let Some(ending) = INDEX_ENDINGS.iter().find(|end| layer.id.as_str().ends_with(**end)) {
        return Err(LayerFault::NameReserved { ending });
    }
    if !STORAGE_SRIDS.contains(&layer.storage_srid.0) {
        let known = STORAGE_SRIDS.to_vec();
        return Err(LayerFault::StorageSrid { found: layer.storage_srid, known });
    }
    check_deprecation("the layer", layer.deprecated.as_ref())
}

/// A notice counts from a day; an hour or a zone would make it two days somewhere.
fn check_deprecation(what: &str, notice: Option<&Deprecation>) -> Result<(), LayerFault> {
    let Some(Deprecation { since, .. }) = notice else { return Ok(()) };
    if since.date.is_some() && since.time.is_none() && since.offset.is_none() {
        return Ok(());
    }
    Err(LayerFault::DeprecationDay { what: what.to_owned(), found: since.to_string() })
}

fn check_attributes(layer: &Layer) -> Result<(), LayerFault> {
    let mut seen = BTreeSet::new();
    for attribute in &layer.attributes {
        check_name(&attribute.name)?;
        if !seen.insert(&attribute.name) {
            return Err(LayerFault::AttributeDuplicate { found: attribute.name.clone() });
        }
        openness::check_attribute(layer, attribute)?;
        check_range(attribute)?;
        codes::check_codes(attribute)?;
        check_deprecation(&attribute.name, attribute.deprecated.as_ref())?;
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), LayerFault> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    let is_plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !starts_well || !is_plain || name.len() > MAX_NAME_LEN {
        return Err(LayerFault::AttributeName { found: name.to_owned() });
    }
    let is_reserved =
        RESERVED.contains(&name) || RESERVED_STARTS.iter().any(|start| name.starts_with(start));
    if is_reserved {
        return Err(LayerFault::AttributeReserved { found: name.to_owned() });
    }
    Ok(())
}

fn check_range(attribute: &Attribute) -> Result<(), LayerFault> {
    let Some([low, high]) = attribute.range else { return Ok(()) };
    let is_number = matches!(attribute.kind, AttributeType::Integer | AttributeType::Float);
    if is_number && low.is_finite() && high.is_finite() && low <= high {
        return Ok(());
    }
    Err(LayerFault::Range { attribute: attribute.name.clone() })
}

fn check_key(layer: &Layer) -> Result<(), LayerFault> {
    for name in &layer.key {
        known_attribute(layer, "key", name)?;
    }
    let fills = |source: &Source, name: &String| {
        source.fields.contains_key(name) || source.constants.contains_key(name)
    };
    let is_filled =
        layer.sources.iter().all(|source| layer.key.iter().all(|name| fills(source, name)));
    if layer.key.is_empty() || !is_filled {
        return Err(LayerFault::Key);
    }
    Ok(())
}

fn known_attribute<'a>(
    layer: &'a Layer,
    place: &'static str,
    name: &str,
) -> Result<&'a Attribute, LayerFault> {
    layer.attribute(name).ok_or_else(|| {
        let known = layer.attributes.iter().map(|attribute| attribute.name.as_str());
        let nearest = Nearest::find(name, known);
        LayerFault::AttributeUnknown { place, found: name.to_owned(), nearest }
    })
}

fn check_examples(layer: &Layer) -> Result<(), LayerFault> {
    for example in &layer.examples {
        check_example(layer, example)?;
    }
    let good = layer.examples.iter().any(|example| example.output.is_some());
    let bad =
        layer.examples.iter().any(|example| example.fault.is_some() || example.reject.is_some());
    if good && bad {
        return Ok(());
    }
    Err(LayerFault::ExamplesMissing)
}

fn check_example(layer: &Layer, example: &Example) -> Result<(), LayerFault> {
    let says = |present: bool| usize::from(present);
    let published = says(example.output.is_some() || example.fault.is_some());
    if published + says(example.reject.is_some()) != 1 {
        return Err(LayerFault::ExampleOutcome { title: example.title.clone() });
    }
    example.crs.iter().try_for_each(|crs| source::check_crs(crs))?;
    let named = example.output.iter().flat_map(BTreeMap::keys);
    for name in named.filter(|name| !VALIDITY.contains(&name.as_str())) {
        known_attribute(layer, "examples.output", name)?;
    }
    Ok(())
}
