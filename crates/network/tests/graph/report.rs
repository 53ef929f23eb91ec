//! The report on a network.

use urbis_network::{Graph, Link, NetworkReport, TrapKind};

use crate::city::{city_of, id, restriction, road, roads, text};

fn any(_: &Link) -> bool {
    true
}

#[test]
fn a_report_names_islands_traps_rules_and_ends_that_nearly_touch() {
    let one_way =
        |number, line: [(f64, f64); 2]| roads(number, &[&line], &[("oneway", text("forward"))]);
    let drawn = vec![
        road(1, &[(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]),
        road(2, &[(100.0, 0.0), (100.0, 100.0)]),
        // In and never out; out and never in.
        one_way(3, [(200.0, 0.0), (300.0, 0.0)]),
        one_way(4, [(-100.0, 0.0), (0.0, 0.0)]),
        // An island, one metre beside the main part.
        road(5, &[(100.0, -1.0), (100.0, -90.0)]),
    ];
    let rules = vec![
        restriction(100, "no_left_turn", (100.0, 0.0), ["w2", "n1", "w9"], ""),
        restriction(101, "no_u_turn", (100.0, 0.0), ["w2", "n1", "w2"], ""),
        restriction(102, "no_u_turn", (100.0, 0.0), ["w2", "n1", "w2"], "emergency"),
    ];
    let city = city_of(drawn, rules, vec![]);
    let graph = Graph::build(&city);
    let report = NetworkReport::new(&city, &graph, any);
    assert_eq!((report.joints, report.junctions, report.links, report.arcs), (8, 8, 6, 12));
    let islands: Vec<usize> = report.largest_islands.iter().map(|it| it.junctions).collect();
    assert_eq!((report.islands, islands), (2, vec![6, 2]));
    let kinds: Vec<TrapKind> = report.some_oneway_traps.iter().map(|trap| trap.kind).collect();
    assert_eq!(report.oneway_traps, 2);
    assert!(kinds.contains(&TrapKind::CannotLeave) && kinds.contains(&TrapKind::CannotReach));
    assert_eq!(report.restrictions_used, 1);
    assert_eq!(report.restrictions_exempt, 1);
    assert_eq!(report.restrictions_not_understood, 1);
    assert_eq!(report.nearly_touching, 1);
    let near = report.some_nearly_touching[0];
    assert_eq!((near.segment, near.other), (id(5), id(1)));
    assert!((near.gap.0 - 1.0).abs() < 0.02, "{}", near.gap);
}

#[test]
fn what_is_not_usable_is_of_no_island() {
    let footway: [&[(f64, f64)]; 1] = [&[(0.0, 100.0), (50.0, 100.0)]];
    let drawn = vec![
        road(1, &[(0.0, 0.0), (100.0, 0.0)]),
        roads(2, &footway, &[("class", text("footway"))]),
    ];
    let city = city_of(drawn, vec![], vec![]);
    let graph = Graph::build(&city);
    let is_usable = |link: &Link| graph.word(link.traits.class) != Some("footway");
    assert_eq!(NetworkReport::new(&city, &graph, is_usable).islands, 1);
    assert_eq!(NetworkReport::new(&city, &graph, any).islands, 2);
}
