//! Nearest features against the slowest answer that is surely right: every feature, every edge,
//! sampled densely and then narrowed by ternary search on the geodesic.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod asked;
mod city;
mod visibility;

use city::{
    ALL, EVERYWHERE, Random, city_of, id, layer_of, lines, nearest_of_all, place, points, polygons,
};
use geo::{Distance, Geodesic, Intersects};
use geo_types::{Coord, Geometry, LineString, MultiPolygon, Point, Polygon, line_string, polygon};
use urbis_model::{GeometryKind, LonLat, Metres};
use urbis_nearest::{Nearest, containing};
use urbis_snapshot::{LayerSnapshot, SnapshotFeature};

/// Both sides stop their search within a hundredth of a millimetre of the foot.
const TOLERANCE_M: f64 = 1e-4;

/// What a short distance to a point may be off.
const POINT_TOLERANCE_M: f64 = 1e-8;

#[test]
fn nearest_points_agree_with_a_full_scan() {
    // Snapped to a coarse grid on purpose: many pairs are exactly equally far, and some features
    // share one place.
    let city = city_of(GeometryKind::Point, points(600, 11));
    let layer = layer_of(&city);
    let mut random = Random(12);
    for _ in 0..60 {
        let from = random.place([107.9, 15.8, 108.5, 16.3]);
        for (limit, within) in [(1, EVERYWHERE), (7, EVERYWHERE), (600, Metres(9_000.0))] {
            let found = nearest_of_all(layer, from, limit, within);
            let mut all: Vec<_> = layer
                .features()
                .map(|feature| (scan(feature, from), feature.id()))
                .filter(|(distance, _)| *distance <= within.0)
                .collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            assert_eq!(found.len(), limit.min(all.len()));
            for (answer, (expected, _)) in found.iter().zip(&all) {
                let id = answer.feature.id();
                let own = all.iter().find(|(_, one)| *one == id).unwrap().0;
                let distance = answer.distance.0;
                assert!((distance - expected).abs() < POINT_TOLERANCE_M, "from {from}, {limit}");
                assert!((distance - own).abs() < POINT_TOLERANCE_M, "from {from}, {limit}");
            }
            let ordered = |pair: &[Nearest<'_>]| {
                let [one, other] = [0, 1].map(|i| (pair[i].distance.0, pair[i].feature.id()));
                one < other
            };
            assert!(found.windows(2).all(ordered), "from {from}, limit {limit}");
        }
    }
}

#[test]
fn nearest_lines_and_polygons_agree_with_a_full_scan() {
    let layers = [
        (GeometryKind::MultiLineString, lines(120, 21)),
        (GeometryKind::MultiPolygon, polygons(120, 22)),
    ];
    let places = [[107.9, 15.8, 108.5, 16.3], [100.0, -10.0, 120.0, 40.0]];
    for (kind, geometries) in layers {
        let city = city_of(kind, geometries);
        let mut random = Random(23);
        for area in places {
            for _ in 0..8 {
                compare(layer_of(&city), random.place(area), 5);
            }
        }
    }
}

#[test]
fn nearest_holds_at_the_poles_and_the_antipode() {
    let city = city_of(GeometryKind::MultiLineString, lines(40, 31));
    for (lon, lat) in [(0.0, 90.0), (0.0, -90.0), (-71.8, -16.0), (-71.8, 89.99), (10.0, 86.0)] {
        compare(layer_of(&city), place(lon, lat), 4);
    }
}

#[test]
fn features_across_the_antimeridian_are_found() {
    let line = |west: f64, east: f64, lat: f64| -> Geometry<f64> {
        line_string![(x: west, y: lat), (x: east, y: lat + 0.01)].into()
    };
    let city = city_of(
        GeometryKind::MultiLineString,
        vec![
            line(179.5, 179.6, -17.0),
            line(-179.9, -179.8, -17.0),
            line(170.0, 171.0, -17.0),
            line(-179.99, -170.0, -30.0),
            line(-20.0, 20.0, -17.0),
        ],
    );
    let layer = layer_of(&city);
    let found = nearest_of_all(layer, place(179.95, -17.0), 1, EVERYWHERE);
    assert_eq!(found[0].feature.id(), id(2));
    for lon in [179.95, 180.0, -180.0, -179.999, 179.0, -160.0] {
        compare(layer, place(lon, -17.0), 5);
    }
}

