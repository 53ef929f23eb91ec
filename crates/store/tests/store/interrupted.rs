//! Imports that are killed, end early, or meet others at work.

use tokio::sync::mpsc;
use urbis_store::{ImportMessage, ImportMode, ImportReport, StoreError};

use crate::harness::{City, catalog, city, execute, id, pole, records, request};

const SOURCE: &str = "poles.gpkg";

/// Sends some records of a source and lets the import take them.
async fn begin_import(
    city: &City,
    keys: std::ops::Range<u32>,
) -> (mpsc::Sender<ImportMessage>, tokio::task::JoinHandle<Result<ImportReport, StoreError>>) {
    let (sender, messages) = mpsc::channel(1);
    let store = city.store.clone();
    let task = tokio::spawn(async move {
        let pole = pole();
        store.import(request(&pole, SOURCE, None, ImportMode::Publish), messages).await
    });
    for chunk in records(keys).chunks(9_000) {
        sender.send(ImportMessage::Items(chunk.to_vec())).await.unwrap();
    }
    (sender, task)
}

#[tokio::test]
async fn a_source_that_ends_early_publishes_nothing() {
    for before in [0_u32, 5] {
        let city = city().await;
        if before > 0 {
            city.publish(records(0..before)).await;
        }
        let (sender, task) = begin_import(&city, 100..20_000).await;
        drop(sender);
        assert_eq!(task.await.unwrap().unwrap_err().code(), "source_ended_early");
        assert_eq!(city.number("SELECT count(*) FROM layer.pole").await, i64::from(before));
        let index = "SELECT count(*) FROM pg_indexes WHERE indexname = 'pole_geom'";
        assert_eq!(city.number(index).await, 1);
    }
}

#[tokio::test]
async fn an_import_killed_on_the_way_leaves_the_layer_as_it_was() {
    for before in [0_u32, 5] {
        let city = city().await;
        if before > 0 {
            city.publish(records(0..before)).await;
        }
        let (sender, task) = begin_import(&city, 100..30_000).await;
        // As by kill -9: nobody says goodbye.
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        drop(sender);
        let alive = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = \
                     (SELECT oid FROM pg_database WHERE datname = current_database())";
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while city.number(alive).await > 0 {
            assert!(std::time::Instant::now() < deadline, "the server has not noticed");
        }
        assert_eq!(city.store.recover().await.unwrap().failed_runs.len(), 1);
        assert_eq!(city.number("SELECT count(*) FROM layer.pole").await, i64::from(before));
        city.store.migrate(&catalog()).await.unwrap();
        assert_eq!(city.publish(records(0..20)).await.read, 20);
        assert_eq!(city.number("SELECT count(*) FROM layer.pole").await, 20);
    }
}

#[tokio::test]
async fn an_import_whose_backend_dies_is_marked_as_failed() {
    let city = city().await;
    let (sender, task) = begin_import(&city, 0..20_000).await;
    city.psql(
        "SELECT pg_terminate_backend(backend_pid, 5000) FROM urbis.import_run WHERE status = 'running'",
    )
    .await;
    sender.send(ImportMessage::Finished).await.ok();
    assert_eq!(task.await.unwrap().unwrap_err().code(), "database_failed");
    assert_eq!(city.number("SELECT count(*) FROM layer.pole").await, 0);
    assert_eq!(city.store.recover().await.unwrap().failed_runs, Vec::<i64>::new());
    let failed = "SELECT count(*) FROM urbis.import_run WHERE status = 'failed'";
    assert_eq!(city.number(failed).await, 1);
}

#[tokio::test]
async fn a_second_import_of_a_layer_is_refused_while_the_first_runs() {
    let city = city().await;
    let (sender, task) = begin_import(&city, 0..10).await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while city.number("SELECT count(*) FROM urbis.import_run").await == 0 {
        assert!(std::time::Instant::now() < deadline, "the import does not start");
    }
    let error = city.import(SOURCE, None, ImportMode::Publish, records(0..1)).await;
    assert_eq!(error.unwrap_err().code(), "import_running");
    assert_eq!(city.store.recover().await.unwrap().failed_runs, Vec::<i64>::new());
    // Nor does a running load keep readers out.
    assert_eq!(city.load().await.1[&id("pole")].len(), 0);
    sender.send(ImportMessage::Finished).await.unwrap();
    assert_eq!(task.await.unwrap().unwrap().inserted, 10);
}

#[tokio::test]
async fn editors_who_write_during_a_merge_wait_and_are_not_lost() {
    let city = city().await;
    city.publish(records(0..10)).await;
    let mut editor = city.connect().await;
    execute(&mut editor, "BEGIN; UPDATE layer.pole SET height_m = 77 WHERE asset_no = 'P-00003'")
        .await
        .unwrap();
    let (sender, task) = begin_import(&city, 0..10).await;
    sender.send(ImportMessage::Finished).await.unwrap();
    execute(&mut editor, "COMMIT").await.unwrap();
    assert_eq!(task.await.unwrap().unwrap().unchanged, 10);
    assert_eq!(
        city.number("SELECT height_m::bigint FROM layer.pole WHERE asset_no = 'P-00003'").await,
        77
    );
}
