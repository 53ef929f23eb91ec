//! What is pruned, and what is kept for whom.

use std::pin::pin;
use std::time::{Duration, Instant};

use urbis_store::{Node, Poll, Pruned, Retention};

use crate::harness::{
    City, apply, assert_unchanged, city, execute, follow, for_nodes_alone, id, insert_pole, record,
    records,
};

const LOG_ROWS: &str = "SELECT count(*) FROM urbis.change_log";

async fn prune(city: &City) -> Pruned {
    city.store.prune_log(&for_nodes_alone()).await.unwrap().unwrap()
}

/// Writes down how far a tail is, which it does by itself once a second.
async fn beat(city: &City, tail: &urbis_store::Tail, name: &str) {
    let snapshot = tail.position().snapshot();
    city.psql(&format!("UPDATE urbis.node SET snapshot = '{snapshot}' WHERE name = '{name}'"))
        .await;
}

async fn silence(city: &City, name: &str) {
    let sql = "UPDATE urbis.node SET heartbeat = now() - interval '61 min' WHERE name";
    city.psql(&format!("{sql} = '{name}'")).await;
}

#[tokio::test]
async fn a_row_of_the_log_goes_once_the_last_live_node_has_seen_it() {
    let city = city().await;
    let (mut ahead, mut memory) = city.load_as(&Node::new("ahead").unwrap()).await;
    let (mut behind, mut late_memory) = city.load_as(&Node::new("behind").unwrap()).await;
    city.psql(&insert_pole(1, 8)).await;
    follow(&mut ahead, &mut memory).await;
    beat(&city, &ahead, "ahead").await;
    assert_eq!(prune(&city).await, Pruned::default());

    follow(&mut behind, &mut late_memory).await;
    assert_eq!(prune(&city).await.log_rows, 0, "it has not said so yet");
    beat(&city, &behind, "behind").await;
    assert_eq!(prune(&city).await.log_rows, 1);
    assert_eq!(memory, late_memory);
    for tail in [&mut ahead, &mut behind] {
        assert_unchanged(tail).await;
    }
}

#[tokio::test]
async fn a_transaction_that_stays_open_keeps_its_own_rows_and_no_others() {
    let city = city().await;
    let (mut tail, mut memory) = city.load_as(&Node::new("node").unwrap()).await;
    let mut open = city.connect().await;
    execute(&mut open, &format!("BEGIN; {}", insert_pole(1, 1))).await.unwrap();
    city.psql(&insert_pole(2, 2)).await;
    follow(&mut tail, &mut memory).await;
    beat(&city, &tail, "node").await;
    assert_eq!(prune(&city).await.log_rows, 1);

    execute(&mut open, "COMMIT").await.unwrap();
    assert_eq!(prune(&city).await.log_rows, 0, "it is older than the position, and not in it");
    follow(&mut tail, &mut memory).await;
    assert_eq!(memory[&id("pole")].len(), 2);
    beat(&city, &tail, "node").await;
    assert_eq!(prune(&city).await.log_rows, 1);
}

#[tokio::test]
async fn a_burst_that_is_being_read_keeps_its_rows() {
    let city = city().await;
    let (tail, _) = city.load_as(&Node::new("node").unwrap()).await;
    let mut tail = tail.with_rows_of_a_poll(2);
    city.psql(&format!(
        "BEGIN; {}; {}; {}; COMMIT",
        insert_pole(1, 1),
        insert_pole(2, 2),
        insert_pole(3, 3)
    ))
    .await;
    let poll = tail.poll().await.unwrap();
    assert!(matches!(poll, Poll::Burst(..)), "{poll:?}");
    beat(&city, &tail, "node").await;
    assert_eq!(prune(&city).await.log_rows, 0);

    drop(poll);
    tail.abandon();
    assert!(matches!(tail.poll().await.unwrap(), Poll::Burst(..)), "it is found again");
}

#[tokio::test]
async fn a_node_that_was_silent_for_too_long_holds_nothing_back_and_loads_anew() {
    let city = city().await;
    let node = Node::new("sleeper").unwrap();
    let (mut tail, _) = city.load_as(&node).await;
    city.psql(&insert_pole(1, 8)).await;
    silence(&city, "sleeper").await;
    assert_eq!(prune(&city).await, Pruned { nodes: 1, log_rows: 1, ..Pruned::default() });
    let poll = tail.poll().await.unwrap();
    assert!(matches!(poll, Poll::Reload { .. }), "its changes are gone, and it said {poll:?}");

    let (mut tail, memory) = city.load_as(&node).await;
    assert_eq!(memory[&id("pole")].len(), 1);
    assert_unchanged(&mut tail).await;
}

