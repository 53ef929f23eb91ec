//! Other routes that a driver would call reasonable, by the plateau method.
//!
//! One search spreads from the start and one towards the end. Where their trees run along the same
//! arcs for a while lies a *plateau*: a street that is the best way on from the start and, at the
//! same time, the best way in to the end. The best route to the plateau, the plateau, and the best
//! route from its end are a route whose every part is a shortest one but around the two joints.
//!
//! ```text
//!            ____plateau____
//!     start /               \ end          total = label(from start) + label(to end), the same
//!          ·--- best route ---·            all along one plateau
//! ```
//!
//! A route is kept where it takes at most [`MAX_STRETCH`] times as long as the best one, shares at
//! most [`MAX_SHARED`] of its length or of the other's with each that was kept before, passes no
//! junction twice (so it is no detour loop), and owes at least [`MIN_PLATEAU`] of the best time to
//! its plateau. Those with most plateau for their time come first.
//!
//! Source: Camvit, "Choice Routing", 2005; Abraham, Delling, Goldberg and Werneck, "Alternative
//! Routes in Road Networks", ACM Journal of Experimental Algorithmics 18, 2013.

use std::collections::{BTreeMap, BTreeSet};

use crate::route::{Draft, Route, Trip};
use crate::wave::{Spread, Step, Wave, sum};
use crate::{ArcId, ArcStretch, LiveRoads, StateId};

/// Times as long as the best route that an alternative may take.
pub const MAX_STRETCH: f64 = 1.4;

/// Part of its length, or of the other route's, that an alternative may share with a route.
pub const MAX_SHARED: f64 = 0.6;

/// Part of the time of the best route that a plateau lasts at least.
const MIN_PLATEAU: f64 = 0.1;

/// Plateaus that are tried at most, the best first.
const MAX_TRIED: usize = 200;

/// A run of states along which both trees go.
#[derive(Debug, Clone, Copy)]
struct Plateau {
    /// Where it ends.
    last: StateId,
    length_ms: u32,
    total_ms: u32,
}

/// Adds up to as many routes as the trip asks for to the best one; `forward` has found that in
/// `best_ms`.
pub(crate) fn add(
    live: &LiveRoads,
    trip: &Trip,
    mut forward: Wave<'_>,
    best_ms: u32,
    routes: &mut Vec<Route>,
) {
    let limit_ms = stretched(best_ms);
    forward.advance_beyond(limit_ms);
    let mut backward = trip.wave(live, Spread::To);
    backward.advance_beyond(limit_ms);
    let trees = Trees { live, forward, backward };
    let mut plateaus = trees.plateaus(best_ms, limit_ms);
    plateaus.sort_unstable_by_key(|plateau| (plateau.total_ms - plateau.length_ms, plateau.last));
    for plateau in plateaus.into_iter().take(MAX_TRIED) {
        if routes.len() > trip.alternatives {
            return;
        }
        let Some(found) = trees.route(plateau) else { continue };
        let Some(best) = routes.first() else { return };
        let is_short = found.time_ms() <= stretched(best.time_ms());
        if is_short && routes.iter().all(|route| shared(route, &found) <= MAX_SHARED) {
            routes.push(found);
        }
    }
}

/// The longest that an alternative to a route of this time may take.
fn stretched(best_ms: u32) -> u32 {
    (f64::from(best_ms) * MAX_STRETCH) as u32
}

struct Trees<'a> {
    live: &'a LiveRoads,
    forward: Wave<'a>,
    backward: Wave<'a>,
}

impl Trees<'_> {
    /// All plateaus long enough whose route takes no more than a limit.
    fn plateaus(&self, best_ms: u32, limit_ms: u32) -> Vec<Plateau> {
        let shortest_ms = (f64::from(best_ms) * MIN_PLATEAU) as u32;
        let states = (0..self.live.graph().state_count() as u32).map(StateId);
        let starts =
            states.filter(|state| self.total_ms(*state) <= limit_ms && self.starts(*state));
        let plateaus = starts.map(|first| self.plateau(first));
        plateaus.filter(|plateau| plateau.length_ms >= shortest_ms.max(1)).collect()
    }

    /// The time of the best route through a state.
    fn total_ms(&self, state: StateId) -> u32 {
        sum([self.forward.label_ms(state), self.backward.label_ms(state)])
    }

    /// The state after this one on its plateau.
    fn next(&self, state: StateId) -> Option<StateId> {
        let Step::Arc(arc, next) = self.backward.step(state) else { return None };
        (self.forward.step(next) == Step::Arc(arc, state)).then_some(next)
    }

    fn starts(&self, state: StateId) -> bool {
        let Step::Arc(_, before) = self.forward.step(state) else { return true };
        self.next(before) != Some(state)
    }

    fn plateau(&self, first: StateId) -> Plateau {
        let mut last = first;
        while let Some(next) = self.next(last) {
            last = next;
        }
        let length_ms = self.forward.label_ms(last) - self.forward.label_ms(first);
        Plateau { last, length_ms, total_ms: self.total_ms(first) }
    }

    /// The route along a plateau; `None` where it passes a junction or a road twice.
    fn route(&self, plateau: Plateau) -> Option<Route> {
        let mut draft = Draft::to_state(&self.forward, plateau.last)?;
        let end = draft.go_on(&self.backward, plateau.last, plateau.total_ms)?;
        let graph = self.live.graph();
        let mut junctions = BTreeSet::new();
        let passes_once = draft.arcs().all(|arc| junctions.insert(graph.arc(arc).head));
        let mut edges = BTreeSet::new();
        let drives_once =
            draft.arcs().chain([end.arc]).all(|arc| edges.insert(arc.min(arc.reverse())));
        (passes_once && drives_once).then(|| draft.finish(self.live, end, plateau.total_ms))
    }
}

/// The part of the length of the shorter of two routes that both drive.
fn shared(one: &Route, other: &Route) -> f64 {
    let of_one: BTreeMap<ArcId, &ArcStretch> =
        one.stretches.iter().map(|stretch| (stretch.arc, stretch)).collect();
    let both = |stretch: &ArcStretch| {
        let twin = of_one.get(&stretch.arc)?;
        let (from, to) = (stretch.from_mm.max(twin.from_mm), stretch.to_mm.min(twin.to_mm));
        Some(u64::from(to.saturating_sub(from)))
    };
    let shared_mm: u64 = other.stretches.iter().filter_map(both).sum();
    shared_mm as f64 / one.length_mm.min(other.length_mm).max(1) as f64
}
