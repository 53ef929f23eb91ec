//! The streets as a network to drive: one-way streets, forbidden turns, the railway, the mountain.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use geo::{Coord, Line, line_intersection::line_intersection};
use urbis_model::AttributeValue;
use urbis_synth::{CityLayer, CityRecord, SyntheticCity, TurnRestriction};

use crate::grown::{SEED, corners, shape, text, value};

const LAYER: CityLayer = CityLayer::RoadSegment;

/// The foot of the mountain of Sơn Trà from the bay to the southern beach, degrees.
const FOOT: [(f64, f64); 5] = [
    (108.200, 16.1185),
    (108.236, 16.1135),
    (108.2625, 16.109),
    (108.2668, 16.098),
    (108.28, 16.09),
];

/// Degrees to 8 decimals.
type Node = (i64, i64);

fn node(at: Coord<f64>) -> Node {
    ((at.x * 1e8).round() as i64, (at.y * 1e8).round() as i64)
}

/// The sound streets of a city, and its forbidden turns.
struct Streets {
    city: SyntheticCity,
    all: Vec<CityRecord>,
    restrictions: Vec<TurnRestriction>,
}

impl Streets {
    fn of(scale: f64) -> Self {
        let city = SyntheticCity::plan(shape(), SEED, scale);
        let (mut all, mut restrictions) = (Vec::new(), Vec::new());
        city.grow(LAYER, 2, &mut |batch| {
            all.extend(batch.records.into_iter().filter(|street| street.flaw.is_none()));
            restrictions.extend(batch.restrictions);
            true
        });
        Self { city, all, restrictions }
    }
}

fn metres(line: &[Coord<f64>]) -> f64 {
    let metre = |pair: &[Coord<f64>]| {
        let step = pair[1] - pair[0];
        (step.x * 106_900.0).hypot(step.y * 110_650.0)
    };
    line.windows(2).map(metre).sum()
}

/// A street driven in one direction; what may follow it.
struct Drives {
    /// Number of the street, of each drive.
    street: Vec<usize>,
    next: Vec<Vec<usize>>,
}

impl Drives {
    /// Who drives heeds one-way streets and forbidden turns, and turns round at dead ends alone.
    fn of(streets: &Streets) -> Self {
        let mut ends: Vec<(Node, Node)> = Vec::new();
        let mut street = Vec::new();
        for (number, record) in streets.all.iter().enumerate() {
            let line = corners(record);
            let (from, to) = (node(line[0]), node(line[line.len() - 1]));
            let oneway = text(LAYER, record, "oneway");
            let ways = [(oneway != "backward", (from, to)), (oneway != "forward", (to, from))];
            for (_, way) in ways.into_iter().filter(|(is_open, _)| *is_open) {
                street.push(number);
                ends.push(way);
            }
        }
        let mut from: HashMap<Node, Vec<usize>> = HashMap::new();
        for (drive, way) in ends.iter().enumerate() {
            from.entry(way.0).or_default().push(drive);
        }
        let numbers: HashMap<&str, usize> =
            streets.all.iter().enumerate().map(|(n, record)| (record.key.as_str(), n)).collect();
        let number = |key: &str| numbers[key];
        let forbidden: BTreeSet<(usize, Node, usize)> = streets
            .restrictions
            .iter()
            .map(|turn| (number(&turn.from), turn.via, number(&turn.to)))
            .collect();
        let next = (0..ends.len()).map(|drive| {
            let via = ends[drive].1;
            let leaving = from.get(&via).map_or(&[][..], Vec::as_slice);
            let may = |other: &&usize| {
                street[**other] != street[drive]
                    && !forbidden.contains(&(street[drive], via, street[**other]))
            };
            let on: Vec<usize> = leaving.iter().filter(may).copied().collect();
            if on.is_empty() {
                let back = leaving.iter().filter(|other| street[**other] == street[drive]);
                back.copied().collect()
            } else {
                on
            }
        });
        Self { next: next.collect(), street: street.clone() }
    }

    /// The set of drives that each lead to all others, the one with most of them.
    ///
    /// Source: Kosaraju's two searches, as in Aho, Hopcroft and Ullman, 1983.
    fn core(&self) -> Vec<bool> {
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.next.len()];
        for (drive, next) in self.next.iter().enumerate() {
            next.iter().for_each(|on| back[*on].push(drive));
        }
        let mut finished = Vec::new();
        let mut seen = vec![false; self.next.len()];
        for start in 0..self.next.len() {
            search(start, &self.next, &mut seen, &mut finished);
        }
        let mut seen = vec![false; self.next.len()];
        let mut largest = Vec::new();
        for start in finished.into_iter().rev() {
            let mut set = Vec::new();
            search(start, &back, &mut seen, &mut set);
            if set.len() > largest.len() {
                largest = set;
            }
        }
        let mut is_core = vec![false; self.next.len()];
        largest.into_iter().for_each(|drive| is_core[drive] = true);
        is_core
    }
}

