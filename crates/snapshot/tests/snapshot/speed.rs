//! Figures of a layer of a million polygons, for `docs/benchmarks.md`:
//! `cargo test -p urbis-snapshot -- --ignored --nocapture a_million`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use geo_types::{LineString, Polygon};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{
    AttributeValue, ChangeBatch, Feature, LayerChange, LonLat, Openness, Revision, TileAddress,
    WorldXy,
};
use urbis_snapshot::{City, CityBuilder, Visibility};

use crate::support::{NOW, Random, feature, layer};

const SIDE: u64 = 1_000;

/// A lot of a grid: neighbours share their corners, as parcels do; each has a name of its own.
fn lot(number: u64, name: &str) -> Feature {
    let corner = |column: u64, row: u64| {
        let sway = ((column * 7 + row * 13) % 11) as f64 * 1e-6;
        (107.9 + column as f64 * 2e-4 + sway, 15.8 + row as f64 * 2e-4 - sway)
    };
    let (column, row) = ((number - 1) % SIDE, (number - 1) / SIDE);
    let ring = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(x, y)| corner(column + x, row + y));
    let mut lot = feature(number, Polygon::new(LineString::from(ring.to_vec()), vec![]), name);
    lot.attributes[1] = AttributeValue::Int((number * 7_919 % 5_000) as i64);
    lot.attributes[2] = AttributeValue::text(format!("thửa {number}"));
    lot
}

fn resident_mb(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(key));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kb.unwrap_or(0) / 1024
}

fn apply(city: &City, layer: &Layer, upserted: Vec<Feature>) -> (City, Duration) {
    let change = LayerChange::Rows { upserted, removed: vec![] };
    let batch = ChangeBatch { layers: [(layer.id.clone(), change)].into() };
    let started = Instant::now();
    let (after, _) = city.apply(Revision(2), batch);
    (after, started.elapsed())
}

fn measure(layer: &Layer) {
    let catalog = Arc::new(Catalog::from_layers(vec![layer.clone()]).unwrap());
    let before = resident_mb("VmRSS");
    let mut random = Random(7);
    let started = Instant::now();
    let mut builder = CityBuilder::new(catalog, NOW);
    for index in 0..SIDE * SIDE {
        builder.push(&layer.id, lot(1 + index, ["ODT", "LUC", "CLN"][random.below(3) as usize]));
    }
    let pushed = started.elapsed();
    let mut city = builder.finish(Revision(1));
    let count = SIDE * SIDE;
    println!(
        "coverage {}: pushed in {pushed:?}, city after {:?}",
        layer.coverage,
        started.elapsed()
    );
    println!(
        "  resident {} MB, at most {} MB",
        resident_mb("VmRSS") - before,
        resident_mb("VmHWM")
    );
    let memory = city.layer(&layer.id).unwrap().memory();
    println!("  {} bytes a feature: {memory:?}", memory.bytes() as u64 / count);

    for zoom in [14, 15, 16, 18] {
        let all = Visibility::now(Openness::Restricted);
        let (mut found, mut sum) = (0, 0);
        let started = Instant::now();
        for _ in 0..200 {
            let place = LonLat::new(random.between(107.9, 108.1), random.between(15.8, 16.0));
            let cell = WorldXy::from_lonlat(place.unwrap());
            let tile =
                TileAddress::new(zoom, cell.x >> (32 - zoom), cell.y >> (32 - zoom)).unwrap();
            let area = tile.world_box(1 << (20 - zoom + 6));
            found += city.layer(&layer.id).unwrap().in_box(area, 22, all).len();
        }
        let search = started.elapsed() / 200;
        let started = Instant::now();
        for _ in 0..200 {
            let place = LonLat::new(random.between(107.9, 108.1), random.between(15.8, 16.0));
            let cell = WorldXy::from_lonlat(place.unwrap());
            let tile =
                TileAddress::new(zoom, cell.x >> (32 - zoom), cell.y >> (32 - zoom)).unwrap();
            let area = tile.world_box(1 << (20 - zoom + 6));
            sum ^= city.layer(&layer.id).unwrap().area_version(area, 22, Openness::Restricted);
        }
        let version = started.elapsed() / 200;
        println!(
            "  z{zoom}: {} found in {search:?}, version in {version:?} {}",
            found / 200,
            sum % 10
        );
    }

    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..300 {
        let edits = (0..10).map(|_| lot(1 + random.below(count), "TMD")).collect();
        let (after, time) = apply(&city, layer, edits);
        (city, _) = (after, times.push(time));
    }
    times.sort_unstable();
    let at = |share: usize| times[times.len() * share / 100];
    println!("  10 scattered edits: p50 {:?}, p90 {:?}, p99 {:?}", at(50), at(90), at(99));
    for (what, step) in [("in one place", 1), ("scattered", 9)] {
        let edits = (0..100_000).map(|n| lot(1 + n * step % count, "DGD")).collect();
        let (after, time) = apply(&city, layer, edits);
        println!("  100,000 edits {what}: {time:?}");
        city = after;
    }
    println!("  resident {} MB after all that", resident_mb("VmRSS") - before);
}

#[test]
#[ignore = "measures, and takes a minute"]
fn a_million_polygons() {
    let tiles = "minzoom = 12\nmaxzoom = 18\nattributes = [\"name\", \"size\"]";
    measure(&layer("lot", "MultiPolygon", tiles, ""));
    measure(&layer("lot", "MultiPolygon", tiles, "coverage = true"));
}