#[test]
fn features_at_one_place_come_in_order_of_their_ids() {
    let here: Geometry<f64> = Point::new(108.2, 16.05).into();
    let city = city_of(GeometryKind::Point, vec![here; 9]);
    let found = nearest_of_all(layer_of(&city), place(108.3, 16.0), 4, EVERYWHERE);
    let ids: Vec<_> = found.iter().map(|answer| answer.feature.id()).collect();
    assert_eq!(ids, [1, 2, 3, 4].map(id));
}

#[test]
fn nearest_in_an_empty_layer_is_empty() {
    let city = city_of(GeometryKind::Point, vec![]);
    assert!(nearest_of_all(layer_of(&city), place(108.2, 16.0), 5, EVERYWHERE).is_empty());
    assert!(containing(layer_of(&city), place(108.2, 16.0), ALL).is_empty());
}

#[test]
fn a_limit_of_nothing_and_a_radius_of_nothing_are_kept() {
    let city = city_of(GeometryKind::Point, points(50, 41));
    let layer = layer_of(&city);
    assert!(nearest_of_all(layer, place(108.2, 16.0), 0, EVERYWHERE).is_empty());
    let vertex = city::first_vertex(layer.feature(id(7)).unwrap());
    let found = nearest_of_all(layer, vertex, 1, Metres(0.0));
    assert_eq!(found[0].distance, Metres(0.0));
}

#[test]
fn distances_are_the_published_geodesics() {
    // JFK to LHR in the documentation of GeographicLib 2: 5551.76 km.
    let city = city_of(GeometryKind::Point, vec![Point::new(-0.5, 51.6).into()]);
    let found = nearest_of_all(layer_of(&city), place(-73.8, 40.6), 1, EVERYWHERE);
    // The last digit given is 10 m; the grid moves the place by at most 7 mm.
    assert!((found[0].distance.0 - 5_551_760.0).abs() < 5.01, "{}", found[0].distance);
}

#[test]
fn inside_a_polygon_the_distance_is_nothing_and_a_hole_is_outside() {
    let ring: Geometry<f64> = polygon!(
        exterior: [(x: 108.0, y: 16.0), (x: 108.1, y: 16.0), (x: 108.1, y: 16.1), (x: 108.0, y: 16.1)],
        interiors: [[(x: 108.04, y: 16.04), (x: 108.06, y: 16.04), (x: 108.06, y: 16.06), (x: 108.04, y: 16.06)]],
    )
    .into();
    let city = city_of(GeometryKind::MultiPolygon, vec![ring]);
    let layer = layer_of(&city);
    let at =
        |lon: f64, lat: f64| nearest_of_all(layer, place(lon, lat), 1, EVERYWHERE)[0].distance.0;
    assert_eq!(at(108.02, 16.02), 0.0);
    assert_eq!(at(108.0, 16.0), 0.0);
    let in_hole = at(108.041, 16.05);
    let edge = Geodesic.distance(Point::new(108.041, 16.05), Point::new(108.04, 16.05));
    assert!((in_hole - edge).abs() < 0.01, "{in_hole} {edge}");
    assert!(containing(layer, place(108.05, 16.05), ALL).is_empty());
    assert_eq!(containing(layer, place(108.02, 16.02), ALL).len(), 1);
}

#[test]
fn a_place_on_a_common_edge_is_in_both_neighbours() {
    let square = |west: f64| -> Geometry<f64> {
        polygon![(x: west, y: 16.0), (x: west + 0.1, y: 16.0), (x: west + 0.1, y: 16.1), (x: west, y: 16.1)].into()
    };
    let city = city_of(GeometryKind::MultiPolygon, vec![square(108.0), square(108.1)]);
    let layer = layer_of(&city);
    let ids = |lon: f64, lat: f64| -> Vec<u64> {
        containing(layer, place(lon, lat), ALL).iter().map(|feature| feature.id().value()).collect()
    };
    assert_eq!(ids(108.1, 16.05), [1, 2]);
    assert_eq!(ids(108.1, 16.0), [1, 2]);
    assert_eq!(ids(108.05, 16.05), [1]);
    assert_eq!(ids(108.2, 16.1), [2]);
    assert!(ids(108.2001, 16.05).is_empty());
}

#[test]
fn containing_agrees_with_another_library() {
    let city = city_of(GeometryKind::MultiPolygon, polygons(150, 51));
    let layer = layer_of(&city);
    let mut random = Random(52);
    for _ in 0..400 {
        let at = random.place([107.9, 15.8, 108.5, 16.3]);
        let found: Vec<_> = containing(layer, at, ALL).iter().map(|feature| feature.id()).collect();
        let holding = layer.features().filter(|feature| intersects(*feature, at));
        let mut expected: Vec<_> = holding.map(|feature| feature.id()).collect();
        expected.sort_unstable();
        assert_eq!(found, expected, "at {at}");
    }
}

