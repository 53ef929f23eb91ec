//! What a search writes to, kept by its thread for the next one.
//!
//! Labels are not wiped: one of an older generation counts as none.

use std::cell::RefCell;

use super::heap::Queue;
use crate::{ArcId, StateId};

/// Where a state's way to the incident goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Along an arc to another state.
    State(StateId),
    /// Onto the arc of the incident's position of that number.
    Incident(u32),
}

/// Bit of [`Label::next`] that tells an incident's position from a state.
const INCIDENT: u32 = 1 << 31;

/// The best known way from a state to the incident; a quarter of a cache line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Label {
    /// The generation, and in the lowest bit whether units wait at the state.
    mark: u32,
    ms: u32,
    arc: u32,
    next: u32,
}

/// Labels of all states and the queue.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    generation: u32,
    labels: Vec<Label>,
    pub queue: Queue,
}

impl Scratch {
    /// Makes ready for a search over so many states.
    pub fn start(&mut self, states: usize) {
        self.queue.clear();
        if self.generation >= u32::MAX >> 1 {
            self.labels.clear();
            self.generation = 0;
        }
        self.generation += 1;
        if self.labels.len() < states {
            self.labels.resize(states, Label::default());
        }
    }

    #[inline]
    fn label(&mut self, state: u32) -> &mut Label {
        let label = &mut self.labels[state as usize];
        if label.mark >> 1 != self.generation {
            *label = Label { mark: self.generation << 1, ms: u32::MAX, arc: 0, next: 0 };
        }
        label
    }

    /// Says that units wait at a state.
    pub fn mark(&mut self, state: StateId) {
        self.label(state.0).mark |= 1;
    }

    /// Takes a way to the incident if it is better than the one known, and queues the state.
    #[inline]
    pub fn relax(&mut self, state: StateId, ms: u32, arc: ArcId, next: Next) {
        let label = self.label(state.0);
        if ms < label.ms {
            label.ms = ms;
            label.arc = arc.0;
            label.next = match next {
                Next::State(state) => state.0,
                Next::Incident(position) => INCIDENT | position,
            };
            self.queue.push_state(ms, state.0);
        }
    }

    /// Says whether a state that left the queue is settled now: `None` where it was before,
    /// otherwise whether units wait at it.
    #[inline]
    pub fn settle(&self, state: u32, ms: u32) -> Option<bool> {
        let label = self.labels[state as usize];
        (label.ms == ms).then_some(label.mark & 1 == 1)
    }

    /// The first arc of the way from a labelled state, and what follows.
    pub fn step(&self, state: StateId) -> (ArcId, Next) {
        let label = self.labels[state.0 as usize];
        let next = match label.next & INCIDENT {
            0 => Next::State(StateId(label.next)),
            _ => Next::Incident(label.next & !INCIDENT),
        };
        (ArcId(label.arc), next)
    }
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Runs a search with the thread's scratch.
pub(super) fn with_scratch<R>(states: usize, search: impl FnOnce(&mut Scratch) -> R) -> R {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.start(states);
        search(scratch)
    })
}
