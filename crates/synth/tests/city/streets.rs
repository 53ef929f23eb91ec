//! Streets, bridges, forbidden turns.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Contains, Coord, Distance, Euclidean, Point};
use urbis_model::AttributeValue;
use urbis_synth::{
    CityLayer, CityRecord, FlawKind, SyntheticCity, TraceRow, TurnRestriction, plane_polygons,
};

use crate::grown::{SEED, corners, grown, river, shape, text, value};

const LAYER: CityLayer = CityLayer::RoadSegment;

/// Degrees to 8 decimals.
type Node = (i64, i64);

fn node(at: Coord<f64>) -> Node {
    ((at.x * 1e8).round() as i64, (at.y * 1e8).round() as i64)
}

fn ends(street: &CityRecord) -> [Node; 2] {
    let line = corners(street);
    [node(line[0]), node(line[line.len() - 1])]
}

fn streets() -> &'static [CityRecord] {
    &grown().layers[&LAYER]
}

/// The number of sets that streets fall into, by union-find over their ends.
fn sets(streets: &[CityRecord]) -> usize {
    let mut above: BTreeMap<Node, Node> = BTreeMap::new();
    fn top(above: &BTreeMap<Node, Node>, mut at: Node) -> Node {
        while above[&at] != at {
            at = above[&at];
        }
        at
    }
    for street in streets {
        let [one, other] = ends(street);
        above.entry(one).or_insert(one);
        above.entry(other).or_insert(other);
        let (one, other) = (top(&above, one), top(&above, other));
        above.insert(one, other);
    }
    above.iter().filter(|(node, above)| node == above).count()
}

#[test]
fn all_streets_hang_together() {
    assert_eq!(sets(streets()), 1);
    assert!(streets().len() > 3_000);
}

#[test]
fn streets_hang_together_out_to_the_villages() {
    let city = SyntheticCity::plan(shape(), SEED, 0.12);
    let mut all = Vec::new();
    city.grow(LAYER, 2, &mut |batch| {
        all.extend(batch.records);
        true
    });
    assert_eq!(sets(&all), 1);
}

#[test]
fn the_river_is_crossed_by_few_bridges_and_nothing_else() {
    let river = river();
    let mut bridges = 0;
    for street in streets() {
        let line = geo::MultiPolygon::new(vec![geo::Polygon::new(
            corners(street).into_iter().collect(),
            Vec::new(),
        )]);
        let plane = plane_polygons(&line).0[0].exterior().0.clone();
        let (from, to) = (plane[0], plane[plane.len() - 2]);
        // The ground is seen in squares of 30 m: a street may run along the very bank.
        let is_wet = (1..20).any(|step| {
            let at = Point(from + (to - from) * (f64::from(step) / 20.0));
            let bank = river.iter().map(|part| Euclidean.distance(&at, part.exterior()));
            river.contains(&at) && bank.fold(f64::MAX, f64::min) > 45.0
        });
        let is_bridge = value(LAYER, street, "bridge") == &AttributeValue::Bool(true);
        assert!(!is_wet || is_bridge, "{} lies in the river", street.key);
        if is_bridge {
            assert_eq!(value(LAYER, street, "layer"), &AttributeValue::Int(1));
            bridges += usize::from(is_wet);
        }
    }
    assert!((1..=8).contains(&bridges), "{bridges} bridges");
}

#[test]
fn alleys_are_narrow_and_many_are_dead_ends() {
    let mut degrees: BTreeMap<Node, usize> = BTreeMap::new();
    for street in streets() {
        ends(street).into_iter().for_each(|end| *degrees.entry(end).or_default() += 1);
    }
    let is_alley = |street: &&CityRecord| text(LAYER, street, "service") == "alley";
    let alleys: Vec<&CityRecord> = streets().iter().filter(is_alley).collect();
    for alley in &alleys {
        let AttributeValue::Float(width_m) = value(LAYER, alley, "width_m") else {
            panic!("{} has no width", alley.key)
        };
        assert!(*width_m < 3.5);
    }
    let is_dead = |street: &&&CityRecord| ends(street).iter().any(|end| degrees[end] == 1);
    let dead = alleys.iter().filter(is_dead).count();
    assert!(dead * 4 > alleys.len(), "{dead} of {}", alleys.len());
}

#[test]
fn some_streets_are_for_one_direction() {
    let one_way = |street: &&CityRecord| text(LAYER, street, "oneway") != "no";
    let count = streets().iter().filter(one_way).count();
    assert!(count * 50 > streets().len() && count * 3 < streets().len(), "{count}");
}

