//! The parts of a city that rivers, hills or the railway keep apart, joined to the largest one by the
//! cheapest ways over the lattice.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::Builder;
use crate::city::lattice::{Edge, Index, edge};
use crate::city::settlement::Settlement;
use crate::ring::length;

/// Water that the city is joined over at most, metres.
const LONGEST_WATER_M: f64 = 3_500.0;

/// Corners that a part must have to be joined; smaller ones are given up.
const SMALLEST_PART: usize = 6;

impl Builder<'_> {
    /// Joins the parts of the city to its largest one; gives all corners that hang together.
    pub(super) fn join(&mut self, settlement: &Settlement) -> BTreeSet<Index> {
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
    pub(super) fn cost(&self, edge: Edge) -> (i64, f64) {
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
    pub(super) fn build(&mut self, way: &[Index]) {
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
