//! Turn restrictions of each kind.

use urbis_model::Feature;
use urbis_network::{
    Graph,
    Travel::{Backward, Forward},
    Turn,
};

use crate::city::{city_of, id, into, out_of, restriction, road, roads, text, turn_after};
use crate::same::assert_whole;

/// No turn.
const NOTHING: [i64; 0] = [];

/// ```text
///            | 2
///      1     |     3
///   ---->----+---->----
///            |
///            v 4
/// ```
fn cross(rules: Vec<Feature>) -> Graph {
    let roads = vec![
        road(1, &[(-100.0, 0.0), (0.0, 0.0)]),
        road(2, &[(0.0, 0.0), (0.0, 100.0)]),
        road(3, &[(0.0, 0.0), (100.0, 0.0)]),
        road(4, &[(0.0, 0.0), (0.0, -100.0)]),
    ];
    let graph = Graph::build(&city_of(roads, rules, vec![]));
    assert_whole(&graph, "cross");
    graph
}

/// The turns from road 1 into roads 1 (back), 2, 3, 4 that are banned.
fn banned(graph: &Graph) -> Vec<i64> {
    let from = out_of(graph, 1, Forward);
    let is_banned = |to: &i64| {
        let arc = if *to == 1 { into(graph, 1, Backward) } else { into(graph, *to, Forward) };
        turn_after(graph, &[from], arc).unwrap() == Turn::Banned
    };
    (1..=4).filter(is_banned).collect()
}

fn rule(kind: &str, ways: [&str; 3], except: &str) -> Vec<Feature> {
    vec![restriction(100, kind, (0.0, 0.0), ways, except)]
}

#[test]
fn a_forbidden_turn_is_banned_and_no_other_is() {
    let graph = cross(rule("no_left_turn", ["w1", "n7", "w2"], ""));
    assert_eq!(banned(&graph), [2]);
    // Nor is it banned from elsewhere.
    let others = [out_of(&graph, 3, Backward), out_of(&graph, 4, Backward)];
    for from in others {
        assert_eq!(turn_after(&graph, &[from], into(&graph, 2, Forward)), Some(Turn::Free));
    }
    assert_eq!(banned(&cross(vec![])), NOTHING);
}

#[test]
fn a_prescribed_turn_bans_all_others_and_turning_round() {
    assert_eq!(banned(&cross(rule("only_straight_on", ["w1", "n7", "w3"], ""))), [1, 2, 4]);
}

#[test]
fn a_u_turn_is_free_unless_a_restriction_bans_it() {
    assert_eq!(banned(&cross(rule("no_u_turn", ["w1", "n7", "w1"], ""))), [1]);
}

#[test]
fn a_rule_that_excepts_emergency_vehicles_binds_nobody_and_one_that_excepts_buses_does() {
    let ways = ["w1", "n7", "w2"];
    assert_eq!(banned(&cross(rule("no_left_turn", ways, "psv+emergency"))), NOTHING);
    assert_eq!(banned(&cross(rule("no_left_turn", ways, "psv"))), [2]);
}

#[test]
fn entries_and_exits_name_several_roads() {
    assert_eq!(banned(&cross(rule("no_exit", ["w1", "n7", "w2;w4"], ""))), [2, 4]);
    let graph = cross(rule("no_entry", ["w1;w3", "n7", "w2"], ""));
    assert_eq!(banned(&graph), [2]);
    let from = out_of(&graph, 3, Backward);
    assert_eq!(turn_after(&graph, &[from], into(&graph, 2, Forward)), Some(Turn::Banned));
}

#[test]
fn what_names_no_road_here_or_an_unknown_kind_binds_nobody() {
    for ways in [["w1", "n7", "w9"], ["w9", "n7", "w2"], ["", "n7", "w2"], ["w1", "w9", "w2"]] {
        assert_eq!(banned(&cross(rule("no_left_turn", ways, ""))), NOTHING, "{ways:?}");
    }
    let none = restriction(100, "no_left_turn", (0.0, 50.0), ["w1", "n7", "w2"], "");
    assert_eq!(banned(&cross(vec![none])), NOTHING);
}

/// ```text
///   1          3         4
/// ----->--+--------->+------->
///         |  via 2   |
///  5 ->---+          +--- 6
/// ```
fn via(kind: &str, via: &str) -> Graph {
    let roads = vec![
        road(1, &[(-100.0, 0.0), (0.0, 0.0)]),
        // Two links of one way, drawn backwards, and a way beside it that joins nothing else.
        road(2, &[(100.0, 0.0), (50.0, 0.0)]),
        road(3, &[(0.0, 0.0), (50.0, 0.0)]),
        road(4, &[(100.0, 0.0), (200.0, 0.0)]),
        road(5, &[(-100.0, -50.0), (0.0, 0.0)]),
        road(6, &[(100.0, 0.0), (200.0, -50.0)]),
    ];
    let rule = restriction(100, kind, (0.0, 0.0), ["w1", via, "w4"], "");
    let graph = Graph::build(&city_of(roads, vec![rule], vec![]));
    assert_whole(&graph, "via");
    graph
}

