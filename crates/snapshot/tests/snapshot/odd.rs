//! Geometry that no survey would make.

use geo_types::MultiPolygon;
use urbis_model::Openness;
use urbis_snapshot::{Part, SnapshotFeature, Visibility};

use crate::odd_geometry::odd_polygons;
use crate::support::{city_of, feature, id, layer};

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
    let all = Visibility::now(Openness::Restricted);
    assert_eq!(snapshot.len(), 1);
    assert!(snapshot.feature(id(7)).is_some());
    assert!(snapshot.in_box(everywhere, 22, all).is_empty());
    let origin = urbis_model::WorldXy { x: 0, y: 0 };
    assert_eq!(snapshot.near(origin, all).count(), 0);
}

#[test]
fn a_ring_keeps_three_corners_at_every_zoom() {
    let layer = layer("odd", "MultiPolygon", "minzoom = 0\nmaxzoom = 14\nattributes = []", "");
    let city = city_of(&layer, odd_polygons());
    let parts = city.layer(&layer.id).unwrap().features().flat_map(SnapshotFeature::parts);
    for part in parts {
        let Part::Polygon(polygon) = part else { panic!("only polygons") };
        for ring in polygon.rings() {
            assert!(ring.at_zoom(0).count() >= ring.vertices().len().min(3));
        }
    }
}
