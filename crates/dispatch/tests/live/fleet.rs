//! What reports make of the fleet, in whatever order they come.

use urbis_dispatch::{
    Agency, Applied, Fleet, JudgedReport, Outcome, PositionReport, ReportId, UnitDescription,
    UnitId, UnitReport, UnitStatus, Verdict,
};
use urbis_model::{LonLat, Moment, Openness};

const SECOND: i64 = 1_000_000;
const NOW: Moment = Moment(1_790_000_000 * SECOND);

/// A report with an id, observed so many seconds after [`NOW`], of nothing yet.
fn report(id: u128, unit: &str, second: i64) -> UnitReport {
    UnitReport {
        id: ReportId(id),
        unit: UnitId::new(unit).unwrap(),
        observed_at: Moment(NOW.0 + second * SECOND),
        received_at: NOW,
        position: None,
        status: None,
        description: None,
    }
}

fn described(id: u128, unit: &str, second: i64) -> UnitReport {
    let description = UnitDescription {
        title: format!("Xe {unit}"),
        agency: Agency::Medical115,
        profile: "ambulance".into(),
        capabilities: vec!["als".into()],
        openness: Openness::Internal,
        is_simulated: false,
    };
    UnitReport { description: Some(description), ..report(id, unit, second) }
}

/// A place so many metres north of the middle of the town.
fn at(report: UnitReport, north_m: f64) -> UnitReport {
    // A degree of latitude on the sphere of the model's distances.
    let lat = 16.0 + north_m / 111_195.0;
    let position = PositionReport {
        place: LonLat::new(108.2, lat).unwrap(),
        accuracy_m: None,
        heading_deg: None,
        speed_kmh: None,
    };
    UnitReport { position: Some(position), ..report }
}

fn says(report: UnitReport, status: UnitStatus) -> UnitReport {
    UnitReport { status: Some(status), ..report }
}

fn apply(fleet: &Fleet, reports: &[UnitReport]) -> Applied {
    fleet.apply(reports, None, NOW)
}

/// A fleet of one unit that is at 0 m.
fn one_unit() -> Fleet {
    apply(&Fleet::default(), &[at(described(1, "115-01", -600), 0.0)]).fleet
}

fn positions(applied: &Applied) -> Vec<Verdict> {
    applied.outcomes.iter().filter_map(|outcome| outcome.position).collect()
}

fn north_m(fleet: &Fleet) -> i64 {
    let fix = fleet.units()[0].fix.as_ref().unwrap();
    ((fix.place.lat() - 16.0) * 111_195.0).round() as i64
}

#[test]
fn a_unit_is_known_from_its_first_description_on() {
    let early = at(report(1, "115-01", -9), 5.0);
    let applied = apply(&Fleet::default(), &[early, at(described(2, "115-01", -8), 6.0)]);
    assert_eq!(positions(&applied), [Verdict::UnknownUnit, Verdict::Applied]);
    assert!(applied.outcomes[0].refusal().is_some() && !applied.outcomes[0].is_to_store());
    let unit = applied.fleet.unit(&UnitId::new("115-01").unwrap()).unwrap();
    assert_eq!(unit.description.title, "Xe 115-01");
    assert_eq!(unit.status, UnitStatus::OutOfService, "it has not said that it can be sent");
    assert_eq!(applied.fleet.counters().of(Verdict::UnknownUnit), 1);
}

#[test]
fn units_are_in_the_order_of_their_ids() {
    let reports = ["b", "a", "c", "B", "10", "9"].map(|unit| described(1, unit, -1));
    let fleet = apply(&Fleet::default(), &reports).fleet;
    let ids: Vec<&str> = fleet.units().iter().map(|unit| unit.id.as_str()).collect();
    assert_eq!(ids, ["10", "9", "B", "a", "b", "c"]);
}

#[test]
fn the_old_fleet_stays_as_it_was_and_the_epoch_grows_only_with_a_change() {
    let old = one_unit();
    let new = apply(&old, &[at(report(2, "115-01", -500), 50.0)]).fleet;
    assert_eq!((north_m(&old), north_m(&new)), (0, 50));
    assert_eq!(new.epoch(), old.epoch() + 1);
    let same = apply(&new, &[at(report(2, "115-01", -500), 50.0)]).fleet;
    assert_eq!(same.epoch(), new.epoch());
    assert_eq!(same.counters().of(Verdict::Duplicate), 1);
}

