//! What a batch says last of each unit and of each state of a road.

use std::collections::BTreeMap;

use urbis_model::{
    JudgedReport, Moment, PositionReport, RoadStateReport, Stamp, UnitDescription, UnitId,
    UnitStatus, Verdict,
};

/// What a batch says last of one unit, each part for itself.
#[derive(Debug, Default)]
pub(super) struct LatestOfUnit<'a> {
    pub(super) description: Option<(Stamp, &'a UnitDescription)>,
    pub(super) status: Option<StatusRun>,
    /// With the moment at which it came.
    pub(super) position: Option<(Stamp, PositionReport, Moment)>,
}

/// The last status that a batch gives to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StatusRun {
    pub(super) status: UnitStatus,
    /// The first report of the batch from which on it was this status.
    pub(super) from: Moment,
    /// The batch has no other status before: it may have begun before the batch.
    pub(super) is_open: bool,
    pub(super) last: Stamp,
}

/// Takes of each unit what was applied and came latest by its own clock.
pub(super) fn latest_of_units(reports: &[JudgedReport]) -> BTreeMap<&UnitId, LatestOfUnit<'_>> {
    let stamp = |judged: &JudgedReport| Stamp {
        observed_at: judged.report.observed_at,
        report: judged.report.id,
    };
    let mut ordered: Vec<&JudgedReport> = reports.iter().collect();
    ordered.sort_by_key(|judged| stamp(judged));
    let mut units: BTreeMap<&UnitId, LatestOfUnit<'_>> = BTreeMap::new();
    for judged in ordered {
        let (report, outcome, stamp) = (&judged.report, &judged.outcome, stamp(judged));
        let unit = units.entry(&report.unit).or_default();
        let is_applied = |verdict: Option<Verdict>| verdict == Some(Verdict::Applied);
        if let Some(said) = report.description.as_ref().filter(|_| is_applied(outcome.description))
        {
            unit.description = Some((stamp, said));
        }
        if let Some(status) = report.status.filter(|_| is_applied(outcome.status)) {
            unit.status = Some(StatusRun::after(unit.status, status, stamp));
        }
        if let Some(position) = report.position.filter(|_| is_applied(outcome.position)) {
            unit.position = Some((stamp, position, report.received_at));
        }
    }
    units
}

impl StatusRun {
    fn after(before: Option<Self>, status: UnitStatus, last: Stamp) -> Self {
        match before {
            Some(run) if run.status == status => Self { last, ..run },
            before => Self { status, from: last.observed_at, is_open: before.is_none(), last },
        }
    }
}

/// Takes of each state of a road the latest report.
pub(super) fn latest_of_roads(roads: &[RoadStateReport]) -> BTreeMap<&str, &RoadStateReport> {
    let mut latest: BTreeMap<&str, &RoadStateReport> = BTreeMap::new();
    let stamp = |road: &RoadStateReport| (road.observed_at, road.received_at);
    for road in roads {
        let known = latest.entry(&road.id).or_insert(road);
        if stamp(road) > stamp(known) {
            *known = road;
        }
    }
    latest
}
