//! Says whether two graphs are the same, whatever their numbers; and whether one is whole.

use std::collections::{BTreeMap, BTreeSet};

use urbis_model::FeatureId;
use urbis_network::{ArcId, Graph, Incoming, StateId, Turn};

use crate::city::{ArcKey, arc_key, link_key};

/// Panics where the graphs differ in links, arcs, turns, or in which turns follow which.
pub fn assert_same(one: &Graph, other: &Graph, segments: &BTreeSet<FeatureId>, what: &str) {
    for segment in segments {
        let links = |graph: &Graph| {
            let links = graph.links_of(*segment).iter();
            let key = |link| {
                let row = graph.link(link);
                let kind = row.barrier.map(|barrier| graph.word(barrier.kind).map(String::from));
                let class = graph.word(row.traits.class).map(String::from);
                (link_key(graph, link), row.start_mm, row.length_mm, kind, class)
            };
            links.map(|link| key(*link)).collect::<Vec<_>>()
        };
        assert_eq!(links(one), links(other), "{what}: links of {segment}");
    }
    let [arcs, other_arcs] = [one, other].map(by_key);
    let keys: Vec<&ArcKey> = arcs.keys().collect();
    assert_eq!(keys, other_arcs.keys().collect::<Vec<_>>(), "{what}: arcs");
    assert_eq!(one.nodes().count(), other.nodes().count(), "{what}: junctions");
    let mut pairs: Vec<(StateId, StateId)> = Vec::new();
    for (key, arc) in &arcs {
        let other_arc = other_arcs[key];
        let (view, other_view) = (one.arc(*arc), other.arc(other_arc));
        assert_eq!(view.length_mm, other_view.length_mm, "{what}: {key:?}");
        assert_eq!(view.is_against_oneway, other_view.is_against_oneway, "{what}: {key:?}");
        pairs.push((one.head_state(*arc), other.head_state(other_arc)));
        pairs.push((view.tail.state(), other_view.tail.state()));
    }
    // Two states are the same where the same turns lead to the same states.
    let mut seen: BTreeSet<(StateId, StateId)> = BTreeSet::new();
    while let Some(pair) = pairs.pop() {
        if !seen.insert(pair) {
            continue;
        }
        let [ways, other_ways] =
            [(one, pair.0), (other, pair.1)].map(|(graph, state)| ways(graph, state));
        let turns = |ways: &BTreeMap<ArcKey, (Turn, StateId)>| {
            ways.iter().map(|(key, (turn, _))| (key.clone(), *turn)).collect::<Vec<_>>()
        };
        assert_eq!(turns(&ways), turns(&other_ways), "{what}: {:?}", one.place(pair.0));
        for (key, (_, to)) in ways {
            pairs.push((to, other_ways[&key].1));
        }
    }
}

fn by_key(graph: &Graph) -> BTreeMap<ArcKey, ArcId> {
    let arcs: Vec<_> = graph.arcs().map(|arc| (arc_key(graph, arc), arc)).collect();
    let count = arcs.len();
    let arcs: BTreeMap<_, _> = arcs.into_iter().collect();
    assert_eq!(arcs.len(), count, "an arc is there twice");
    arcs
}

fn ways(graph: &Graph, state: StateId) -> BTreeMap<ArcKey, (Turn, StateId)> {
    let ways = graph.outgoing(state).iter();
    ways.map(|way| (arc_key(graph, way.arc()), (way.turn(), way.to))).collect()
}

/// Panics where the ways into states are not the ways out of others, an arc cannot be entered from
/// where its tail is, or a link is on no arc or on the wrong one.
pub fn assert_whole(graph: &Graph, what: &str) {
    let mut mirrored: BTreeMap<StateId, Vec<(ArcId, StateId, Turn)>> = BTreeMap::new();
    for number in 0..graph.state_count() as u32 {
        let state = StateId(number);
        for way in graph.outgoing(state) {
            assert!(graph.is_arc(way.arc()), "{what}: a way over no arc");
            assert!(graph.entries(way.arc()).any(|entry| entry == (state, way.turn())), "{what}");
            assert_eq!(graph.place(way.to), graph.place(graph.arc(way.arc()).head.state()));
            assert_eq!(graph.place(state), graph.place(graph.arc(way.arc()).tail.state()));
            mirrored.entry(way.to).or_default().push((way.arc(), state, way.turn()));
        }
    }
    for number in 0..graph.state_count() as u32 {
        let state = StateId(number);
        let mut found: Vec<_> = graph
            .incoming(state)
            .iter()
            .map(|way: &Incoming| (way.arc(), way.from, way.turn()))
            .collect();
        found.sort();
        let mut expected = mirrored.remove(&state).unwrap_or_default();
        expected.sort();
        assert_eq!(found, expected, "{what}: ways to {state:?}");
    }
    for arc in graph.arcs() {
        let view = graph.arc(arc);
        assert_eq!(
            graph.links(arc).map(|(link, _)| graph.link(link).length_mm).sum::<u32>(),
            view.length_mm
        );
        for (link, travel) in graph.links(arc) {
            let drawn = if travel == urbis_network::Travel::Forward { arc } else { arc.reverse() };
            assert_eq!(graph.edge_of(link), drawn, "{what}");
        }
        assert_eq!(graph.place(graph.head_state(arc)), graph.place(view.head.state()), "{what}");
    }
}
