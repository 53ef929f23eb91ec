//! The main streets: which edges of the lattice are streets, where rivers and the railway are
//! crossed, and what rank each street has. All of them hang together.
//!
//! - An edge beside a settled cell is a street where it is dry and not too steep.
//! - Rivers and the railway are crossed by every fourth line of the lattice alone: few bridges.
//! - What is still apart is joined by the cheapest way over land that nobody settles, or by a
//!   bridge; a part that only a bridge of many kilometres would reach is given up.
//! - The ways from the city's middle to the middles of the wards are the trunk and primary roads.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::ground::{Cover, Ground};
use super::lattice::{Edge, Index, Lattice, edge, edges_of, is_upright, line_of};
use super::projection::Place;
use super::rail::Rail;
use super::settlement::Settlement;
use crate::ring::length;

/// Lines of the lattice from one that crosses rivers to the next.
const CROSSING_LINES: i32 = 4;

/// Edges of a bridge at most, where it is not needed to join the parts of the city.
const BRIDGE_EDGES: usize = 3;

/// Water that the city is joined over at most, metres.
const LONGEST_WATER_M: f64 = 3_500.0;

/// Corners that a part must have to be joined; smaller ones are given up.
const SMALLEST_PART: usize = 6;

/// Ward middles that a road leads to, to be a trunk road.
const TRUNK_WARDS: u32 = 8;

/// Rank of a main street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Trunk,
    Primary,
    Secondary,
    Tertiary,
    Minor,
}

/// A way that nothing joins between its ends: a bridge, or a street over the railway.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    /// Corners of the lattice from end to end.
    pub(crate) corners: Vec<Index>,
    pub(crate) rank: Rank,
    pub(crate) is_bridge: bool,
}

/// The main streets of a city.
#[derive(Debug)]
pub(crate) struct Skeleton {
    /// Streets that others may join anywhere.
    pub(crate) streets: BTreeMap<Edge, Rank>,
    pub(crate) spans: Vec<Span>,
}

/// What lies under an edge.
#[derive(Debug, Clone, Copy, Default)]
struct Under {
    wet: bool,
    steep: bool,
    rail: bool,
}

struct Builder<'a> {
    ground: &'a Ground,
    rail: &'a Rail,
    lattice: Lattice,
    streets: BTreeSet<Edge>,
    /// By their ends and corners.
    spans: Vec<Vec<Index>>,
}

impl Skeleton {
    /// Lays the main streets of what is settled.
    pub(crate) fn new(
        ground: &Ground,
        rail: &Rail,
        lattice: Lattice,
        settlement: &Settlement,
    ) -> Self {
        let mut builder =
            Builder { ground, rail, lattice, streets: BTreeSet::new(), spans: Vec::new() };
        builder.lay_streets(settlement);
        builder.cross_barriers();
        let main = builder.join(settlement);
        builder.keep(&main);
        builder.ranked(settlement)
    }
}

