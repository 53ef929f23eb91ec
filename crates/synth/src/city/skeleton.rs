//! The main streets: which edges of the lattice are streets, where rivers and the railway are
//! crossed, and what rank each street has. All of them hang together.
//!
//! - An edge beside a settled cell is a street where it is dry and not too steep.
//! - Rivers and the railway are crossed by every fourth line of the lattice alone: few bridges.
//! - What is still apart is joined by the cheapest way over land that nobody settles, or by a
//!   bridge; a part that only a bridge of many kilometres would reach is given up.
//! - Into the mountain of Sơn Trà lead the roads that are drawn for it, and no others.
//! - The ways from the city's middle to the middles of the wards are the trunk and primary roads.

mod join;
mod pass;
mod rank;

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{Cover, Ground};
use super::lattice::{Edge, Index, Lattice, edge, edges_of};
use super::rail::Rail;
use super::settlement::Settlement;

/// Lines of the lattice from one that crosses rivers to the next.
const CROSSING_LINES: i32 = 4;

/// Edges of a bridge at most, where it is not needed to join the parts of the city.
const BRIDGE_EDGES: usize = 3;

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
        builder.lay_passes();
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
        let mut under = Under { rail: self.rail.is_crossed(from, to), ..Under::default() };
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

    /// Leaves out what did not come to hang together.
    fn keep(&mut self, main: &BTreeSet<Index>) {
        self.streets.retain(|edge| main.contains(&edge.0));
        self.spans.retain(|span| main.contains(&span[0]));
        let mut known = BTreeSet::new();
        self.spans.retain(|span| known.insert(edge(span[0], span[span.len() - 1])));
    }
}
