//! Live state: what was written, again, late, in pieces or twice at once, is there once and right.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::{Duration, Instant};

use urbis_model::{
    Agency, JudgedReport, LonLat, Moment, Openness, Outcome, PositionReport, ReportId,
    RoadStateReport, Stamp, UnitDescription, UnitId, UnitReport, UnitState, UnitStatus, Verdict,
};
use urbis_store::{LiveState, LiveWriter, LiveWritten, Retention};

use crate::harness::{City, city, execute};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A minute ago, so that nothing is of the future.
pub fn now() -> Moment {
    Moment(Moment::now().0 - 60 * SECOND)
}

fn description(unit: &str) -> UnitDescription {
    UnitDescription {
        title: format!("Cấp cứu \"{unit}\""),
        agency: Agency::Medical115,
        profile: "ambulance".into(),
        capabilities: vec!["als".into(), "oxygen".into()],
        openness: Openness::Restricted,
        is_simulated: false,
    }
}

/// A report of everything, applied.
pub fn report(id: u128, unit: &str, observed_at: Moment, status: UnitStatus) -> JudgedReport {
    let position = PositionReport {
        place: LonLat::new(108.2 + (id % 10_000) as f64 / 1e6, 16.054_321_987_654).unwrap(),
        accuracy_m: Some(7.5),
        heading_deg: None,
        speed_kmh: Some(31.25),
    };
    let report = UnitReport {
        id: ReportId(id),
        unit: UnitId::new(unit).unwrap(),
        observed_at,
        received_at: Moment(observed_at.0 + 250_000),
        position: Some(position),
        status: Some(status),
        description: Some(description(unit)),
    };
    let applied = Some(Verdict::Applied);
    let outcome = Outcome { position: applied, status: applied, description: applied };
    JudgedReport { report, outcome }
}

fn road(id: &str, observed_at: Moment, depth_m: f64) -> RoadStateReport {
    RoadStateReport {
        id: id.into(),
        observed_at,
        received_at: Moment(observed_at.0 + 100),
        expires_at: Some(Moment(observed_at.0 + 900 * SECOND)),
        is_cleared: false,
        body: format!("{{\"id\": {id:?},  \"depth_m\": {depth_m:.2}}}"),
    }
}

async fn writer(city: &City) -> LiveWriter {
    LiveWriter::open(&city.url).await.unwrap()
}

async fn state(city: &City) -> LiveState {
    city.store.live_state().await.unwrap()
}

/// The state that reports must end in, with the status since its last report.
fn expected_units(reports: &[JudgedReport]) -> Vec<UnitState> {
    let mut latest: BTreeMap<&UnitId, &UnitReport> = BTreeMap::new();
    for JudgedReport { report, .. } in reports {
        let known = latest.entry(&report.unit).or_insert(report);
        if (report.observed_at, report.id) > (known.observed_at, known.id) {
            *known = report;
        }
    }
    let to_state = |report: &UnitReport| {
        let stamp = Stamp { observed_at: report.observed_at, report: report.id };
        UnitState {
            id: report.unit.clone(),
            description: report.description.clone().unwrap(),
            described: stamp,
            status: Some((report.status.unwrap(), report.observed_at, stamp)),
            position: Some((report.position.unwrap(), stamp, report.received_at)),
        }
    };
    latest.into_values().map(to_state).collect()
}

fn without_since(mut units: Vec<UnitState>) -> Vec<UnitState> {
    for unit in &mut units {
        if let Some((_, since, stamp)) = &mut unit.status {
            *since = stamp.observed_at;
        }
    }
    units
}

async fn history(city: &City) -> (i64, i64) {
    let positions = city.number("SELECT count(*) FROM live.position").await;
    (positions, city.number("SELECT count(*) FROM live.unit_status").await)
}

#[tokio::test]
async fn the_last_state_is_read_as_it_was_written() {
    let city = city().await;
    assert_eq!(state(&city).await, LiveState::default());
    let reports = [report(1, "115-01", now(), UnitStatus::EnRoute)];
    let roads = [road("Hàm Nghi", now(), 0.4)];
    let written = writer(&city).await.write(&reports, &roads).await.unwrap();
    assert_eq!(written, LiveWritten { positions: 1, statuses: 1, ..LiveWritten::default() });
    let read = state(&city).await;
    assert_eq!(read.units, expected_units(&reports));
    assert_eq!(read.roads, roads);
}

