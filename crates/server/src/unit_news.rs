//! What changed about units since the last look: found and written once, told to each listener as
//! far as its class and its area go.
//!
//! ```text
//! board ──every look──▶ Look ──▶ all listeners: one of a class that is not behind is told with the
//!                                same bytes as the others; all others merge what concerns them
//! ```
//!
//! A unit that changes many times between two looks is told of once. A change that a listener may
//! not see leaves nothing in what it is told.

mod untold;
mod whole;

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::broadcast;
use tokio::time::{MissedTickBehavior, interval};
use urbis_catalog::UtcOffset;
use urbis_dispatch::{Fleet, Unit, UnitId};
use urbis_model::{BBox, LonLat, Moment, Openness};

use crate::present::Board;
use crate::units::{is_in, to_feature};

use untold::Merged;
pub(crate) use untold::UntoldUnits;
use whole::Whole;

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(250);

/// Looks that a slow listener may be behind; one that is further behind is told of every unit.
const LOOKS_KEPT: usize = 16;

/// Whom units are told to.
#[derive(Debug, Clone)]
pub(crate) struct UnitNews {
    looks: broadcast::Sender<Arc<Look>>,
    /// What was written for those who are told of every unit.
    whole: Arc<Mutex<Option<Arc<Whole>>>>,
}

impl Default for UnitNews {
    fn default() -> Self {
        Self { looks: broadcast::Sender::new(LOOKS_KEPT), whole: Arc::default() }
    }
}

impl UnitNews {
    /// Every change from now on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Look>> {
        self.looks.subscribe()
    }

    /// All units for a new listener, or for one that is too far behind.
    ///
    /// Cost: a unit is written once a look, for however many listeners.
    pub fn all(
        &self,
        fleet: &Arc<Fleet>,
        interest: UnitInterest,
        offset: UtcOffset,
    ) -> UntoldUnits {
        let mut kept = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = Whole::of(fleet, kept.take(), offset);
        *kept = Some(Arc::clone(&whole));
        drop(kept);
        UntoldUnits::all(whole, interest)
    }
}

/// What one look found.
#[derive(Debug, Default)]
pub(crate) struct Look {
    changes: Vec<Change>,
    /// By class: the end of a message for who listens everywhere; `None` where it is told nothing.
    written: ByClass<Option<Bytes>>,
}

/// Something for each class, made when it is first asked for.
type ByClass<T> = [OnceLock<T>; Openness::ALL.len()];

impl Look {
    fn new(changes: Vec<Change>) -> Self {
        Self { changes, ..Self::default() }
    }

    /// The end of a message for who sees a class and listens everywhere.
    fn message_end(&self, class: Openness) -> Option<Bytes> {
        let write = || {
            let mut all = Merged::default();
            all.note(&self.changes, &UnitInterest { class, area: None }, None);
            (!all.is_empty()).then(|| all.message_end())
        };
        self.written[class as usize].get_or_init(write).clone()
    }
}

