//! Forbidden turns and barriers as layers of their own.

use std::collections::{BTreeMap, BTreeSet};

use geo::Coord;
use urbis_model::AttributeValue;
use urbis_synth::{CityLayer, CityRecord, SyntheticCity};

use crate::grown::{SEED, corners, grown, shape, text, value};

const ROADS: CityLayer = CityLayer::RoadSegment;
const TURNS: CityLayer = CityLayer::TurnRestriction;
const BARRIERS: CityLayer = CityLayer::RoadBarrier;

/// Degrees to 8 decimals.
type Node = (i64, i64);

fn node(at: Coord<f64>) -> Node {
    ((at.x * 1e8).round() as i64, (at.y * 1e8).round() as i64)
}

/// The place of a point; its EWKB says that it is one in EPSG:4326.
fn place(record: &CityRecord) -> Node {
    let (head, place) = record.ewkb.split_at(9);
    assert_eq!(head, [1, 1, 0, 0, 0x20, 0xe6, 0x10, 0, 0], "{}", record.key);
    let number = |half: &[u8]| f64::from_le_bytes(half.try_into().unwrap());
    node(Coord { x: number(&place[..8]), y: number(&place[8..]) })
}

fn kind(record: &CityRecord) -> &str {
    text(BARRIERS, record, "kind")
}

#[test]
fn a_forbidden_turn_stands_at_the_node_that_its_streets_share() {
    let ends: BTreeMap<&str, [Node; 2]> = grown().layers[&ROADS]
        .iter()
        .map(|street| (street, corners(street)))
        .map(|(street, line)| (&*street.key, [line[0], line[line.len() - 1]].map(node)))
        .collect();
    let turns = &grown().layers[&TURNS];
    assert_eq!(turns.len(), grown().restrictions.len());
    let mut vias = BTreeMap::new();
    for turn in turns {
        let via = place(turn);
        for way in ["from_way", "to_way"] {
            assert!(ends[text(TURNS, turn, way)].contains(&via), "{}", turn.key);
        }
        let named = text(TURNS, turn, "via");
        assert!(named.starts_with('n') && named[1..].bytes().all(|b| b.is_ascii_digit()));
        // A node has one number, and no other node has it.
        assert_eq!(*vias.entry(named).or_insert(via), via);
    }
    let places: BTreeSet<Node> = vias.values().copied().collect();
    assert_eq!(places.len(), vias.len());
}

#[test]
fn a_bollard_stands_in_one_alley_and_on_no_other_street() {
    let mut streets: BTreeMap<Node, Vec<&CityRecord>> = BTreeMap::new();
    let sound = grown().layers[&ROADS].iter().filter(|street| street.flaw.is_none());
    let mut alleys = 0;
    for street in sound {
        alleys += usize::from(text(ROADS, street, "service") == "alley");
        for corner in corners(street) {
            streets.entry(node(corner)).or_default().push(street);
        }
    }
    let is_bollard = |record: &&CityRecord| kind(record) == "bollard";
    let bollards: Vec<_> = grown().layers[&BARRIERS].iter().filter(is_bollard).collect();
    for bollard in &bollards {
        let [alley] = streets[&place(bollard)][..] else {
            panic!("{} blocks several", bollard.key)
        };
        assert_eq!(text(ROADS, alley, "service"), "alley");
        let line = corners(alley);
        assert_eq!(node(line[1]), place(bollard));
        let AttributeValue::Float(wide_m) = value(BARRIERS, bollard, "passable_width_m") else {
            panic!("{} says no width", bollard.key)
        };
        assert!((1.2..=1.5).contains(wide_m));
    }
    // Three in a hundred of those that begin at a street, which are a part of all.
    let share = bollards.len() as f64 / alleys as f64;
    assert!((0.003..0.03).contains(&share), "{} of {alleys}", bollards.len());
}

#[test]
fn level_crossings_are_barriers_at_nodes_of_streets() {
    let city = SyntheticCity::plan(shape(), SEED, 0.1);
    let mut found = BTreeSet::new();
    city.grow(BARRIERS, 2, &mut |batch| {
        let crossings = batch.records.iter().filter(|record| kind(record) == "level_crossing");
        found.extend(crossings.map(place));
        true
    });
    let known: BTreeSet<Node> = city.level_crossings().into_iter().map(node).collect();
    assert!(known.len() >= 3 && found == known, "{found:?} {known:?}");
}
