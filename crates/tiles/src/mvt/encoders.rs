//! Our writer against the crates `mvt` and `fast-mvt`, on the same features; prints, and keeps no
//! bar.
//!
//! `cargo test --release -p urbis-tiles --lib -- --ignored --nocapture encoders`

use std::hint::black_box;
use std::time::Instant;

use fast_mvt::{MvtGeomType, MvtReaderRef, MvtTileBuilder, MvtValueRef};
use geo_types::Coord;
use mvt::{GeomEncoder, GeomType};
use urbis_catalog::Layer;
use urbis_model::{GeometryKind, Openness, TileAddress, WorldXy};
use urbis_snapshot::{SnapshotFeature, Value, Visibility};

use super::LayerWriter;
use crate::attributes::{Shown, shown_attributes};
use crate::geometry::{Pen, Scratch};
use crate::grid::{EXTENT, TileGrid};
use crate::paths::{Paths, StraightRuns, UnitXy, twice_area};

#[path = "../../tests/tiles/dense.rs"]
mod dense;
#[path = "../../../snapshot/tests/snapshot/support.rs"]
#[expect(dead_code, reason = "shared with tests that use the rest")]
mod support;

const ROUNDS: u32 = 300;

/// A layer whose geometry is ready: only bytes are to be made.
struct Ready<'a> {
    layer: &'a Layer,
    shown: Vec<Shown<'a>>,
    features: Vec<(SnapshotFeature<'a>, Paths)>,
}

#[test]
#[ignore = "a measurement"]
fn encoders_compared() {
    let (layers, city) = dense::dense_city();
    let place = urbis_model::LonLat::new(dense::MIDDLE.0, dense::MIDDLE.1).unwrap();
    let cell = WorldXy::from_lonlat(place);
    let tile = TileAddress::new(15, cell.x >> 17, cell.y >> 17).unwrap();
    let ready: Vec<Ready<'_>> = layers.iter().map(|layer| draw(layer, &city, tile)).collect();

    let mut writer = LayerWriter::default();
    let mut ours = || {
        let mut bytes = Vec::new();
        ready.iter().for_each(|layer| write_ours(layer, &mut writer, &mut bytes));
        bytes
    };
    let wanted = contents(&ours());
    assert!(wanted.len() > 1_000);
    assert_eq!(contents(&write_fast_mvt(&ready)), wanted);
    assert_eq!(contents(&write_mvt(&ready)), wanted);
    for (name, micros) in [
        ("ours", time(&mut ours)),
        ("fast-mvt", time(|| write_fast_mvt(&ready))),
        ("mvt", time(|| write_mvt(&ready))),
    ] {
        println!("{name}: {micros:.1} us for {} features", wanted.len());
    }
    let shown: Vec<&Layer> = layers.iter().collect();
    let visibility = Visibility::now(Openness::Open);
    let micros = time(|| crate::render(&city, &shown, tile, visibility).bytes);
    println!("whole tile, ours: {micros:.1} us");
}

fn draw<'a>(layer: &'a Layer, city: &'a urbis_snapshot::City, tile: TileAddress) -> Ready<'a> {
    let visibility = Visibility::now(Openness::Open);
    let area = TileGrid::new(tile).query_box();
    let found = city.layer(&layer.id).unwrap().in_box(area, tile.z(), visibility);
    let mut scratch = Scratch::default();
    let mut pen = Pen::new(TileGrid::new(tile), StraightRuns::Ends, &mut scratch);
    let features = found.into_iter().map(|feature| {
        let mut paths = Paths::default();
        pen.draw(feature, &mut paths);
        (feature, paths)
    });
    let features = features.filter(|(_, paths)| !paths.is_empty()).collect();
    Ready { layer, shown: shown_attributes(layer, tile.z(), visibility.class), features }
}

