//! Nearest features against a full scan by PostGIS on the spheroid.

use urbis_catalog::{Catalog, Layer};
use urbis_model::{LayerId, Openness};
use urbis_tests::{City, ROOT};

use crate::rows::seen_by;

/// Edges are straight on the Mercator plane here and geodesics in PostGIS: for an edge of
/// 1 km that is 6 mm, for the longest edge of a ward (some 5 km) 0.15 m. The grid adds 7 mm.
const TOLERANCE_M: f64 = 0.02;
const WARD_TOLERANCE_M: f64 = 0.2;

const PLACES: [(f64, f64); 6] = [
    (108.2208, 16.0678),
    (108.2137, 16.0544),
    (108.2022, 16.0300),
    (107.9000, 15.9000),
    (109.5000, 16.3000),
    (111.6000, 16.5300),
];

#[test]
fn nearest_equals_a_full_scan_on_the_spheroid() {
    let city = City::start();
    let catalog = Catalog::load(&ROOT.join("layers")).expect("the catalogue is valid");
    for (layer, tolerance) in [
        ("building", TOLERANCE_M),
        ("road_segment", TOLERANCE_M),
        ("bus_stop", TOLERANCE_M),
        ("emergency_place", TOLERANCE_M),
        ("water_station", TOLERANCE_M),
        ("admin_unit", WARD_TOLERANCE_M),
    ] {
        let layer = LayerId::new(layer).ok().and_then(|id| catalog.layer(&id));
        let layer = layer.expect("a layer of the catalogue");
        for (lon, lat) in PLACES {
            compare(&city, layer, (lon, lat), tolerance);
        }
    }
}

fn compare(city: &City, layer: &Layer, (lon, lat): (f64, f64), tolerance: f64) {
    let id = &layer.id;
    let answer = city.fetch(&format!("/nearest/{id}?lon={lon}&lat={lat}&limit=8"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let ours: Vec<(u64, f64)> = answer.json()["features"]
        .as_array()
        .expect("a FeatureCollection")
        .iter()
        .map(|feature| {
            let distance = feature["properties"]["distance_m"].as_f64().expect("a distance");
            (feature["id"].as_u64().expect("an id"), distance)
        })
        .collect();
    assert!(ours.is_sorted_by(|a, b| a.1 <= b.1), "{id} {lon},{lat}: {ours:?}");

    let scan = city.psql(&format!(
        "SELECT feature_id, ST_Distance(ST_Transform(geom, 4326)::geography,
                                        ST_Point({lon}, {lat}, 4326)::geography, true) AS d
         FROM layer.{id} WHERE {} ORDER BY d, feature_id LIMIT 8",
        seen_by(layer, Openness::Open)
    ));
    let theirs: Vec<(u64, f64)> = scan
        .lines()
        .map(|line| line.split_once('|').expect("two columns"))
        .map(|(id, d)| (id.parse().expect("an id"), d.parse().expect("a distance")))
        .collect();
    assert_eq!(ours.len(), theirs.len());
    for (place, (our, their)) in ours.iter().zip(&theirs).enumerate() {
        let tolerance = tolerance.max(their.1 * 1e-7);
        assert!(
            (our.1 - their.1).abs() <= tolerance,
            "{id} {lon},{lat} place {place}: {our:?} against {their:?}"
        );
        // Features within the tolerance of each other may stand in either order.
        let near_tie =
            theirs.iter().any(|(id, d)| *id == our.0 && (d - their.1).abs() <= 2.0 * tolerance);
        let tie_with_cut = (their.1 - theirs[theirs.len() - 1].1).abs() <= 2.0 * tolerance;
        assert!(
            near_tie || tie_with_cut,
            "{id} {lon},{lat} place {place}: {our:?} against {their:?}"
        );
    }
}

#[test]
fn at_a_place_stands_its_ward() {
    let city = City::start();
    let answer = city.fetch("/at?lon=108.2208&lat=16.0678");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let features = answer.json()["features"].as_array().expect("features").clone();
    let wards: Vec<&str> = features
        .iter()
        .filter(|feature| feature["layer"] == "admin_unit")
        .map(|feature| feature["properties"]["code"].as_str().expect("a code"))
        .collect();
    let oracle = city.psql(
        "SELECT code FROM layer.admin_unit
         WHERE valid_to IS NULL AND ST_Contains(geom, ST_Transform(ST_Point(108.2208, 16.0678, 4326), ST_SRID(geom)))",
    );
    assert_eq!(wards, oracle.lines().collect::<Vec<_>>());
}