#[tokio::test]
async fn a_silent_node_that_nobody_pruned_past_goes_on() {
    let city = city().await;
    let (mut tail, mut memory) = city.load_as(&Node::new("sleeper").unwrap()).await;
    city.psql(&insert_pole(1, 8)).await;
    silence(&city, "sleeper").await;
    follow(&mut tail, &mut memory).await;
    assert_eq!(memory[&id("pole")].len(), 1);
}

#[tokio::test]
async fn a_node_says_by_itself_how_far_it_is_and_leaves_when_it_stops() {
    let city = city().await;
    let node = Node::new("node").unwrap();
    let (mut tail, mut memory) = city.load_as(&node).await;
    city.psql(&insert_pole(1, 8)).await;
    follow(&mut tail, &mut memory).await;
    let deadline = Instant::now() + Duration::from_secs(20);
    while prune(&city).await.log_rows == 0 {
        assert!(Instant::now() < deadline, "no heartbeat");
        tail.poll().await.unwrap();
    }
    city.store.leave(&node).await.unwrap();
    assert_eq!(city.number("SELECT count(*) FROM urbis.node").await, 0);
}

/// It lasts for longer than the second after which a heartbeat is due.
#[tokio::test]
async fn who_locks_the_list_of_nodes_holds_no_change_back_and_a_dropped_poll_loses_none() {
    let city = city().await;
    let (mut tail, mut memory) = city.load_as(&Node::new("node").unwrap()).await;
    let (mut dropped, mut other_memory) = city.load_as(&Node::new("dropped").unwrap()).await;
    let mut lock = city.connect().await;
    execute(&mut lock, "BEGIN; LOCK TABLE urbis.node IN SHARE MODE").await.unwrap();
    let (started, mut poles) = (Instant::now(), 0);
    while started.elapsed() < Duration::from_millis(2_500) {
        poles += 1;
        city.psql(&insert_pole(poles, 8)).await;
        let asked = Instant::now();
        follow(&mut tail, &mut memory).await;
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        assert_eq!(memory[&id("pole")].len(), poles as usize);
        let polled = tokio::time::timeout(Duration::from_millis(50), dropped.poll()).await;
        if let Ok(Poll::Changed(batch)) = polled.map(Result::unwrap) {
            apply(&mut other_memory, batch);
        }
    }
    follow(&mut dropped, &mut other_memory).await;
    assert_eq!(memory, other_memory);

    execute(&mut lock, "COMMIT").await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while prune(&city).await.log_rows == 0 {
        assert!(Instant::now() < deadline, "no heartbeat");
        tail.poll().await.unwrap();
        dropped.poll().await.unwrap();
    }
}

#[tokio::test]
async fn rows_of_another_life_of_the_database_go_at_once() {
    let city = city().await;
    city.load_as(&Node::new("node").unwrap()).await;
    let foreign =
        "INSERT INTO urbis.change_log (xid, layer, feature_id) VALUES ('99999999', 'pole', 1)";
    city.psql(foreign).await;
    assert_eq!(prune(&city).await.log_rows, 1);
}

#[tokio::test]
async fn who_prunes_while_another_does_leaves_it_to_him() {
    let city = city().await;
    let mut other = city.connect().await;
    execute(&mut other, "BEGIN; SELECT pg_advisory_xact_lock(1970430569, 2)").await.unwrap();
    assert_eq!(city.store.prune_log(&for_nodes_alone()).await.unwrap(), None);
}

/// With the log, which holds back what it names.
async fn prune_versions(city: &City, retention: &Retention) -> u64 {
    prune(city).await;
    city.store.prune_past(&city.catalog, retention).await.unwrap().versions
}

fn past(history_s: u64, runs_s: u64) -> Retention {
    let age = |seconds| Some(Duration::from_secs(seconds));
    Retention { history: age(history_s), runs: age(runs_s), ..for_nodes_alone() }
}

