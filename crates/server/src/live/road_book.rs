//! The last report of each stretch of road, by the id that its reporter gave it.
//!
//! Which report counts is decided here: the one that was observed last, in whatever order they
//! come. Ends are remembered as long as a late report could undo them.

use std::collections::BTreeMap;
use std::sync::Arc;

use urbis_dispatch::RoadStateReport;
use urbis_model::{Moment, Openness, Verdict};
use urbis_network::{Condition, ConditionId, LiveRoads};

use super::road_state::RoadReport;

/// Most states that are kept at once.
pub(crate) const MAX_STATES: usize = 20_000;

/// Most bytes of their reports.
const MAX_BYTES: usize = 64 << 20;

/// Most stretches of road that they may cover before no more are taken.
const MAX_SPANS: usize = 500_000;

/// How far the clock of a reporter may be ahead of ours, microseconds.
const MAX_AHEAD: i64 = 30 * 1_000_000;

/// How late a report may come, microseconds: a day of a sensor without a network.
const MAX_LATE: i64 = 86_400 * 1_000_000;

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoadVerdict {
    /// As of any report.
    Of(Verdict),
    /// There are as many states as there may be, or they cover as much: refused.
    BookFull,
    /// The state of this id is above what the reporter's key opens: refused.
    OtherReporter,
}

impl RoadVerdict {
    /// Stable code; never reworded, never reused.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Of(verdict) => verdict.code(),
            Self::BookFull => "too_many_road_states",
            Self::OtherReporter => "road_state_differs",
        }
    }

    /// Says whether the report is acknowledged.
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Of(verdict) if verdict.is_taken())
    }

    /// Says whether it is the state of the road now.
    pub const fn is_applied(self) -> bool {
        matches!(self, Self::Of(Verdict::Applied))
    }
}

/// The last reports.
#[derive(Debug, Clone, Default)]
pub(crate) struct RoadBook {
    reports: BTreeMap<String, Kept>,
    /// Of all their bodies.
    bytes: usize,
}

/// The last report of a state.
#[derive(Debug, Clone)]
struct Kept {
    report: RoadStateReport,
    /// Whose keys may change it: those that open this.
    openness: Openness,
}

impl RoadBook {
    /// Takes a report into `pending`, the news that this book does not have yet, where it is the
    /// last of its id.
    pub fn judge(&self, pending: &mut Self, road: &RoadReport, now: Moment) -> RoadVerdict {
        let report = &road.report;
        let late = now.0.saturating_sub(report.observed_at.0);
        if late < -MAX_AHEAD {
            return RoadVerdict::Of(Verdict::FromFuture);
        }
        if late > MAX_LATE {
            return RoadVerdict::Of(Verdict::TooOld);
        }
        let known = pending.reports.get(&report.id).or_else(|| self.reports.get(&report.id));
        if known.is_some_and(|known| known.openness > road.level) {
            return RoadVerdict::OtherReporter;
        }
        let is_full = self.reports.len() + pending.reports.len() >= MAX_STATES;
        let bytes = self.bytes + pending.bytes + report.body.len();
        if known.is_none() && is_full || bytes > MAX_BYTES && !report.is_cleared {
            return RoadVerdict::BookFull;
        }
        let verdict = known.map_or(Verdict::Applied, |known| judge(&known.report, report));
        if verdict == Verdict::Applied {
            pending.put(Kept { report: report.clone(), openness: road.openness() });
        }
        RoadVerdict::Of(verdict)
    }

    /// Says whether the states on the roads cover as much as they may.
    pub fn is_covered(live: &LiveRoads) -> bool {
        let is_live = |condition: &&Arc<Condition>| matches!(condition.id, ConditionId::Live(_));
        let spans = live.conditions().filter(is_live).map(|condition| condition.spans.len());
        spans.sum::<usize>() >= MAX_SPANS
    }

    fn put(&mut self, kept: Kept) {
        self.bytes += kept.report.body.len();
        if let Some(before) = self.reports.insert(kept.report.id.clone(), kept) {
            self.bytes -= before.report.body.len();
        }
    }

    /// Takes in what [`Self::judge`] found.
    pub fn commit(&mut self, pending: Self) {
        pending.reports.into_values().for_each(|kept| self.put(kept));
    }

    /// Puts in what was kept, where it is the last of its id; gives what was.
    pub fn restore(&mut self, reports: Vec<RoadStateReport>) -> Vec<RoadStateReport> {
        let is_last = |report: &RoadStateReport| {
            self.reports
                .get(&report.id)
                .is_none_or(|known| judge(&known.report, report) == Verdict::Applied)
        };
        let last: Vec<_> = reports.into_iter().filter(is_last).collect();
        for report in &last {
            self.put(Kept { report: report.clone(), openness: RoadReport::openness_of(report) });
        }
        last
    }

    /// Forgets what ended so long ago that no report of before is taken any more.
    pub fn forget(&mut self, now: Moment) {
        let is_old = |moment: Moment| now.0.saturating_sub(moment.0) > MAX_LATE;
        let bytes = &mut self.bytes;
        self.reports.retain(|_, Kept { report, .. }| {
            let ended = report.is_cleared && is_old(report.observed_at)
                || report.expires_at.is_some_and(is_old);
            *bytes -= if ended { report.body.len() } else { 0 };
            !ended
        });
    }

