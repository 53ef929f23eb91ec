//! A search that spreads over the road network from some places, or towards them, and can be
//! stopped and asked at any moment.
//!
//! ```text
//! From   label(s) = least time from the start until a vehicle is in state s
//! To     label(s) = least time from state s until a vehicle is at the end
//! ```
//!
//! - **In**: weights of one epoch, a profile, seeds on arcs.
//! - **Out**: labels of states, in milliseconds, and times at places on arcs: exact as far as the
//!   wave has come ([`Wave::frontier_ms`]). Turns that the profile waives at a price cost it.
//! - **Cost**: one array of the size of the graph at the start, then a heap operation a state.
//!
//! Source: Dijkstra, "A Note on Two Problems in Connexion with Graphs", 1959.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use urbis_catalog::ProfileIndex;

use crate::weights::WeightsOf;
use crate::{ArcId, IMPASSABLE, LiveRoads, OnArc, StateId, Turn};

/// No vehicle of the profile comes here.
pub(crate) const NEVER: u32 = IMPASSABLE;

/// Whether a search spreads from a place or towards it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// A vehicle sets off at the place.
    From,
    /// A vehicle is to reach the place.
    To,
}

/// How a state got its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Not reached.
    None,
    /// By the rest of the seed's own arc.
    Seed(u32),
    /// By a whole arc, from the other state (or to it, towards the seeds).
    Arc(ArcId, StateId),
}

/// The labels so far, and what waits to get one.
#[derive(Debug)]
pub(crate) struct Wave<'a> {
    live: &'a LiveRoads,
    profile: ProfileIndex,
    weights: WeightsOf<'a>,
    spread: Spread,
    /// What a forbidden turn costs.
    banned_ms: u32,
    seeds: Vec<OnArc>,
    labels_ms: Vec<u32>,
    steps: Vec<Step>,
    /// Ties in order of the states, so that answers repeat.
    waiting: BinaryHeap<Reverse<(u32, StateId)>>,
}

impl<'a> Wave<'a> {
    /// A wave that has not moved yet. Seeds on arcs that the vehicle cannot drive lead nowhere.
    pub(crate) fn new(
        live: &'a LiveRoads,
        profile: ProfileIndex,
        spread: Spread,
        seeds: Vec<OnArc>,
    ) -> Self {
        let count = live.graph().state_count();
        let mut wave = Self {
            live,
            profile,
            weights: live.weights(profile),
            spread,
            banned_ms: live.turn_ms(profile),
            seeds: Vec::new(),
            labels_ms: vec![NEVER; count],
            steps: vec![Step::None; count],
            waiting: BinaryHeap::new(),
        };
        for seed in seeds {
            wave.start(seed);
        }
        wave
    }

    fn start(&mut self, seed: OnArc) {
        let step = Step::Seed(self.seeds.len() as u32);
        self.seeds.push(seed);
        let graph = self.live.graph();
        match self.spread {
            Spread::From => {
                let rest = self.live.time_to_head(self.profile, seed);
                self.relax(graph.head_state(seed.arc), rest, step);
            }
            Spread::To => {
                let drive = self.live.time_from_tail(self.profile, seed);
                for (state, turn) in graph.entries(seed.arc) {
                    let turn = self.turn_ms(turn);
                    self.relax(state, sum([turn, drive]), step);
                }
            }
        }
    }

    fn relax(&mut self, state: StateId, label_ms: u32, step: Step) {
        if label_ms < self.labels_ms[state.0 as usize] {
            self.labels_ms[state.0 as usize] = label_ms;
            self.steps[state.0 as usize] = step;
            self.waiting.push(Reverse((label_ms, state)));
        }
    }

    /// Every label below this is final, and so is every time at a place; [`NEVER`] where the wave
    /// has come as far as it can.
    pub(crate) fn frontier_ms(&mut self) -> u32 {
        while let Some(Reverse((label, state))) = self.waiting.peek() {
            if *label == self.labels_ms[state.0 as usize] {
                return *label;
            }
            self.waiting.pop();
        }
        NEVER
    }

    /// Gives one more state its final label, and says which; `None` at the end.
    pub(crate) fn advance(&mut self) -> Option<StateId> {
        self.frontier_ms();
        let Reverse((label, state)) = self.waiting.pop()?;
        let (graph, weights) = (self.live.graph(), self.weights);
        match self.spread {
            Spread::From => {
                for next in graph.outgoing(state) {
                    let turn = self.turn_ms(next.turn());
                    let to = sum([label, turn, weights.weight(next.arc())]);
                    self.relax(next.to, to, Step::Arc(next.arc(), state));
                }
            }
            Spread::To => {
                for before in graph.incoming(state) {
                    let turn = self.turn_ms(before.turn());
                    let from = sum([label, turn, weights.weight(before.arc())]);
                    self.relax(before.from, from, Step::Arc(before.arc(), state));
                }
            }
        }
        Some(state)
    }

    /// Goes on until all labels up to and including `cutoff_ms` are final.
    pub(crate) fn advance_beyond(&mut self, cutoff_ms: u32) {
        while self.frontier_ms() <= cutoff_ms {
            if self.advance().is_none() {
                return;
            }
        }
    }

    /// The vehicle.
    pub(crate) const fn profile(&self) -> ProfileIndex {
        self.profile
    }

    /// The label of a state; [`NEVER`] where it has none yet.
    pub(crate) fn label_ms(&self, state: StateId) -> u32 {
        self.labels_ms[state.0 as usize]
    }

