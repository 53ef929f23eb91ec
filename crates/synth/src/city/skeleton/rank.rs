//! The rank of each main street: by the ways from the city's middle to its wards that it carries, else
//! by its line of the lattice.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{Builder, Rank, Skeleton, Span};
use crate::city::lattice::{Edge, Index, edge, is_upright, line_of};
use crate::city::projection::Place;
use crate::city::settlement::Settlement;
use crate::ring::length;

/// Ward middles that a road leads to, to be a trunk road.
const TRUNK_WARDS: u32 = 8;

impl Builder<'_> {
    pub(super) fn ranked(self, settlement: &Settlement) -> Skeleton {
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
