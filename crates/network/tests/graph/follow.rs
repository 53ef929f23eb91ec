//! A graph that followed a city through random edits, against one that is built anew.

use std::collections::{BTreeMap, BTreeSet};

use urbis_catalog::NetworkRole;
use urbis_model::{ChangeBatch, Feature, FeatureId, LayerChange, Moment, Revision, Validity};
use urbis_network::{ChangedArcs, Graph};
use urbis_snapshot::City;

use crate::city::{NOW, arc_key, city_of, id, layer_of, road, roads, text};
use crate::random::{Random, base};
use crate::same::{assert_same, assert_whole};

const ROADS: u64 = 60;
const STEPS: u64 = 60;

/// Features as they are, by role.
struct Drawn {
    random: Random,
    features: BTreeMap<NetworkRole, BTreeMap<i64, Feature>>,
}

impl Drawn {
    fn new(seed: u64) -> Self {
        let mut drawn = Self { random: Random(seed), features: BTreeMap::new() };
        for (role, count) in [
            (NetworkRole::Roads, ROADS),
            (NetworkRole::TurnRestrictions, 15),
            (NetworkRole::Barriers, 6),
        ] {
            for at in 0..count {
                let number = base(role) + at as i64;
                let feature = drawn.feature(role, number);
                drawn.features.entry(role).or_default().insert(number, feature);
            }
        }
        drawn
    }

    fn all(&self, role: NetworkRole) -> Vec<Feature> {
        self.features[&role].values().cloned().collect()
    }

    fn feature(&mut self, role: NetworkRole, number: i64) -> Feature {
        match role {
            NetworkRole::TurnRestrictions => {
                let roads = self.all(NetworkRole::Roads);
                self.random.rule(number, &roads)
            }
            NetworkRole::Barriers => self.random.barrier(number),
            _ => self.random.road(number),
        }
    }

    /// Some features come, go, or are drawn anew; now and then one begins later.
    fn edit(&mut self) -> ChangeBatch {
        let mut batch = ChangeBatch::default();
        for _ in 0..=self.random.below(3) {
            let (role, count) = [
                (NetworkRole::Roads, ROADS + 10),
                (NetworkRole::Roads, ROADS + 10),
                (NetworkRole::TurnRestrictions, 18),
                (NetworkRole::Barriers, 8),
            ][self.random.below(4) as usize];
            let number = base(role) + self.random.below(count) as i64;
            let change = batch.layers.entry(layer_of(role));
            let change = change.or_insert(LayerChange::Rows { upserted: vec![], removed: vec![] });
            let LayerChange::Rows { upserted, removed } = change else { panic!() };
            upserted.retain(|feature| feature.id != id(number));
            removed.retain(|other| *other != id(number));
            if self.random.chance(30) && self.features[&role].len() > 5 {
                self.features.get_mut(&role).unwrap().remove(&number);
                removed.push(id(number));
                continue;
            }
            let mut feature = self.feature(role, number);
            if self.random.chance(10) {
                let from = Some(Moment(NOW.0 + self.random.below(STEPS) as i64));
                feature.validity = Validity { from, to: None };
            }
            upserted.push(feature.clone());
            self.features.get_mut(&role).unwrap().insert(number, feature);
        }
        batch
    }
}

fn segments(city: &City) -> BTreeSet<FeatureId> {
    city.layer(&layer_of(NetworkRole::Roads)).unwrap().features().map(|it| it.id()).collect()
}

#[test]
fn a_graph_that_followed_random_edits_is_the_one_that_is_built_anew() {
    let mut followed = 0;
    for seed in 1..=25 {
        let mut drawn = Drawn::new(seed);
        let mut city = city_of(
            drawn.all(NetworkRole::Roads),
            drawn.all(NetworkRole::TurnRestrictions),
            drawn.all(NetworkRole::Barriers),
        );
        let mut graph = Graph::build(&city);
        for step in 0..STEPS {
            let mut next = city.apply(Revision(step + 2), drawn.edit()).0;
            if drawn.random.chance(20) {
                next = next.advance(Revision(step + 2), Moment(NOW.0 + step as i64)).0;
            }
            let (after, changed) = graph.follow(&city, &next);
            let what = format!("seed {seed}, step {step}");
            let mut all = segments(&city);
            all.extend(segments(&next));
            assert_same(&after, &Graph::build(&next), &all, &what);
            assert_whole(&after, &what);
            let ChangedArcs::Some(changed) = changed else { panic!("{what}: built anew") };
            assert_unchanged(&graph, &after, &changed, &what);
            followed += changed.len();
            (city, graph) = (next, after);
        }
    }
    assert!(followed > 10_000, "{followed}");
}

/// Arcs that are not named are the same under the same numbers.
fn assert_unchanged(before: &Graph, after: &Graph, changed: &[urbis_network::ArcId], what: &str) {
    let count = before.arc_count().max(after.arc_count()) as u32;
    let others = (0..count).map(urbis_network::ArcId);
    for arc in others.filter(|arc| changed.binary_search(arc).is_err()) {
        assert_eq!(before.is_arc(arc), after.is_arc(arc), "{what}: {arc:?}");
        if before.is_arc(arc) {
            assert_eq!(arc_key(before, arc), arc_key(after, arc), "{what}: {arc:?}");
            assert_eq!(before.arc(arc), after.arc(arc), "{what}: {arc:?}");
        }
    }
}

#[test]
fn an_edit_changes_only_the_arcs_around_it() {
    let mut all = Vec::new();
    for at in 0..30 {
        let (number, along) = (i64::from(at), f64::from(at) * 100.0);
        all.push(road(1 + 2 * number, &[(along, 0.0), (along + 100.0, 0.0)]));
        all.push(road(2 + 2 * number, &[(along, 0.0), (along, 100.0)]));
    }
    let city = city_of(all, vec![], vec![]);
    let graph = Graph::build(&city);
    let change = |road: Feature| {
        let rows = LayerChange::Rows { upserted: vec![road], removed: vec![] };
        let layers = [(layer_of(NetworkRole::Roads), rows)].into();
        let next = city.apply(Revision(2), ChangeBatch { layers }).0;
        let (_, ChangedArcs::Some(changed)) = graph.follow(&city, &next) else { panic!() };
        changed.len()
    };
    let moved = road(20, &[(900.0, 0.0), (900.0, 120.0)]);
    // Its own edge as it was and is, and the two that meet it, old and new.
    assert!(
        (2..=12).contains(&change(moved)),
        "{}",
        change(road(20, &[(900.0, 0.0), (900.0, 120.0)]))
    );
    let renamed = roads(20, &[&[(900.0, 0.0), (900.0, 100.0)]], &[("name", text("Bạch Đằng"))]);
    assert_eq!(change(renamed), 0, "a name is not of the graph");
}
