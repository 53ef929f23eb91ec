//! A town that is nowhere: a bent grid of streets with everything that real networks do wrong.

use geo::{LineString, MultiLineString, MultiPolygon, Polygon};
use urbis_model::LonLat;
use urbis_synth::{Building, CityInput, Road, Ward};

/// Streets each way.
const STREETS: i32 = 9;

/// Between two streets, degrees: about 75 m.
const STEP: f64 = 0.0007;

const WEST: f64 = 108.2;
const SOUTH: f64 = 16.05;

/// A place in steps from the south-western junction, bent so that no block is a rectangle.
fn at(x: f64, y: f64) -> (f64, f64) {
    let bend = 0.12 * (x * 1.3 + y * 0.7).sin();
    (WEST + (x + bend) * STEP, SOUTH + (y - bend + 0.05 * x) * STEP)
}

fn road(key: &str, class: &str, name: &str, places: &[(f64, f64)]) -> Road {
    let line: LineString = places.iter().map(|(x, y)| at(*x, *y)).collect();
    Road {
        key: key.to_owned(),
        class: class.to_owned(),
        service: String::new(),
        name: name.to_owned(),
        off_ground: false,
        lines: MultiLineString::new(vec![line]),
    }
}

fn streets() -> Vec<Road> {
    let mut roads = Vec::new();
    for number in 0..STREETS {
        let class = if number % 4 == 0 { "secondary" } else { "residential" };
        let at = f64::from(number);
        let far = STREETS - 1;
        let along = |turn: fn(f64, f64) -> (f64, f64)| {
            (0..=far).map(|step| turn(f64::from(step), at)).collect::<Vec<_>>()
        };
        let (name_h, name_v) = (format!("Đường Ngang {number}"), format!("Đường Dọc {number}"));
        roads.push(road(&format!("h{number}"), class, &name_h, &along(|step, at| (step, at))));
        roads.push(road(&format!("v{number}"), class, &name_v, &along(|step, at| (at, step))));
    }
    roads
}

/// Dead ends, a loop that nothing joins, a road that stops short of another, one drawn twice, one
/// that crosses without a junction, a bridge, a road of no length.
fn oddities() -> Vec<Road> {
    let mut roads = vec![
        road("dead", "service", "", &[(2.0, 2.5), (2.6, 2.5), (2.6, 2.8)]),
        road(
            "loop",
            "residential",
            "",
            &[(4.4, 4.4), (4.6, 4.4), (4.6, 4.6), (4.4, 4.6), (4.4, 4.4)],
        ),
        road("short", "residential", "Kiệt 5", &[(5.3, 5.0), (5.3, 5.96)]),
        road("twice", "residential", "Đường Ngang 1", &[(0.0, 1.0), (1.0, 1.0)]),
        road("across", "tertiary", "Đường Chéo", &[(0.5, 6.3), (4.5, 7.4)]),
        road("bridge", "primary", "Cầu", &[(0.0, 3.5), (8.0, 3.5)]),
        road("point", "residential", "", &[(7.0, 7.0), (7.0, 7.0)]),
        road("path", "footway", "", &[(6.2, 1.0), (6.2, 2.0)]),
    ];
    roads[5].off_ground = true;
    roads
}

fn square(west: f64, south: f64, east: f64, north: f64) -> MultiPolygon {
    let corners = [(west, south), (east, south), (east, north), (west, north)];
    let ring: LineString = corners.iter().map(|(x, y)| at(*x, *y)).collect();
    MultiPolygon::new(vec![Polygon::new(ring, Vec::new())])
}

fn ward(code: &str, name: &str, area: MultiPolygon) -> Ward {
    Ward { code: code.to_owned(), full_name: name.to_owned(), area }
}

/// The town; two wards meet in its middle, and a pond lies in one block.
pub fn town() -> CityInput {
    let mut roads = streets();
    roads.extend(oddities());
    roads.sort_by(|one, other| one.key.cmp(&other.key));
    let school = Building {
        key: "w1".to_owned(),
        usage: "education".to_owned(),
        footprint: square(1.3, 1.3, 1.7, 1.7),
    };
    let middle = at(4.0, 4.0);
    CityInput {
        center: LonLat::new(middle.0, middle.1).expect("on the earth"),
        roads,
        wards: vec![
            ward("20001", "Phường Tây", square(-1.0, -1.0, 4.0, 9.0)),
            ward("20002", "Phường Đông", square(4.0, -1.0, 9.0, 9.0)),
        ],
        buildings: vec![school],
        water: vec![square(6.3, 6.3, 6.6, 6.7)],
    }
}
