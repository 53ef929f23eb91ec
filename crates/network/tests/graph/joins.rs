//! What joins and what does not.

use urbis_catalog::NetworkRole;
use urbis_model::{AttributeValue, ChangeBatch, LayerChange, Revision};
use urbis_network::{Graph, NetworkReport, OnArc, RoadPosition, Travel};

use crate::city::{
    barrier, catalog, city_of, cuts, feature, graph_of, id, layer_of, place, road, roads, text,
};
use crate::same::{assert_same, assert_whole};

const TRUE: AttributeValue = AttributeValue::Bool(true);

#[test]
fn a_road_joins_another_in_its_middle_at_a_shared_vertex() {
    let graph = graph_of(vec![
        road(1, &[(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]),
        road(2, &[(100.0, 0.0), (100.0, 100.0)]),
    ]);
    assert_eq!(cuts(&graph, 1), [(0, 1), (1, 2)]);
    assert_eq!((graph.nodes().count(), graph.arcs().count()), (4, 6));
    assert_whole(&graph, "T");
}

#[test]
fn a_bridge_does_not_join_what_it_crosses_and_joins_the_ground_at_its_ends() {
    for values in [vec![("bridge", TRUE)], vec![("layer", AttributeValue::Int(1))]] {
        let graph = graph_of(vec![
            road(1, &[(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]),
            roads(2, &[&[(100.0, -50.0), (100.0, 0.0), (100.0, 50.0)]], &values),
            // Its far end touches the ground inside of a road, its near end another's end.
            road(3, &[(0.0, 50.0), (100.0, 50.0), (200.0, 50.0)]),
            road(4, &[(100.0, -50.0), (100.0, -90.0)]),
        ]);
        assert_eq!(cuts(&graph, 1), [(0, 2)], "{values:?}");
        assert_eq!(cuts(&graph, 2), [(0, 2)]);
        assert_eq!(cuts(&graph, 3), [(0, 1), (1, 2)]);
        // Ends of 1 and 3, the far end of 4, the junction of 2 and 3. Of bridge and ramp one edge.
        assert_eq!((graph.nodes().count(), graph.arcs().count()), (6, 8));
    }
}

#[test]
fn a_road_that_goes_on_under_a_bridge_does_not_join_it_though_it_is_cut_there() {
    let bridge = |number, level| {
        let line: [&[_]; 1] = [&[(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]];
        roads(number, &line, &[("bridge", TRUE), ("layer", AttributeValue::Int(level))])
    };
    let north = || road(2, &[(100.0, 0.0), (100.0, 50.0)]);
    let south = || road(3, &[(100.0, -50.0), (100.0, 0.0)]);
    let graph = graph_of(vec![bridge(1, 1), north(), south()]);
    assert_eq!(cuts(&graph, 1), [(0, 2)]);
    assert_eq!((graph.nodes().count(), graph.arcs().count()), (4, 4));
    // Nor does one that ends under two: nobody knows onto which it leads.
    let graph = graph_of(vec![bridge(1, 1), north(), bridge(4, 2)]);
    assert_eq!([cuts(&graph, 1), cuts(&graph, 4)], [[(0, 2)], [(0, 2)]]);
}

#[test]
fn the_only_end_at_a_place_leads_onto_the_inside_of_the_road_that_it_touches_on_whatever_level() {
    for values in [vec![("bridge", TRUE)], vec![("layer", AttributeValue::Int(1))]] {
        let graph = graph_of(vec![
            roads(1, &[&[(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]], &values),
            road(2, &[(100.0, 0.0), (100.0, 50.0)]),
        ]);
        assert_eq!(cuts(&graph, 1), [(0, 1), (1, 2)], "{values:?}");
        assert_eq!((graph.nodes().count(), graph.arcs().count()), (4, 6));
        // A footway that goes by changes nothing.
        let graph = graph_of(vec![
            roads(1, &[&[(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]], &values),
            road(2, &[(100.0, 0.0), (100.0, 50.0)]),
            road(3, &[(70.0, -50.0), (100.0, 0.0), (130.0, 50.0)]),
        ]);
        assert_eq!([cuts(&graph, 1), cuts(&graph, 3)], [[(0, 1), (1, 2)], [(0, 1), (1, 2)]]);
    }
}

#[test]
fn ends_join_within_half_a_metre_and_not_beyond() {
    for (gap, nodes) in [(0.4, 2), (0.7, 4)] {
        let graph = graph_of(vec![
            road(1, &[(0.0, 0.0), (100.0, 0.0)]),
            road(2, &[(100.0, gap), (100.0, 90.0)]),
        ]);
        assert_eq!(graph.nodes().count(), nodes, "{gap} m");
    }
    // Onto the inside of a road without a vertex: reported, not joined.
    let graph = graph_of(vec![
        road(1, &[(0.0, 0.0), (200.0, 0.0)]),
        road(2, &[(100.0, 0.2), (100.0, 90.0)]),
    ]);
    assert_eq!(graph.nodes().count(), 4);
}

#[test]
fn a_line_that_crosses_itself_at_a_vertex_joins_itself() {
    let eight =
        [(0.0, 0.0), (50.0, 50.0), (100.0, 100.0), (100.0, 0.0), (50.0, 50.0), (0.0, 100.0)];
    let graph = graph_of(vec![road(1, &eight)]);
    assert_eq!(cuts(&graph, 1), [(0, 1), (1, 4), (4, 5)]);
    assert_eq!((graph.nodes().count(), graph.arcs().count()), (3, 6));
    assert_whole(&graph, "eight");
}

#[test]
fn a_closed_line_alone_is_one_edge_from_one_place_to_itself() {
    let ring = [(0.0, 0.0), (50.0, 0.0), (50.0, 50.0), (0.0, 0.0)];
    let graph = graph_of(vec![road(1, &ring)]);
    assert_eq!((graph.nodes().count(), graph.arcs().count()), (1, 2));
    // The same ring of three roads.
    let graph = graph_of(vec![road(1, &ring[..2]), road(2, &ring[1..3]), road(3, &ring[2..])]);
    assert_eq!((graph.nodes().count(), graph.arcs().count()), (1, 2));
    assert_whole(&graph, "ring");
}

#[test]
fn parts_of_one_segment_are_roads_of_their_own() {
    let parts: [&[(f64, f64)]; 3] =
        [&[(0.0, 0.0), (100.0, 0.0)], &[(100.0, 0.0), (200.0, 0.0)], &[(0.0, 50.0), (9.0, 50.0)]];
    let graph = graph_of(vec![roads(1, &parts, &[])]);
    let links = graph.links_of(id(1)).iter().map(|link| graph.link(*link).part);
    assert_eq!(links.collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!((graph.nodes().count(), graph.arcs().count()), (4, 4));
}

#[test]
fn roads_that_go_on_are_one_edge_and_a_change_of_one_way_or_class_is_a_junction() {
    let line = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (300.0, 0.0)];
    // The middle one is drawn the other way round.
    let drawn = |middle: &[(&str, AttributeValue)]| {
        let second = [line[2], line[1]];
        graph_of(vec![road(1, &line[..2]), roads(2, &[&second], middle), road(3, &line[2..])])
    };
    let graph = drawn(&[]);
    assert_eq!((graph.nodes().count(), graph.arcs().count()), (2, 2));
    let arc = graph.edge_of(graph.links_of(id(1))[0]);
    let travels: Vec<Travel> = graph.links(arc).map(|(_, travel)| travel).collect();
    assert_eq!(travels, [Travel::Forward, Travel::Backward, Travel::Forward]);
    let length = graph.arc(arc).length_mm;
    assert!(length.abs_diff(300_000) < 300, "{length}");
    for middle in [("oneway", text("backward")), ("class", text("footway"))] {
        assert_eq!(drawn(&[middle]).arcs().count(), 6);
    }
}

#[test]
fn a_road_that_narrows_or_bears_less_is_a_junction_where_a_vehicle_can_turn_round() {
    let float = AttributeValue::Float;
    let deck = [("bridge", TRUE), ("max_weight_t", float(10.0))];
    let ground = &deck[1..];
    let limit = |name| [(name, float(4.0))];
    let (wide, low, light) = (limit("width_m"), limit("max_height_m"), limit("max_weight_t"));
    let narrow = [("width_m", float(2.0))];
    for (first, second, arcs) in [
        (&wide[..], &narrow[..], 4),
        (&wide, &[], 4),
        (&[], &low, 4),
        (&[], &light, 4),
        (ground, &deck, 4),
        (&wide, &wide, 2),
        (&deck, &deck, 2),
    ] {
        let drawn = |second| {
            vec![
                roads(1, &[&[(0.0, 0.0), (100.0, 0.0)]], first),
                roads(2, &[&[(100.0, 0.0), (200.0, 0.0)]], second),
            ]
        };
        // Of one kind first, so that the joint comes by a change too.
        let city = city_of(drawn(first), vec![], vec![]);
        let whole = Graph::build(&city);
        assert_eq!(whole.arcs().count(), 2);
        let rows = LayerChange::Rows { upserted: drawn(second), removed: vec![] };
        let layers = [(layer_of(NetworkRole::Roads), rows)].into();
        let next = city.apply(Revision(2), ChangeBatch { layers }).0;
        let (followed, _) = whole.follow(&city, &next);
        let anew = Graph::build(&next);
        assert_eq!(anew.arcs().count(), arcs, "{first:?} {second:?}");
        assert_same(&followed, &anew, &[id(1), id(2)].into(), "narrow");
        // And back.
        let (back, _) = followed.follow(&next, &city);
        assert_same(&back, &whole, &[id(1), id(2)].into(), "wide again");
    }
}

#[test]
fn a_level_crossing_of_a_known_width_can_stop_a_vehicle() {
    let mut crossing = barrier(9, "level_crossing", (100.0, 0.0));
    let layer = catalog();
    let layer = layer.network_layer(NetworkRole::Barriers).unwrap();
    let width = layer.attribute_index("passable_width_m").unwrap();
    crossing.attributes[width] = AttributeValue::Float(1.5);
    let line = road(1, &[(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]);
    let graph = Graph::build(&city_of(vec![line], vec![], vec![crossing]));
    assert_eq!((graph.nodes().count(), graph.arcs().count()), (4, 6));
}

#[test]
fn a_part_too_long_to_be_measured_is_left_out() {
    let parts: [&[(f64, f64)]; 2] =
        [&[(0.0, 0.0), (2.6e6, 0.0), (0.0, 0.0), (9.0, 0.0)], &[(0.0, 50.0), (9.0, 50.0)]];
    let city = city_of(vec![roads(1, &parts, &[])], vec![], vec![]);
    let graph = Graph::build(&city);
    let links = graph.links_of(id(1)).iter().map(|link| graph.link(*link).part);
    assert_eq!(links.collect::<Vec<_>>(), [1]);
    assert_eq!(NetworkReport::new(&city, &graph, |_| true).parts_too_long, 1);
    // Long, and not too long.
    let city = city_of(vec![road(1, &[(0.0, 0.0), (2.6e6, 0.0)])], vec![], vec![]);
    let graph = Graph::build(&city);
    assert_eq!(cuts(&graph, 1), [(0, 1)]);
    assert_eq!(NetworkReport::new(&city, &graph, |_| true).parts_too_long, 0);
}

#[test]
fn an_arc_is_against_the_one_way_in_one_direction_only() {
    for (oneway, travel) in [("forward", Travel::Backward), ("backward", Travel::Forward)] {
        let line: [&[_]; 1] = [&[(0.0, 0.0), (100.0, 0.0)]];
        let graph = graph_of(vec![roads(1, &line, &[("oneway", text(oneway))])]);
        for (arc, is_against) in graph.arcs().map(|arc| (arc, graph.arc(arc).is_against_oneway)) {
            assert_eq!(is_against, graph.links(arc).all(|(_, way)| way == travel), "{oneway}");
        }
    }
}

#[test]
fn a_roundabout_is_a_one_way_as_it_is_drawn_unless_it_says_otherwise() {
    let round = ("roundabout", TRUE);
    for (said, against) in [
        (vec![round.clone()], [false, true]),
        (vec![round.clone(), ("oneway", text("backward"))], [true, false]),
        (vec![round, ("oneway", text("no"))], [false, false]),
    ] {
        let graph = graph_of(vec![roads(1, &[&[(0.0, 0.0), (100.0, 0.0)]], &said)]);
        let arc = graph.edge_of(graph.links_of(id(1))[0]);
        assert_eq!([arc, arc.reverse()].map(|arc| graph.arc(arc).is_against_oneway), against);
    }
}

#[test]
fn a_barrier_is_a_link_without_length_that_one_can_turn_round_at() {
    let city = |kind| {
        let line = road(1, &[(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]);
        Graph::build(&city_of(vec![line], vec![], vec![barrier(9, kind, (100.0, 0.0))]))
    };
    let graph = city("bollard");
    assert_eq!(cuts(&graph, 1), [(0, 1), (1, 1), (1, 2)]);
    let gate = graph.link(graph.links_of(id(1))[1]);
    assert_eq!(gate.length_mm, 0);
    assert_eq!(graph.word(gate.barrier.unwrap().kind), Some("bollard"));
    assert_eq!((graph.nodes().count(), graph.arcs().count()), (4, 6));
    // Nobody need turn round at a level crossing.
    let graph = city("level_crossing");
    assert_eq!((graph.nodes().count(), graph.arcs().count()), (2, 2));
    assert_whole(&graph, "level crossing");
}

#[test]
fn a_barrier_between_two_roads_stands_between_them() {
    let roads = vec![road(1, &[(0.0, 0.0), (100.0, 0.0)]), road(2, &[(100.0, 0.0), (200.0, 0.0)])];
    let city = city_of(roads, vec![], vec![barrier(9, "gate", (100.0, 0.0))]);
    let graph = Graph::build(&city);
    assert_eq!(cuts(&graph, 1), [(0, 1)]);
    assert_eq!(cuts(&graph, 2), [(0, 0), (0, 1)]);
    assert_whole(&graph, "gate");
}

#[test]
fn every_position_is_found_on_an_arc_and_comes_back() {
    let graph = graph_of(vec![
        road(1, &[(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]),
        road(2, &[(100.0, 0.0), (100.0, 100.0)]),
        road(3, &[(300.0, 5.0), (200.0, 0.0)]),
    ]);
    for (segment, length) in [(1, 200_000), (2, 100_000), (3, 100_000)] {
        for offset_mm in (1..length - 300).step_by(7_777) {
            for travel in [Travel::Forward, Travel::Backward] {
                let position = RoadPosition { segment: id(segment), part: 0, offset_mm, travel };
                let found = graph.locate(position).unwrap();
                assert_eq!(graph.position(found), Some(position));
                let arc = graph.arc(found.arc);
                let rest =
                    OnArc { offset_mm: arc.length_mm - found.offset_mm, arc: found.arc.reverse() };
                let back = RoadPosition { travel: travel.reverse(), ..position };
                assert_eq!(graph.locate(back), Some(rest));
            }
        }
    }
    let beyond =
        RoadPosition { segment: id(2), part: 0, offset_mm: 200_000, travel: Travel::Forward };
    assert_eq!(graph.locate(beyond), None);
}

#[test]
fn a_city_without_roads_has_an_empty_graph() {
    let graph = graph_of(vec![]);
    assert_eq!((graph.arcs().count(), graph.state_count()), (0, 0));
    let empty = feature(NetworkRole::Roads, 1, geo_types::MultiLineString::<f64>(vec![]), &[]);
    assert_eq!(graph_of(vec![empty]).arcs().count(), 0);
    assert!(place((0.0, 0.0)).lon() > 108.0);
}