#[tokio::test]
async fn a_part_that_a_report_does_not_have_stays_as_it_was() {
    let city = city().await;
    let first = report(1, "115-01", now(), UnitStatus::Available);
    let mut second = report(2, "115-01", Moment(now().0 + SECOND), UnitStatus::Assigned);
    (second.report.position, second.report.description) = (None, None);
    (second.outcome.position, second.outcome.description) = (None, None);
    let mut writer = writer(&city).await;
    writer.write(std::slice::from_ref(&first), &[]).await.unwrap();
    writer.write(&[second.clone()], &[]).await.unwrap();
    let mut expected = expected_units(&[first]);
    let stamp = Stamp { observed_at: second.report.observed_at, report: ReportId(2) };
    expected[0].status = Some((UnitStatus::Assigned, stamp.observed_at, stamp));
    assert_eq!(state(&city).await.units, expected);
    assert_eq!(history(&city).await, (1, 2));
}

#[tokio::test]
async fn what_comes_again_late_in_pieces_and_out_of_order_is_there_once_and_right() {
    let city = city().await;
    let start = now();
    let reports: Vec<JudgedReport> = (0..60_u32)
        .map(|step| {
            let unit = ["115-01", "115-02", "114-01"][step as usize % 3];
            let status = UnitStatus::ALL[step as usize % UnitStatus::ALL.len()];
            // Every now and then two of one moment: the larger id counts.
            let at = Moment(start.0 - i64::from(step / 6) * SECOND);
            report(u128::from(step * 7_919 % 1_009 + 1), unit, at, status)
        })
        .collect();
    let roads: Vec<RoadStateReport> = (0..20_i64)
        .map(|step| road(["a", "b"][step as usize % 2], Moment(start.0 - step * SECOND), 0.1))
        .collect();
    let mut seed = 11_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let mut writer = writer(&city).await;
    for _ in 0..40 {
        let batch: Vec<_> = (0..20).map(|_| reports[random(60)].clone()).collect();
        let states: Vec<_> = (0..5).map(|_| roads[random(20)].clone()).collect();
        writer.write(&batch, &states).await.unwrap();
    }
    writer.write(&reports, &roads).await.unwrap();
    let read = state(&city).await;
    assert_eq!(without_since(read.units), expected_units(&reports));
    assert_eq!(read.roads, roads[..2]);
    assert_eq!(history(&city).await, (60, 60));
    let again = writer.write(&reports, &roads).await.unwrap();
    assert_eq!(again, LiveWritten::default());
}

#[tokio::test]
async fn a_status_holds_since_it_was_first_said_also_across_batches() {
    use UnitStatus::{Assigned, Available};
    let city = city().await;
    let base = now().0 / SECOND * SECOND - 600 * SECOND;
    let step = |id: u128, second: i64, status| {
        report(id, "115-01", Moment(base + second * SECOND), status)
    };
    let since =
        async |city: &City| (state(city).await.units[0].status.unwrap().1.0 - base) / SECOND;
    let mut writer = writer(&city).await;
    writer.write(&[step(1, 10, Available), step(2, 20, Available)], &[]).await.unwrap();
    assert_eq!(since(&city).await, 10);
    writer.write(&[step(3, 30, Available)], &[]).await.unwrap();
    assert_eq!(since(&city).await, 10, "it went on");
    let turns = [step(4, 40, Assigned), step(5, 50, Available), step(6, 60, Available)];
    writer.write(&turns, &[]).await.unwrap();
    assert_eq!(since(&city).await, 50, "it was another one in between");
    writer.write(&[step(3, 30, Available), step(7, 70, Available)], &[]).await.unwrap();
    assert_eq!(since(&city).await, 50, "a repetition in front changes nothing");
}

#[tokio::test]
async fn what_was_held_or_late_is_history_only_and_what_was_refused_is_nothing() {
    let city = city().await;
    let kept = report(1, "115-01", now(), UnitStatus::Available);
    let with = |id: u128, verdict: Verdict| {
        let mut later = report(id, "115-01", Moment(now().0 + SECOND), UnitStatus::Assigned);
        let said = Some(verdict);
        later.outcome = Outcome { position: said, status: said, description: said };
        later
    };
    let others = [
        with(2, Verdict::JumpHeld),
        with(3, Verdict::OutOfOrder),
        with(4, Verdict::Duplicate),
        with(5, Verdict::FromFuture),
        with(6, Verdict::UnknownUnit),
    ];
    let mut writer = writer(&city).await;
    writer.write(std::slice::from_ref(&kept), &[]).await.unwrap();
    writer.write(&others, &[]).await.unwrap();
    assert_eq!(state(&city).await.units, expected_units(&[kept]));
    let verdicts = "SELECT string_agg(verdict, ' ' ORDER BY report_id) FROM live.position";
    assert_eq!(city.text(verdicts).await.unwrap(), "applied jump_held out_of_order");
}

