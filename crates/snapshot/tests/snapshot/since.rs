//! What changed between two states, against a comparison of all features of both.

use std::collections::BTreeSet;
use std::sync::Arc;

use urbis_catalog::Catalog;
use urbis_model::{ChangeBatch, Feature, FeatureId, LayerChange, Moment, Revision, Validity};
use urbis_snapshot::{City, LayerSnapshot};

use crate::change::{change_trees, point_layer};
use crate::support::{NOW, Random, feature};

const SEED: u64 = 71;

/// All ids under which two states differ, by looking at everything.
fn compared(before: &City, after: &City) -> Vec<FeatureId> {
    let tree = point_layer();
    let [old, new] = [before, after].map(|city| city.layer(&tree.id).unwrap());
    let ids = |layer: &LayerSnapshot| layer.features().map(|it| it.id()).collect::<BTreeSet<_>>();
    let all: BTreeSet<FeatureId> = ids(old).union(&ids(new)).copied().collect();
    let is_now = |layer: &LayerSnapshot, id, at: Moment| {
        layer.feature(id).map(|it| (it.version(), it.validity().contains(at)))
    };
    let differs = |id: &FeatureId| is_now(old, *id, before.at()) != is_now(new, *id, after.at());
    all.into_iter().filter(differs).collect()
}

#[test]
fn changes_since_a_state_are_those_that_a_full_comparison_finds() {
    let tree = point_layer();
    let catalog = Arc::new(Catalog::from_layers(vec![tree.clone()]).unwrap());
    let mut random = Random(SEED);
    let some: Vec<Feature> = (1..1_500).map(|n| feature(n, spot(&mut random), "a")).collect();
    let mut city = City::build(catalog, Revision(0), vec![(tree.id.clone(), some)], NOW);
    let mut found = 0;
    for step in 0..200 {
        let before = city.clone();
        for _ in 0..=random.below(3) {
            let mut change = change_trees(&Default::default(), &mut random);
            if let LayerChange::Rows { upserted, .. } = &mut change {
                for tree in upserted.iter_mut().step_by(3) {
                    let from = Some(Moment(random.below(400) as i64));
                    tree.validity = Validity { from, to: None };
                }
            }
            let layers = [(tree.id.clone(), change)].into();
            city = city.apply(Revision(step), ChangeBatch { layers }).0;
        }
        city = city.advance(Revision(step), Moment(2 * step as i64)).0;
        let [old, new] = [&before, &city].map(|city| city.layer(&tree.id).unwrap());
        let changed = new.changed_since(old);
        assert_eq!(changed, compared(&before, &city), "step {step}");
        let mut back = old.changed_since(new);
        back.sort();
        assert_eq!(back, changed, "step {step}, backwards");
        found += changed.len();
    }
    assert!(found > 1_000, "{found}");
}

fn spot(random: &mut Random) -> geo_types::Point<f64> {
    geo_types::Point::new(random.between(107.9, 108.5), random.between(15.8, 16.4))
}

#[test]
fn a_state_has_not_changed_since_itself() {
    let tree = point_layer();
    let catalog = Arc::new(Catalog::from_layers(vec![tree.clone()]).unwrap());
    let mut random = Random(SEED);
    let some: Vec<Feature> = (1..99).map(|n| feature(n, spot(&mut random), "a")).collect();
    let city = City::build(catalog, Revision(0), vec![(tree.id.clone(), some)], NOW);
    let layer = city.layer(&tree.id).unwrap();
    assert_eq!(layer.changed_since(layer), []);
}
