//! Neighbouring wards share their boundary in every tile, vertex for vertex.
//!
//! A ward that lies wholly among others has no edge of its own: each edge that a tile draws of
//! it runs the other way round in a neighbour. Then there is no gap and no overlap at all, which
//! is stricter than one tile unit.

use std::collections::{BTreeMap, BTreeSet};

use fast_mvt::MvtGeometry;
use geo_types::{Coord, LineString, Polygon};
use urbis_tests::{City, decode};

/// Buffer around a tile, tile units.
const BUFFER: i32 = 64;

type Edge = (Coord<i32>, Coord<i32>);

#[test]
fn neighbouring_wards_neither_gap_nor_overlap_at_any_zoom() {
    let city = City::start();
    let inner = inner_wards(&city);
    assert!(inner.len() > 20, "only {} wards lie among others", inner.len());
    let mut compared = BTreeMap::new();
    for (z, x, y) in tiles(&city) {
        let path = format!("/tiles/admin_unit/{z}/{x}/{y}");
        let wards: BTreeMap<u64, Vec<Edge>> = decode(&city.fetch(&path).body, "admin_unit")
            .into_iter()
            .map(|(id, feature)| (id, edges(&feature.geometry)))
            .collect();
        let all: BTreeSet<(i32, i32, i32, i32)> =
            wards.values().flatten().map(|(a, b)| (a.x, a.y, b.x, b.y)).collect();
        for (id, edges) in wards.iter().filter(|(id, _)| inner.contains(id)) {
            for (a, b) in edges {
                let twin = all.contains(&(b.x, b.y, a.x, a.y));
                assert!(twin, "{path}: ward {id} has the edge {a:?} {b:?} for itself");
            }
            *compared.entry(z).or_insert(0) += edges.len();
        }
    }
    for z in 5..=16 {
        let edges = compared.get(&z).copied().unwrap_or_default();
        assert!(edges > 20, "only {edges} edges were compared at zoom {z}");
    }
}

/// Ids of the wards that touch no outer boundary of the city.
fn inner_wards(city: &City) -> BTreeSet<u64> {
    let rows = city.psql(
        "WITH city AS (SELECT ST_Boundary(ST_Union(geom)) AS edge FROM layer.admin_unit)
         SELECT feature_id FROM layer.admin_unit, city WHERE NOT ST_DWithin(geom, edge, 1)",
    );
    rows.lines().map(|row| row.parse().expect("an id")).collect()
}

/// At each zoom a few tiles around joints of three wards.
fn tiles(city: &City) -> BTreeSet<(u32, u32, u32)> {
    let rows = city.psql(
        "WITH place AS (
           SELECT ST_Transform(ST_PointN(ST_ExteriorRing((ST_Dump(geom)).geom), 1), 4326) AS p
           FROM layer.admin_unit WHERE ST_X(ST_Centroid(ST_Transform(geom, 4326))) < 108.2
           ORDER BY code LIMIT 16)
         SELECT z, floor((ST_X(p) + 180) / 360 * 2 ^ z)::int,
                floor((1 - asinh(tan(radians(ST_Y(p)))) / pi()) / 2 * 2 ^ z)::int
         FROM generate_series(5, 16) z, place GROUP BY 1, 2, 3",
    );
    let number = |text: &str| text.parse().expect("a number");
    rows.lines()
        .map(|row| {
            let numbers: Vec<u32> = row.split('|').map(number).collect();
            (numbers[0], numbers[1], numbers[2])
        })
        .collect()
}

/// Directed edges of all rings, without those along the edge that the polygon was cut at.
fn edges(geometry: &MvtGeometry) -> Vec<Edge> {
    let of_polygon = |polygon: &Polygon<i32>| -> Vec<Edge> {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).flat_map(of_ring).collect()
    };
    let edges: Vec<Edge> = match geometry {
        MvtGeometry::Polygon(one) => of_polygon(one),
        MvtGeometry::MultiPolygon(many) => many.iter().flat_map(of_polygon).collect(),
        other => panic!("a ward is a polygon, not {other:?}"),
    };
    edges.into_iter().filter(|edge| !along_cut(edge)).collect()
}

fn of_ring(ring: &LineString<i32>) -> Vec<Edge> {
    ring.lines().map(|line| (line.start, line.end)).collect()
}

fn along_cut((a, b): &Edge) -> bool {
    let cut = |a: i32, b: i32| a == b && (a == -BUFFER || a == 4096 + BUFFER);
    cut(a.x, b.x) || cut(a.y, b.y)
}