#[tokio::test]
async fn a_road_state_that_ended_is_not_brought_back_by_an_older_report() {
    let city = city().await;
    let start = now();
    let mut cleared = road("a", Moment(start.0 + SECOND), 0.0);
    cleared.is_cleared = true;
    cleared.expires_at = None;
    let mut writer = writer(&city).await;
    writer.write(&[], &[cleared.clone()]).await.unwrap();
    writer.write(&[], &[road("a", start, 0.4)]).await.unwrap();
    assert_eq!(state(&city).await.roads, [cleared]);
}

#[tokio::test]
async fn what_the_database_refuses_does_not_hold_the_others_back() {
    let city = city().await;
    let mut reports: Vec<JudgedReport> =
        (0..9).map(|id| report(id, &format!("115-0{id}"), now(), UnitStatus::Available)).collect();
    for bad in [2, 7] {
        reports[bad].report.description.as_mut().unwrap().title = "a\0b".into();
    }
    let mut roads: Vec<_> = ["a", "b", "c"].map(|id| road(id, now(), 0.1)).into();
    roads[1].body = "{".into();
    let mut writer = writer(&city).await;
    let written = writer.write(&reports, &roads).await.unwrap();
    assert_eq!((written.refused_reports, written.refused_roads), (vec![2, 7], vec![1]));
    assert_eq!((written.positions, written.statuses), (7, 7));
    let read = state(&city).await;
    assert_eq!((read.units.len(), read.roads.len()), (7, 2));
    assert_eq!(writer.write(&[], &[]).await.unwrap(), LiveWritten::default());
}

