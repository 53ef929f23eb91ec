//! What changed about units since the last look: found once, told to each listener as far as its
//! class and its area go.
//!
//! A unit that changes many times between two looks is told of once. A change that a listener may
//! not see leaves nothing in what it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::json;
use tokio::sync::broadcast;
use tokio::time::{MissedTickBehavior, interval};
use urbis_catalog::UtcOffset;
use urbis_dispatch::{Fleet, Unit, UnitId};
use urbis_model::{BBox, LonLat, Moment, Openness};

use crate::present::Board;
use crate::units::{is_in, to_feature};

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(250);

/// Looks that a slow listener may be behind; one that is further behind is told of every unit.
const LOOKS_KEPT: usize = 16;

/// Whom units are told to.
#[derive(Debug, Clone)]
pub(crate) struct UnitNews(broadcast::Sender<Arc<Vec<Change>>>);

impl Default for UnitNews {
    fn default() -> Self {
        Self(broadcast::Sender::new(LOOKS_KEPT))
    }
}

impl UnitNews {
    /// Every change from now on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Vec<Change>>> {
        self.0.subscribe()
    }
}

/// One unit that is not what it was.
#[derive(Debug)]
pub(crate) struct Change {
    id: UnitId,
    before: Option<Seen>,
    after: Option<After>,
}

/// What a unit is now.
#[derive(Debug)]
struct After {
    seen: Seen,
    unit: Arc<Unit>,
    text: Arc<str>,
}

/// What decides who is told of a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    openness: Openness,
    place: Option<LonLat>,
}

impl Seen {
    fn of(unit: &Unit) -> Self {
        let place = unit.fix.as_ref().map(|fix| fix.place);
        Self { openness: unit.openness(), place }
    }
}

/// What a listener wants to be told of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnitInterest {
    /// What it may see.
    pub class: Openness,
    /// Units in it; all where absent.
    pub area: Option<BBox>,
}

impl UnitInterest {
    fn has(&self, seen: Seen) -> bool {
        let is_there = |area: &BBox| seen.place.is_some_and(|place| is_in(area, place));
        seen.openness <= self.class && self.area.as_ref().is_none_or(is_there)
    }
}

/// What a listener has not been told yet: of each unit the last, `None` for one that it sees no
/// longer.
#[derive(Debug, Default)]
pub(crate) struct UntoldUnits {
    units: BTreeMap<UnitId, Option<Arc<str>>>,
    is_all: bool,
    /// Of which fleet the listener was told all, until the next look: that may tell of changes from
    /// before.
    told: Option<Arc<Fleet>>,
}

impl UntoldUnits {
    /// Every unit that the listener may see, in place of what it was told before.
    pub fn all(fleet: &Arc<Fleet>, interest: &UnitInterest, offset: UtcOffset) -> Self {
        let now = Moment::now();
        let seen = fleet.units().iter().filter(|unit| interest.has(Seen::of(unit)));
        let told = seen.map(|unit| (unit.id.clone(), Some(write(unit, now, offset))));
        Self { units: told.collect(), is_all: true, told: Some(Arc::clone(fleet)) }
    }

    /// Adds what concerns the listener.
    pub fn note(&mut self, changes: &[Change], interest: &UnitInterest) {
        let told = self.told.take();
        for Change { id, before, after } in changes {
            let known = told.as_ref().map(|fleet| fleet.unit(id));
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

    /// Says whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty() && !self.is_all
    }

    /// The members of a message: `units` as GeoJSON features, the ids of those that are `gone`;
    /// `all` says that there are no others.
    pub fn take(&mut self) -> String {
        let units = std::mem::take(&mut self.units);
        let is_all = std::mem::take(&mut self.is_all);
        let features: Vec<&str> = units.values().filter_map(|text| text.as_deref()).collect();
        let gone = units.iter().filter(|(_, text)| text.is_none()).map(|(id, _)| id.as_str());
        let gone = json!(gone.collect::<Vec<_>>());
        format!("\"all\":{is_all},\"units\":[{}],\"gone\":{gone}", features.join(","))
    }
}

/// Looks for changes as long as there is somebody who could listen.
pub(crate) async fn keep_telling(board: Weak<Board>, news: UnitNews, offset: UtcOffset) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = Arc::new(Fleet::default());
    loop {
        ticks.tick().await;
        let Some(board) = board.upgrade() else { return };
        let fleet = board.fleet();
        drop(board);
        if news.0.receiver_count() > 0 && !Arc::ptr_eq(&last, &fleet) {
            let changes = differences(&last, &fleet, offset);
            if !changes.is_empty() {
                // The last listener may have left.
                drop(news.0.send(Arc::new(changes)));
            }
        }
        last = fleet;
    }
}

/// The units of two fleets that differ; what they share is skipped by its address.
fn differences(before: &Fleet, after: &Fleet, offset: UtcOffset) -> Vec<Change> {
    let now = Moment::now();
    let mut changes = Vec::new();
    let mut old = before.units().iter().peekable();
    for unit in after.units() {
        while let Some(gone) = old.next_if(|old| old.id < unit.id) {
            changes.push(Change { id: gone.id.clone(), before: Some(Seen::of(gone)), after: None });
        }
        let earlier = old.next_if(|old| old.id == unit.id);
        if earlier.is_some_and(|earlier| Arc::ptr_eq(earlier, unit)) {
            continue;
        }
        let text = write(unit, now, offset);
        let after = Some(After { seen: Seen::of(unit), unit: Arc::clone(unit), text });
        let before = earlier.map(|earlier| Seen::of(earlier));
        changes.push(Change { id: unit.id.clone(), before, after });
    }
    let rest =
        old.map(|gone| Change { id: gone.id.clone(), before: Some(Seen::of(gone)), after: None });
    changes.extend(rest);
    changes
}

fn write(unit: &Unit, now: Moment, offset: UtcOffset) -> Arc<str> {
    to_feature(unit, now, offset).to_string().into()
}
