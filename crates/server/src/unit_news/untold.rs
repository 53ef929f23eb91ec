//! What one listener has not been told of units yet.
//!
//! One that keeps up holds what it shares with the others of its class. Only one that is behind, or
//! that listens to an area, has a list of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use urbis_dispatch::{Fleet, UnitId};

use super::whole::Whole;
use super::{Change, Look, Seen, UnitInterest};

/// What a listener has not been told yet.
#[derive(Debug)]
pub(crate) struct UntoldUnits {
    interest: UnitInterest,
    waiting: Waiting,
    /// Of which fleet the listener was told all, until the next look: that may tell of changes from
    /// before.
    told: Option<Arc<Fleet>>,
}

#[derive(Debug, Default)]
enum Waiting {
    #[default]
    Nothing,
    /// Every unit, for who listens everywhere.
    Whole(Arc<Whole>),
    /// One look, for who listens everywhere.
    Look(Arc<Look>),
    Merged(Merged),
}

impl UntoldUnits {
    /// Every unit that the listener may see, in place of what it was told before.
    pub(super) fn all(whole: Arc<Whole>, interest: UnitInterest) -> Self {
        let told = Some(Arc::clone(whole.fleet()));
        let waiting = match interest.area {
            None => Waiting::Whole(whole),
            Some(_) => Waiting::Merged(whole.merged(&interest)),
        };
        Self { interest, waiting, told }
    }

    /// Adds what concerns the listener.
    pub fn note(&mut self, look: &Arc<Look>) {
        let told = self.told.take();
        let is_up_to_date = told.is_none() && matches!(self.waiting, Waiting::Nothing);
        if is_up_to_date && self.interest.area.is_none() {
            if look.message_end(self.interest.class).is_some() {
                self.waiting = Waiting::Look(Arc::clone(look));
            }
            return;
        }
        let mut merged = match std::mem::take(&mut self.waiting) {
            Waiting::Nothing => Merged::default(),
            Waiting::Whole(whole) => whole.merged(&self.interest),
            Waiting::Look(earlier) => {
                let mut merged = Merged::default();
                merged.note(&earlier.changes, &self.interest, None);
                merged
            }
            Waiting::Merged(merged) => merged,
        };
        merged.note(&look.changes, &self.interest, told.as_deref());
        self.waiting = if merged.is_empty() { Waiting::Nothing } else { Waiting::Merged(merged) };
    }

    /// Says whether there is nothing to tell.
    pub const fn is_empty(&self) -> bool {
        matches!(self.waiting, Waiting::Nothing)
    }

    /// The end of a message that tells it: see [`Merged::message_end`].
    pub fn take(&mut self) -> Bytes {
        let class = self.interest.class;
        match std::mem::take(&mut self.waiting) {
            Waiting::Nothing => Merged::default().message_end(),
            Waiting::Whole(whole) => whole.message_end(class),
            Waiting::Look(look) => look.message_end(class).unwrap_or_default(),
            Waiting::Merged(merged) => merged.message_end(),
        }
    }
}

/// Of each unit the last, `None` for one that the listener sees no longer.
#[derive(Debug, Default)]
pub(super) struct Merged {
    units: BTreeMap<UnitId, Option<Arc<str>>>,
    is_all: bool,
}

impl Merged {
    /// Every unit that there is.
    pub fn all(units: impl Iterator<Item = (UnitId, Arc<str>)>) -> Self {
        let units = units.map(|(id, text)| (id, Some(text)));
        Self { units: units.collect(), is_all: true }
    }

    /// Adds what concerns a listener; one who was told of a whole fleet, of what differs from that.
    pub fn note(&mut self, changes: &[Change], interest: &UnitInterest, told: Option<&Fleet>) {
        for Change { id, before, after } in changes {
            let known = told.map(|fleet| fleet.unit(id));
            let is_told = known.flatten().zip(after.as_ref());
            if is_told.is_some_and(|(known, after)| Arc::ptr_eq(known, &after.unit)) {
                continue;
            }
            let before = known.map_or(*before, |known| known.map(|unit| Seen::of(unit)));
            if let Some(after) = after.as_ref().filter(|after| interest.has(after.seen)) {
                self.units.insert(id.clone(), Some(Arc::clone(&after.text)));
            } else if before.is_some_and(|seen| interest.has(seen)) {
                self.units.insert(id.clone(), None);
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty() && !self.is_all
    }

    /// The end of a message, from its second member on: `units` as GeoJSON features, the ids of
    /// those that are `gone`; `all` says that there are no others.
    pub fn message_end(&self) -> Bytes {
        let features: Vec<&str> = self.units.values().filter_map(|text| text.as_deref()).collect();
        let gone = self.units.iter().filter(|(_, text)| text.is_none()).map(|(id, _)| id.as_str());
        let gone = json!(gone.collect::<Vec<_>>());
        let (all, units) = (self.is_all, features.join(","));
        format!("\"all\":{all},\"units\":[{units}],\"gone\":{gone}}}\n\n").into()
    }
}
