//! Writes GeoPackages that are given away: several layers with titles, styles, licence and index.
//!
//! - **In**: [`PackageLayer`]s, then features layer by layer: WKB of the layer's kind (little-endian,
//!   x = easting or longitude), values in the order of its columns; days as `2025-07-01`, moments as
//!   RFC 3339 in UTC.
//! - **Out**: a GeoPackage 1.2 with an R-tree a layer, `gpkg_data_columns` with the titles of the
//!   columns, `gpkg_metadata` with licence and attribution, and `layer_styles`, out of which QGIS
//!   takes a layer's style by itself.
//!
//! The tables are made by SQL where GDAL has no word for a type (`BOOLEAN`), and opened again
//! before the first feature. An index is built at the end: growing it row by row takes longer.
//!
//! Source: OGC 12-128r19; the table `layer_styles` is that of QGIS.

mod sql;

use std::path::{Path, PathBuf};

use gdal::errors::GdalError;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::sql::Dialect;
use gdal::vector::{Feature, Geometry, LayerAccess, LayerOptions, OGRwkbGeometryType};
use gdal::{Dataset, DatasetOptions, DriverManager, GdalOpenFlags};
use urbis_catalog::AttributeType;
use urbis_model::{AttributeValue, GeometryKind, Srid};

use self::sql::text;
use crate::error::IngestError;

/// The column of the geometry.
const GEOMETRY: &str = "geom";

/// A layer of the file.
#[derive(Debug, Clone)]
pub struct PackageLayer<'a> {
    /// Name of its table.
    pub name: &'a str,
    /// What people call it; no two layers of a file may be called alike.
    pub title: String,
    /// What it holds.
    pub description: String,
    /// What all its geometries are.
    pub geometry: GeometryKind,
    /// CRS of its geometries.
    pub srid: Srid,
    /// Its columns in the order of the values.
    pub columns: Vec<PackageColumn<'a>>,
    /// Licence and attribution, as JSON.
    pub metadata: String,
    /// How QGIS draws it: a QML document.
    pub style: Option<String>,
}

/// A column of a layer.
#[derive(Debug, Clone, Copy)]
pub struct PackageColumn<'a> {
    /// Its name.
    pub name: &'a str,
    /// What people call it.
    pub title: &'a str,
    /// The same in English.
    pub description: &'a str,
    /// Type of its values.
    pub kind: AttributeType,
}

/// A GeoPackage that is being written. It is whole when [`Package::finish`] has succeeded.
#[derive(Debug)]
pub struct Package {
    path: PathBuf,
    dataset: Dataset,
    /// Layers and the places of their columns.
    layers: Vec<(String, Vec<usize>)>,
}

