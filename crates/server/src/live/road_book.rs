//! The last report of each stretch of road, by the id that its reporter gave it.
//!
//! Which report counts is decided here: the one that was observed last, in whatever order they
//! come. Ends are remembered as long as a late report could undo them.

use std::collections::BTreeMap;

use urbis_dispatch::RoadStateReport;
use urbis_model::{Moment, Verdict};

/// Most states that are kept at once.
pub(crate) const MAX_STATES: usize = 20_000;

/// How far the clock of a reporter may be ahead of ours, microseconds.
const MAX_AHEAD: i64 = 30 * 1_000_000;

/// How late a report may come, microseconds: a day of a sensor without a network.
const MAX_LATE: i64 = 86_400 * 1_000_000;

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoadVerdict {
    /// As of any report.
    Of(Verdict),
    /// There are as many states as there may be: refused.
    BookFull,
}

impl RoadVerdict {
    /// Stable code; never reworded, never reused.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Of(verdict) => verdict.code(),
            Self::BookFull => "too_many_road_states",
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
pub(crate) struct RoadBook(BTreeMap<String, RoadStateReport>);

impl RoadBook {
    /// Takes a report into `pending`, the news that this book does not have yet, where it is the
    /// last of its id.
    pub fn judge(&self, pending: &mut Self, report: &RoadStateReport, now: Moment) -> RoadVerdict {
        let late = now.0.saturating_sub(report.observed_at.0);
        if late < -MAX_AHEAD {
            return RoadVerdict::Of(Verdict::FromFuture);
        }
        if late > MAX_LATE {
            return RoadVerdict::Of(Verdict::TooOld);
        }
        let known = pending.0.get(&report.id).or_else(|| self.0.get(&report.id));
        if known.is_none() && self.0.len() + pending.0.len() >= MAX_STATES {
            return RoadVerdict::BookFull;
        }
        let verdict = known.map_or(Verdict::Applied, |known| judge(known, report));
        if verdict == Verdict::Applied {
            pending.0.insert(report.id.clone(), report.clone());
        }
        RoadVerdict::Of(verdict)
    }

    /// Takes in what [`Self::judge`] found.
    pub fn commit(&mut self, pending: Self) {
        self.0.extend(pending.0);
    }

    /// Puts in what was kept, where it is the last of its id; gives what was.
    pub fn restore(&mut self, reports: Vec<RoadStateReport>) -> Vec<RoadStateReport> {
        let is_last = |report: &RoadStateReport| {
            self.0.get(&report.id).is_none_or(|known| judge(known, report) == Verdict::Applied)
        };
        let last: Vec<_> = reports.into_iter().filter(is_last).collect();
        self.0.extend(last.iter().map(|report| (report.id.clone(), report.clone())));
        last
    }

    /// Forgets what ended so long ago that no report of before is taken any more.
    pub fn forget(&mut self, now: Moment) {
        let is_old = |moment: Moment| now.0.saturating_sub(moment.0) > MAX_LATE;
        self.0.retain(|_, report| {
            let ended = report.is_cleared && is_old(report.observed_at)
                || report.expires_at.is_some_and(is_old);
            !ended
        });
    }

    /// All of them, in the order of their ids.
    pub fn reports(&self) -> impl Iterator<Item = &RoadStateReport> {
        self.0.values()
    }
}

/// A later report counts; of two of one moment the one with the larger body, so that the order in
/// which they come never matters.
fn judge(known: &RoadStateReport, report: &RoadStateReport) -> Verdict {
    let stamp = |report: &RoadStateReport| (report.observed_at, report.body.clone());
    match stamp(report).cmp(&stamp(known)) {
        std::cmp::Ordering::Less => Verdict::OutOfOrder,
        std::cmp::Ordering::Equal => Verdict::Duplicate,
        std::cmp::Ordering::Greater => Verdict::Applied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl RoadBook {
        fn note(&mut self, report: &RoadStateReport, now: Moment) -> RoadVerdict {
            let mut pending = Self::default();
            let verdict = self.judge(&mut pending, report, now);
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
        let reports = [report("a", 1, "x"), report("a", 3, "y"), report("a", 3, "z")];
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
