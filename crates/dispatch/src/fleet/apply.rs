//! Applies reports to a fleet, one after the other.

use std::sync::Arc;

use urbis_model::{Moment, Outcome, Stamp, UnitDescription, UnitReport, UnitStatus, Verdict};

use super::{Applied, Fix, Fleet, Streets, Unit, jump};

/// How far the clock of a unit may be ahead of ours, microseconds.
const MAX_AHEAD: i64 = 30 * 1_000_000;

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
            None => apply_one(&mut next, report, streets),
        };
        next.counters.count(&outcome);
        outcomes.push(outcome);
    }
    if outcomes.iter().any(|outcome| outcome.verdicts().any(|one| one == Verdict::Applied)) {
        next.epoch += 1;
    }
    Applied { fleet: next, outcomes }
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

fn apply_one(fleet: &mut Fleet, report: &UnitReport, streets: Option<Streets<'_>>) -> Outcome {
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
        outcome.position = Some(jump::place(&mut unit, fix, &mut fleet.counters));
        snap(&mut unit, stamp, streets);
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

/// Puts the unit's fix on the roads where it is the one just reported.
fn snap(unit: &mut Unit, stamp: Stamp, streets: Option<Streets<'_>>) {
    let fix = unit.fix.as_mut().filter(|fix| fix.stamp == stamp);
    if let (Some(fix), Some(streets)) = (fix, streets) {
        streets.snap(fix);
    }
}
