//! The time of one unit, by a search that knows where the incident is: A* forward from the unit.
//!
//! Another search has spread from the incident over roads that are nowhere slower, those without
//! conditions. What it knows of a state is the least that is left from there, so that only states
//! near the unit's own way are looked at.
//!
//! Sources: Hart, Nilsson and Raphael, "A formal basis for the heuristic determination of minimum
//! cost paths", IEEE Transactions on Systems Science and Cybernetics 4, 1968; Strasser and Zeitz,
//! "A fast and tight heuristic for A* in road networks", SEA 2021 (exact times without traffic as
//! the bound for those with it).

use super::heap::Waiting;
use super::{Expansion, Lent, Target, add};
use crate::{IMPASSABLE, LiveRoads, OnArc, StateId, Turn};

/// The time of a unit to the incident of `guide` over `live`, for the guide's vehicle, in
/// milliseconds; `None` where it is more than `limit_ms`, or the unit does not get there.
///
/// `guide` is a search over the same graph, without conditions or with some of those of `live`. The
/// farther it has come, the fewer states are looked at; the time is exact all the same.
pub fn guided_time(
    live: &LiveRoads,
    guide: &Expansion<'_>,
    unit: &Target,
    limit_ms: u32,
) -> Option<u32> {
    let mut search = Guided::new(live, guide, limit_ms);
    for (at, penalty_ms) in &unit.at {
        search.start(*at, *penalty_ms);
    }
    search.run();
    (search.best_ms <= limit_ms && search.best_ms != IMPASSABLE).then_some(search.best_ms)
}

/// Every state nearer than this has its final time; [`IMPASSABLE`] where all have theirs.
fn frontier_ms(guide: &Expansion<'_>) -> u32 {
    // What is beyond the longest time was never looked at.
    guide.scratch.queue.earliest_ms().unwrap_or(IMPASSABLE).min(guide.cutoff_ms.saturating_add(1))
}

struct Guided<'a> {
    live: &'a LiveRoads,
    guide: &'a Expansion<'a>,
    frontier_ms: u32,
    /// From the states at which the arcs of the incident begin to it.
    gates: Vec<(StateId, u32)>,
    labels: Lent,
    /// The best way so far; where none is known, one millisecond more than what is asked for.
    best_ms: u32,
    turn_ms: u32,
}

impl<'a> Guided<'a> {
    fn new(live: &'a LiveRoads, guide: &'a Expansion<'a>, limit_ms: u32) -> Self {
        let turn_ms = live.turn_ms(guide.profile);
        let mut gates = Vec::new();
        for place in &guide.incident {
            let drive_ms = live.time_from_tail(guide.profile, *place);
            let entries = live.graph().entries(place.arc);
            gates.extend(entries.map(|(state, turn)| {
                let turn_ms = if turn == Turn::Free { 0 } else { turn_ms };
                (state, add(drive_ms, turn_ms))
            }));
        }
        Self {
            live,
            guide,
            frontier_ms: frontier_ms(guide),
            gates,
            labels: Lent::start(live.graph().state_count()),
            best_ms: limit_ms.saturating_add(1),
            turn_ms,
        }
    }

    /// What is left from a state at least.
    fn left_ms(&self, state: StateId) -> u32 {
        let known = self.guide.scratch.known_ms(state);
        known.map_or(self.frontier_ms, |known| known.min(self.frontier_ms))
    }

    fn start(&mut self, at: OnArc, penalty_ms: u32) {
        let profile = self.guide.profile;
        for place in self.guide.incident.iter().filter(|place| place.arc == at.arc) {
            let straight_ms = add(self.live.time(profile, at, *place), penalty_ms);
            self.best_ms = self.best_ms.min(straight_ms);
        }
        let to_head_ms = add(self.live.time_to_head(profile, at), penalty_ms);
        self.relax(self.live.graph().head_state(at.arc), to_head_ms);
    }

    fn relax(&mut self, state: StateId, ms: u32) {
        if self.labels.known_ms(state).is_some_and(|known| known <= ms) {
            return;
        }
        let whole_ms = add(ms, self.left_ms(state));
        if whole_ms < self.best_ms {
            self.labels.note(state, ms);
            self.labels.queue.push_state(whole_ms, state.0);
        }
    }

    fn run(&mut self) {
        while let Some((whole_ms, Waiting::State(state))) = self.labels.queue.pop() {
            if whole_ms >= self.best_ms {
                return;
            }
            let state = StateId(state);
            let Some(ms) = self.labels.known_ms(state) else { continue };
            // A better way to it was found since: that one is, or was, in the queue too.
            if add(ms, self.left_ms(state)) != whole_ms {
                continue;
            }
            self.settle(state, ms);
        }
    }

    fn settle(&mut self, state: StateId, ms: u32) {
        for (gate, rest_ms) in &self.gates {
            if *gate == state {
                self.best_ms = self.best_ms.min(add(ms, *rest_ms));
            }
        }
        for outgoing in self.live.graph().outgoing(state) {
            let turn_ms = if outgoing.turn() == Turn::Free { 0 } else { self.turn_ms };
            let drive_ms = self.live.weight(self.guide.profile, outgoing.arc());
            self.relax(outgoing.to, add(ms, add(drive_ms, turn_ms)));
        }
    }
}
