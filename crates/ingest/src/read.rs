//! Reads a source file through to the end.

use std::path::Path;

use gdal::errors::GdalError;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{Layer as GdalLayer, LayerAccess};
use urbis_catalog::{Layer, Source};
use urbis_model::{ImportItem, Srid};

use crate::crs;
use crate::error::{IngestError, Stop};
use crate::importer::{Clip, Importer};
use crate::mapping::{Mapping, Presence};
use crate::open::Opened;
use crate::osm;
use crate::progress::Progress;
use crate::raw::{self, Drawing, Quiet, RawFeature};
use crate::reading::Reading;
use crate::record::SourceRecord;
use crate::relations;
use crate::table::point_columns;

/// What to read of a source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadOptions {
    /// Only what lies in this polygon.
    pub clip: Option<Clip>,
}

/// What a reading came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Features that the source's conditions and the clip let through: records and rejects.
    pub read: u64,
    /// Features of the file that they left out.
    pub skipped: u64,
    /// Records without a fault.
    pub sound: u64,
    /// Records with faults.
    pub flagged: u64,
    /// Rejected features.
    pub rejected: u64,
}

/// Receives what is read, and the keys of what a clip leaves out, some hundred items at a time, in
/// the order of the file.
pub type Sink<'a> = &'a mut dyn FnMut(Vec<ImportItem>) -> Result<(), Stop>;

/// Reads a source into the shape of its layer.
///
/// Geometry comes out in the layer's storage CRS, x = easting or longitude, of the layer's kind,
/// without heights, curves as lines. Runs on the caller's thread from beginning to end, which
/// must not be one that async tasks share; prints nothing.
///
/// # Errors
///
/// [`IngestError`]; what was handed to `sink` before must not be published.
pub fn read_source(
    layer: &Layer,
    source: &Source,
    path: &Path,
    options: &ReadOptions,
    sink: Sink<'_>,
    progress: &dyn Progress,
) -> Result<ReadSummary, IngestError> {
    let _quiet = Quiet::start();
    if source.layer.as_deref() == Some(Source::RELATIONS) {
        return read_relations(layer, source, path, options, sink, progress);
    }
    let opened = Opened::new(path, Some(source))?;
    let from = opened.layer(layer, source.layer.as_deref())?;
    let srid = agreed_srid(layer, source, &from)?;
    let fields = raw::field_names(&from);
    let source = &with_point_columns(layer, source, &opened, &from, &fields);
    let presence = if opened.is_osm() { Presence::Sparse } else { Presence::Required };
    let mapping = Mapping::new(layer, source, fields, presence)?;
    let importer = Importer::new(layer, mapping, srid, opened.drawing(), options.clip.as_ref())?;
    let mut reading = Reading::new(layer, importer, sink, progress);
    reading.advance.total = raw::quick_count(&from);
    Features { opened: &opened, from: &from, failure: None }.run(&mut reading)?;
    reading.finish()
}

/// Reads the relations of an OSM file with their members.
fn read_relations(
    layer: &Layer,
    source: &Source,
    path: &Path,
    options: &ReadOptions,
    sink: Sink<'_>,
    progress: &dyn Progress,
) -> Result<ReadSummary, IngestError> {
    let path = relations::pbf_file(path)?;
    let srid = relations::SRID;
    if source.srid().is_some_and(|declared| declared != srid) {
        let (layer, found) = (layer.id.clone(), srid.to_string());
        let declared = source.srid().unwrap_or(srid);
        return Err(IngestError::CrsMismatch { layer, declared, found });
    }
    let mapping = Mapping::new(layer, source, relations::fields(source), Presence::Sparse)?;
    let importer = Importer::new(layer, mapping, srid, Drawing::Gis, options.clip.as_ref())?;
    let mut reading = Reading::new(layer, importer, sink, progress);
    relations::run(&mut reading, source, &path)?;
    reading.finish()
}

/// The source, with the columns of a table's points where nobody names them and the table has no
/// geometry of its own.
fn with_point_columns(
    layer: &Layer,
    source: &Source,
    opened: &Opened,
    from: &GdalLayer<'_>,
    fields: &[String],
) -> Source {
    let is_without = opened.is_table() && from.defn().geom_fields().count() == 0;
    let found = if is_without { point_columns(layer, fields) } else { None };
    Source { xy: source.xy.clone().or(found), ..source.clone() }
}

/// The CRS of a file's coordinates: what the definition says, which the file must not deny.
fn agreed_srid(layer: &Layer, source: &Source, from: &GdalLayer<'_>) -> Result<Srid, IngestError> {
    let declared = source.srid().unwrap_or(layer.storage_srid);
    let found: Option<SpatialRef> = from.spatial_ref().filter(|srs| !crs::says_nothing(srs));
    match found {
        Some(found) if crs::identify(&found) != Some(crs::current(declared)) => {
            let (layer, found) = (layer.id.clone(), crs::describe(&found));
            Err(IngestError::CrsMismatch { layer, declared, found })
        }
        _ => Ok(crs::current(declared)),
    }
}

/// The features of a layer, as its driver gives them.
struct Features<'a> {
    opened: &'a Opened,
    from: &'a GdalLayer<'a>,
    /// The first failure that came along with a feature.
    failure: Option<GdalError>,
}

impl Features<'_> {
    fn run(&mut self, reading: &mut Reading<'_>) -> Result<(), IngestError> {
        let name = self.from.name();
        while let Some(feature) = self.next(reading) {
            let values = feature.values();
            let id = if self.opened.is_osm() {
                osm::feature_id(&name, reading.importer.mapping.fields(), &values)
            } else {
                feature.fid().to_string()
            };
            let (row, geometry) = (reading.advance.seen, feature.geometry_wkb());
            reading.take(&SourceRecord { row, id, values, geometry })?;
            reading.report();
        }
        match self.failure.take().or_else(raw::last_failure) {
            None => Ok(()),
            Some(cause) => {
                let (path, row) = (self.opened.path().to_owned(), reading.advance.seen);
                Err(IngestError::SourceBroken { path, row, cause })
            }
        }
    }

    fn next(&mut self, reading: &mut Reading<'_>) -> Option<RawFeature> {
        if !self.opened.is_osm() {
            let feature = raw::next_feature(self.from)?;
            reading.advance.seen += 1;
            return Some(feature);
        }
        loop {
            let (feature, wanted, done) = raw::next_of_any(&self.opened.dataset, self.from)?;
            // The driver reads ahead: it may fail while it still has features to give.
            self.failure = self.failure.take().or_else(raw::last_failure);
            reading.advance.fraction = Some(done);
            if wanted {
                reading.advance.seen += 1;
                return Some(feature);
            }
        }
    }
}
