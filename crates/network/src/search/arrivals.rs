//! What a search found, and the ways of the units.

use super::scratch::Next;
use super::{Expansion, Way};
use crate::{ArcId, OnArc};

/// A unit that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The unit's [`super::Target::index`].
    pub target: u32,
    /// Its time in milliseconds, penalties included.
    pub eta_ms: u32,
    /// Which of its places it starts from.
    pub start: OnArc,
}

/// A stretch of one arc in the direction of travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArcStretch {
    /// The arc.
    pub arc: ArcId,
    /// Where it begins, millimetres from the arc's tail.
    pub from_mm: u32,
    /// Where it ends; not before `from_mm`.
    pub to_mm: u32,
}

/// The outcome of [`super::first_arrivals`].
#[derive(Debug, Clone, Default)]
pub struct Arrivals {
    /// First to last; units of one time by their index.
    pub found: Vec<Arrival>,
    /// States that the search settled: its cost.
    pub settled: usize,
    /// Parallel to `found`.
    ways: Vec<Vec<ArcStretch>>,
}

impl Arrivals {
    /// The way of a unit from its place to the incident, in the order of travel; empty where the
    /// unit was not found. A unit at the incident has one stretch of no length.
    pub fn route(&self, target: u32) -> Vec<ArcStretch> {
        let position = self.found.iter().position(|arrival| arrival.target == target);
        position.map(|at| self.ways[at].clone()).unwrap_or_default()
    }

    /// Reads a search that has run.
    pub(super) fn of(search: &Expansion<'_>, found: Vec<Arrival>) -> Self {
        let ways = found.iter().map(|arrival| search.route(arrival.target)).collect();
        Self { found, settled: search.settled, ways }
    }
}

/// Follows the labels from a unit to the incident.
pub(super) fn trace(search: &Expansion<'_>, start: u32, way: Way) -> Vec<ArcStretch> {
    let start = search.starts[start as usize];
    let at = start.at;
    if way == Way::Straight {
        let number = start.straight.map_or(0, |(_, number)| number);
        let to_mm = search.incident[number as usize].offset_mm;
        return vec![ArcStretch { arc: at.arc, from_mm: at.offset_mm, to_mm }];
    }
    let length_mm = |arc| search.live.graph().arc(arc).length_mm;
    let mut stretches =
        vec![ArcStretch { arc: at.arc, from_mm: at.offset_mm, to_mm: length_mm(at.arc) }];
    let mut state = search.live.graph().head_state(at.arc);
    loop {
        match search.scratch.step(state) {
            (arc, Next::State(next)) => {
                stretches.push(ArcStretch { arc, from_mm: 0, to_mm: length_mm(arc) });
                state = next;
            }
            (arc, Next::Incident(number)) => {
                let to_mm = search.incident[number as usize].offset_mm;
                stretches.push(ArcStretch { arc, from_mm: 0, to_mm });
                return stretches;
            }
        }
    }
}