/// Compares ranks, distances and, where no other is as near, the ids.
fn compare(layer: &LayerSnapshot, from: LonLat, limit: usize) {
    let found = nearest_of_all(layer, from, limit, EVERYWHERE);
    let mut all: Vec<_> =
        layer.features().map(|feature| (scan(feature, from), feature.id())).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    assert_eq!(found.len(), limit.min(all.len()));
    for (rank, answer) in found.iter().enumerate() {
        let (expected, _) = all[rank];
        let distance = answer.distance.0;
        assert!((distance - expected).abs() < TOLERANCE_M, "{from} {rank}: {distance} {expected}");
        let own = all.iter().find(|(_, id)| *id == answer.feature.id()).unwrap().0;
        assert!((distance - own).abs() < TOLERANCE_M, "{from} {rank}: {distance} {own}");
        let to_place = Geodesic.distance(to_point(answer.place), to_point(from));
        assert!((distance - to_place).abs() < 1e-9, "{from}: the place is not that far");
    }
}

/// Geodesic distance to a feature, by samples of every edge and a ternary search around the best.
fn scan(feature: SnapshotFeature<'_>, from: LonLat) -> f64 {
    if intersects(feature, from) {
        return 0.0;
    }
    match feature.to_geometry().unwrap() {
        Geometry::Point(point) => Geodesic.distance(point, to_point(from)),
        Geometry::MultiLineString(lines) => {
            lines.iter().map(|line| scan_line(line, from)).fold(f64::INFINITY, f64::min)
        }
        Geometry::MultiPolygon(polygons) => polygons
            .iter()
            .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
            .map(|ring| scan_line(ring, from))
            .fold(f64::INFINITY, f64::min),
        other => panic!("no such layer: {other:?}"),
    }
}

fn scan_line(line: &LineString<f64>, from: LonLat) -> f64 {
    let edges = line.lines().map(|edge| scan_edge(mercator(edge.start), mercator(edge.end), from));
    edges.fold(f64::INFINITY, f64::min)
}

fn scan_edge(start: Coord<f64>, end: Coord<f64>, from: LonLat) -> f64 {
    const SAMPLES: u32 = 24;
    let at = |t: f64| {
        let place = unmercator(start + (end - start) * t);
        Geodesic.distance(Point(place), to_point(from))
    };
    let sample = |index: u32| f64::from(index.min(SAMPLES)) / f64::from(SAMPLES);
    let best = (0..=SAMPLES).min_by(|a, b| at(sample(*a)).total_cmp(&at(sample(*b)))).unwrap();
    let (mut low, mut high) = (sample(best.saturating_sub(1)), sample(best + 1));
    for _ in 0..45 {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if at(a) < at(b) { high = b } else { low = a }
    }
    at(sample(best)).min(at(f64::midpoint(low, high)))
}

fn intersects(feature: SnapshotFeature<'_>, at: LonLat) -> bool {
    let Some(Geometry::MultiPolygon(polygons)) = feature.to_geometry() else { return false };
    let ring = |ring: &LineString<f64>| LineString::from_iter(ring.coords().map(|c| mercator(*c)));
    let on_plane = MultiPolygon::from_iter(polygons.iter().map(|polygon| {
        Polygon::new(ring(polygon.exterior()), polygon.interiors().iter().map(ring).collect())
    }));
    on_plane.intersects(&Point(mercator(Coord { x: at.lon(), y: at.lat() })))
}

fn to_point(place: LonLat) -> Point<f64> {
    Point::new(place.lon(), place.lat())
}

/// Degrees to the unit sphere's Mercator plane by the half-angle formula.
fn mercator(place: Coord<f64>) -> Coord<f64> {
    let lat = place.y.clamp(-85.06, 85.06).to_radians();
    Coord { x: place.x.to_radians(), y: (lat / 2.0 + std::f64::consts::FRAC_PI_4).tan().ln() }
}

fn unmercator(xy: Coord<f64>) -> Coord<f64> {
    let lat = 2.0 * xy.y.exp().atan() - std::f64::consts::FRAC_PI_2;
    Coord { x: xy.x.to_degrees(), y: lat.to_degrees() }
}