impl Package {
    /// Makes a file with empty layers. There must be none of that name.
    ///
    /// # Errors
    ///
    /// [`IngestError::Unwritable`].
    pub fn create(path: &Path, layers: &[PackageLayer<'_>]) -> Result<Self, IngestError> {
        let made = make(path, layers).and_then(|()| open(path, layers));
        let (dataset, layers) = made.map_err(|cause| unwritable(path, cause))?;
        Ok(Self { path: path.to_owned(), dataset, layers })
    }

    /// Adds features to a layer: WKB and values of each. None of them is in the file where one of
    /// them fails.
    ///
    /// # Errors
    ///
    /// [`IngestError::Unwritable`].
    pub fn add(
        &mut self,
        layer: &str,
        features: impl Iterator<Item = (Option<Vec<u8>>, Vec<AttributeValue>)>,
    ) -> Result<(), IngestError> {
        let columns = self.layers.iter().find(|(name, _)| name == layer);
        let columns = columns.map_or(&[][..], |(_, columns)| columns);
        let added = add(&mut self.dataset, layer, columns, features);
        added.map_err(|cause| unwritable(&self.path, cause))
    }

    /// Builds the indexes and closes the file.
    ///
    /// # Errors
    ///
    /// [`IngestError::Unwritable`].
    pub fn finish(self) -> Result<(), IngestError> {
        let Self { path, dataset, layers } = self;
        let finish = || {
            for (layer, _) in &layers {
                let (layer, geometry) = (text(layer), text(GEOMETRY));
                run(&dataset, &format!("SELECT CreateSpatialIndex({layer}, {geometry})"))?;
            }
            dataset.close()
        };
        finish().map_err(|cause| unwritable(&path, cause))
    }
}

/// A CRS as ESRI's programs read it in a `.prj` file.
///
/// # Errors
///
/// [`IngestError::Unwritable`] where PROJ does not know it.
pub fn esri_projection(srid: Srid) -> Result<String, IngestError> {
    let write = || {
        let srs = SpatialRef::from_epsg(srid.0)?;
        srs.morph_to_esri()?;
        srs.to_wkt()
    };
    write().map_err(|cause| unwritable(Path::new(".prj"), cause))
}

fn unwritable(path: &Path, cause: GdalError) -> IngestError {
    IngestError::Unwritable { path: path.to_owned(), cause }
}

fn make(path: &Path, layers: &[PackageLayer<'_>]) -> Result<(), GdalError> {
    let driver = DriverManager::get_driver_by_name("GPKG")?;
    let mut dataset = driver.create_vector_only(path)?;
    for layer in layers {
        make_table(&mut dataset, layer)?;
    }
    for statement in sql::shared_tables() {
        run(&dataset, statement)?;
    }
    for layer in layers {
        for statement in sql::of_layer(layer) {
            run(&dataset, &statement)?;
        }
    }
    dataset.close()
}

fn make_table(dataset: &mut Dataset, layer: &PackageLayer<'_>) -> Result<(), GdalError> {
    let srs = SpatialRef::from_epsg(layer.srid.0)?;
    let identifier = format!("IDENTIFIER={}", layer.title);
    let description = format!("DESCRIPTION={}", layer.description);
    let geometry = format!("GEOMETRY_NAME={GEOMETRY}");
    let options = ["SPATIAL_INDEX=NO", &geometry, "FID=fid", &identifier, &description];
    dataset.create_layer(LayerOptions {
        name: layer.name,
        srs: Some(&srs),
        ty: match layer.geometry {
            GeometryKind::Point => OGRwkbGeometryType::wkbPoint,
            GeometryKind::MultiLineString => OGRwkbGeometryType::wkbMultiLineString,
            GeometryKind::MultiPolygon => OGRwkbGeometryType::wkbMultiPolygon,
        },
        options: Some(&options),
    })?;
    Ok(())
}

/// Opens a file to write features; gives the places of each layer's columns.
#[expect(clippy::type_complexity, reason = "a pair that is taken apart where it is made")]
fn open(
    path: &Path,
    layers: &[PackageLayer<'_>],
) -> Result<(Dataset, Vec<(String, Vec<usize>)>), GdalError> {
    let open_flags = GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE;
    let dataset =
        Dataset::open_ex(path, DatasetOptions { open_flags, ..DatasetOptions::default() })?;
    let mut places = Vec::new();
    for layer in layers {
        let found = dataset.layer_by_name(layer.name)?;
        let columns = layer.columns.iter().map(|column| found.defn().field_index(column.name));
        places.push((layer.name.to_owned(), columns.collect::<Result<_, _>>()?));
    }
    Ok((dataset, places))
}

fn add(
    dataset: &mut Dataset,
    name: &str,
    columns: &[usize],
    features: impl Iterator<Item = (Option<Vec<u8>>, Vec<AttributeValue>)>,
) -> Result<(), GdalError> {
    let transaction = dataset.start_transaction()?;
    let layer = transaction.layer_by_name(name)?;
    for (wkb, values) in features {
        let mut feature = Feature::new(layer.defn())?;
        if let Some(wkb) = wkb {
            feature.set_geometry(Geometry::from_wkb(&wkb)?)?;
        }
        for (column, value) in columns.iter().copied().zip(&values) {
            match value {
                AttributeValue::Null => feature.set_field_null(column)?,
                AttributeValue::Bool(truth) => {
                    feature.set_field_integer(column, i32::from(*truth))?;
                }
                AttributeValue::Int(number) => feature.set_field_integer64(column, *number)?,
                AttributeValue::Float(number) => feature.set_field_double(column, *number)?,
                // No text of C has a zero within.
                AttributeValue::Text(text) => {
                    feature.set_field_string(column, &text.replace('\0', ""))?;
                }
            }
        }
        feature.create(&layer)?;
    }
    transaction.commit()
}

fn run(dataset: &Dataset, statement: &str) -> Result<(), GdalError> {
    dataset.execute_sql(statement, None, Dialect::DEFAULT).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer<'a>(name: &'a str, columns: &[PackageColumn<'a>]) -> PackageLayer<'a> {
        PackageLayer {
            name,
            title: format!("Lớp '{name}'"),
            description: "Mô tả".into(),
            geometry: GeometryKind::Point,
            srid: Srid(5899),
            columns: columns.to_vec(),
            metadata: r#"{"licence":"ODbL-1.0"}"#.into(),
            style: Some("<qgis>'</qgis>".into()),
        }
    }

    #[test]
    fn what_is_written_is_read_back_by_gdal_with_its_types_and_titles() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("city.gpkg");
        let column =
            |name, kind| PackageColumn { name, title: "Cột", description: "Column", kind };
        let columns = [
            column("name", AttributeType::Text),
            column("floors", AttributeType::Integer),
            column("is_open", AttributeType::Boolean),
            column("height_m", AttributeType::Float),
            column("since", AttributeType::Date),
            column("seen_at", AttributeType::Datetime),
        ];
        let layers = [layer("a", &columns), layer("b", &[])];
        let mut package = Package::create(&path, &layers).unwrap();
        let mut wkb = vec![1, 1, 0, 0, 0];
        wkb.extend([550_000.5_f64, 1_776_000.25].map(f64::to_le_bytes).concat());
        let text = AttributeValue::text;
        let values = vec![
            text("Hải Châu"),
            AttributeValue::Int(1 << 40),
            AttributeValue::Bool(true),
            AttributeValue::Null,
            text("2025-07-01"),
            text("2025-07-01T01:02:03Z"),
        ];
        let nowhere = (None, vec![AttributeValue::Null; 6]);
        package.add("a", [(Some(wkb), values), nowhere].into_iter()).unwrap();
        package.finish().unwrap();

        let dataset = Dataset::open(&path).unwrap();
        let mut found = dataset.layer_by_name("a").unwrap();
        assert_eq!(found.spatial_ref().unwrap().auth_code().unwrap(), 5899);
        assert_eq!(found.feature_count(), 2);
        let feature = found.features().next().unwrap();
        assert_eq!(feature.geometry().unwrap().get_point(0), (550_000.5, 1_776_000.25, 0.0));
        assert_eq!(feature.field_as_string(0).unwrap().as_deref(), Some("Hải Châu"));
        assert_eq!(feature.field_as_integer64(1).unwrap(), Some(1 << 40));
        assert_eq!(feature.field_as_string(4).unwrap().as_deref(), Some("2025/07/01"));
        let value = |statement: &str| {
            let mut rows = dataset.execute_sql(statement, None, Dialect::DEFAULT).unwrap().unwrap();
            rows.features().next().unwrap().field_as_string(0).unwrap().unwrap()
        };
        for (statement, expected) in [
            ("SELECT type FROM pragma_table_info('a') WHERE name = 'is_open'", "BOOLEAN"),
            ("SELECT identifier FROM gpkg_contents WHERE table_name = 'b'", "Lớp 'b'"),
            ("SELECT count(*) FROM rtree_a_geom", "1"),
            ("SELECT name FROM gpkg_data_columns WHERE column_name = 'floors'", "Cột (floors)"),
            ("SELECT title FROM gpkg_data_columns WHERE column_name = 'floors'", "Cột"),
            ("SELECT styleQML FROM layer_styles WHERE f_table_name = 'a'", "<qgis>'</qgis>"),
            ("SELECT metadata FROM gpkg_metadata LIMIT 1", r#"{"licence":"ODbL-1.0"}"#),
            ("SELECT seen_at FROM a LIMIT 1", "2025/07/01 01:02:03+00"),
        ] {
            assert_eq!(value(statement), expected, "{statement}");
        }
        assert!(esri_projection(Srid(5899)).unwrap().starts_with("PROJCS["));
    }
}
