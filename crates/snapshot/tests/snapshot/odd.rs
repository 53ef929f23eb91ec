//! Geometry that no survey would make.

use geo_types::{Geometry, GeometryCollection, LineString, MultiPolygon, Point, Polygon};
use urbis_model::Feature;

use crate::support::{city_of, feature, id, layer};

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

#[test]
fn odd_polygons_are_kept_and_answer_every_question() {
    for top in ["", "coverage = true"] {
        let tiles = "minzoom = 0\nmaxzoom = 14\nattributes = []\nmin_size_px = 1.0";
        let layer = layer("odd", "MultiPolygon", tiles, top);
        let features = odd_polygons();
        let count = features.len();
        let city = city_of(&layer, features);
        let snapshot = city.layer(&layer.id).unwrap();
        assert_eq!(snapshot.len(), count);
        for feature in snapshot.features() {
            let has_parts = feature.parts().next().is_some();
            assert_eq!(feature.world_box().is_some(), has_parts);
            assert_eq!(feature.to_geometry().is_some(), has_parts);
        }
    }
}

#[test]
fn a_feature_without_geometry_is_kept_but_found_nowhere() {
    let layer = layer("odd", "MultiPolygon", "minzoom = 0\nmaxzoom = 14\nattributes = []", "");
    let city = city_of(&layer, vec![feature(7, MultiPolygon::<f64>(vec![]), "empty")]);
    let snapshot = city.layer(&layer.id).unwrap();
    let everywhere = urbis_model::WorldBox { min_x: 0, min_y: 0, max_x: u32::MAX, max_y: u32::MAX };
    assert_eq!(snapshot.len(), 1);
    assert!(snapshot.feature(id(7)).is_some());
    assert!(snapshot.in_box(everywhere, 22).is_empty());
    let origin = urbis_model::WorldXy { x: 0, y: 0 };
    assert_eq!(snapshot.near(origin).count(), 0);
}