#[tokio::test]
async fn a_batch_that_was_cut_off_is_as_if_it_had_never_been_and_is_written_again() {
    let city = city().await;
    let reports: Vec<_> = (0..500)
        .map(|id| report(id, "115-01", Moment(now().0 + id as i64), UnitStatus::Available))
        .collect();
    let mut lock = city.connect().await;
    execute(&mut lock, "BEGIN; LOCK TABLE live.unit IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut cut_off = writer(&city).await;
    {
        let mut write = pin!(cut_off.write(&reports, &[]));
        // The history is written, the last state waits for the lock.
        let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted \
                       AND relation = 'live.unit'::regclass";
        let waits = async {
            let deadline = Instant::now() + Duration::from_secs(20);
            while city.number(waiting).await == 0 {
                assert!(Instant::now() < deadline, "it waits for no lock");
            }
        };
        tokio::select! {
            written = &mut write => panic!("it waited for nobody: {written:?}"),
            () = waits => {}
        }
    }
    drop(cut_off);
    execute(&mut lock, "COMMIT").await.unwrap();
    let written = writer(&city).await.write(&reports, &[]).await.unwrap();
    assert_eq!(written.positions, 500);
    assert_eq!(without_since(state(&city).await.units), expected_units(&reports));
}

#[tokio::test]
async fn a_connection_that_was_ended_is_an_error_and_the_next_one_writes_the_batch() {
    let city = city().await;
    let reports = [report(1, "115-01", now(), UnitStatus::Available)];
    let mut ended = writer(&city).await;
    city.psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
    let failed = ended.write(&reports, &[]).await.map_err(|error| error.code());
    assert_eq!(failed, Err("database_failed"));
    writer(&city).await.write(&reports, &[]).await.unwrap();
    assert_eq!(history(&city).await, (1, 1));
}

#[tokio::test]
async fn two_nodes_that_write_the_same_reports_leave_them_once() {
    let city = city().await;
    let reports: Vec<_> = (0..200)
        .map(|id| {
            // A day that neither has a partition for.
            let at = Moment(now().0 - 5 * DAY + id as i64);
            report(id, &format!("115-{:02}", id % 10), at, UnitStatus::Available)
        })
        .collect();
    let (mut one, mut other) = (writer(&city).await, writer(&city).await);
    let (one, other) = tokio::join!(one.write(&reports, &[]), other.write(&reports, &[]));
    assert_eq!(one.unwrap().positions + other.unwrap().positions, 200);
    assert_eq!(history(&city).await, (200, 200));
    assert_eq!(state(&city).await.units.len(), 10);
}

const PARTITIONS: &str = "SELECT string_agg(right(c.relname, 8), ' ' ORDER BY c.relname) \
                          FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
                          WHERE i.inhparent = 'live.position'::regclass";

fn keep_live(days: u64) -> Retention {
    Retention { live: Some(Duration::from_secs(days * 86_400)), ..Retention::default() }
}

async fn days_from_today(city: &City) -> Vec<i64> {
    let days = city.text(PARTITIONS).await.unwrap_or_default();
    let mut found = Vec::new();
    for day in days.split_whitespace() {
        let sql = format!("SELECT '{day}'::date - (now() AT TIME ZONE 'UTC')::date");
        found.push(city.number(&format!("SELECT ({sql})::bigint")).await);
    }
    found
}

#[tokio::test]
async fn days_are_made_ahead_and_where_a_late_report_needs_one_and_dropped_when_they_are_old() {
    let city = city().await;
    let mut writer = writer(&city).await;
    assert_eq!(days_from_today(&city).await, [0, 1, 2]);
    let late = [5, 4, 1].map(|days| {
        report(days as u128, "115-01", Moment(now().0 - days * DAY), UnitStatus::Available)
    });
    writer.write(&late, &[]).await.unwrap();
    let pruned = city.store.prune_past(&city.catalog, &keep_live(3)).await.unwrap();
    assert_eq!(pruned.live_days, 2);
    assert_eq!(history(&city).await, (1, 1));
    assert_eq!(state(&city).await.units.len(), 1, "the last state stays");
    let forever = Retention { live: None, ..Retention::default() };
    let pruned = city.store.prune_past(&city.catalog, &forever).await.unwrap();
    assert_eq!(pruned.live_days, 0);
}

#[tokio::test]
async fn a_day_that_somebody_reads_stays_and_those_before_it_are_dropped() {
    let city = city().await;
    let late = [6, 5, 4].map(|days| {
        report(days as u128, "115-01", Moment(now().0 - days * DAY), UnitStatus::Available)
    });
    writer(&city).await.write(&late, &[]).await.unwrap();
    let mut reader = city.connect().await;
    let read = city.text(
        "SELECT 'BEGIN; LOCK TABLE live.position_' || \
         to_char(now() AT TIME ZONE 'UTC' - interval '5 d', 'YYYYMMDD') || ' IN ACCESS SHARE MODE'",
    );
    execute(&mut reader, &read.await.unwrap()).await.unwrap();
    let failed = city.store.prune_past(&city.catalog, &keep_live(3)).await;
    assert_eq!(failed.map_err(|error| error.code()), Err("database_failed"));
    assert_eq!(days_from_today(&city).await, [-5, -4, 0, 1, 2]);
    execute(&mut reader, "COMMIT").await.unwrap();
    let pruned = city.store.prune_past(&city.catalog, &keep_live(3)).await.unwrap();
    assert_eq!(pruned.live_days, 2);
}

#[tokio::test]
async fn partitions_that_are_gone_are_made_again_by_whoever_prunes() {
    let city = city().await;
    city.store.prune_past(&city.catalog, &Retention::default()).await.unwrap();
    assert_eq!(days_from_today(&city).await, [0, 1, 2]);
    let name = city.text("SELECT 'live.position_' || to_char(now() AT TIME ZONE 'UTC' + interval '2 d', 'YYYYMMDD')").await.unwrap();
    city.psql(&format!("DROP TABLE {name}")).await;
    city.store.prune_past(&city.catalog, &Retention::default()).await.unwrap();
    assert_eq!(days_from_today(&city).await, [0, 1, 2]);
}

#[tokio::test]
async fn what_ended_is_pruned_and_what_holds_is_kept_however_old() {
    let city = city().await;
    let old = |days: i64| Moment(now().0 - days * DAY);
    let mut simulated = report(1, "sim-1", old(6), UnitStatus::Available);
    simulated.report.description.as_mut().unwrap().is_simulated = true;
    let real = report(2, "115-01", old(6), UnitStatus::Available);
    let mut cleared = road("cleared", old(6), 0.0);
    (cleared.is_cleared, cleared.expires_at) = (true, None);
    let mut without_end = road("without end", old(6), 0.3);
    without_end.expires_at = None;
    let roads = [cleared, without_end, road("over", old(6), 0.2), road("young", old(0), 0.2)];
    writer(&city).await.write(&[simulated, real], &roads).await.unwrap();
    let pruned = city.store.prune_past(&city.catalog, &keep_live(3)).await.unwrap();
    assert_eq!((pruned.live_days, pruned.live_rows), (1, 3));
    let read = state(&city).await;
    let units: Vec<_> = read.units.iter().map(|unit| unit.id.as_str()).collect();
    assert_eq!(units, ["115-01"]);
    let roads: Vec<_> = read.roads.iter().map(|road| road.id.as_str()).collect();
    assert_eq!(roads, ["without end", "young"]);
}

#[tokio::test]
async fn a_row_that_this_program_cannot_read_is_named_and_the_others_are_read() {
    let city = city().await;
    let reports = [1, 2].map(|id| report(id, &format!("115-0{id}"), now(), UnitStatus::Available));
    writer(&city).await.write(&reports, &[]).await.unwrap();
    city.psql("UPDATE live.unit SET status = 'flying' WHERE unit_id = '115-01'").await;
    let read = state(&city).await;
    assert_eq!((read.units.len(), read.unreadable), (1, vec!["115-01".to_owned()]));
}