/// One unit that is not what it was.
#[derive(Debug)]
struct Change {
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
        if news.looks.receiver_count() > 0 && !Arc::ptr_eq(&last, &fleet) {
            let changes = differences(&last, &fleet, offset);
            if !changes.is_empty() {
                // The last listener may have left.
                drop(news.looks.send(Arc::new(Look::new(changes))));
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

#[cfg(test)]
mod tests {
    use urbis_dispatch::{Agency, ReportId, UnitDescription, UnitReport};

    use super::*;

    fn report(number: u128, openness: Openness) -> UnitReport {
        UnitReport {
            id: ReportId(number),
            unit: UnitId::new(&format!("u{number}")).unwrap(),
            observed_at: Moment::now(),
            received_at: Moment::now(),
            position: None,
            status: None,
            description: Some(UnitDescription {
                title: "Xe".into(),
                agency: Agency::Fire114,
                profile: "pumper".into(),
                capabilities: vec![],
                openness,
                is_simulated: openness == Openness::Open,
            }),
        }
    }

    fn listener(news: &UnitNews, fleet: &Arc<Fleet>, class: Openness) -> UntoldUnits {
        news.all(fleet, UnitInterest { class, area: None }, UtcOffset::default())
    }

    /// Whether messages are one and the same memory.
    fn are_shared(messages: &[Bytes]) -> bool {
        messages.windows(2).all(|two| two[0].as_ptr() == two[1].as_ptr())
    }

    #[test]
    fn listeners_of_one_class_are_told_with_the_same_bytes_and_another_class_with_others() {
        let reports = [report(1, Openness::Open), report(2, Openness::Internal)];
        let first = Arc::new(Fleet::default().apply(&reports, None, Moment::now()).fleet);
        let news = UnitNews::default();
        let classes = [Openness::Open, Openness::Open, Openness::Open, Openness::Internal];
        let mut listeners = classes.map(|class| listener(&news, &first, class));
        let all = listeners.each_mut().map(UntoldUnits::take);
        assert!(are_shared(&all[..3]));
        assert!(!all[3].eq(&all[0]), "the internal unit is told");

        let more = [report(3, Openness::Open), report(4, Openness::Internal)];
        let second = Arc::new(first.apply(&more, None, Moment::now()).fleet);
        let third = second.apply(&[report(5, Openness::Internal)], None, Moment::now()).fleet;
        let offset = UtcOffset::default();
        // The first look after a message with all of them is measured by that message.
        let looks = [(&first, &*first), (&first, &*second), (&second, &third)];
        let looks = looks.map(|(one, other)| Arc::new(Look::new(differences(one, other, offset))));
        for listener in &mut listeners {
            listener.note(&looks[0]);
            listener.note(&looks[1]);
        }
        let news = listeners.each_mut().map(UntoldUnits::take);
        assert!(are_shared(&news[..3]));
        let text = |message: &Bytes| String::from_utf8(message.to_vec()).unwrap();
        assert!(text(&news[0]).contains("u3") && !text(&news[0]).contains("u4"));
        assert!(text(&news[3]).contains("u3") && text(&news[3]).contains("u4"));

        listeners.iter_mut().for_each(|listener| listener.note(&looks[2]));
        assert_eq!(listeners.each_ref().map(UntoldUnits::is_empty), [true, true, true, false]);
    }

    #[test]
    fn one_who_is_behind_is_told_the_last_of_each_unit_once() {
        let news = UnitNews::default();
        let empty = Arc::new(Fleet::default());
        let mut slow = listener(&news, &empty, Openness::Open);
        let first = empty.apply(&[report(1, Openness::Open)], None, Moment::now()).fleet;
        let second = first.apply(&[report(2, Openness::Open)], None, Moment::now()).fleet;
        let third = second.apply(&[report(1, Openness::Open)], None, Moment::now()).fleet;
        for (before, after) in [(&*empty, &first), (&first, &second), (&second, &third)] {
            let changes = differences(before, after, UtcOffset::default());
            slow.note(&Arc::new(Look::new(changes)));
        }
        let told = String::from_utf8(slow.take().to_vec()).unwrap();
        assert!(told.starts_with("\"all\":true,\"units\":[{"), "{told}");
        assert_eq!(
            (told.matches("\"id\":\"u1\"").count(), told.matches("\"id\":\"u2\"").count()),
            (1, 1)
        );
        assert!(slow.is_empty());
    }

    #[test]
    fn a_unit_that_did_not_change_is_written_once_for_all_who_come_at_one_moment() {
        let reports = [report(1, Openness::Open), report(2, Openness::Open)];
        let one = Arc::new(Fleet::default().apply(&reports, None, Moment::now()).fleet);
        let other = Arc::new(one.apply(&[report(3, Openness::Open)], None, Moment::now()).fleet);
        let kept = Whole::of(&one, None, UtcOffset::default());
        let next = Whole::of(&other, Some(Arc::clone(&kept)), UtcOffset::default());
        assert!(next.shares_texts_with(&kept, 2));
        assert!(Arc::ptr_eq(
            &next,
            &Whole::of(&other, Some(Arc::clone(&next)), UtcOffset::default())
        ));
    }
}
