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
//! An edge between two junctions may be a second street all by itself, which neither tree takes to
//! its end: it counts as a plateau of one arc.
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

/// A run of arcs along which both trees go, or one arc between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Plateau {
    /// What of the route's time is not its own.
    beside_ms: u32,
    total_ms: u32,
    /// Where the way from the start ends.
    gate: StateId,
    /// What comes between that and the way to the end.
    bridge: Option<Bridge>,
}

/// One arc between the trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bridge {
    arc: ArcId,
    /// When it is left.
    end_ms: u32,
    to: StateId,
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
    plateaus.sort_unstable();
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
        let shortest_ms = ((f64::from(best_ms) * MIN_PLATEAU) as u32).max(1);
        let mut plateaus = Vec::new();
        for state in (0..self.live.graph().state_count() as u32).map(StateId) {
            if self.forward.label_ms(state) > limit_ms {
                continue;
            }
            let run = (self.total_ms(state) <= limit_ms && self.starts(state))
                .then(|| self.run_from(state));
            let found = run.into_iter().chain(self.bridges(state));
            plateaus.extend(found.filter(|plateau| {
                plateau.total_ms <= limit_ms && plateau.total_ms - plateau.beside_ms >= shortest_ms
            }));
        }
        plateaus
    }

    /// The arcs from a state that neither tree takes.
    fn bridges(&self, state: StateId) -> impl Iterator<Item = Plateau> {
        let entered_ms = self.forward.label_ms(state);
        self.live.graph().outgoing(state).iter().filter_map(move |next| {
            let (arc, to) = (next.arc(), next.to);
            let by_forward = self.forward.step(to) == Step::Arc(arc, state);
            let by_backward = self.backward.step(state) == Step::Arc(arc, to);
            if by_forward || by_backward {
                return None;
            }
            let drive_ms = self.live.weight(self.forward.profile(), arc);
            let end_ms = sum([entered_ms, self.forward.turn_ms(next.turn()), drive_ms]);
            let total_ms = sum([end_ms, self.backward.label_ms(to)]);
            let beside_ms = total_ms.saturating_sub(drive_ms);
            let bridge = Some(Bridge { arc, end_ms, to });
            Some(Plateau { beside_ms, total_ms, gate: state, bridge })
        })
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

    /// The plateau that starts at a state.
    fn run_from(&self, first: StateId) -> Plateau {
        let mut last = first;
        while let Some(next) = self.next(last) {
            last = next;
        }
        let length_ms = self.forward.label_ms(last) - self.forward.label_ms(first);
        let total_ms = self.total_ms(first);
        Plateau { beside_ms: total_ms - length_ms, total_ms, gate: last, bridge: None }
    }

    /// The route along a plateau; `None` where it passes a junction or a road twice.
    fn route(&self, plateau: Plateau) -> Option<Route> {
        let Plateau { total_ms, gate, bridge, .. } = plateau;
        let mut draft = Draft::to_state(&self.forward, gate)?;
        if let Some(Bridge { arc, end_ms, .. }) = bridge {
            draft.push(arc, end_ms);
        }
        let on = bridge.map_or(gate, |bridge| bridge.to);
        let end = draft.go_on(&self.backward, on, total_ms)?;
        let graph = self.live.graph();
        let mut junctions = BTreeSet::new();
        let passes_once = draft.arcs().all(|arc| junctions.insert(graph.arc(arc).head));
        let mut edges = BTreeSet::new();
        let drives_once =
            draft.arcs().chain([end.arc]).all(|arc| edges.insert(arc.min(arc.reverse())));
        (passes_once && drives_once).then(|| draft.finish(self.live, end, total_ms))
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