    /// All of them, in the order of their ids.
    pub fn reports(&self) -> impl Iterator<Item = &RoadStateReport> {
        self.reports.values().map(|kept| &kept.report)
    }
}

/// A later report counts; of two of one moment the one that came later, so that whoever sees a road
/// flooded and free in one breath is believed at last. The database orders them so, too.
fn judge(known: &RoadStateReport, report: &RoadStateReport) -> Verdict {
    let stamp = |report: &RoadStateReport| (report.observed_at, report.received_at);
    if (report.observed_at, &report.body) == (known.observed_at, &known.body) {
        Verdict::Duplicate
    } else if stamp(report) > stamp(known) {
        Verdict::Applied
    } else {
        Verdict::OutOfOrder
    }
}

#[cfg(test)]
mod tests {
    use urbis_network::RoadStateUpdate;

    use super::*;

    impl RoadBook {
        fn note(&mut self, report: &RoadStateReport, now: Moment) -> RoadVerdict {
            let key = report.id.as_str().into();
            let update = RoadStateUpdate { key, observed_at: report.observed_at, state: None };
            let road = RoadReport { report: report.clone(), update, level: Openness::Open };
            let mut pending = Self::default();
            let verdict = self.judge(&mut pending, &road, now);
            self.commit(pending);
            verdict
        }
    }

    fn report(id: &str, observed: i64, body: &str) -> RoadStateReport {
        RoadStateReport {
            id: id.into(),
            observed_at: Moment(observed),
            received_at: Moment(observed),
            expires_at: None,
            is_cleared: false,
            body: body.into(),
        }
    }

    #[test]
    fn the_report_that_was_observed_last_counts_in_whatever_order_they_come() {
        let last = RoadStateReport { received_at: Moment(4), ..report("a", 3, "w") };
        let reports = [report("a", 1, "x"), report("a", 3, "y"), last];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1], [0, 2, 1], [1, 2, 0]] {
            let mut book = RoadBook::default();
            for index in order {
                book.note(&reports[index], Moment(5));
            }
            assert_eq!(book.reports().collect::<Vec<_>>(), [&reports[2]], "{order:?}");
        }
    }

    #[test]
    fn a_report_from_tomorrow_or_of_last_week_is_refused() {
        let mut book = RoadBook::default();
        let now = Moment(10 * 86_400_000_000);
        let at = |seconds: i64| report("a", now.0 + seconds * 1_000_000, "x");
        let codes = [31, -86_401, 30, 29].map(|seconds| book.note(&at(seconds), now).code());
        assert_eq!(codes, ["from_future", "too_old", "applied", "out_of_order"]);
    }

    #[test]
    fn bodies_are_bounded_and_an_end_makes_room() {
        let mut book = RoadBook::default();
        let long = "x".repeat(MAX_BYTES / 4);
        for id in ["a", "b", "c", "d"] {
            assert!(book.note(&report(id, 0, &long), Moment(0)).is_applied(), "{id}");
        }
        assert_eq!(book.note(&report("e", 0, "x"), Moment(0)), RoadVerdict::BookFull);
        let cleared = RoadStateReport { is_cleared: true, ..report("a", 1, "") };
        assert!(book.note(&cleared, Moment(1)).is_applied());
        assert!(book.note(&report("e", 1, &long), Moment(1)).is_applied());
    }

    #[test]
    fn a_state_that_came_back_from_the_disk_is_still_above_the_keys_that_it_was() {
        let mut book = RoadBook::default();
        let bodies = [r#"{"openness": "internal"}"#, "{}", "not JSON"];
        let kept = ["hidden", "open", "odd"].into_iter().zip(bodies);
        book.restore(kept.map(|(id, body)| report(id, 0, body)).collect());
        let mut verdict = |id| book.note(&report(id, 1, "{}"), Moment(1));
        assert_eq!(verdict("hidden"), RoadVerdict::OtherReporter);
        assert_eq!(verdict("odd"), RoadVerdict::OtherReporter);
        assert!(verdict("open").is_applied());
    }

    #[test]
    fn the_book_is_bounded_and_what_ended_long_ago_makes_room() {
        let mut book = RoadBook::default();
        for number in 0..MAX_STATES {
            let cleared =
                RoadStateReport { is_cleared: true, ..report(&format!("{number}"), 0, "") };
            assert!(book.note(&cleared, Moment(0)).is_applied());
        }
        let one_more = report("more", 0, "");
        assert_eq!(book.note(&one_more, Moment(0)), RoadVerdict::BookFull);
        book.forget(Moment(MAX_LATE));
        assert_eq!(book.note(&one_more, Moment(0)), RoadVerdict::BookFull);
        book.forget(Moment(MAX_LATE + 1));
        assert!(book.note(&one_more, Moment(0)).is_applied());
        assert_eq!(book.reports().count(), 1);
    }
}
