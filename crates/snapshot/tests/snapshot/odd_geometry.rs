//! Polygons that no survey would make.

use geo_types::{Geometry, GeometryCollection, LineString, MultiPolygon, Point, Polygon};
use urbis_model::Feature;

use crate::support::feature;

fn polygon(ring: &[(f64, f64)]) -> Geometry<f64> {
    Polygon::new(LineString::from(ring.to_vec()), vec![]).into()
}

pub fn odd_polygons() -> Vec<Feature> {
    let spike = [(108.0, 16.0), (108.1, 16.0), (108.2, 16.0), (108.1, 16.0), (108.1, 16.1)];
    let bow_tie = [(108.0, 16.0), (108.1, 16.1), (108.1, 16.0), (108.0, 16.1)];
    let twice = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 1.0), (2.0, 1.0), (2.0, 2.0)];
    let world = [(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0)];
    let off = [(-500.0, -90.0), (181.0, -100.0), (180.0, f64::INFINITY), (f64::NAN, 90.0)];
    let hole_alone = Polygon::new(
        LineString(vec![]),
        vec![LineString::from(vec![(1.0, 1.0), (2.0, 1.0), (2.0, 2.0)])],
    );
    let shapes = [
        polygon(&[]),
        polygon(&[(108.0, 16.0)]),
        polygon(&[(108.0, 16.0), (108.0, 16.0), (108.0, 16.0), (108.0, 16.0)]),
        polygon(&[(108.0, 16.0), (109.0, 16.0)]),
        polygon(&[(108.0, 16.0), (109.0, 16.0), (108.5, 16.0)]),
        polygon(&spike),
        polygon(&bow_tie),
        polygon(&twice),
        polygon(&world),
        polygon(&off),
        hole_alone.into(),
        MultiPolygon::<f64>(vec![]).into(),
        Point::new(1.0, 1.0).into(),
        Geometry::GeometryCollection(GeometryCollection(vec![
            polygon(&spike),
            Point::new(1.0, 1.0).into(),
        ])),
    ];
    shapes
        .into_iter()
        .enumerate()
        .map(|(index, shape)| feature(index as u64 + 1, shape, "odd"))
        .collect()
}