#[test]
fn a_late_report_is_history_and_a_repeated_one_is_nothing() {
    let reports = [
        at(report(2, "115-01", -100), 100.0),
        at(report(3, "115-01", -300), 30.0),
        at(report(2, "115-01", -100), 100.0),
    ];
    let applied = apply(&one_unit(), &reports);
    assert_eq!(positions(&applied), [Verdict::Applied, Verdict::OutOfOrder, Verdict::Duplicate]);
    let to_store: Vec<bool> = applied.outcomes.iter().map(Outcome::is_to_store).collect();
    assert_eq!(to_store, [true, true, false]);
    assert_eq!(north_m(&applied.fleet), 100);
}

#[test]
fn clocks_may_be_half_a_minute_ahead_and_a_report_a_week_late() {
    let week = 7 * 86_400;
    let reports = [-week - 1, -week, 30, 31].map(|second| report(9, "115-01", second));
    let verdicts: Vec<Verdict> = reports
        .map(|report| apply(&one_unit(), &[says(report, UnitStatus::Available)]).outcomes[0])
        .map(|outcome| outcome.status.unwrap())
        .into();
    let expected = [Verdict::TooOld, Verdict::Applied, Verdict::Applied, Verdict::FromFuture];
    assert_eq!(verdicts, expected);
}

#[test]
fn a_jump_is_held_until_the_next_position_confirms_it() {
    let fleet = one_unit();
    // 10 km in 100 s are 360 km/h.
    let jumped = apply(&fleet, &[at(report(2, "115-01", -500), 10_000.0)]);
    assert_eq!(positions(&jumped), [Verdict::JumpHeld]);
    assert_eq!(north_m(&jumped.fleet), 0);
    let confirmed = apply(&jumped.fleet, &[at(report(3, "115-01", -499), 10_010.0)]);
    assert_eq!(positions(&confirmed), [Verdict::Applied]);
    assert_eq!(north_m(&confirmed.fleet), 10_010);
    assert_eq!(confirmed.fleet.counters().jumps_confirmed, 1);
}

#[test]
fn a_jump_that_the_next_position_contradicts_is_dropped() {
    let jump = at(report(2, "115-01", -500), 10_000.0);
    let back = at(report(3, "115-01", -499), 20.0);
    let there_again = at(report(4, "115-01", -498), 10_000.0);
    let applied = apply(&one_unit(), &[jump, back, there_again]);
    assert_eq!(positions(&applied), [Verdict::JumpHeld, Verdict::Applied, Verdict::JumpHeld]);
    assert_eq!(north_m(&applied.fleet), 20);
    assert_eq!(applied.fleet.counters().jumps_dropped, 1);
}

#[test]
fn a_second_jump_elsewhere_takes_the_place_of_the_first() {
    let jumps = [(2, -500, 10_000.0), (3, -499, -10_000.0), (4, -498, -10_005.0)];
    let reports = jumps.map(|(id, second, north)| at(report(id, "115-01", second), north));
    let applied = apply(&one_unit(), &reports);
    assert_eq!(positions(&applied), [Verdict::JumpHeld, Verdict::JumpHeld, Verdict::Applied]);
    assert_eq!(north_m(&applied.fleet), -10_005);
}

#[test]
fn two_hundred_kilometres_an_hour_are_no_jump_and_a_stated_error_excuses_little() {
    let verdict = |north: f64, accuracy_m: Option<f64>| {
        let mut jump = at(report(2, "115-01", -590), north);
        jump.position.as_mut().unwrap().accuracy_m = accuracy_m;
        positions(&apply(&one_unit(), &[jump]))[0]
    };
    // 10 s at 200 km/h are 555.6 m.
    assert_eq!(verdict(555.0, None), Verdict::Applied);
    assert_eq!(verdict(556.0, None), Verdict::JumpHeld);
    assert_eq!(verdict(620.0, Some(70.0)), Verdict::Applied);
    assert_eq!(verdict(700.0, Some(1e6)), Verdict::JumpHeld);
}

#[test]
fn a_status_holds_since_it_was_first_said() {
    use UnitStatus::{Assigned, Available};
    let steps = [(2, -50, Available), (3, -40, Available), (4, -45, Assigned), (5, -30, Assigned)];
    let reports = steps.map(|(id, second, status)| says(report(id, "115-01", second), status));
    let before = apply(&one_unit(), &reports[..3]).fleet;
    let unit = &before.units()[0];
    assert_eq!((unit.status, unit.status_since), (Available, Moment(NOW.0 - 50 * SECOND)));
    let after = apply(&before, &reports[3..]).fleet;
    let unit = &after.units()[0];
    assert_eq!((unit.status, unit.status_since), (Assigned, Moment(NOW.0 - 30 * SECOND)));
}

#[test]
fn a_simulator_cannot_move_a_real_unit() {
    let mut simulated = at(described(2, "115-01", -1), 50.0);
    simulated.description.as_mut().unwrap().is_simulated = true;
    let applied = apply(&one_unit(), &[simulated]);
    assert_eq!(applied.outcomes[0].refusal(), Some(Verdict::OtherUnit));
    assert_eq!(north_m(&applied.fleet), 0);
}