fn write_ours(ready: &Ready<'_>, writer: &mut LayerWriter, bytes: &mut Vec<u8>) {
    writer.start(ready.features.len());
    for run in ready.features.chunk_by(|(one, _), (next, _)| one.block() == next.block()) {
        let mut block = writer.block(ready.layer.geometry, run[0].0, &ready.shown);
        run.iter().for_each(|(feature, paths)| block.add(*feature, paths));
    }
    writer.finish(ready.layer.id.as_str(), bytes);
}

fn write_fast_mvt(all: &[Ready<'_>]) -> Vec<u8> {
    let mut tile = MvtTileBuilder::new();
    for ready in all {
        let mut layer = tile.layer(ready.layer.id.as_str()).unwrap();
        for (feature, paths) in &ready.features {
            let kind = ready.layer.geometry;
            let mut builder = layer.feature_of(match kind {
                GeometryKind::Point => MvtGeomType::Point,
                GeometryKind::MultiLineString => MvtGeomType::LineString,
                GeometryKind::MultiPolygon => MvtGeomType::Polygon,
            });
            builder.id(Some(feature.id().value()));
            for path in paths.iter() {
                let coords = path.iter().map(|place: &UnitXy| Coord { x: place.x, y: place.y });
                match kind {
                    GeometryKind::Point => builder.points(coords),
                    GeometryKind::MultiLineString => builder.line(coords),
                    GeometryKind::MultiPolygon => builder.ring(coords, twice_area(path) > 0),
                }
                .unwrap();
            }
            for shown in &ready.shown {
                let value = match feature.attribute(shown.index) {
                    Value::Null => continue,
                    Value::Bool(truth) => MvtValueRef::Bool(truth),
                    Value::Int(number) if number < 0 => MvtValueRef::SInt(number),
                    Value::Int(number) => MvtValueRef::UInt(number as u64),
                    Value::Float(number) => MvtValueRef::Double(number),
                    Value::Text(text) => MvtValueRef::String(text),
                };
                builder.tag_ref(shown.name, value).unwrap();
            }
            layer = builder.end();
        }
        tile = layer.end();
    }
    tile.encode()
}

fn write_mvt(all: &[Ready<'_>]) -> Vec<u8> {
    let mut tile = mvt::Tile::new(EXTENT);
    for ready in all {
        let mut layer = tile.create_layer(ready.layer.id.as_str());
        for (feature, paths) in &ready.features {
            let kind = match ready.layer.geometry {
                GeometryKind::Point => GeomType::Point,
                GeometryKind::MultiLineString => GeomType::Linestring,
                GeometryKind::MultiPolygon => GeomType::Polygon,
            };
            let mut encoder = GeomEncoder::<f64>::new(kind);
            for path in paths.iter() {
                for place in path {
                    encoder.add_point(f64::from(place.x), f64::from(place.y)).unwrap();
                }
                encoder.complete_geom().unwrap();
            }
            let mut one = layer.into_feature(encoder.encode().unwrap());
            one.set_id(feature.id().value());
            for shown in &ready.shown {
                match feature.attribute(shown.index) {
                    Value::Null => {}
                    Value::Bool(truth) => one.add_tag_bool(shown.name, truth),
                    Value::Int(number) if number < 0 => one.add_tag_sint(shown.name, number),
                    Value::Int(number) => one.add_tag_uint(shown.name, number as u64),
                    Value::Float(number) => one.add_tag_double(shown.name, number),
                    Value::Text(text) => one.add_tag_string(shown.name, text),
                }
            }
            layer = one.into_layer();
        }
        tile.add_layer(layer).unwrap();
    }
    tile.to_bytes().unwrap()
}

/// All features as a reader sees them, so that all three say the same.
fn contents(bytes: &[u8]) -> Vec<String> {
    let tile = MvtReaderRef::new(bytes).unwrap().to_tile().unwrap();
    let features = tile.layers.into_iter().flat_map(|layer| layer.features);
    features.map(|one| format!("{:?} {:?} {:?}", one.id, one.properties, one.geometry)).collect()
}

/// Microseconds of the fastest run.
fn time(mut run: impl FnMut() -> Vec<u8>) -> f64 {
    let runs = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64() * 1e6
    });
    runs.fold(f64::INFINITY, f64::min)
}