#[test]
fn two_in_a_hundred_junctions_forbid_a_turn() {
    // Junctions: three streets or more, two of them no alleys.
    let mut around: BTreeMap<Node, (usize, usize)> = BTreeMap::new();
    for street in streets().iter().filter(|street| street.flaw.is_none()) {
        for end in ends(street) {
            let count = around.entry(end).or_default();
            count.0 += 1;
            count.1 += usize::from(text(LAYER, street, "service") != "alley");
        }
    }
    let junctions = around.values().filter(|(all, wide)| *all > 2 && *wide > 1).count();
    let restricted: BTreeSet<Node> = grown().restrictions.iter().map(|turn| turn.via).collect();
    let share = restricted.len() as f64 / junctions as f64;
    // One standard deviation is 0.3 % among two thousand junctions.
    assert!((0.011..0.029).contains(&share), "{} of {junctions}", restricted.len());
    let by_key: BTreeMap<&str, &CityRecord> =
        streets().iter().map(|street| (street.key.as_str(), street)).collect();
    for turn in &grown().restrictions {
        for key in [&turn.from, &turn.to] {
            assert!(ends(by_key[key.as_str()]).contains(&turn.via), "{turn:?}");
        }
    }
}

#[test]
fn the_dangles_are_those_listed() {
    let is_stub = |street: &&CityRecord| {
        let line = corners(street);
        let along = line[1] - line[0];
        line.len() == 2 && along.x.hypot(along.y) < 1.3e-5
    };
    let stubs: BTreeSet<&str> =
        streets().iter().filter(is_stub).map(|street| street.key.as_str()).collect();
    let listed: BTreeSet<&str> = streets()
        .iter()
        .filter(|street| street.flaw == Some(FlawKind::Dangle))
        .map(|street| street.key.as_str())
        .collect();
    assert_eq!(stubs, listed);
}

#[test]
fn vehicles_stay_on_the_streets_and_move_on() {
    let city = SyntheticCity::plan(shape(), SEED, 0.01);
    let nodes: BTreeSet<Node> = streets().iter().flat_map(ends).collect();
    let (mut rows, mut at_nodes, mut last) = (0, 0, None);
    city.drive(60, &mut |row| {
        rows += 1;
        at_nodes += usize::from(nodes.contains(&node(row.at)));
        if let Some((vehicle, at)) = last.replace((row.vehicle, row.at))
            && vehicle == row.vehicle
        {
            let step: Coord<f64> = row.at - at;
            // 60 km/h are 17 m a second; a junction may cost the rest of a second.
            assert!(step.x.hypot(step.y) < 25.0 / 107_000.0, "{row:?}");
        }
        true
    });
    assert_eq!(rows, 20 * 60);
    assert!(at_nodes >= 20, "{at_nodes}");
}

/// The street that a row is driven on, and whether in the direction of its line.
fn driven(row: &TraceRow, wide: &[(&CityRecord, [Coord<f64>; 2])]) -> (String, bool) {
    let metres = |step: Coord<f64>| Coord { x: step.x * 106_900.0, y: step.y * 110_650.0 };
    let mut best: Option<(f64, &CityRecord, bool)> = None;
    for (street, ends) in wide {
        for (is_forward, from, to) in [(true, ends[0], ends[1]), (false, ends[1], ends[0])] {
            let (along, at) = (metres(to - from), metres(row.at - from));
            let length = along.x.hypot(along.y);
            let share = (along.x * at.x + along.y * at.y) / (length * length);
            let off = (along.x * at.y - along.y * at.x).abs() / length;
            let turn = (along.x.atan2(along.y).to_degrees() - row.heading).rem_euclid(360.0);
            // Rows are exact; at a node the street that begins there is the right one.
            let is_on = off < 0.05 && (-1e-4..1.0 - 1e-6).contains(&share);
            if is_on && turn.min(360.0 - turn) < 1.0 && best.is_none_or(|(known, ..)| off < known) {
                best = Some((off, street, is_forward));
            }
        }
    }
    let (_, street, is_forward) = best.unwrap_or_else(|| panic!("{row:?} is on no street"));
    (street.key.clone(), is_forward)
}

#[test]
fn vehicles_heed_one_way_streets_and_forbidden_turns() {
    let wide: Vec<(&CityRecord, [Coord<f64>; 2])> = streets()
        .iter()
        .filter(|street| street.flaw.is_none() && text(LAYER, street, "service") != "alley")
        .map(|street| (street, corners(street)))
        .map(|(street, line)| (street, [line[0], line[line.len() - 1]]))
        .collect();
    let by_key: BTreeMap<&str, &CityRecord> =
        wide.iter().map(|(street, _)| (street.key.as_str(), *street)).collect();
    let mut drives: Vec<(usize, String, bool)> = Vec::new();
    SyntheticCity::plan(shape(), SEED, 0.01).drive(300, &mut |row| {
        let (key, is_forward) = driven(&row, &wide);
        drives.push((row.vehicle, key, is_forward));
        true
    });
    for (vehicle, key, is_forward) in &drives {
        let against = if *is_forward { "backward" } else { "forward" };
        let oneway = text(LAYER, by_key[key.as_str()], "oneway");
        assert_ne!(oneway, against, "vehicle {vehicle} on {key}");
    }
    let turns = drives.windows(2).filter(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1);
    let mut count = 0;
    for pair in turns {
        let (from, to) = (&pair[0].1, &pair[1].1);
        let is_forbidden = |turn: &&TurnRestriction| turn.from == *from && turn.to == *to;
        let found = grown().restrictions.iter().find(is_forbidden);
        assert!(found.is_none(), "vehicle {} does {found:?}", pair[0].0);
        count += 1;
    }
    assert!(count > 200, "{count} turns");
}
