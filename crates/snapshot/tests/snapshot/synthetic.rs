//! Features that a generator made up are counted apart, for each class what it may see.

use geo_types::Point;
use urbis_catalog::{Layer, SOURCE_ATTRIBUTE, SYNTHETIC};
use urbis_model::{
    AttributeValue, ChangeBatch, Feature, LayerChange, Moment, Openness, Revision, Validity,
};
use urbis_snapshot::City;

use crate::support::{city_of, feature, id, layer};

/// Trees that say where they come from; those named `b` are internal.
fn trees() -> Layer {
    let by_name = r#"openness_by = { attribute = "name", levels = { b = "internal" } }"#;
    let mut trees = layer("tree", "Point", "minzoom = 3\nmaxzoom = 14\nattributes = []", by_name);
    SOURCE_ATTRIBUTE.clone_into(&mut trees.attributes[2].name);
    trees
}

fn tree(number: u64, name: &str, source: &str) -> Feature {
    let mut tree = feature(number, Point::new(108.0, 16.0), name);
    tree.attributes[2] = AttributeValue::text(source);
    tree
}

fn made_up(city: &City, layer: &Layer) -> [usize; 3] {
    let counted = city.layer(&layer.id).unwrap();
    Openness::ALL.map(|class| counted.synthetic_count(class))
}

#[test]
fn made_up_features_are_counted_for_who_may_see_them_while_they_hold() {
    let trees = trees();
    let ends = Validity { from: None, to: Some(Moment(10)) };
    let city = city_of(
        &trees,
        vec![
            tree(1, "a", "osm"),
            tree(2, "b", SYNTHETIC),
            Feature { validity: ends, ..tree(3, "a", SYNTHETIC) },
        ],
    );
    assert_eq!(made_up(&city, &trees), [1, 2, 2]);
    let later = city.advance(Revision(2), Moment(10)).0;
    assert_eq!(made_up(&later, &trees), [0, 1, 1]);

    let upserted = vec![tree(1, "a", SYNTHETIC), tree(2, "b", "osm")];
    let change = LayerChange::Rows { upserted, removed: vec![id(3)] };
    let batch = ChangeBatch { layers: [(trees.id.clone(), change)].into() };
    assert_eq!(made_up(&later.apply(Revision(3), batch).0, &trees), [1, 1, 1]);
}
