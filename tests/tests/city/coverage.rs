//! Neighbouring wards share their boundary in every tile.
//!
//! Any two wards of a decoded tile are compared edge by edge: along a boundary that they share
//! in the database, no vertex of one may lie further than one tile unit from the other.

use fast_mvt::MvtGeometry;
use geo::{Area, BooleanOps};
use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use urbis_tests::{City, decode};

/// Widest gap or overlap, tile units.
const WIDEST: f64 = 1.0;

#[test]
fn neighbouring_wards_never_gap_or_overlap_by_more_than_a_unit() {
    let city = City::start();
    // Tiles that lie wholly inland, so that wards must fill them; from 3 x 3 wards at z9 down to one joint.
    for (z, x, y) in inland_tiles(&city) {
        let path = format!("/tiles/admin_unit/{z}/{x}/{y}");
        let wards: Vec<MultiPolygon<f64>> = decode(&city.fetch(&path).body, "admin_unit")
            .into_values()
            .map(|feature| to_polygons(&feature.geometry))
            .collect();
        assert!(!wards.is_empty(), "{path} is empty");
        check(&path, &wards);
    }
}

/// Tiles of each zoom from 8 to 14 that the wards cover wholly and in which at least two meet.
fn inland_tiles(city: &City) -> Vec<(u32, u32, u32)> {
    let rows = city.psql(
        "WITH grid AS (
           SELECT z, x, y, ST_Transform(ST_Expand(ST_TileEnvelope(z, x, y), 40075016.69 / 2 ^ z / 32), 5899) AS box
           FROM generate_series(8, 14) z,
                LATERAL (SELECT floor((l + 180) / 360 * 2 ^ z)::int AS x,
                                floor((1 - asinh(tan(radians(b))) / pi()) / 2 * 2 ^ z)::int AS y
                         FROM generate_series(107.45, 108.35, 0.04) l, generate_series(15.15, 16.05, 0.04) b
                         GROUP BY 1, 2) t),
         land AS (SELECT ST_Union(geom) AS geom FROM layer.admin_unit WHERE code <> '20333')
         SELECT z, x, y FROM grid, land
         WHERE ST_Covers(land.geom, box)
           AND (SELECT count(*) FROM layer.admin_unit u WHERE ST_Intersects(u.geom, box)) > 1
         ORDER BY z, md5(x || '/' || y)",
    );
    let mut tiles: Vec<(u32, u32, u32)> = rows
        .lines()
        .map(|row| {
            let numbers: Vec<u32> = row.split('|').map(|n| n.parse().expect("a number")).collect();
            (numbers[0], numbers[1], numbers[2])
        })
        .collect();
    // A dozen of each zoom is enough to meet each kind of joint.
    let mut taken = std::collections::BTreeMap::new();
    tiles.retain(|(z, ..)| {
        let count = taken.entry(*z).or_insert(0);
        *count += 1;
        *count <= 12
    });
    assert!(tiles.len() > 40, "only {} inland tiles", tiles.len());
    tiles
}

fn check(path: &str, wards: &[MultiPolygon<f64>]) {
    let tile = MultiPolygon(vec![Polygon::new(
        LineString::from(vec![(0.0, 0.0), (4096.0, 0.0), (4096.0, 4096.0), (0.0, 4096.0)]),
        vec![],
    )]);
    let mut gaps = tile.clone();
    let mut seen = MultiPolygon::<f64>(vec![]);
    for ward in wards {
        let inside = ward.intersection(&tile);
        assert_thin(path, "overlap", &seen.intersection(&inside));
        gaps = gaps.difference(&inside);
        seen = seen.union(&inside);
    }
    assert_thin(path, "gap", &gaps);
}

/// A sliver is as wide as twice its area over its perimeter.
fn assert_thin(path: &str, what: &str, slivers: &MultiPolygon<f64>) {
    for sliver in slivers {
        let perimeter: f64 = sliver
            .exterior()
            .lines()
            .map(|line| (line.end.x - line.start.x).hypot(line.end.y - line.start.y))
            .sum();
        let width = 2.0 * sliver.unsigned_area() / perimeter;
        assert!(
            width <= WIDEST,
            "{path}: {what} {width} units wide at {:?}",
            sliver.exterior().0[0]
        );
    }
}

fn to_polygons(geometry: &MvtGeometry) -> MultiPolygon<f64> {
    let to_f64 = |c: &Coord<i32>| Coord { x: f64::from(c.x), y: f64::from(c.y) };
    let ring = |ring: &LineString<i32>| LineString::new(ring.0.iter().map(to_f64).collect());
    let polygon = |polygon: &Polygon<i32>| {
        Polygon::new(ring(polygon.exterior()), polygon.interiors().iter().map(ring).collect())
    };
    match geometry {
        MvtGeometry::Polygon(one) => MultiPolygon(vec![polygon(one)]),
        MvtGeometry::MultiPolygon(many) => MultiPolygon(many.iter().map(polygon).collect()),
        other => panic!("a ward is a polygon, not {other:?}"),
    }
}
