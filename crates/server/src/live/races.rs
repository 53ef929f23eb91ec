//! What units and cities do to each other when both change at one moment.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use geo_types::{Coord, Geometry, LineString, MultiLineString};
use tokio::sync::oneshot;
use urbis_catalog::{Catalog, NetworkRole};
use urbis_dispatch::{
    Agency, Fleet, PositionReport, ReportId, SpoolLimits, UnitDescription, UnitId, UnitReport,
};
use urbis_model::{
    AttributeValue, Feature, FeatureId, LonLat, Moment, Openness, Revision, Validity,
};
use urbis_snapshot::City;

use super::*;
use crate::present::{NextFleet, RoadedCity, streets};

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    let layers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../layers");
    Arc::new(Catalog::load(&layers).unwrap())
});

/// A street of some 400 m, ten metres of longitude east of the one with the number before.
fn street(id: i64) -> Feature {
    let lon = 108.2 + 0.0001 * id as f64;
    let line = LineString::new(vec![Coord { x: lon, y: 16.06 }, Coord { x: lon, y: 16.064 }]);
    let layer = CATALOG.network_layer(NetworkRole::Roads).unwrap();
    let attributes = layer.attributes.iter().map(|attribute| match attribute.name.as_str() {
        "class" => AttributeValue::text("residential"),
        _ => AttributeValue::Null,
    });
    Feature {
        id: FeatureId::new(id).unwrap(),
        geometry: Some(Geometry::MultiLineString(MultiLineString(vec![line]))),
        attributes: attributes.collect(),
        validity: Validity::ALWAYS,
    }
}

fn town(revision: u64, streets: &[i64]) -> RoadedCity {
    let layer = CATALOG.network_layer(NetworkRole::Roads).unwrap().id.clone();
    let streets = streets.iter().map(|id| street(*id)).collect();
    let revision = Revision(revision);
    let city = City::build(Arc::clone(&CATALOG), revision, vec![(layer, streets)], Moment::now());
    RoadedCity::build(city)
}

/// A unit on the street with the number 1.
fn report(unit: &str) -> UnitReport {
    let description = UnitDescription {
        title: unit.into(),
        agency: Agency::Fire114,
        profile: "pumper".into(),
        capabilities: vec![],
        openness: Openness::Open,
        is_simulated: true,
    };
    UnitReport {
        id: ReportId(1),
        unit: UnitId::new(unit).unwrap(),
        observed_at: Moment::now(),
        received_at: Moment::now(),
        position: Some(PositionReport {
            place: LonLat::new(108.2001, 16.062).unwrap(),
            accuracy_m: None,
            heading_deg: None,
            speed_kmh: None,
        }),
        status: None,
        description: Some(description),
    }
}

