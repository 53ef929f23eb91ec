//! Times over real streets against RoutingKit, with 0 to 15 in a hundred streets closed or under
//! water. Restrictions of turns are left out, which RoutingKit does not know.

use std::collections::BTreeSet;
use std::sync::Arc;

use urbis_catalog::ProfileIndex;
use urbis_model::{FeatureId, Openness};
use urbis_network::{
    Direction, Effect, Graph, LiveRoads, Reach, RoadState, RoadStateUpdate, Roads,
};

use crate::city::{NOW, Network, Random, networks};
use crate::hierarchy::Hierarchy;

/// Streets of a hundred that are closed.
const CLOSED: [usize; 4] = [0, 3, 8, 15];

fn close(random: &mut Random, graph: &Graph, percent: usize) -> Vec<RoadStateUpdate> {
    let links = graph.arcs().flat_map(|arc| graph.links(arc));
    let segments: BTreeSet<FeatureId> = links.map(|(link, _)| graph.link(link).segment).collect();
    let mut updates = Vec::new();
    for segment in segments {
        if random.below(100) >= percent {
            continue;
        }
        let effect = match random.below(2) {
            0 => Effect::Closed,
            _ => Effect::Depth(1 + random.below(70) as u32),
        };
        let (reach, direction) = (Reach::Segment(segment), Direction::Both);
        let (cause, title, until, openness) = (None, None, None, Openness::Open);
        let state = RoadState { reach, direction, effect, cause, title, until, openness };
        let key = segment.to_string().into();
        updates.push(RoadStateUpdate { key, observed_at: NOW, state: Some(state) });
    }
    updates
}

/// Compares times under each share of closed streets, for each in another vehicle; says how many.
fn prove(network: &Network, incidents: usize, units: usize) -> usize {
    let city = network.city_of_free_turns();
    let dry = LiveRoads::new(Arc::new(Roads::build(&city)));
    let hierarchy = Hierarchy::new(dry.graph());
    let random = &mut Random::new(6);
    let profiles = city.catalog().profiles().len();
    let mut compared = 0;
    for (round, percent) in CLOSED.into_iter().enumerate() {
        let (live, _) = dry.with(&city, &close(random, dry.graph(), percent), NOW);
        let profile = ProfileIndex((round % profiles) as u8);
        let draw = &mut |limit| random.below(limit);
        compared += hierarchy.compare(&live, profile, [incidents, units], draw);
    }
    compared
}

#[test]
fn every_time_in_real_cities_is_that_of_contraction_hierarchies_to_the_millisecond() {
    let [da_nang, liechtenstein, douala] = &networks();
    let pairs = [(da_nang, 75), (liechtenstein, 75), (douala, 20)]
        .map(|(network, incidents)| prove(network, incidents, 150));
    assert_eq!(pairs.iter().sum::<usize>(), 102_000);
}

#[test]
#[ignore = "minutes; make bench-dispatch runs it"]
fn a_hundred_thousand_times_in_each_city_are_those_of_contraction_hierarchies() {
    let folder = tempfile::tempdir().unwrap();
    for network in networks().iter().chain([&Network::made_up(folder.path())]) {
        let pairs = prove(network, 250, 100);
        assert_eq!(pairs, 100_000);
        println!("{}: {pairs} pairs, 0 differ", network.name);
    }
}
