//! One record in, one item out: the same for a file and for an example of a layer.

use std::collections::HashMap;

use gdal::errors::GdalError;
use gdal::vector::Geometry;
use urbis_model::{ImportItem, ImportRecord, Reject, Srid};
use xxhash_rust::xxh3::xxh3_128;

use crate::crs;
use crate::geometry::{GeometryReader, ReadGeometry, Rejection};
use crate::mapping::Mapping;
use crate::raw::Prepared;
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
    pub(crate) geometry: GeometryReader,
    pub(crate) clip: Option<Prepared>,
    /// How often each key was seen; hashes, so that millions of them fit in memory.
    pub(crate) seen: HashMap<u128, u32>,
}

impl Importer {
    /// Takes one record; `None` where the source's conditions or the clip leave it out.
    pub(crate) fn take(&mut self, record: &SourceRecord) -> Option<ImportItem> {
        if !self.mapping.selects(record) {
            return None;
        }
        let geometry = match self.read_geometry(record) {
            Ok(geometry) => geometry,
            Err(rejection) => return Some(self.reject(record, rejection)),
        };
        if self.clip.as_ref().is_some_and(|clip| !clip.intersects(&geometry.geometry)) {
            return None;
        }
        Some(match self.publish(record, geometry) {
            Ok(published) => ImportItem::Record(Box::new(published)),
            Err(rejection) => self.reject(record, rejection),
        })
    }

    fn read_geometry(&self, record: &SourceRecord) -> Result<ReadGeometry, Rejection> {
        let wkb = self.mapping.geometry(record)?;
        self.geometry.read(wkb.as_deref())
    }

    fn publish(
        &mut self,
        record: &SourceRecord,
        geometry: ReadGeometry,
    ) -> Result<ImportRecord, Rejection> {
        let mapped = self.mapping.attributes(record)?;
        let source_key = match mapped.key {
            Some(key) => self.first_of_key(key)?,
            None => self.geometry_key(&geometry.ewkb),
        };
        let [valid_from, valid_to] = mapped.validity;
        let mut faults = geometry.faults;
        faults.extend(mapped.faults);
        Ok(ImportRecord {
            source_key,
            source_hash: self.mapping.hash(record),
            source_row: record.row,
            geometry_ewkb: geometry.ewkb,
            attributes: mapped.attributes,
            valid_from,
            valid_to,
            faults,
            original_ewkb: geometry.original_ewkb,
        })
    }

    fn first_of_key(&mut self, key: String) -> Result<String, Rejection> {
        if self.count(xxh3_128(key.as_bytes())) == 1 {
            return Ok(key);
        }
        let detail = format!("a record before it has the key '{key}' too");
        Err(Rejection::new("duplicate_key", detail))
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

    fn reject(&self, record: &SourceRecord, rejection: Rejection) -> ImportItem {
        ImportItem::Reject(Reject {
            source_row: record.row,
            code: rejection.code,
            detail: rejection.detail,
            raw: raw_bytes(self.mapping.fields(), record),
        })
    }
}
