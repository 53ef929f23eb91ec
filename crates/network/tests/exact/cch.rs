//! Random towns without rules of turning, under closures of up to 15 in a hundred streets.

use std::sync::Arc;

use urbis_catalog::ProfileIndex;
use urbis_model::{Moment, Openness};
use urbis_network::{Direction, Effect, LiveRoads, Reach, RoadState, RoadStateUpdate, Roads};

use crate::hierarchy::Hierarchy;
use crate::town::{NOW, Plan, Random, Town, catalog};

/// Closes some streets in a hundred, and floods as many.
fn close(random: &mut Random, town: &Town, percent: usize) -> Vec<RoadStateUpdate> {
    let mut updates = Vec::new();
    for way in 0..town.ways.len() {
        if !random.chance(percent) {
            continue;
        }
        let effect = if random.chance(50) {
            Effect::Closed
        } else {
            Effect::Depth(1 + random.below(70) as u32)
        };
        let reach = Reach::Segment(Town::segment(way));
        let (direction, openness) = (Direction::Both, Openness::Open);
        let (cause, title, until) = (None, None, None);
        let state = RoadState { reach, direction, effect, cause, title, until, openness };
        let key = format!("way {way}").into();
        updates.push(RoadStateUpdate { key, observed_at: NOW, state: Some(state) });
    }
    updates
}

#[test]
fn every_time_is_that_of_contraction_hierarchies_to_the_millisecond() {
    let mut compared = 0;
    for seed in 1..=6 {
        let town = Town::grow(seed, Plan { side: 14, rules: 0, barriers: 10, oneways: 15 });
        let city = town.city(Vec::new());
        let dry = LiveRoads::new(Arc::new(Roads::build(&city)));
        let hierarchy = Hierarchy::new(dry.graph());
        let random = &mut Random::new(seed);
        for percent in [0, 5, 15] {
            let closures = close(random, &town, percent);
            let (live, _) = dry.with(&city, &closures, Moment(NOW.0 + 1));
            for profile in 0..catalog().profiles().len() {
                let profile = ProfileIndex(profile as u8);
                let draw = &mut |limit| random.below(limit);
                compared += hierarchy.compare(&live, profile, [10, 20], draw);
            }
        }
    }
    assert_eq!(compared, 21_600);
}
