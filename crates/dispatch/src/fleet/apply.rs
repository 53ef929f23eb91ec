//! Applies reports to a fleet, one after the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use urbis_model::{
    JudgedReport, Moment, Outcome, Stamp, UnitDescription, UnitId, UnitReport, UnitStatus, Verdict,
};

use super::{Applied, Fix, Fleet, Streets, Unit, jump};

/// How far the clock of a unit may be ahead of ours, microseconds.
const MAX_AHEAD: i64 = 30 * 1_000_000;

/// Most units: every vehicle of a large city's services many times over. A bound on what one key
/// that reports can take of memory, and of the time of each batch.
const MAX_UNITS: usize = 20_000;

/// How late a report may come, microseconds: a week of a device without a network.
const MAX_LATE: i64 = 7 * 86_400 * 1_000_000;

/// Applies reports in their order.
pub(super) fn apply(
    fleet: &Fleet,
    reports: &[UnitReport],
    streets: Option<Streets<'_>>,
    now: Moment,
) -> Applied {
    let mut next = fleet.clone();
    let mut outcomes = Vec::with_capacity(reports.len());
    for report in reports {
        let outcome = match refuse(&next, report, now) {
            Some(verdict) => of_all_parts(report, verdict),
            None => apply_one(&mut next, report, Judge::Now),
        };
        next.counters.count(&outcome);
        outcomes.push(outcome);
    }
    let is_applied = |outcome: &Outcome| outcome.verdicts().any(|one| one == Verdict::Applied);
    next.epoch += u64::from(outcomes.iter().any(is_applied));
    if let Some(streets) = streets {
        let units = reports.iter().map(|report| &report.unit);
        snap_moved(&mut next, units.collect(), fleet, streets);
    }
    Applied { fleet: next, outcomes }
}

/// Applies reports as they were judged when they came.
pub(super) fn replay(fleet: &Fleet, judged: &[JudgedReport]) -> Fleet {
    let mut next = fleet.clone();
    for JudgedReport { report, outcome } in judged {
        let is_repeated =
            next.unit(&report.unit).is_some_and(|unit| unit.recent.contains(report.id));
        if outcome.is_to_store() && !is_repeated {
            apply_one(&mut next, report, Judge::Before(outcome.position));
            next.epoch += 1;
        }
    }
    next
}

/// Who says whether a position is a jump.
#[derive(Debug, Clone, Copy)]
enum Judge {
    /// The unit's last place.
    Now,
    /// It was said when the report came.
    Before(Option<Verdict>),
}

/// Puts the fixes on the roads that are not those of the fleet before.
fn snap_moved(next: &mut Fleet, units: BTreeSet<&UnitId>, before: &Fleet, streets: Streets<'_>) {
    for id in units {
        let stamp = |fleet: &Fleet| fleet.unit(id)?.fix.as_ref().map(|fix| fix.stamp);
        if stamp(next) == stamp(before) {
            continue;
        }
        let Some(mut unit) = next.unit(id).map(|unit| Unit::clone(unit)) else { continue };
        if let Some(fix) = &mut unit.fix {
            streets.snap(fix);
        }
        next.put(unit);
    }
}

/// Why the whole report is not taken, or that it changes nothing.
fn refuse(fleet: &Fleet, report: &UnitReport, now: Moment) -> Option<Verdict> {
    let unit = fleet.unit(&report.unit);
    // First, so that a repetition gets the answer of the first time however late it comes.
    if unit.is_some_and(|unit| unit.recent.contains(report.id)) {
        return Some(Verdict::Duplicate);
    }
    let late = now.0.saturating_sub(report.observed_at.0);
    if late < -MAX_AHEAD {
        return Some(Verdict::FromFuture);
    }
    if late > MAX_LATE {
        return Some(Verdict::TooOld);
    }
    match (unit, &report.description) {
        (None, None) => Some(Verdict::UnknownUnit),
        (None, Some(_)) if fleet.units.len() >= MAX_UNITS => Some(Verdict::TooManyUnits),
        (Some(unit), Some(said)) if said.is_simulated != unit.description.is_simulated => {
            Some(Verdict::OtherUnit)
        }
        _ => None,
    }
}

fn of_all_parts(report: &UnitReport, verdict: Verdict) -> Outcome {
    Outcome {
        position: report.position.map(|_| verdict),
        status: report.status.map(|_| verdict),
        description: report.description.as_ref().map(|_| verdict),
    }
}

fn apply_one(fleet: &mut Fleet, report: &UnitReport, judge: Judge) -> Outcome {
    let stamp = Stamp { observed_at: report.observed_at, report: report.id };
    let known = fleet.unit(&report.unit).map(|unit| Unit::clone(unit));
    let mut outcome = Outcome::default();
    let mut unit = match (known, &report.description) {
        (Some(mut unit), description) => {
            outcome.description = description.as_ref().map(|said| describe(&mut unit, said, stamp));
            unit
        }
        (None, Some(said)) => {
            outcome.description = Some(Verdict::Applied);
            Unit::new(report.unit.clone(), said.clone(), stamp)
        }
        (None, None) => return of_all_parts(report, Verdict::UnknownUnit),
    };
    outcome.status = report.status.map(|status| set_status(&mut unit, status, stamp));
    if let Some(position) = &report.position {
        let fix = Fix::new(position, stamp, report.received_at);
        outcome.position = Some(match judge {
            Judge::Now => jump::place(&mut unit, fix, &mut fleet.counters),
            Judge::Before(verdict) => jump::place_as(&mut unit, fix, verdict),
        });
    }
    unit.recent.push(report.id);
    fleet.put(unit);
    outcome
}

fn describe(unit: &mut Unit, said: &UnitDescription, stamp: Stamp) -> Verdict {
    if stamp <= unit.described {
        return Verdict::OutOfOrder;
    }
    unit.described = stamp;
    // Most repeat what is known: the units of two epochs share it.
    if *unit.description != *said {
        unit.description = Arc::new(said.clone());
    }
    Verdict::Applied
}

fn set_status(unit: &mut Unit, status: UnitStatus, stamp: Stamp) -> Verdict {
    if unit.status_stamp.is_some_and(|last| stamp <= last) {
        return Verdict::OutOfOrder;
    }
    if unit.status != status || unit.status_stamp.is_none() {
        (unit.status, unit.status_since) = (status, stamp.observed_at);
    }
    unit.status_stamp = Some(stamp);
    Verdict::Applied
}