#[tokio::test]
async fn history_is_kept_for_ever_unless_somebody_says_otherwise() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    city.psql("UPDATE layer.pole SET height_m = 9").await;
    let past_all = city.store.prune_past(&city.catalog, &for_nodes_alone()).await.unwrap();
    assert_eq!(past_all, Pruned::default());
    let young = city.store.prune_past(&city.catalog, &past(3600, 3600)).await.unwrap();
    assert_eq!(young, Pruned::default());
    city.psql("UPDATE history.pole SET recorded_to = recorded_to - interval '2 h'").await;
    assert_eq!(prune_versions(&city, &past(3600, 3600)).await, 1);
}

#[tokio::test]
async fn a_version_that_the_log_names_stays_however_old_it_is() {
    let city = city().await;
    let (mut behind, mut memory) = city.load_as(&Node::new("behind").unwrap()).await;
    city.psql(&insert_pole(1, 8)).await;
    city.psql("UPDATE layer.pole SET height_m = 9").await;
    city.psql("UPDATE history.pole SET recorded_to = recorded_to - interval '2 h'").await;
    assert_eq!(prune_versions(&city, &past(3600, 3600)).await, 0, "a node needs the log");
    follow(&mut behind, &mut memory).await;
    beat(&city, &behind, "behind").await;
    assert_eq!(prune_versions(&city, &past(3600, 3600)).await, 1);
}

#[tokio::test]
async fn a_long_history_is_pruned_in_pieces_to_its_end() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    city.psql(
        "UPDATE layer.pole SET height_m = 9; \
         UPDATE history.pole SET recorded_to = recorded_to - interval '2 h'; \
         INSERT INTO history.pole SELECT h.* FROM history.pole AS h, generate_series(1, 60000)",
    )
    .await;
    assert_eq!(prune_versions(&city, &past(3600, 3600)).await, 60_001);
}

#[tokio::test]
async fn who_prunes_the_past_waits_for_another_who_prunes() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    city.psql("UPDATE layer.pole SET height_m = 9").await;
    city.psql("UPDATE history.pole SET recorded_to = recorded_to - interval '2 h'").await;
    prune(&city).await;
    let mut other = city.connect().await;
    execute(&mut other, "BEGIN; SELECT pg_advisory_xact_lock(1970430569, 2)").await.unwrap();
    let retention = past(3600, 3600);
    let mut pruning = pin!(city.store.prune_past(&city.catalog, &retention));
    let deadline = Instant::now() + Duration::from_secs(20);
    let waits = async {
        let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' \
                       AND database = (SELECT oid FROM pg_database \
                                       WHERE datname = current_database())";
        while city.number(waiting).await == 0 {
            assert!(Instant::now() < deadline, "it asks for no lock");
        }
    };
    tokio::select! {
        pruned = &mut pruning => panic!("it waited for nobody: {pruned:?}"),
        () = waits => {}
    }
    execute(&mut other, "COMMIT").await.unwrap();
    assert_eq!(pruning.await.unwrap().versions, 1);
}

#[tokio::test]
async fn a_feature_that_a_person_deleted_does_not_come_back_when_its_history_is_pruned() {
    let city = city().await;
    city.publish(records(0..2)).await;
    city.psql("UPDATE layer.pole SET height_m = 9 WHERE asset_no = 'P-00001'").await;
    city.psql("DELETE FROM layer.pole WHERE asset_no = 'P-00001'").await;
    city.psql("UPDATE history.pole SET recorded_to = recorded_to - interval '2 h'").await;
    assert_eq!(prune_versions(&city, &past(3600, 3600)).await, 1, "the deletion stays");
    city.publish(records(0..2)).await;
    assert_eq!(city.number("SELECT count(*) FROM layer.pole").await, 1);
}

#[tokio::test]
async fn the_last_run_of_a_source_stays_and_so_do_those_that_faults_tell_of() {
    let city = city().await;
    for height in 0..3 {
        city.publish(vec![record("A", f64::from(height))]).await;
    }
    city.psql(
        "UPDATE urbis.import_run SET finished_at = finished_at - interval '2 h'; \
         INSERT INTO urbis.feature_fault \
         SELECT 1, 'pole', 'poles.gpkg', 'x', '', min(import_run_id) FROM urbis.import_run",
    )
    .await;
    let pruned = city.store.prune_past(&city.catalog, &past(3600, 3600)).await.unwrap();
    assert_eq!(pruned.runs, 1);
    assert_eq!(city.number("SELECT count(*) FROM urbis.import_run").await, 2);
    assert_eq!(city.number(LOG_ROWS).await, 3);
}
