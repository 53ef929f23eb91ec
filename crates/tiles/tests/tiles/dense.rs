//! A block of a dense city: parcels, the buildings on them and the roads between.

use std::sync::Arc;

use geo_types::{Coord, LineString, Polygon, Rect};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{AttributeValue, Feature, Revision};
use urbis_snapshot::City;

use super::support::{NOW, Random, feature, layer};

const SEED: u64 = 111;

/// Where the block lies: the middle of a tile of zoom 16.
pub const MIDDLE: (f64, f64) = (108.2153, 16.0613);

/// Parcels on a side: 1,000 or so, of 5 m.
const PARCELS: usize = 32;
const SIDE: f64 = 5e-5;

/// Parcels that share their edges, buildings in most of them, roads between them: all in a tile of
/// zoom 16, and in those above it.
pub fn dense_city() -> (Vec<Layer>, City) {
    let rule = |extra: &str| format!("minzoom = 10\nmaxzoom = 18\nattributes = {extra}");
    let layers = vec![
        layer("parcel", "MultiPolygon", &rule("[\"name\", \"size\"]"), "coverage = true"),
        layer("building", "MultiPolygon", &rule("[\"name\", \"size\"]"), ""),
        layer("road", "MultiLineString", &rule("[\"name\"]"), ""),
    ];
    let mut random = Random(SEED);
    let corner = |column: f64, row: f64| Coord {
        x: MIDDLE.0 + (column - PARCELS as f64 / 2.0) * SIDE,
        y: MIDDLE.1 + (row - PARCELS as f64 / 2.0) * SIDE,
    };
    let (mut parcels, mut buildings, mut roads) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..(PARCELS * PARCELS) as u64 {
        let (x, y) = ((number % 32) as f64, (number / 32) as f64);
        let rect = Rect::new(corner(x, y), corner(x + 1.0, y + 1.0));
        parcels.push(of_use(feature(number + 1, rect, ["ONT", "ODT", "CLN"][number as usize % 3])));
        if random.below(100) < 78 {
            buildings.push(of_use(feature(
                number + 1,
                building(corner(x, y), &mut random),
                "home",
            )));
        }
        if number % 10 < 3 {
            roads.push(feature(number + 1, road(corner(x, y), &mut random), street(&mut random)));
        }
    }
    let catalog = Arc::new(Catalog::from_layers(layers.clone()).unwrap());
    let all = [parcels, buildings, roads];
    let loads = layers.iter().map(|layer| layer.id.clone()).zip(all).collect();
    (layers, City::build(catalog, Revision(1), loads, NOW))
}

/// Sizes repeat, as floors and lot sizes do.
fn of_use(mut one: Feature) -> Feature {
    one.attributes[1] = AttributeValue::Int(one.id.value() as i64 % 40);
    one
}

fn street(random: &mut Random) -> &'static str {
    ["Trần Phú", "Lê Lợi", "Bạch Đằng", "Hùng Vương"][random.below(4) as usize]
}

/// Eight corners, as houses with a yard have.
fn building(at: Coord<f64>, random: &mut Random) -> Polygon<f64> {
    let size = SIDE * random.between(0.5, 0.9);
    let place = |x: f64, y: f64| (at.x + x * size, at.y + y * size);
    let ring = [
        (0.1, 0.1),
        (0.9, 0.1),
        (0.9, 0.5),
        (0.7, 0.5),
        (0.7, 0.7),
        (0.4, 0.7),
        (0.4, 0.9),
        (0.1, 0.9),
    ];
    Polygon::new(ring.into_iter().map(|(x, y)| place(x, y)).collect(), vec![])
}

fn road(at: Coord<f64>, random: &mut Random) -> LineString<f64> {
    let mut place = (at.x, at.y);
    let step = |random: &mut Random| random.between(-1.0, 3.0) * SIDE / 2.0;
    (0..6)
        .map(|_| {
            place = (place.0 + step(random), place.1 + step(random));
            place
        })
        .collect()
}
