//! Writes features into a new GeoPackage, table by table, for those who take files and no database.
//!
//! Only what a synthetic city needs: one geometry and plain values a feature, each batch in one
//! transaction. Nothing here reads; see [`crate::read_source`] for that.

use std::path::{Path, PathBuf};

use gdal::errors::GdalError;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{
    Feature, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType,
};
use gdal::{Dataset, DriverManager};
use urbis_catalog::AttributeType;
use urbis_model::{AttributeValue, GeometryKind, Srid};

use crate::error::IngestError;

/// PostGIS's flag for "an SRID follows", and the bytes of that SRID in an EWKB.
const SRID_FLAG: u8 = 0x20;
const SRID_BYTES: std::ops::Range<usize> = 5..9;

/// A table to make.
#[derive(Debug, Clone)]
pub struct NewTable<'a> {
    /// Its name.
    pub name: &'a str,
    /// What all its geometries are.
    pub geometry: GeometryKind,
    /// CRS of its geometries.
    pub srid: Srid,
    /// Names and types of its columns, in the order of the values.
    pub columns: Vec<(&'a str, AttributeType)>,
}

/// A GeoPackage that is being written. It is whole when it is dropped.
pub struct GeoPackage {
    path: PathBuf,
    dataset: Dataset,
}

impl GeoPackage {
    /// Makes a file, in the place of one that is there.
    ///
    /// # Errors
    ///
    /// [`IngestError::Unwritable`] where the file cannot be made.
    pub fn create(path: &Path) -> Result<Self, IngestError> {
        let fault = |cause| IngestError::Unwritable { path: path.to_owned(), cause };
        let driver = DriverManager::get_driver_by_name("GPKG").map_err(fault)?;
        if path.exists() {
            driver.delete(path).map_err(fault)?;
        }
        let dataset = driver.create_vector_only(path).map_err(fault)?;
        Ok(Self { path: path.to_owned(), dataset })
    }

    /// Makes a table.
    ///
    /// # Errors
    ///
    /// [`IngestError::Unwritable`] where GDAL refuses it.
    pub fn add_table(&mut self, table: &NewTable<'_>) -> Result<(), IngestError> {
        let made = make_table(&mut self.dataset, table);
        made.map_err(|cause| self.fault(cause))
    }

    /// Adds features to a table: EWKB in its CRS, values in the order of its columns.
    ///
    /// # Errors
    ///
    /// [`IngestError::Unwritable`] where GDAL refuses one; none of them is in the file then.
    pub fn add<'a>(
        &mut self,
        table: &str,
        features: impl Iterator<Item = (&'a [u8], &'a [AttributeValue])>,
    ) -> Result<(), IngestError> {
        let added = add_features(&mut self.dataset, table, features);
        added.map_err(|cause| self.fault(cause))
    }

    fn fault(&self, cause: GdalError) -> IngestError {
        IngestError::Unwritable { path: self.path.clone(), cause }
    }
}

fn make_table(dataset: &mut Dataset, table: &NewTable<'_>) -> Result<(), GdalError> {
    let srs = SpatialRef::from_epsg(table.srid.0)?;
    let layer = dataset.create_layer(LayerOptions {
        name: table.name,
        srs: Some(&srs),
        ty: match table.geometry {
            GeometryKind::Point => OGRwkbGeometryType::wkbPoint,
            GeometryKind::MultiLineString => OGRwkbGeometryType::wkbMultiLineString,
            GeometryKind::MultiPolygon => OGRwkbGeometryType::wkbMultiPolygon,
        },
        ..LayerOptions::default()
    })?;
    let columns: Vec<_> =
        table.columns.iter().map(|(name, kind)| (*name, column_type(*kind))).collect();
    layer.create_defn_fields(&columns)
}

const fn column_type(kind: AttributeType) -> OGRFieldType::Type {
    match kind {
        AttributeType::Integer => OGRFieldType::OFTInteger64,
        AttributeType::Boolean => OGRFieldType::OFTInteger,
        AttributeType::Float => OGRFieldType::OFTReal,
        _ => OGRFieldType::OFTString,
    }
}

fn add_features<'a>(
    dataset: &mut Dataset,
    table: &str,
    features: impl Iterator<Item = (&'a [u8], &'a [AttributeValue])>,
) -> Result<(), GdalError> {
    let transaction = dataset.start_transaction()?;
    let layer = transaction.layer_by_name(table)?;
    for (ewkb, values) in features {
        let mut feature = Feature::new(layer.defn())?;
        feature.set_geometry(Geometry::from_wkb(&wkb(ewkb))?)?;
        for (column, value) in values.iter().enumerate() {
            match value {
                AttributeValue::Null => {}
                AttributeValue::Bool(truth) => {
                    feature.set_field_integer(column, i32::from(*truth))?;
                }
                AttributeValue::Int(number) => feature.set_field_integer64(column, *number)?,
                AttributeValue::Float(number) => feature.set_field_double(column, *number)?,
                AttributeValue::Text(text) => feature.set_field_string(column, text)?,
            }
        }
        feature.create(&layer)?;
    }
    transaction.commit()
}

/// Little-endian EWKB without its SRID.
fn wkb(ewkb: &[u8]) -> Vec<u8> {
    let mut wkb = ewkb.to_vec();
    if wkb.len() >= SRID_BYTES.end && wkb[4] & SRID_FLAG != 0 {
        wkb[4] &= !SRID_FLAG;
        wkb.drain(SRID_BYTES);
    }
    wkb
}

#[cfg(test)]
mod tests {
    use gdal::vector::LayerAccess;

    use super::*;

    #[test]
    fn what_is_written_is_read_back_by_gdal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("city.gpkg");
        let mut ewkb = vec![1, 1, 0, 0, 0x20];
        ewkb.extend(5899_u32.to_le_bytes());
        ewkb.extend([550_000.5_f64, 1_776_000.25].map(f64::to_le_bytes).concat());
        let columns = vec![
            ("name", AttributeType::Text),
            ("floors", AttributeType::Integer),
            ("height_m", AttributeType::Float),
        ];
        let values =
            [AttributeValue::text("Hải Châu"), AttributeValue::Int(3), AttributeValue::Null];
        // Twice: the second takes the place of the first.
        for _ in 0..2 {
            let mut file = GeoPackage::create(&path).unwrap();
            let geometry = GeometryKind::Point;
            let table =
                NewTable { name: "t", geometry, srid: Srid(5899), columns: columns.clone() };
            file.add_table(&table).unwrap();
            file.add("t", [(&ewkb[..], &values[..])].into_iter()).unwrap();
            assert!(file.add("no such table", std::iter::empty()).is_err());
        }
        let dataset = Dataset::open(&path).unwrap();
        let mut layer = dataset.layer_by_name("t").unwrap();
        assert_eq!(layer.spatial_ref().unwrap().auth_code().unwrap(), 5899);
        assert_eq!(layer.feature_count(), 1);
        let feature = layer.features().next().unwrap();
        assert_eq!(feature.geometry().unwrap().get_point(0), (550_000.5, 1_776_000.25, 0.0));
        assert_eq!(feature.field_as_string(0).unwrap().as_deref(), Some("Hải Châu"));
        assert_eq!(feature.field_as_integer64(1).unwrap(), Some(3));
        assert_eq!(feature.field_as_double(2).unwrap(), None);
    }
}