/// Slow steps, so that none is a jump in any order.
fn walk() -> Vec<UnitReport> {
    let mut reports = Vec::new();
    for step in 0..40_u32 {
        let id = u128::from(step) * 7_919 % 1_009 + 10;
        let unit = ["115-01", "115-02", "114-01"][step as usize % 3];
        // Two reports of a moment every now and then: the larger id counts.
        let second = -600 + i64::from(step / 6) * 20;
        let statuses = UnitStatus::ALL;
        let moved = at(described(id, unit, second), f64::from(step));
        reports.push(says(moved, statuses[step as usize % statuses.len()]));
    }
    reports
}

#[test]
fn any_order_any_repetition_and_any_cut_into_batches_end_in_the_same_state() {
    let reports = walk();
    let state = |fleet: &Fleet| -> Vec<_> {
        fleet.units().iter().map(|unit| (unit.state(), unit.status)).collect()
    };
    let expected = state(&apply(&Fleet::default(), &reports).fleet);
    let mut seed = 11_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for round in 0..200 {
        let mut shuffled: Vec<UnitReport> = reports.clone();
        shuffled.extend((0..20).map(|_| reports[random(reports.len())].clone()));
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, random(at + 1));
        }
        let mut fleet = Fleet::default();
        while !shuffled.is_empty() {
            let batch: Vec<_> = shuffled.drain(..=random(shuffled.len())).collect();
            fleet = apply(&fleet, &batch).fleet;
        }
        let found: Vec<_> = state(&fleet).into_iter().map(without_since).collect();
        let expected: Vec<_> = expected.clone().into_iter().map(without_since).collect();
        assert_eq!(found, expected, "round {round}");
    }
}

/// Since when a status holds depends on what was known before: a late report does not change it.
fn without_since(
    (mut state, status): (urbis_dispatch::UnitState, UnitStatus),
) -> (urbis_dispatch::UnitState, UnitStatus) {
    if let Some((_, since, _)) = &mut state.status {
        *since = NOW;
    }
    (state, status)
}

#[test]
fn a_fleet_that_was_kept_and_restored_goes_on_where_it_was() {
    let reports = walk();
    let fleet = apply(&Fleet::default(), &reports).fleet;
    let states: Vec<_> = fleet.units().iter().map(|unit| unit.state()).collect();
    let restored = Fleet::restore(states.clone(), None);
    let again: Vec<_> = restored.units().iter().map(|unit| unit.state()).collect();
    assert_eq!(again, states);
    let replayed = apply(&restored, &reports);
    let is_new = |verdict: Verdict| verdict == Verdict::Applied || verdict == Verdict::JumpHeld;
    assert!(!replayed.outcomes.iter().flat_map(Outcome::verdicts).any(is_new));
    assert_eq!(replayed.fleet.epoch(), restored.epoch());
}

#[test]
fn a_replay_ends_where_the_reports_ended_also_much_later_and_from_the_middle() {
    let jump = at(report(900, "115-01", -400), 10_000.0);
    let confirmed = at(report(901, "115-01", -399), 10_010.0);
    let wrong = at(report(902, "115-01", -398), -10_000.0);
    let reports = [walk(), vec![jump, confirmed, wrong]].concat();
    let long_ago = |reports: Vec<UnitReport>| -> Vec<UnitReport> {
        let month = 30 * 86_400 * SECOND;
        let earlier = |mut report: UnitReport| {
            report.observed_at.0 -= month;
            report.received_at.0 -= month;
            report
        };
        reports.into_iter().map(earlier).collect()
    };
    let reports = long_ago(reports);
    let then = Moment(NOW.0 - 30 * 86_400 * SECOND);
    let applied = Fleet::default().apply(&reports, None, then);
    assert_eq!(applied.outcomes.last().and_then(|last| last.position), Some(Verdict::JumpHeld));
    let judged: Vec<JudgedReport> = reports
        .into_iter()
        .zip(applied.outcomes)
        .map(|(report, outcome)| JudgedReport { report, outcome })
        .collect();
    let state =
        |fleet: &Fleet| -> Vec<_> { fleet.units().iter().map(|unit| unit.state()).collect() };
    for kept in 0..=judged.len() {
        // The database has so many; the spool has those and the others, for its mark is behind.
        let start = Fleet::default().replay(&judged[..kept]);
        let restored = Fleet::restore(state(&start), None);
        let replayed = restored.replay(&judged[kept.saturating_sub(5)..]);
        assert_eq!(state(&replayed), state(&applied.fleet), "{kept}");
    }
}
