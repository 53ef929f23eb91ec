//! Which stretches of arcs are driven within a time, to the millimetre.

use std::collections::BTreeMap;

use super::ReachAsk;
use crate::wave::{NEVER, Spread, Wave, sum};
use crate::{ArcId, ArcStretch, LiveRoads, OnArc, StateId};

/// A search that has come to the longest limit of what is asked.
#[derive(Debug)]
pub(super) struct Reached<'a> {
    live: &'a LiveRoads,
    ask: &'a ReachAsk,
    wave: Wave<'a>,
}

impl<'a> Reached<'a> {
    pub(super) fn search(live: &'a LiveRoads, ask: &'a ReachAsk) -> Self {
        let mut wave = Wave::new(live, ask.profile, ask.spread, ask.at.clone());
        wave.advance_beyond(ask.limits_ms.iter().copied().max().unwrap_or(0));
        Self { live, ask, wave }
    }

    /// What is driven within a limit, in order of the arcs: `From` begins at the tail of each arc,
    /// `To` ends at its head; but for those on which the place itself lies.
    pub(super) fn stretches(&self, limit_ms: u32) -> Vec<ArcStretch> {
        let own = self.ask.at.iter().map(|place| self.own(*place, limit_ms));
        let mut whole: BTreeMap<ArcId, ArcStretch> = BTreeMap::new();
        let states = (0..self.live.graph().state_count() as u32).map(StateId);
        for state in states.filter(|state| self.wave.label_ms(*state) <= limit_ms) {
            for stretch in self.beyond(state, limit_ms) {
                let kept = whole.entry(stretch.arc).or_insert(stretch);
                kept.from_mm = kept.from_mm.min(stretch.from_mm);
                kept.to_mm = kept.to_mm.max(stretch.to_mm);
            }
        }
        own.chain(whole.values().copied()).collect()
    }

    /// On the arc where the place itself lies.
    fn own(&self, place: OnArc, limit_ms: u32) -> ArcStretch {
        match self.ask.spread {
            Spread::From => self.ahead(place, limit_ms),
            Spread::To => self.behind(place, limit_ms),
        }
    }

    /// On the arcs beyond a state, seen from the place.
    fn beyond(&self, state: StateId, limit_ms: u32) -> Vec<ArcStretch> {
        let label_ms = self.wave.label_ms(state);
        let graph = self.live.graph();
        match self.ask.spread {
            Spread::From => {
                let entered = graph.outgoing(state).iter().filter_map(|next| {
                    let entered_ms = sum([label_ms, self.wave.turn_ms(next.turn())]);
                    let left_ms = limit_ms.checked_sub(entered_ms)?;
                    Some(self.ahead(OnArc { arc: next.arc(), offset_mm: 0 }, left_ms))
                });
                entered.collect()
            }
            Spread::To => {
                let arcs = graph.incoming(state).iter().map(|before| before.arc());
                // A vehicle that is on an arc has no history.
                let arcs = arcs.filter(|arc| graph.head_state(*arc) == state);
                let head = |arc| OnArc { arc, offset_mm: graph.arc(arc).length_mm };
                arcs.map(|arc| self.behind(head(arc), limit_ms - label_ms)).collect()
            }
        }
    }

    /// From a place on as far as the time lasts.
    fn ahead(&self, from: OnArc, left_ms: u32) -> ArcStretch {
        let length_mm = self.live.graph().arc(from.arc).length_mm;
        let is_in_time = |offset_mm: u32| {
            let to = OnArc { offset_mm, ..from };
            is_within(self.live.time(self.ask.profile, from, to), left_ms)
        };
        let to_mm = last_that(from.offset_mm, length_mm, is_in_time);
        ArcStretch { arc: from.arc, from_mm: from.offset_mm, to_mm }
    }

    /// From as far back as the time lasts to a place.
    fn behind(&self, to: OnArc, left_ms: u32) -> ArcStretch {
        let is_in_time = |back_mm: u32| {
            let from = OnArc { offset_mm: to.offset_mm - back_mm, ..to };
            is_within(self.live.time(self.ask.profile, from, to), left_ms)
        };
        let back_mm = last_that(0, to.offset_mm, is_in_time);
        ArcStretch { arc: to.arc, from_mm: to.offset_mm - back_mm, to_mm: to.offset_mm }
    }
}

const fn is_within(time_ms: u32, left_ms: u32) -> bool {
    time_ms != NEVER && time_ms <= left_ms
}

/// The last number up to `last` that holds, where `first` does and none does after one that does
/// not.
fn last_that(first: u32, last: u32, holds: impl Fn(u32) -> bool) -> u32 {
    if holds(last) {
        return last;
    }
    let (mut good, mut bad) = (first, last);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if holds(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    good
}
