//! Every unit, written for those who come, shared by all who come at one moment.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use urbis_catalog::UtcOffset;
use urbis_dispatch::{Fleet, Unit};
use urbis_model::{Moment, Openness};

use super::untold::Merged;
use super::{ByClass, LOOK, Seen, UnitInterest, write};

/// A fleet as it is told of.
#[derive(Debug)]
pub(super) struct Whole {
    fleet: Arc<Fleet>,
    /// When the oldest of the texts was written: a unit's age is in its text.
    written_at: Instant,
    /// In the order of the units.
    texts: Vec<Arc<str>>,
    /// By class: the end of a message for who listens everywhere.
    written: ByClass<Bytes>,
}

impl Whole {
    /// A fleet, with what was written a moment ago where that still holds.
    pub fn of(fleet: &Arc<Fleet>, kept: Option<Arc<Self>>, offset: UtcOffset) -> Arc<Self> {
        let kept = kept.filter(|kept| kept.written_at.elapsed() < LOOK);
        if let Some(kept) = kept.as_ref().filter(|kept| Arc::ptr_eq(&kept.fleet, fleet)) {
            return Arc::clone(kept);
        }
        let now = Moment::now();
        let text = |unit: &Arc<Unit>| {
            let written = kept.as_ref().and_then(|kept| kept.text(unit));
            written.map_or_else(|| write(unit, now, offset), Arc::clone)
        };
        Arc::new(Self {
            fleet: Arc::clone(fleet),
            written_at: kept.as_ref().map_or_else(Instant::now, |kept| kept.written_at),
            texts: fleet.units().iter().map(text).collect(),
            written: ByClass::default(),
        })
    }

    fn text(&self, unit: &Arc<Unit>) -> Option<&Arc<str>> {
        let units = self.fleet.units();
        let at = units.binary_search_by(|known| known.id.cmp(&unit.id)).ok()?;
        self.texts.get(at).filter(|_| Arc::ptr_eq(&units[at], unit))
    }

    pub const fn fleet(&self) -> &Arc<Fleet> {
        &self.fleet
    }

    /// What of it concerns a listener.
    pub fn merged(&self, interest: &UnitInterest) -> Merged {
        let units = self.fleet.units().iter().zip(&self.texts);
        let seen = units.filter(|(unit, _)| interest.has(Seen::of(unit)));
        Merged::all(seen.map(|(unit, text)| (unit.id.clone(), Arc::clone(text))))
    }

    /// The end of a message for who sees a class and listens everywhere.
    pub fn message_end(&self, class: Openness) -> Bytes {
        let everywhere = UnitInterest { class, area: None };
        let write = || self.merged(&everywhere).message_end();
        self.written[class as usize].get_or_init(write).clone()
    }
}

#[cfg(test)]
impl Whole {
    /// Says whether the first texts of both are the same memory.
    pub fn shares_texts_with(&self, other: &Self, count: usize) -> bool {
        let both = self.texts.iter().zip(&other.texts).take(count);
        both.filter(|(one, other)| Arc::ptr_eq(one, other)).count() == count
    }
}