/// The streets that each unit may be on.
fn streets_of(board: &Board) -> Vec<Vec<i64>> {
    let fleet = board.fleet();
    let of_unit = |unit: &Arc<urbis_dispatch::Unit>| -> Vec<i64> {
        let positions = unit.fix.iter().flat_map(|fix| &fix.positions);
        let mut ids: Vec<i64> = positions.map(|at| at.position.segment.to_i64()).collect();
        ids.dedup();
        ids
    };
    fleet.units().iter().map(of_unit).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn units_that_report_while_the_first_city_comes_lose_nobody_and_are_on_its_roads() {
    for _ in 0..20 {
        let (board, folder) = (Arc::<Board>::default(), tempfile::tempdir().unwrap());
        let live = Arc::new(Live::open(&board, folder.path(), SpoolLimits::default()).unwrap());
        live.take_units(vec![report("a")]).await.unwrap();
        let (reply, answer) = oneshot::channel();
        tokio::task::block_in_place(|| {
            board.change_city(town(1, &[1]), || {
                live.jobs.try_send(Job::Units(vec![report("b")], reply)).unwrap();
                let deadline = Instant::now() + Duration::from_millis(300);
                // Once it has taken what waited, it is about to look at the units; where it was at
                // a tick, it has looked.
                while live.jobs.capacity() < MAX_JOBS && Instant::now() < deadline {
                    std::thread::yield_now();
                }
                (0..1_000).for_each(|_| std::thread::yield_now());
            });
        });
        answer.await.unwrap().unwrap();
        assert_eq!(streets_of(&board), [[1], [1]]);
        tokio::task::spawn_blocking(|| live.close()).await.unwrap();
    }
}

#[test]
fn units_that_were_judged_on_roads_of_before_are_put_on_those_of_the_present() {
    let board = Board::default();
    board.change_city(town(1, &[1]), || {});
    let before = board.load().unwrap();
    let now = Moment::now();
    let fleet = board.fleet().apply(&[report("a")], Some(streets(&before)), now).fleet;
    let judged = |fleet: Fleet| NextFleet { fleet, roads: Some(before.roads()) };
    board.change_live(judged(fleet.clone()), vec![], now);
    assert_eq!(streets_of(&board), [[1]]);

    board.change_city(town(2, &[2]), || {});
    let changed = board.fleet().epoch();
    assert_eq!(streets_of(&board), [[2]]);
    board.change_live(judged(fleet), vec![], now);
    assert_eq!(streets_of(&board), [[2]]);
    assert!(board.fleet().epoch() > changed, "two fleets never have one number");
}

#[tokio::test]
async fn a_full_disk_lets_go_of_what_the_database_has_and_then_keeps_the_states() {
    let (board, folder) = (Arc::<Board>::default(), tempfile::tempdir().unwrap());
    let limits = SpoolLimits { max_bytes: 1 << 20, segment_bytes: 500 };
    let live = Arc::new(Live::open(&board, folder.path(), limits).unwrap());
    for unit in ["a", "b", "c", "d", "e"] {
        live.take_units(vec![report(unit)]).await.unwrap();
    }
    // Every write to this device fails as on a full disk; the second attempt makes a file.
    let unfinished = folder.path().join("states.json.new");
    std::os::unix::fs::symlink("/dev/full", unfinished).unwrap();
    let copied = live.shared.sample();
    live.let_go(copied).unwrap();
    assert_eq!(live.checkpoint.read().units.len(), 5);
    assert_eq!((live.spool.drained(), live.spool.waiting_bytes()), (copied, 0));
    tokio::task::spawn_blocking(|| live.close()).await.unwrap();
}

#[tokio::test]
async fn in_a_stream_that_never_ends_the_database_is_as_far_behind_as_the_last_copy() {
    let (board, folder) = (Arc::<Board>::default(), tempfile::tempdir().unwrap());
    let live = Arc::new(Live::open(&board, folder.path(), SpoolLimits::default()).unwrap());
    live.take_units(vec![report("a")]).await.unwrap();
    let behind = || live.shared.book().behind_since;
    let first = behind().unwrap();
    for unit in ["b", "c", "d"] {
        let sampled = live.shared.sample();
        let at = Instant::now();
        live.take_units(vec![report(unit)]).await.unwrap();
        live.shared.note_copied(sampled);
        assert!(first < behind().unwrap() && behind().unwrap() <= at, "{unit}");
    }
    let all = live.shared.sample();
    live.shared.note_copied(all);
    assert_eq!(behind(), None);
    tokio::task::spawn_blocking(|| live.close()).await.unwrap();
}

#[tokio::test]
async fn what_the_database_knows_comes_in_without_a_step_back() {
    let (board, folder) = (Arc::<Board>::default(), tempfile::tempdir().unwrap());
    let live = Arc::new(Live::open(&board, folder.path(), SpoolLimits::default()).unwrap());
    live.take_units(vec![report("a")]).await.unwrap();
    let before = board.fleet();
    let others = Fleet::default().apply(&[report("b")], None, Moment::now()).fleet;
    let units = others.units().iter().map(|unit| unit.state()).collect();
    live.restore(States { units, roads: vec![] }).await;
    let after = board.fleet();
    assert_eq!(after.units().len(), 2);
    assert!(after.epoch() > before.epoch());
    assert_eq!(after.counters(), before.counters());
    tokio::task::spawn_blocking(|| live.close()).await.unwrap();
}