    pub(crate) fn step(&self, state: StateId) -> Step {
        self.steps[state.0 as usize]
    }

    pub(crate) fn seed(&self, index: u32) -> OnArc {
        self.seeds[index as usize]
    }

    /// The best way to one of some places, once nothing can be better; the wave goes no farther
    /// than `worst_ms`. `None` where there is no way within that.
    pub(crate) fn settle(&mut self, places: &[OnArc], worst_ms: u32) -> Option<Arrived> {
        let gates = self.gates(places);
        let mut best = None;
        let mut is_touched = true;
        loop {
            if is_touched {
                let ways = places.iter().filter_map(|place| self.arrived(*place));
                best = ways.min_by_key(|way| way.time_ms);
            }
            let bound_ms = best.map_or(worst_ms, |way: Arrived| way.time_ms.min(worst_ms));
            if self.frontier_ms() >= bound_ms {
                return best.filter(|way| way.time_ms <= worst_ms);
            }
            is_touched = self.advance().is_some_and(|state| gates.binary_search(&state).is_ok());
        }
    }

    /// The length of the way to a place, millimetres.
    pub(crate) fn length_mm(&self, arrived: Arrived) -> u64 {
        let mut state = match arrived.contact {
            Contact::State(state) => state,
            Contact::Seed(index) => {
                return self.seed(index).offset_mm.abs_diff(arrived.end.offset_mm).into();
            }
        };
        let mut length_mm = self.to_gate_mm(arrived.end);
        loop {
            match self.step(state) {
                Step::Arc(arc, next) => {
                    length_mm += u64::from(self.live.graph().arc(arc).length_mm);
                    state = next;
                }
                // A seed is left by the end of its arc to which a place is not come.
                Step::Seed(index) => {
                    let seed = self.seed(index);
                    let arc_mm = u64::from(self.live.graph().arc(seed.arc).length_mm);
                    return length_mm + arc_mm - self.to_gate_mm(seed);
                }
                Step::None => return length_mm,
            }
        }
    }

    /// From a place to the end of its arc that is nearer to the seeds, where it is none itself.
    fn to_gate_mm(&self, place: OnArc) -> u64 {
        let length_mm = self.live.graph().arc(place.arc).length_mm;
        u64::from(match self.spread {
            Spread::From => place.offset_mm,
            Spread::To => length_mm - place.offset_mm,
        })
    }

    /// The states through which a way to some places goes last, in order.
    fn gates(&self, places: &[OnArc]) -> Vec<StateId> {
        let graph = self.live.graph();
        let mut gates: Vec<StateId> = match self.spread {
            Spread::From => {
                let entries = places.iter().flat_map(|place| graph.entries(place.arc));
                entries.map(|(state, _)| state).collect()
            }
            Spread::To => places.iter().map(|place| graph.head_state(place.arc)).collect(),
        };
        gates.sort_unstable();
        gates.dedup();
        gates
    }

    fn arrived(&self, end: OnArc) -> Option<Arrived> {
        let (time_ms, contact) = self.time_at(end)?;
        Some(Arrived { time_ms, end, contact })
    }

    /// The best time so far at a place on an arc, and how it comes about; final where it is not
    /// above [`Self::frontier_ms`].
    pub(crate) fn time_at(&self, place: OnArc) -> Option<(u32, Contact)> {
        let mut best = None;
        let mut offer = |time: u32, contact| {
            if time < best.map_or(NEVER, |(best, _)| best) {
                best = Some((time, contact));
            }
        };
        for (index, seed) in self.seeds.iter().enumerate().filter(|(_, s)| s.arc == place.arc) {
            let (first, last) = self.spread.in_order(*seed, place);
            if first.offset_mm <= last.offset_mm {
                let drive = self.live.time(self.profile, first, last);
                offer(drive, Contact::Seed(index as u32));
            }
        }
        match self.spread {
            Spread::From => {
                let drive = self.live.time_from_tail(self.profile, place);
                for (state, turn) in self.live.graph().entries(place.arc) {
                    let turn = self.turn_ms(turn);
                    offer(sum([self.label_ms(state), turn, drive]), Contact::State(state));
                }
            }
            Spread::To => {
                let state = self.live.graph().head_state(place.arc);
                let rest = self.live.time_to_head(self.profile, place);
                offer(sum([self.label_ms(state), rest]), Contact::State(state));
            }
        }
        best
    }

    /// What a turn costs.
    pub(crate) const fn turn_ms(&self, turn: Turn) -> u32 {
        match turn {
            Turn::Free => 0,
            Turn::Banned => self.banned_ms,
        }
    }
}

/// The best way to a place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived {
    pub(crate) time_ms: u32,
    pub(crate) end: OnArc,
    pub(crate) contact: Contact,
}

/// How a place on an arc is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contact {
    /// Along the arc of a seed.
    Seed(u32),
    /// Through a state at the end of the arc that is nearer to the seeds.
    State(StateId),
}

impl Spread {
    /// Which of a seed and another place a vehicle passes first.
    const fn in_order(self, seed: OnArc, place: OnArc) -> (OnArc, OnArc) {
        match self {
            Self::From => (seed, place),
            Self::To => (place, seed),
        }
    }
}

/// The sum of times, [`NEVER`] where one is or where no `u32` holds it.
pub(crate) fn sum<const COUNT: usize>(times_ms: [u32; COUNT]) -> u32 {
    times_ms.into_iter().fold(0, u32::saturating_add)
}