impl Builder<'_> {
    fn lay_streets(&mut self, settlement: &Settlement) {
        for cell in &settlement.cells {
            for edge in edges_of(cell.index) {
                let under = self.under(edge);
                if self.is_dry(edge.0)
                    && self.is_dry(edge.1)
                    && !under.wet
                    && !under.steep
                    && !under.rail
                {
                    self.streets.insert(edge);
                }
            }
        }
    }

    fn is_dry(&self, corner: Index) -> bool {
        self.ground.at(self.lattice.place(corner)).is_dry()
    }

    fn under(&self, edge: Edge) -> Under {
        let (from, to) = (self.lattice.place(edge.0), self.lattice.place(edge.1));
        let mut under = Under { rail: self.rail.crossing(from, to).is_some(), ..Under::default() };
        for step in 0..=16 {
            let square = self.ground.at(from + (to - from) * (f64::from(step) / 16.0));
            under.wet |= !square.is_dry();
            under.steep |= matches!(square.cover, Cover::Steep);
        }
        under
    }

    /// Bridges and level crossings on every few lines, between streets on both sides.
    fn cross_barriers(&mut self) {
        let corners: BTreeSet<Index> =
            self.streets.iter().flat_map(|edge| [edge.0, edge.1]).collect();
        for start in &corners {
            for step in [(1, 0), (0, 1)] {
                let line = if step.0 == 1 { start.1 } else { start.0 };
                if line % CROSSING_LINES == 0
                    && let Some(span) = self.span_from(*start, step, &corners)
                {
                    self.spans.push(span);
                }
            }
        }
    }

    /// The corners from one side of a barrier to the other, straight on.
    fn span_from(
        &self,
        start: Index,
        step: Index,
        corners: &BTreeSet<Index>,
    ) -> Option<Vec<Index>> {
        let mut span = vec![start];
        for _ in 0..BRIDGE_EDGES {
            let last = span[span.len() - 1];
            let next = (last.0 + step.0, last.1 + step.1);
            let under = self.under((last, next));
            if !under.wet && !under.rail {
                return None;
            }
            span.push(next);
            if corners.contains(&next) {
                return Some(span);
            }
            if self.is_dry(next) {
                return None;
            }
        }
        None
    }

    fn links(&self) -> BTreeMap<Index, Vec<Index>> {
        let mut links: BTreeMap<Index, Vec<Index>> = BTreeMap::new();
        let ends = self.streets.iter().map(|edge| (edge.0, edge.1));
        let spans = self.spans.iter().map(|span| (span[0], span[span.len() - 1]));
        for (one, other) in ends.chain(spans) {
            links.entry(one).or_default().push(other);
            links.entry(other).or_default().push(one);
        }
        links
    }

    /// Joins the parts of the city to its largest one; gives all corners that hang together.
    fn join(&mut self, settlement: &Settlement) -> BTreeSet<Index> {
        let parts = parts(&self.links());
        let Some(largest) =
            (0..parts.len()).max_by_key(|part| (parts[*part].len(), Reverse(*part)))
        else {
            return BTreeSet::new();
        };
        let middles: BTreeSet<Index> =
            settlement.middles.iter().flatten().map(|middle| self.lattice.near(*middle)).collect();
        let part_of: BTreeMap<Index, usize> = parts
            .iter()
            .enumerate()
            .filter(|(_, part)| {
                part.len() >= SMALLEST_PART || part.iter().any(|corner| middles.contains(corner))
            })
            .flat_map(|(number, part)| part.iter().map(move |corner| (*corner, number)))
            .collect();
        self.grow_from(&parts, largest, &part_of)
    }

    /// One search from the largest part: whatever part it meets becomes a part of it.
    fn grow_from(
        &mut self,
        parts: &[Vec<Index>],
        largest: usize,
        part_of: &BTreeMap<Index, usize>,
    ) -> BTreeSet<Index> {
        let wanted = part_of.values().copied().chain([largest]).collect::<BTreeSet<_>>().len();
        let mut joined: BTreeSet<usize> = BTreeSet::from([largest]);
        let mut main: BTreeSet<Index> = parts[largest].iter().copied().collect();
        let mut best: BTreeMap<Index, (i64, f64, Option<Index>)> = BTreeMap::new();
        let mut open = BinaryHeap::new();
        let start = |corners: &[Index], best: &mut BTreeMap<_, _>, open: &mut BinaryHeap<_>| {
            for corner in corners {
                best.insert(*corner, (0, 0.0, None));
                open.push(Reverse((0, *corner)));
            }
        };
        start(&parts[largest], &mut best, &mut open);
        while let Some(Reverse((cost, here))) = open.pop() {
            if best[&here].0 < cost {
                continue;
            }
            if joined.len() == wanted {
                break;
            }
            if let Some(part) = part_of.get(&here).filter(|part| joined.insert(**part)) {
                let way = way_to(here, &best);
                self.build(&way);
                main.extend(way.iter().chain(&parts[*part]));
                start(&way, &mut best, &mut open);
                start(&parts[*part], &mut best, &mut open);
                continue;
            }
            for next in self.lattice.around(here) {
                let (dear, water_m) = self.cost(edge(here, next));
                let water_m = if water_m > 0.0 { best[&here].1 + water_m } else { 0.0 };
                let cost = cost + dear;
                let known = best.get(&next).is_some_and(|(known, ..)| *known <= cost);
                if !known && water_m <= LONGEST_WATER_M {
                    best.insert(next, (cost, water_m, Some(here)));
                    open.push(Reverse((cost, next)));
                }
            }
        }
        main
    }

    /// What a new way costs, in metres of an easy one, and how much of it is water.
    fn cost(&self, edge: Edge) -> (i64, f64) {
        let under = self.under(edge);
        let (from, to) = (self.lattice.place(edge.0), self.lattice.place(edge.1));
        let metres = length(to - from);
        let inside = |corner| self.ground.at(self.lattice.place(corner)).ward.is_some();
        let mut factor = 1.0;
        factor += if under.steep { 2.0 } else { 0.0 };
        factor += if under.wet { 12.0 } else { 0.0 };
        factor += if under.rail { 2.0 } else { 0.0 };
        factor += if inside(edge.0) && inside(edge.1) { 0.0 } else { 4.0 };
        ((metres * factor) as i64, if under.wet { metres } else { 0.0 })
    }

    /// Makes streets and spans of a way over the lattice.
    fn build(&mut self, way: &[Index]) {
        let mut span: Vec<Index> = Vec::new();
        for pair in way.windows(2) {
            let own = edge(pair[0], pair[1]);
            let under = self.under(own);
            // Nothing begins or ends in the middle of a river.
            let continues = span.last().is_some_and(|last| !self.is_dry(*last));
            if !continues && !span.is_empty() {
                self.spans.push(std::mem::take(&mut span));
            }
            if under.wet || under.rail || continues {
                if span.is_empty() {
                    span.push(pair[0]);
                }
                span.push(pair[1]);
            } else {
                self.streets.insert(own);
            }
        }
        if !span.is_empty() {
            self.spans.push(span);
        }
    }

    /// Leaves out what did not come to hang together.
    fn keep(&mut self, main: &BTreeSet<Index>) {
        self.streets.retain(|edge| main.contains(&edge.0));
        self.spans.retain(|span| main.contains(&span[0]));
        let mut known = BTreeSet::new();
        self.spans.retain(|span| known.insert(edge(span[0], span[span.len() - 1])));
    }

    fn ranked(self, settlement: &Settlement) -> Skeleton {
        let uses = self.uses(settlement);
        let rank = |ends: Edge| match uses.get(&ends) {
            Some(count) if *count >= TRUNK_WARDS => Rank::Trunk,
            Some(_) => Rank::Primary,
            None if line_of(ends) % 4 == 0 => Rank::Secondary,
            None if line_of(ends) % 2 == 0 => Rank::Tertiary,
            None => Rank::Minor,
        };
        let spans = self.spans.iter().map(|corners| {
            let is_bridge = corners.windows(2).any(|pair| self.under(edge(pair[0], pair[1])).wet);
            Span {
                rank: rank(edge(corners[0], corners[corners.len() - 1])).min(Rank::Secondary),
                corners: corners.clone(),
                is_bridge,
            }
        });
        let spans = spans.collect();
        Skeleton { streets: self.streets.iter().map(|edge| (*edge, rank(*edge))).collect(), spans }
    }

    /// How many ways from the city's middle to a ward's each street carries.
    fn uses(&self, settlement: &Settlement) -> BTreeMap<Edge, u32> {
        let links = self.links();
        let Some(start) = settlement
            .cells
            .iter()
            .find_map(|cell| links.contains_key(&cell.index).then_some(cell.index))
        else {
            return BTreeMap::new();
        };
        let from = self.tree(start, &links);
        let mut uses: BTreeMap<Edge, u32> = BTreeMap::new();
        for middle in settlement.middles.iter().flatten() {
            let Some(mut here) = self.nearest(*middle, &links) else { continue };
            while let Some(back) = from.get(&here).copied().flatten() {
                *uses.entry(edge(here, back)).or_default() += 1;
                here = back;
            }
        }
        uses
    }

    /// The corner of a street near a place, within some kilometres.
    fn nearest(&self, place: Place, links: &BTreeMap<Index, Vec<Index>>) -> Option<Index> {
        let (i, j) = self.lattice.near(place);
        let near = (-6..=6).flat_map(|x| (-6..=6).map(move |y| (x, y)));
        near.filter(|(x, y)| links.contains_key(&(i + x, j + y)))
            .min_by_key(|(x, y)| (x * x + y * y, *x, *y))
            .map(|(x, y)| (i + x, j + y))
    }

    /// Where one comes from on the quickest ways from a start; great lines are quicker.
    fn tree(
        &self,
        start: Index,
        links: &BTreeMap<Index, Vec<Index>>,
    ) -> BTreeMap<Index, Option<Index>> {
        let mut best = BTreeMap::from([(start, (0_i64, None))]);
        let mut open = BinaryHeap::from([Reverse((0_i64, start))]);
        while let Some(Reverse((cost, here))) = open.pop() {
            if best[&here].0 < cost {
                continue;
            }
            for next in &links[&here] {
                let metres = length(self.lattice.place(*next) - self.lattice.place(here));
                let line = line_of(edge(here, *next));
                let ease = if line % 4 == 0 { 0.6 } else { 1.0 };
                // Ways that change direction rarely look like roads.
                let turn = if is_upright(edge(here, *next)) { 0.98 } else { 1.0 };
                let cost = cost + (metres * ease * turn) as i64;
                if best.get(next).is_none_or(|(known, _)| *known > cost) {
                    best.insert(*next, (cost, Some(here)));
                    open.push(Reverse((cost, *next)));
                }
            }
        }
        best.into_iter().map(|(corner, (_, back))| (corner, back)).collect()
    }
}

/// The corners from a part that is joined already to one that is met.
fn way_to(end: Index, best: &BTreeMap<Index, (i64, f64, Option<Index>)>) -> Vec<Index> {
    let mut way = vec![end];
    while let Some(back) = best[&way[way.len() - 1]].2 {
        way.push(back);
    }
    way
}

/// The sets of corners that hang together, each in order.
fn parts(links: &BTreeMap<Index, Vec<Index>>) -> Vec<Vec<Index>> {
    let mut seen = BTreeSet::new();
    let mut parts = Vec::new();
    for start in links.keys() {
        if !seen.insert(*start) {
            continue;
        }
        let mut part = vec![*start];
        let mut next = 0;
        while let Some(here) = part.get(next).copied() {
            let new = links[&here].iter().filter(|corner| seen.insert(**corner));
            part.extend(new.collect::<Vec<_>>());
            next += 1;
        }
        part.sort_unstable();
        parts.push(part);
    }
    parts
}
