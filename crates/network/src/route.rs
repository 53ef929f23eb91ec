//! Routes from place to place: the fastest, and others that are reasonable.
//!
//! - **In**: weights of one epoch, a profile, the start and the end on the network: each one place,
//!   which is on several arcs where a street has two directions.
//! - **Out**: [`Route`]s, the fastest first: exact, equal to a full search over states; those that
//!   follow are made as [`crate::alternatives`] says.
//! - **Cost**: a search as far as the end; with alternatives two, 1.4 times as far.

use urbis_catalog::ProfileIndex;

use crate::alternatives;
use crate::wave::{Arrived, Contact, NEVER, Spread, Step, Wave};
use crate::{ArcId, ArcStretch, LiveRoads, OnArc, StateId};

/// One route over the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The arcs driven, in order, the first and the last in part; never empty.
    pub stretches: Vec<ArcStretch>,
    /// When each stretch is left, milliseconds after the start; the last is the whole time.
    pub ends_ms: Vec<u32>,
    /// Its length, millimetres.
    pub length_mm: u64,
}

impl Route {
    /// Its time, milliseconds.
    pub fn time_ms(&self) -> u32 {
        self.ends_ms.last().copied().unwrap_or(0)
    }
}

/// What is asked: how to get from one place to another.
#[derive(Debug, Clone)]
pub struct Trip {
    /// The vehicle.
    pub profile: ProfileIndex,
    /// Where it sets off: one of these.
    pub from: Vec<OnArc>,
    /// Where it ends: one of these.
    pub to: Vec<OnArc>,
    /// Most routes beside the fastest.
    pub alternatives: usize,
}

/// Finds the fastest route and up to as many others as are asked for; none where the end cannot be
/// reached.
pub fn route(live: &LiveRoads, trip: &Trip) -> Vec<Route> {
    let mut forward = trip.wave(live, Spread::From);
    let Some(arrived) = forward.settle(&trip.to, NEVER) else { return Vec::new() };
    let mut routes: Vec<Route> = traced(live, &forward, arrived).into_iter().collect();
    if trip.alternatives > 0 {
        alternatives::add(live, trip, forward, arrived.time_ms, &mut routes);
    }
    routes
}

impl Trip {
    /// A search from the start, or towards the end.
    pub(crate) fn wave<'a>(&self, live: &'a LiveRoads, spread: Spread) -> Wave<'a> {
        let seeds = match spread {
            Spread::From => &self.from,
            Spread::To => &self.to,
        };
        Wave::new(live, self.profile, spread, seeds.clone())
    }
}

/// A route while it is put together: where it starts, and which arcs it leaves when.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    start: OnArc,
    arcs: Vec<(ArcId, u32)>,
}

impl Draft {
    /// The way from the seeds of a wave to a state.
    pub(crate) fn to_state(wave: &Wave<'_>, state: StateId) -> Option<Self> {
        let mut arcs = Vec::new();
        let mut at = state;
        loop {
            match wave.step(at) {
                Step::Arc(arc, before) => {
                    arcs.push((arc, wave.label_ms(at)));
                    at = before;
                }
                Step::Seed(index) => {
                    let start = wave.seed(index);
                    arcs.push((start.arc, wave.label_ms(at)));
                    arcs.reverse();
                    return Some(Self { start, arcs });
                }
                Step::None => return None,
            }
        }
    }

    /// Drives one more arc.
    pub(crate) fn push(&mut self, arc: ArcId, end_ms: u32) {
        self.arcs.push((arc, end_ms));
    }

    /// Goes on from a state as a wave towards the end does; with it the end.
    pub(crate) fn go_on(&mut self, wave: &Wave<'_>, state: StateId, time_ms: u32) -> Option<OnArc> {
        let mut at = state;
        loop {
            match wave.step(at) {
                Step::Arc(arc, next) => {
                    self.arcs.push((arc, time_ms - wave.label_ms(next)));
                    at = next;
                }
                Step::Seed(index) => return Some(wave.seed(index)),
                Step::None => return None,
            }
        }
    }

    /// The whole arcs driven, and the first.
    pub(crate) fn arcs(&self) -> impl Iterator<Item = ArcId> {
        self.arcs.iter().map(|(arc, _)| *arc)
    }

    /// The route that ends on the arc after these, after this time.
    pub(crate) fn finish(self, live: &LiveRoads, end: OnArc, time_ms: u32) -> Route {
        let Self { start, arcs } = self;
        let mut stretches = Vec::new();
        let mut ends_ms = Vec::new();
        for (index, (arc, end_ms)) in arcs.into_iter().enumerate() {
            let from_mm = if index == 0 { start.offset_mm } else { 0 };
            stretches.push(ArcStretch { arc, from_mm, to_mm: live.graph().arc(arc).length_mm });
            ends_ms.push(end_ms);
        }
        stretches.push(ArcStretch { arc: end.arc, from_mm: 0, to_mm: end.offset_mm });
        ends_ms.push(time_ms);
        Route::new(stretches, ends_ms)
    }
}

impl Route {
    /// Without stretches of no length at the ends: a place at a junction is on several arcs.
    fn new(mut stretches: Vec<ArcStretch>, mut ends_ms: Vec<u32>) -> Self {
        let is_empty = |stretch: &ArcStretch| stretch.from_mm == stretch.to_mm;
        if stretches.len() > 1 && stretches.last().is_some_and(is_empty) {
            stretches.pop();
            let last = ends_ms.pop();
            // A forbidden turn at the very end is still paid for.
            if let (Some(end), Some(last)) = (ends_ms.last_mut(), last) {
                *end = last;
            }
        }
        if stretches.len() > 1 && stretches.first().is_some_and(is_empty) {
            stretches.remove(0);
            ends_ms.remove(0);
        }
        let lengths = stretches.iter().map(|stretch| u64::from(stretch.to_mm - stretch.from_mm));
        let length_mm = lengths.sum();
        Self { stretches, ends_ms, length_mm }
    }
}

fn traced(live: &LiveRoads, wave: &Wave<'_>, arrived: Arrived) -> Option<Route> {
    let Arrived { time_ms, end, contact } = arrived;
    match contact {
        Contact::State(state) => Some(Draft::to_state(wave, state)?.finish(live, end, time_ms)),
        Contact::Seed(index) => {
            let OnArc { arc, offset_mm } = wave.seed(index);
            let stretch = ArcStretch { arc, from_mm: offset_mm, to_mm: end.offset_mm };
            Some(Route::new(vec![stretch], vec![time_ms]))
        }
    }
}
