//! What a search writes to, lent by its thread and kept for the next one.
//!
//! Labels are not wiped: one of an older generation counts as none.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

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

    /// Writes down a time, without the way and without queueing the state.
    #[inline]
    pub fn note(&mut self, state: StateId, ms: u32) {
        self.label(state.0).ms = ms;
    }

    /// Says whether a state that left the queue is settled now: `None` where it was before,
    /// otherwise whether units wait at it.
    #[inline]
    pub fn settle(&self, state: u32, ms: u32) -> Option<bool> {
        let label = self.labels[state as usize];
        (label.ms == ms).then_some(label.mark & 1 == 1)
    }

    /// The least time known from a state; `None` where none is.
    #[inline]
    pub fn known_ms(&self, state: StateId) -> Option<u32> {
        let label = self.labels.get(state.0 as usize)?;
        (label.mark >> 1 == self.generation && label.ms != u32::MAX).then_some(label.ms)
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
    /// Those that no search of the thread writes to.
    static IDLE: RefCell<Vec<Scratch>> = const { RefCell::new(Vec::new()) };
}

/// A scratch of the thread for as long as one search is under way.
#[derive(Debug)]
pub(super) struct Lent(Scratch);

impl Lent {
    /// One that is ready for a search over so many states.
    pub fn start(states: usize) -> Self {
        let idle = IDLE.with_borrow_mut(Vec::pop);
        let mut scratch = idle.unwrap_or_default();
        scratch.start(states);
        Self(scratch)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let scratch = std::mem::take(&mut self.0);
        // A thread that ends keeps nothing.
        let _ = IDLE.try_with(|idle| idle.borrow_mut().push(scratch));
    }
}

impl Deref for Lent {
    type Target = Scratch;

    fn deref(&self) -> &Scratch {
        &self.0
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Scratch {
        &mut self.0
    }
}