#[test]
fn a_rule_over_via_ways_binds_only_him_who_came_from_its_first_road() {
    // Via ways may come in any order.
    for ways in ["w3;w2", "w2;w3"] {
        let graph = via("no_u_turn", ways);
        let middle = into(&graph, 3, Forward);
        assert_eq!(middle, out_of(&graph, 2, Backward), "one edge of two ways");
        let turn = |from: i64, to: i64| {
            turn_after(&graph, &[out_of(&graph, from, Forward), middle], into(&graph, to, Forward))
        };
        assert_eq!(turn(1, 4), Some(Turn::Banned));
        assert_eq!(turn(1, 6), Some(Turn::Free));
        assert_eq!(turn(5, 4), Some(Turn::Free));
        // Who turns round at the end and comes again came from elsewhere.
        let again = [out_of(&graph, 1, Forward), middle, middle.reverse(), middle];
        assert_eq!(turn_after(&graph, &again, into(&graph, 4, Forward)), Some(Turn::Free));
    }
}

/// ```text
///         .--- 2 ---.
///   1     v         |    4
/// ----->--W         E------->      one link over the north, two over the south
///         '--> S -->'
///              | 5
/// ```
fn roundabout(oneway: &str) -> Graph {
    let (west, south, east) = ((0.0, 0.0), (50.0, -50.0), (100.0, 0.0));
    let ring: [&[_]; 1] = [&[west, south, east, (50.0, 50.0), west]];
    let drawn = vec![
        road(1, &[(-100.0, 0.0), west]),
        roads(2, &ring, &[("oneway", text(oneway))]),
        road(4, &[east, (200.0, 0.0)]),
        road(5, &[south, (50.0, -150.0)]),
    ];
    let rule = restriction(100, "no_straight_on", west, ["w1", "w2", "w4"], "");
    let graph = Graph::build(&city_of(drawn, vec![rule], vec![]));
    assert_whole(&graph, "roundabout");
    graph
}

#[test]
fn a_rule_over_a_roundabout_is_about_the_way_that_traffic_drives() {
    for (oneway, over_south, over_north) in
        [("forward", Turn::Banned, Turn::Free), ("no", Turn::Free, Turn::Banned)]
    {
        let graph = roundabout(oneway);
        let ring: Vec<_> = graph.links_of(id(2)).iter().map(|link| graph.edge_of(*link)).collect();
        let (from, to) = (out_of(&graph, 1, Forward), into(&graph, 4, Forward));
        let south = turn_after(&graph, &[from, ring[0], ring[1]], to);
        let north = turn_after(&graph, &[from, ring[2].reverse()], to);
        assert_eq!((south, north), (Some(over_south), Some(over_north)), "{oneway}");
    }
}

#[test]
fn a_rule_over_a_way_that_can_only_be_driven_against_its_one_way_binds_still() {
    let drawn = vec![
        road(1, &[(-100.0, 0.0), (0.0, 0.0)]),
        roads(2, &[&[(0.0, 0.0), (100.0, 0.0)]], &[("oneway", text("backward"))]),
        road(4, &[(100.0, 0.0), (200.0, 0.0)]),
    ];
    let rule = restriction(100, "no_straight_on", (0.0, 0.0), ["w1", "w2", "w4"], "");
    let graph = Graph::build(&city_of(drawn, vec![rule], vec![]));
    let driven = [out_of(&graph, 1, Forward), into(&graph, 2, Forward)];
    assert_eq!(turn_after(&graph, &driven, into(&graph, 4, Forward)), Some(Turn::Banned));
}

#[test]
fn a_prescribed_way_over_via_ways_bans_the_other_ends_to_him_who_took_it() {
    let graph = via("only_straight_on", "w3;w2");
    let middle = into(&graph, 3, Forward);
    let from = out_of(&graph, 1, Forward);
    let after = |to| turn_after(&graph, &[from, middle], to);
    assert_eq!(after(into(&graph, 4, Forward)), Some(Turn::Free));
    assert_eq!(after(into(&graph, 6, Forward)), Some(Turn::Banned));
    assert_eq!(after(middle.reverse()), Some(Turn::Banned));
    // He need not take it.
    assert_eq!(turn_after(&graph, &[from], into(&graph, 5, Backward)), Some(Turn::Free));
}

#[test]
fn a_rule_at_a_joint_of_two_roads_makes_it_a_junction() {
    let roads = vec![road(1, &[(0.0, 0.0), (100.0, 0.0)]), road(2, &[(100.0, 0.0), (200.0, 0.0)])];
    let rule = restriction(100, "no_straight_on", (100.0, 0.0), ["w1", "n7", "w2"], "");
    let graph = Graph::build(&city_of(roads, vec![rule], vec![]));
    let (from, to) = (out_of(&graph, 1, Forward), into(&graph, 2, Forward));
    assert_eq!(turn_after(&graph, &[from], to), Some(Turn::Banned));
    assert_eq!(turn_after(&graph, &[to.reverse()], from.reverse()), Some(Turn::Free));
}