/// Depth first, without recursion; gives what it finds in the order in which it is left.
fn search(start: usize, next: &[Vec<usize>], seen: &mut [bool], left: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut path = vec![(start, 0)];
    while let Some((here, looked)) = path.pop() {
        match next[here].get(looked) {
            None => left.push(here),
            Some(on) => {
                path.push((here, looked + 1));
                if !std::mem::replace(&mut seen[*on], true) {
                    path.push((*on, 0));
                }
            }
        }
    }
}

/// Asserts that all of the network but a very small share is reached from all of it.
fn assert_drivable(streets: &Streets) {
    let drives = Drives::of(streets);
    let core = drives.core();
    let mut apart = BTreeSet::new();
    for (drive, is_core) in core.iter().enumerate() {
        if !is_core {
            apart.insert(drives.street[drive]);
        }
    }
    let length = |number: &usize| metres(&corners(&streets.all[*number]));
    let (whole, apart_m): (f64, f64) =
        ((0..streets.all.len()).map(|n| length(&n)).sum(), apart.iter().map(length).sum());
    let share = 1.0 - apart_m / whole;
    let km = whole / 1000.0;
    assert!(share > 0.999, "{share:.5} of {km:.0} km, {} streets apart", apart.len());
}

#[test]
fn a_vehicle_comes_from_everywhere_to_everywhere_in_the_centre() {
    assert_drivable(&Streets::of(0.01));
}

#[test]
fn a_vehicle_comes_from_everywhere_to_everywhere_in_a_tenth_of_the_city() {
    assert_drivable(&Streets::of(0.1));
}

#[test]
#[ignore = "a minute and 2 GB: the whole city"]
fn a_vehicle_comes_from_everywhere_to_everywhere_in_the_whole_city() {
    let streets = Streets::of(1.0);
    assert_drivable(&streets);
    assert_crosses_at_nodes(&streets, 20);
    assert_few_passes(&streets);
}

/// Asserts that streets meet the railway at level crossings alone, which are nodes of both.
fn assert_crosses_at_nodes(streets: &Streets, at_least: usize) {
    let level: BTreeSet<Node> = streets.city.level_crossings().into_iter().map(node).collect();
    assert!(level.len() >= at_least, "{} level crossings", level.len());
    let railway = streets.city.railway();
    let rails: BTreeSet<Node> = railway.iter().copied().map(node).collect();
    assert!(level.is_subset(&rails), "a crossing is no node of the railway");
    let mut met: BTreeMap<Node, usize> = BTreeMap::new();
    for street in &streets.all {
        let line = corners(street);
        let is_bridge = value(LAYER, street, "bridge") == &AttributeValue::Bool(true);
        for pair in line.windows(2).filter(|_| !is_bridge) {
            let own = Line::new(pair[0], pair[1]);
            for rail in railway.windows(2) {
                let rail = Line::new(rail[0], rail[1]);
                if line_intersection(own, rail).is_some() {
                    let ends = [node(pair[0]), node(pair[1])];
                    let shared = ends.into_iter().find(|end| level.contains(end));
                    let shared = shared.unwrap_or_else(|| panic!("{} crosses", street.key));
                    *met.entry(shared).or_default() += 1;
                }
            }
        }
    }
    // A crossing is the end of two pieces of street and of two of the railway.
    assert_eq!(met.keys().copied().collect::<BTreeSet<_>>(), level);
    assert!(met.values().all(|count| *count == 4), "{met:?}");
}

#[test]
fn streets_cross_the_railway_at_nodes_that_both_have_and_nowhere_else() {
    assert_crosses_at_nodes(&Streets::of(0.1), 3);
}

/// Asserts that two roads lead into the mountain, and that it is as empty as it is.
fn assert_few_passes(streets: &Streets) {
    let feet: Vec<Line> =
        FOOT.windows(2).map(|pair| Line::new(Coord::from(pair[0]), Coord::from(pair[1]))).collect();
    let mut passes = BTreeSet::new();
    let mut beyond_m = 0.0;
    for street in &streets.all {
        let line = corners(street);
        for pair in line.windows(2) {
            let own = Line::new(pair[0], pair[1]);
            if feet.iter().any(|foot| line_intersection(own, *foot).is_some()) {
                passes.insert(street.key.as_str());
            }
        }
        let at = line[0];
        if (108.2..108.36).contains(&at.x) && (16.12..16.17).contains(&at.y) {
            assert_eq!(text(LAYER, street, "service"), "", "{} on the mountain", street.key);
            beyond_m += metres(&line);
        }
    }
    assert_eq!(passes.len(), 2, "{passes:?}");
    // The peninsula has some 50 km².
    assert!((10_000.0..60_000.0).contains(&beyond_m), "{beyond_m} m");
}

#[test]
fn two_roads_lead_into_the_mountain_of_son_tra() {
    assert_few_passes(&Streets::of(0.12));
}
