//! One record in, one item out: the same for a file and for an example of a layer.

use std::collections::HashMap;

use gdal::errors::GdalError;
use gdal::vector::Geometry;
use urbis_catalog::Layer;
use urbis_model::{ImportItem, ImportRecord, Reject, Srid};
use xxhash_rust::xxh3::xxh3_128;

use crate::crs;
use crate::error::IngestError;
use crate::geometry::{GeometryReader, ReadGeometry, Rejection};
use crate::mapping::Mapping;
use crate::raw::{Drawing, Prepared};
use crate::record::SourceRecord;
use crate::reject::raw_bytes;
use crate::wkb::without_srid;

/// Cuts a source to a part of the city: records whose geometry shares a position with the
/// polygon are kept, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// The polygon, little-endian WKB or EWKB; x = easting or longitude. An SRID
    /// in it is not read.
    pub wkb: Vec<u8>,
    /// CRS of the polygon.
    pub srid: Srid,
}

impl Clip {
    /// The polygon in the CRS `to`, ready for many tests.
    pub(crate) fn prepare(&self, to: Srid) -> Result<Prepared, GdalError> {
        let mut polygon = Geometry::from_wkb(&without_srid(&self.wkb))?;
        if let Some(transform) = crs::Projection::new(self.srid, to)?.to_storage() {
            polygon.transform_inplace(transform)?;
        }
        let unusable = || GdalError::BadArgument("GEOS cannot prepare the geometry".to_owned());
        Prepared::new(polygon).ok_or_else(unusable)
    }
}

/// Turns records into items.
pub(crate) struct Importer {
    pub(crate) mapping: Mapping,
    geometry: GeometryReader,
    clip: Option<Prepared>,
    /// How often each key was seen; hashes, so that millions of them fit in memory.
    seen: HashMap<u128, u32>,
}

impl Importer {
    /// Makes an importer that has seen nothing, for geometries in the CRS `from`.
    ///
    /// # Errors
    ///
    /// [`IngestError::Transform`] where there is no way from that CRS to the layer's, and
    /// [`IngestError::Clip`] where the polygon to clip by is none.
    pub(crate) fn new(
        layer: &Layer,
        mapping: Mapping,
        from: Srid,
        drawing: Drawing,
        clip: Option<&Clip>,
    ) -> Result<Self, IngestError> {
        let geometry = GeometryReader::new(layer, from, drawing)
            .map_err(|cause| IngestError::Transform { from, to: layer.storage_srid, cause })?;
        let clip = clip.map(|clip| clip.prepare(layer.storage_srid)).transpose();
        let clip = clip.map_err(|cause| IngestError::Clip { cause })?;
        Ok(Self { mapping, geometry, clip, seen: HashMap::new() })
    }

    /// Takes one record; `None` where the source's conditions leave it out.
    pub(crate) fn take(&mut self, record: &SourceRecord) -> Option<ImportItem> {
        if !self.mapping.selects(record) {
            return None;
        }
        let geometry = self.read_geometry(record);
        let key = self.source_key(record, geometry.as_ref().ok());
        let known = key.as_ref().ok().cloned();
        let item = geometry.and_then(|geometry| {
            if self.is_clipped(&geometry) {
                return Ok(self.skip(known.clone()));
            }
            self.publish(record, geometry, key)
        });
        Some(item.unwrap_or_else(|rejection| self.reject(record, known, rejection)))
    }

    /// Refuses a record that its reader could not put together.
    pub(crate) fn refuse(&self, record: &SourceRecord, rejection: Rejection) -> ImportItem {
        let known = self.mapping.key(record).ok().flatten();
        self.reject(record, known, rejection)
    }

    fn is_clipped(&self, geometry: &ReadGeometry) -> bool {
        self.clip.as_ref().is_some_and(|clip| !clip.intersects(&geometry.geometry))
    }

    fn read_geometry(&self, record: &SourceRecord) -> Result<ReadGeometry, Rejection> {
        let wkb = self.mapping.geometry(record)?;
        self.geometry.read(wkb.as_deref())
    }

    /// Identifies a record within its source; by its geometry where the source has no key.
    fn source_key(
        &mut self,
        record: &SourceRecord,
        geometry: Option<&ReadGeometry>,
    ) -> Result<String, Rejection> {
        match (self.mapping.key(record)?, geometry) {
            (Some(key), _) => Ok(key),
            (None, Some(geometry)) => Ok(self.geometry_key(&geometry.ewkb)),
            (None, None) => Err(Rejection::new("key_missing", "it has neither key nor geometry")),
        }
    }

    /// Leaves a record out; a later one with its key is a duplicate all the same.
    fn skip(&mut self, source_key: Option<String>) -> ImportItem {
        if let Some(key) = &source_key {
            self.is_first_of_key(key);
        }
        ImportItem::Skipped { source_key }
    }

    fn publish(
        &mut self,
        record: &SourceRecord,
        geometry: ReadGeometry,
        key: Result<String, Rejection>,
    ) -> Result<ImportItem, Rejection> {
        let mapped = self.mapping.attributes(record)?;
        let source_key = key?;
        if !self.is_first_of_key(&source_key) {
            let detail = format!("a record before it has the key '{source_key}' too");
            return Err(Rejection::new("duplicate_key", detail));
        }
        let [valid_from, valid_to] = mapped.validity;
        let mut faults = geometry.faults;
        faults.extend(mapped.faults);
        Ok(ImportItem::Record(Box::new(ImportRecord {
            source_key,
            source_hash: self.mapping.hash(record),
            source_row: record.row,
            geometry_ewkb: geometry.ewkb,
            attributes: mapped.attributes,
            valid_from,
            valid_to,
            faults,
            original_ewkb: geometry.original_ewkb,
        })))
    }

    /// Geometries that stand in for keys are numbered, and so are never the same twice.
    fn is_first_of_key(&mut self, key: &str) -> bool {
        !self.mapping.has_key() || self.count(xxh3_128(key.as_bytes())) == 1
    }

    /// Stands in for a key: the geometry as it is stored, numbered where it comes again.
    fn geometry_key(&mut self, ewkb: &[u8]) -> String {
        let hash = xxh3_128(ewkb);
        match self.count(hash) {
            1 => format!("geometry:{hash:032x}"),
            number => format!("geometry:{hash:032x}#{number}"),
        }
    }

    fn count(&mut self, hash: u128) -> u32 {
        let count = self.seen.entry(hash).or_default();
        *count = count.saturating_add(1);
        *count
    }

    fn reject(
        &self,
        record: &SourceRecord,
        source_key: Option<String>,
        rejection: Rejection,
    ) -> ImportItem {
        ImportItem::Reject(Reject {
            source_row: record.row,
            source_key,
            code: rejection.code,
            detail: rejection.detail,
            raw: raw_bytes(self.mapping.fields(), record),
        })
    }
}
