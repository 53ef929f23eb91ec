//! Layers, fixtures and readings that the tests share.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use gdal::vector::Geometry;
use tempfile::TempDir;
use urbis_catalog::{Catalog, Layer, Source};
use urbis_ingest::{Advance, Clip, IngestError, Progress, ReadOptions, ReadSummary, read_source};
use urbis_model::{AttributeValue, ImportItem, ImportRecord, LayerId, Reject};

/// A layer of points with attributes of every type.
pub const OFFICE: &str = r#"
theme = "land"
title = { vi = "Trụ sở", en = "Offices" }
description = { vi = "Trụ sở.", en = "Offices." }
geometry = "Point"
storage_srid = 5899
key = "code"

[[sources]]
file = "offices.csv"
crs = "EPSG:5899"
publisher = "a test"
licence = "CC0-1.0"
retrieved = 2026-01-15
fields = { code = ["MA"], name = ["TEN"], area_km2 = ["DIEN_TICH"] }
xy = ["Y", "X"]

[tiles]
minzoom = 10
maxzoom = 14
attributes = ["code"]

[[attributes]]
name = "code"
title = { vi = "Mã", en = "Code" }
type = "text"

[[attributes]]
name = "name"
title = { vi = "Tên", en = "Name" }
type = "text"
required = true

[[attributes]]
name = "area_km2"
title = { vi = "Diện tích", en = "Area" }
type = "float"

[[examples]]
title = "good"
input = { geometry = "POINT (548618.067 1774844.347)", MA = "1", TEN = "A", X = "1774844,347", Y = "548618,067" }
output = { code = "1" }

[[examples]]
title = "bad"
input = { MA = "1" }
reject = "geometry_missing"
"#;

/// The folder of the whole program.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the import fixtures.
pub fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures/ingest").join(name)
}

/// The program's own layers.
pub fn catalog() -> Catalog {
    Catalog::load(&root().join("layers")).unwrap()
}

/// One of the program's own layers.
pub fn layer(name: &str) -> Layer {
    catalog().layer(&LayerId::new(name).unwrap()).unwrap().clone()
}

/// A layer from text.
pub fn layer_from(text: &str) -> Layer {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("office.toml"), text).unwrap();
    let catalog = Catalog::load(dir.path()).unwrap();
    catalog.layers().next().unwrap().clone()
}

/// The first source of a layer, changed to read another file.
pub fn source(layer: &Layer, crs: &str, name: Option<&str>) -> Source {
    Source { crs: crs.to_owned(), layer: name.map(str::to_owned), ..layer.sources[0].clone() }
}

/// What a whole reading gave.
pub struct Reading {
    pub summary: ReadSummary,
    pub records: Vec<ImportRecord>,
    pub rejects: Vec<Reject>,
    /// Keys of what the clip left out.
    pub skipped: Vec<Option<String>>,
}

/// Reads a file that must be readable.
pub fn read(layer: &Layer, source: &Source, path: &Path) -> Reading {
    try_read(layer, source, path, None).unwrap()
}

/// Reads a file; checks that the summary counts what was handed over.
pub fn try_read(
    layer: &Layer,
    source: &Source,
    path: &Path,
    clip: Option<Clip>,
) -> Result<Reading, IngestError> {
    let (mut records, mut rejects, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    let mut sink = |items: Vec<ImportItem>| {
        for item in items {
            match item {
                ImportItem::Record(record) => records.push(*record),
                ImportItem::Reject(reject) => rejects.push(reject),
                ImportItem::Skipped { source_key } => skipped.push(source_key),
            }
        }
        Ok(())
    };
    let progress = Last(Cell::new(None));
    let summary = read_source(layer, source, path, &ReadOptions { clip }, &mut sink, &progress)?;
    assert_eq!(summary.read, summary.sound + summary.flagged + summary.rejected);
    assert_eq!(summary.sound + summary.flagged, records.len() as u64);
    assert_eq!(summary.rejected, rejects.len() as u64);
    let last = progress.0.get().unwrap();
    assert_eq!((last.seen, last.fraction), (summary.read + summary.skipped, Some(1.0)));
    Ok(Reading { summary, records, rejects, skipped })
}

struct Last(Cell<Option<Advance>>);

impl Progress for Last {
    fn advance(&self, advance: Advance) {
        self.0.set(Some(advance));
    }
}

/// Reads GeoJSON features, given one a line, with the layer's mapping.
pub fn read_features(layer: &Layer, source: &Source, features: &[&str]) -> Reading {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("features.geojson");
    let list = features.join(",\n");
    std::fs::write(&path, format!(r#"{{"type":"FeatureCollection","features":[{list}]}}"#))
        .unwrap();
    read(layer, source, &path)
}

/// An attribute of a record.
pub fn attribute<'a>(layer: &Layer, record: &'a ImportRecord, name: &str) -> &'a AttributeValue {
    &record.attributes[layer.attribute_index(name).unwrap()]
}

/// The text of an attribute of a record.
pub fn text<'a>(layer: &Layer, record: &'a ImportRecord, name: &str) -> &'a str {
    attribute(layer, record, name).as_text().unwrap()
}

/// A record's geometry, and the SRID in its EWKB.
pub fn geometry(record: &ImportRecord) -> (Geometry, u32) {
    let ewkb = &record.geometry_ewkb;
    assert_eq!((ewkb[0], ewkb[4]), (1, 0x20), "little-endian, two dimensions, with an SRID");
    let srid = u32::from_le_bytes(ewkb[5..9].try_into().unwrap());
    let wkb = [&ewkb[..4], &[0], &ewkb[9..]].concat();
    (Geometry::from_wkb(&wkb).unwrap(), srid)
}

/// Positions of a geometry, all parts and rings one after the other.
pub fn positions(geometry: &Geometry) -> Vec<(f64, f64)> {
    if geometry.geometry_count() == 0 {
        return geometry_points(geometry);
    }
    (0..geometry.geometry_count())
        .flat_map(|index| positions(&geometry.get_geometry(index)))
        .collect()
}

fn geometry_points(geometry: &Geometry) -> Vec<(f64, f64)> {
    (0..geometry.point_count() as i32)
        .map(|index| geometry.get_point(index))
        .map(|(x, y, _)| (x, y))
        .collect()
}
