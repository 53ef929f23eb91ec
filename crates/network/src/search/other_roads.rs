//! A search that goes over to faster roads of its graph, and keeps what it knows.
//!
//! What a state's label says is still a way there. Where arcs have become faster, the states before
//! them are labelled anew and queued, and what follows from that is searched: from roads under
//! conditions to dry ones that is a part of a whole search.
//!
//! ```text
//!   incident o════o═══ faster ═══o════o════o     of these the labels are looked at again,
//!             ╲════o════o════o               and of none of those
//! ```
//!
//! Source: Ramalingam and Reps, "An incremental algorithm for a generalization of the shortest-path
//! problem", Journal of Algorithms 21, 1996 (the case in which nothing becomes longer).

use super::{Expansion, add};
use crate::search::scratch::Next;
use crate::{ArcId, LiveRoads, StateId};

impl<'a> Expansion<'a> {
    /// Goes over to other roads of the same graph that are nowhere slower, such as those
    /// [without](LiveRoads::dry) conditions: from here on it is the search that was
    /// [started](Self::start) there, with nobody arrived.
    ///
    /// `arcs` are all that may take another time there, such as [those under
    /// conditions](LiveRoads::arcs_under_conditions); others among them do no harm.
    ///
    /// Cost: a look at `arcs`, and a search of what has become faster.
    pub fn go_over(&mut self, roads: &'a LiveRoads, arcs: &[ArcId]) {
        let before = self.weights;
        (self.live, self.weights) = (roads, roads.weights(self.profile));
        self.first_arrival += 2 * self.starts.len() as u32;
        self.place_units();
        self.queue_units();
        self.seed_all();
        let weights = self.weights;
        let faster = arcs.iter().filter(|arc| before.weight(**arc) > weights.weight(**arc));
        faster.for_each(|arc| self.relax_arc(*arc));
    }

    /// Queues the units at the states that are known.
    fn queue_units(&mut self) {
        for at in 0..self.waiting.len() {
            let (state, start) = self.waiting[at];
            if let Some(ms) = self.scratch.known_ms(StateId(state)) {
                let ms = add(ms, self.starts[start as usize].to_head_ms);
                self.queue_arrival(start, super::Way::Round, ms);
            }
        }
    }

    /// Takes the way over an arc wherever it is better than the one known.
    fn relax_arc(&mut self, arc: ArcId) {
        for (state, way) in self.live.graph().ways_onto(arc) {
            let Some(known_ms) = self.scratch.known_ms(way.to) else { continue };
            let drive_ms = add(self.weights.weight(arc), self.turn(way.turn()));
            let ms = add(known_ms, drive_ms);
            if ms <= self.cutoff_ms {
                self.scratch.relax(state, ms, arc, Next::State(way.to));
            }
        }
    }
}
