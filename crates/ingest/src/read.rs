//! Reads a source file through to the end.

use std::collections::HashMap;
use std::path::Path;

use gdal::errors::GdalError;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{Layer as GdalLayer, LayerAccess};
use urbis_catalog::{Layer, Source};
use urbis_model::{ImportItem, Srid};

use crate::crs;
use crate::error::{IngestError, Stop};
use crate::geometry::GeometryReader;
use crate::importer::{Clip, Importer};
use crate::mapping::{Mapping, Presence};
use crate::open::Opened;
use crate::osm;
use crate::progress::{Advance, Progress};
use crate::raw::{self, Quiet, RawFeature};
use crate::record::SourceRecord;
use crate::table::point_columns;

/// Most items handed over at once.
const BATCH_ITEMS: usize = 500;

/// Most bytes of geometry handed over at once; one large geometry may exceed it.
const BATCH_BYTES: usize = 4 << 20;

/// Features between two reports of progress.
const REPORT_EVERY: u64 = 500;

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
    let opened = Opened::new(path, Some(source))?;
    let from = opened.layer(layer, source.layer.as_deref())?;
    let srid = agreed_srid(layer, source, &from)?;
    let fields = raw::field_names(&from);
    let source = &with_point_columns(layer, source, &opened, &from, &fields);
    let presence = if opened.is_osm() { Presence::Sparse } else { Presence::Required };
    let transform = |cause| IngestError::Transform { from: srid, to: layer.storage_srid, cause };
    let clip = options.clip.as_ref().map(|clip| clip.prepare(layer.storage_srid)).transpose();
    let importer = Importer {
        mapping: Mapping::new(layer, source, fields, presence)?,
        geometry: GeometryReader::new(layer, srid, opened.drawing()).map_err(transform)?,
        clip: clip.map_err(|cause| IngestError::Clip { cause })?,
        seen: HashMap::new(),
    };
    let total = raw::quick_count(&from);
    let mut reading = Reading {
        layer,
        importer,
        sink,
        progress,
        batch: Vec::new(),
        batch_bytes: 0,
        advance: Advance { seen: 0, total, fraction: None },
        summary: ReadSummary::default(),
        failure: None,
    };
    reading.run(&opened, &from)?;
    tracing::debug!(layer.id = %layer.id, rows = reading.summary.read, "read a source");
    Ok(reading.summary)
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

/// A reading under way.
struct Reading<'a> {
    layer: &'a Layer,
    importer: Importer,
    sink: Sink<'a>,
    progress: &'a dyn Progress,
    batch: Vec<ImportItem>,
    batch_bytes: usize,
    advance: Advance,
    summary: ReadSummary,
    /// The first failure that came along with a feature.
    failure: Option<GdalError>,
}

impl Reading<'_> {
    fn run(&mut self, opened: &Opened, from: &GdalLayer<'_>) -> Result<(), IngestError> {
        let name = from.name();
        while let Some(feature) = self.next(opened, from) {
            let values = feature.values();
            let id = if opened.is_osm() {
                osm::feature_id(&name, self.importer.mapping.fields(), &values)
            } else {
                feature.fid().to_string()
            };
            let (row, geometry) = (self.advance.seen, feature.geometry_wkb());
            self.take(&SourceRecord { row, id, values, geometry })?;
            if self.advance.seen.is_multiple_of(REPORT_EVERY) {
                self.progress.advance(self.advance);
            }
        }
        if let Some(cause) = self.failure.take().or_else(raw::last_failure) {
            let (path, row) = (opened.path().to_owned(), self.advance.seen);
            return Err(IngestError::SourceBroken { path, row, cause });
        }
        self.hand_over()?;
        self.advance.fraction = Some(1.0);
        self.progress.advance(self.advance);
        Ok(())
    }

    fn next(&mut self, opened: &Opened, from: &GdalLayer<'_>) -> Option<RawFeature> {
        if !opened.is_osm() {
            let feature = raw::next_feature(from)?;
            self.advance.seen += 1;
            return Some(feature);
        }
        loop {
            let (feature, wanted, done) = raw::next_of_any(&opened.dataset, from)?;
            // The driver reads ahead: it may fail while it still has features to give.
            self.failure = self.failure.take().or_else(raw::last_failure);
            self.advance.fraction = Some(done);
            if wanted {
                self.advance.seen += 1;
                return Some(feature);
            }
        }
    }

    fn take(&mut self, record: &SourceRecord) -> Result<(), IngestError> {
        let Some(item) = self.importer.take(record) else {
            self.summary.skipped += 1;
            return Ok(());
        };
        self.count(&item);
        self.batch_bytes += match &item {
            ImportItem::Record(record) => record.geometry_ewkb.len(),
            ImportItem::Reject(reject) => reject.raw.len(),
            ImportItem::Skipped { source_key } => source_key.as_ref().map_or(0, String::len),
        };
        self.batch.push(item);
        if self.batch.len() >= BATCH_ITEMS || self.batch_bytes >= BATCH_BYTES {
            self.hand_over()?;
        }
        self.check_rejects()
    }

    fn count(&mut self, item: &ImportItem) {
        let summary = &mut self.summary;
        summary.read += u64::from(!matches!(item, ImportItem::Skipped { .. }));
        match item {
            ImportItem::Record(record) if record.faults.is_empty() => summary.sound += 1,
            ImportItem::Record(_) => summary.flagged += 1,
            ImportItem::Reject(_) => summary.rejected += 1,
            ImportItem::Skipped { .. } => summary.skipped += 1,
        }
    }

    fn hand_over(&mut self) -> Result<(), IngestError> {
        self.batch_bytes = 0;
        if self.batch.is_empty() {
            return Ok(());
        }
        let items = std::mem::take(&mut self.batch);
        (self.sink)(items).map_err(|Stop| IngestError::Stopped { read: self.summary.read })
    }

    fn check_rejects(&mut self) -> Result<(), IngestError> {
        let limit = self.layer.import.max_rejects;
        let ReadSummary { read, rejected, .. } = self.summary;
        if rejected <= limit {
            return Ok(());
        }
        // What was rejected is what someone must look at now.
        self.hand_over()?;
        Err(IngestError::TooManyRejects { layer: self.layer.id.clone(), rejected, read, limit })
    }
}
