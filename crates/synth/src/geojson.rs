//! Features as GeoJSON text, byte for byte the same for the same features.

use std::fmt::Write;

use serde_json::{Map, Value};
use urbis_catalog::{SOURCE_ATTRIBUTE, SYNTHETIC};
use urbis_model::LayerId;

use crate::plane::Cell;

/// A made-up layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticLayer {
    /// The layer that it is for.
    pub layer: LayerId,
    /// A GeoJSON FeatureCollection, EPSG:4326, x = longitude; one feature a line.
    pub geojson: String,
    /// Number of features.
    pub features: usize,
}

/// A geometry on the written grid. Rings are not closed here; the writer closes them.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Point(Cell),
    Lines(Vec<Vec<Cell>>),
    /// Polygons of an outer ring, anticlockwise, and its holes, clockwise.
    Polygons(Vec<Vec<Vec<Cell>>>),
}

/// One feature to write.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) shape: Shape,
    /// Every record of a layer has the same members, null where unknown.
    pub(crate) properties: Value,
}

/// Writes a layer; each feature gets the member that says that it is made up.
pub(crate) fn write_layer(name: &str, records: Vec<Record>) -> SyntheticLayer {
    let features = records.len();
    let mut geojson = String::from("{\"type\":\"FeatureCollection\",\"features\":[\n");
    for (index, record) in records.into_iter().enumerate() {
        if index > 0 {
            geojson.push_str(",\n");
        }
        write_record(&mut geojson, record);
    }
    geojson.push_str("\n]}\n");
    let layer = LayerId::new(name).expect("the names of the layers here are plain words");
    SyntheticLayer { layer, geojson, features }
}

fn write_record(out: &mut String, Record { shape, properties }: Record) {
    let mut properties = match properties {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    properties.insert(SOURCE_ATTRIBUTE.to_owned(), SYNTHETIC.into());
    out.push_str("{\"type\":\"Feature\",\"properties\":");
    out.push_str(&Value::Object(properties).to_string());
    out.push_str(",\"geometry\":");
    write_shape(out, &shape);
    out.push('}');
}

fn write_shape(out: &mut String, shape: &Shape) {
    let (kind, coordinates): (_, &dyn Fn(&mut String)) = match shape {
        Shape::Point(cell) => ("Point", &|out| write_cell(out, cell)),
        Shape::Lines(lines) => {
            ("MultiLineString", &|out| write_list(out, lines, |out, line| write_line(out, line)))
        }
        Shape::Polygons(polygons) => ("MultiPolygon", &|out| {
            write_list(out, polygons, |out, rings| {
                write_list(out, rings, |out, ring| write_ring(out, ring))
            });
        }),
    };
    out.push_str("{\"type\":\"");
    out.push_str(kind);
    out.push_str("\",\"coordinates\":");
    coordinates(out);
    out.push('}');
}

fn write_list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

fn write_line(out: &mut String, line: &[Cell]) {
    write_list(out, line, write_cell);
}

fn write_ring(out: &mut String, ring: &[Cell]) {
    let closed: Vec<Cell> = ring.iter().chain(ring.first()).copied().collect();
    write_line(out, &closed);
}

fn write_cell(out: &mut String, (x, y): &Cell) {
    let degrees = |out: &mut String, cells: i64| {
        let sign = if cells < 0 { "-" } else { "" };
        let cells = cells.unsigned_abs();
        write!(out, "{sign}{}.{:08}", cells / 100_000_000, cells % 100_000_000)
            .expect("text grows");
    };
    out.push('[');
    degrees(out, *x);
    out.push(',');
    degrees(out, *y);
    out.push(']');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_feature_is_geojson_that_says_what_it_is() {
        let shape = Shape::Polygons(vec![vec![vec![(0, 0), (100_000_000, 0), (-1, 50)]]]);
        let record = Record { shape, properties: json!({ "no": 1 }) };
        let layer = write_layer("parcel", vec![record]);
        let read: Value = serde_json::from_str(&layer.geojson).unwrap();
        assert_eq!(read["features"][0]["properties"], json!({ "no": 1, "source": "synthetic" }));
        let ring = &read["features"][0]["geometry"]["coordinates"][0][0];
        assert_eq!(*ring, json!([[0.0, 0.0], [1.0, 0.0], [-1e-8, 5e-7], [0.0, 0.0]]));
    }
}
