//! Files of a layer of the city, read back without the code that wrote them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use flatgeobuf::{FallibleStreamingIterator, FeatureProperties, FgbReader};
use urbis_catalog::{Catalog, Layer};
use urbis_export::{FlatGeobufWriter, RecordWriter, ShapefileWriter, Sheet};
use urbis_model::{AttributeValue, FeatureId, Srid};

/// A square, 1 m wide, clockwise, as little-endian WKB.
fn square() -> Vec<u8> {
    let mut wkb = vec![1, 3, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0];
    for [x, y] in [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]] {
        wkb.extend([x, y].map(f64::to_le_bytes).concat());
    }
    wkb
}

fn wards() -> (Catalog, usize) {
    let layers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../layers");
    let catalog = Catalog::load(&layers).unwrap();
    let name = ward(&catalog).attribute_index("name").unwrap();
    (catalog, name)
}

fn ward(catalog: &Catalog) -> &Layer {
    catalog.layers().find(|layer| layer.id.as_str() == "admin_unit").unwrap()
}

fn sheet(layer: &Layer) -> Sheet<'_> {
    Sheet { layer, attributes: layer.attributes.iter().collect(), srid: Srid(5899) }
}

/// Values of which only one is not null.
fn values(layer: &Layer, place: usize, text: &str) -> Vec<AttributeValue> {
    let mut values = vec![AttributeValue::Null; layer.attributes.len()];
    values[place] = AttributeValue::text(text);
    values
}

#[test]
fn a_shapefile_says_what_it_lost() {
    let (catalog, name) = wards();
    let layer = ward(&catalog);
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ShapefileWriter::create(folder.path(), sheet(layer)).unwrap();
    // 254 bytes end within the second byte of the 127th letter but one.
    let long = format!("a{}", "Đ".repeat(200));
    let square = square();
    let ids = [1, 2].map(|id| FeatureId::new(id).unwrap());
    writer.add(ids[0], Some(&square), &values(layer, name, &long)).unwrap();
    writer.add(ids[1], None, &values(layer, name, "Hải Châu")).unwrap();
    writer.finish(&folder.path().join("made.zip"), "PROJCS[]").unwrap();

    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let readme = String::from_utf8(read("README.txt")).unwrap();
    assert!(readme.contains("bytes: name: 1\r\n"), "{readme}");
    assert!(readme.contains("Features without a geometry: 1\r\n"), "{readme}");
    let table = read("admin_unit.dbf");
    let table = String::from_utf8_lossy(&table);
    assert!(table.contains(&format!("a{} ", "Đ".repeat(126))), "no text is cut within a letter");
    assert!(table.contains("Hải Châu"));
    let shapes = read("admin_unit.shp");
    // Length in words, then the first record: its number, its length, a polygon.
    assert_eq!(shapes.len() / 2, u32::from_be_bytes(shapes[24..28].try_into().unwrap()) as usize);
    let number = |at: usize| u32::from_be_bytes(shapes[at..at + 4].try_into().unwrap());
    assert_eq!((number(100), shapes[108], number(104) as usize * 2), (1, 5, 44 + 4 + 80));
    // Exteriors go clockwise: up first.
    let vertices: Vec<f64> = shapes[156..188]
        .chunks(8)
        .map(|number| f64::from_le_bytes(number.try_into().unwrap()))
        .collect();
    assert_eq!(vertices, [0.0, 0.0, 0.0, 1.0]);
    // A null shape.
    assert_eq!(shapes[shapes.len() - 4..], [0, 0, 0, 0]);
}

#[test]
fn a_flatgeobuf_is_read_by_the_formats_own_reader() {
    let (catalog, name) = wards();
    let layer = ward(&catalog);
    let mut writer = FlatGeobufWriter::new(&sheet(layer));
    let mut file = writer.header().to_vec();
    let square = square();
    for id in 1..=3 {
        let id = FeatureId::new(id).unwrap();
        writer.put(&mut file, id, Some(&square), &values(layer, name, "Đà Nẵng"));
    }
    let reader = FgbReader::open(&*file).unwrap();
    let header = reader.header();
    assert_eq!((header.index_node_size(), header.crs().unwrap().code()), (0, 5899));
    assert!(header.metadata().unwrap().contains("licence"));
    assert_eq!(header.title(), Some(layer.title.vi.as_str()));
    let mut features = reader.select_all_seq().unwrap();
    let mut ids = Vec::new();
    while let Some(feature) = features.next().unwrap() {
        let properties = feature.properties().unwrap();
        assert_eq!(properties["name"], "Đà Nẵng");
        ids.push(properties["feature_id"].clone());
    }
    assert_eq!(ids, ["1", "2", "3"]);
}
