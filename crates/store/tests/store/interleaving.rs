//! Random interleavings of many writers: memory equals one MVCC snapshot after every poll.
//!
//! The oracle is the database itself: all layers read whole under the very snapshot that the
//! poll took. Writers that would block are left waiting, as they would be in life.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use tokio::task::JoinHandle;
use urbis_store::{Poll, StoreError, Tail};

use crate::harness::{City, Memory, apply, city, execute, follow, to_memory};

const SEED: u64 = 2;
const STEPS: usize = 10_000;
const WRITERS: usize = 6;
/// Few, so that writers meet on the same features.
const FEATURES: u64 = 40;
/// A statement that takes longer waits for another writer.
const PATIENCE: Duration = Duration::from_millis(4);

/// Marsaglia's xorshift64*; good enough to choose steps, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }
}

/// One connection, or the statement that it waits for.
struct Writer {
    connection: Option<PgConnection>,
    waiting: Option<JoinHandle<(PgConnection, Result<(), sqlx::Error>)>>,
    is_open: bool,
    has_savepoint: bool,
}

impl Writer {
    /// Runs one statement, and leaves it running where it blocks.
    async fn run(&mut self, sql: String) {
        let mut connection = self.connection.take().unwrap();
        let statement = tokio::spawn(async move {
            let outcome = execute(&mut connection, &sql).await;
            (connection, outcome)
        });
        self.waiting = Some(statement);
        self.settle(PATIENCE).await;
    }

    /// Takes the connection back where its statement has ended.
    async fn settle(&mut self, patience: Duration) {
        let Some(statement) = &mut self.waiting else { return };
        let Ok(ended) = tokio::time::timeout(patience, statement).await else { return };
        let (mut connection, outcome) = ended.unwrap();
        self.waiting = None;
        if outcome.is_err() {
            // A deadlock's victim, or a duplicate: the transaction is over.
            execute(&mut connection, "ROLLBACK").await.unwrap();
            (self.is_open, self.has_savepoint) = (false, false);
        }
        self.connection = Some(connection);
    }

    async fn step(&mut self, dice: &mut Dice) {
        self.settle(Duration::ZERO).await;
        if self.connection.is_none() {
            return;
        }
        let sql = self.choose(dice);
        self.run(sql).await;
    }

    fn choose(&mut self, dice: &mut Dice) -> String {
        if !self.is_open && dice.roll(3) > 0 {
            self.is_open = true;
            return "BEGIN".into();
        }
        let layer = if dice.roll(2) == 0 { "pole" } else { "lane" };
        let number = if layer == "pole" { "height_m" } else { "width_m" };
        let id = dice.roll(FEATURES) + 1;
        let value = dice.roll(1_000);
        match dice.roll(100) {
            0..30 => format!(
                "INSERT INTO layer.{layer} (feature_id, {number}) VALUES ({id}, {value}) \
                 ON CONFLICT (feature_id) DO UPDATE SET {number} = EXCLUDED.{number}"
            ),
            30..40 => format!("INSERT INTO layer.{layer} ({number}) VALUES ({value})"),
            40..58 => {
                format!("UPDATE layer.{layer} SET {number} = {value} WHERE feature_id = {id}")
            }
            58..62 => {
                format!("UPDATE layer.{layer} SET {number} = {number} WHERE feature_id = {id}")
            }
            62..72 => format!("DELETE FROM layer.{layer} WHERE feature_id = {id}"),
            72 => format!("TRUNCATE layer.{layer}"),
            73 => format!("DELETE FROM layer.{layer} WHERE feature_id > {FEATURES}"),
            _ => self.choose_end(dice),
        }
    }

    fn choose_end(&mut self, dice: &mut Dice) -> String {
        if !self.is_open {
            return "SELECT 1".into();
        }
        match dice.roll(10) {
            0..2 => {
                self.has_savepoint = true;
                "SAVEPOINT s".into()
            }
            2..4 if self.has_savepoint => "ROLLBACK TO SAVEPOINT s".into(),
            4..6 => self.end("ROLLBACK"),
            _ => self.end("COMMIT"),
        }
    }

    fn end(&mut self, how: &str) -> String {
        (self.is_open, self.has_savepoint) = (false, false);
        how.into()
    }
}

/// Polls, and compares memory with the database where no open `TRUNCATE` is in the way.
async fn check(tail: &mut Tail, memory: &mut Memory, step: usize) -> bool {
    match tail.poll_and_rebuild().await {
        Ok((Poll::Changed(batch), rebuilt)) => {
            apply(memory, batch);
            assert_eq!(*memory, to_memory(rebuilt), "after step {step}, seed {SEED}");
            true
        }
        Err(StoreError::LayerLocked { .. }) => false,
        other => panic!("step {step}: {other:?}"),
    }
}

async fn poll(tail: &mut Tail, memory: &mut Memory) {
    match tail.poll().await {
        Ok(Poll::Changed(batch)) => apply(memory, batch),
        Ok(Poll::Unchanged) | Err(StoreError::LayerLocked { .. }) => {}
        other => panic!("{other:?}"),
    }
}

async fn writers(city: &City) -> Vec<Writer> {
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        let mut connection = city.connect().await;
        execute(&mut connection, "SET deadlock_timeout = '20ms'; SET synchronous_commit = off")
            .await
            .unwrap();
        writers.push(Writer {
            connection: Some(connection),
            waiting: None,
            is_open: false,
            has_savepoint: false,
        });
    }
    writers
}

/// Ends every writer; those that wait are freed by the others' ends.
async fn end_all(writers: &mut [Writer]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while writers.iter().any(|writer| writer.is_open || writer.waiting.is_some()) {
        assert!(Instant::now() < deadline, "writers still wait for each other");
        for writer in writers.iter_mut() {
            writer.settle(PATIENCE).await;
            if writer.connection.is_some() {
                let end = writer.end("COMMIT");
                writer.run(end).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_equals_one_snapshot_after_every_poll_of_ten_thousand_interleavings() {
    let city = city().await;
    // Ids that are typed must be drawn.
    city.psql(&format!("SELECT setval('urbis.feature_id', {FEATURES})")).await;
    let (mut tail, mut memory) = city.load().await;
    let mut writers = writers(&city).await;
    let mut dice = Dice(SEED);
    let mut compared = 0;
    for step in 0..STEPS {
        let writer = usize::try_from(dice.roll(WRITERS as u64)).unwrap();
        writers[writer].step(&mut dice).await;
        match dice.roll(6) {
            0..2 => poll(&mut tail, &mut memory).await,
            2..4 => compared += usize::from(check(&mut tail, &mut memory, step).await),
            _ => {}
        }
        if dice.roll(500) == 0 {
            let position = tail.position().to_string().parse().unwrap();
            tail = Tail::open(&city.url, city.catalog.clone(), position).await.unwrap();
        }
    }
    end_all(&mut writers).await;
    assert!(check(&mut tail, &mut memory, STEPS).await, "nobody holds a lock any more");
    assert_eq!(follow(&mut tail, &mut memory).await, Poll::Unchanged);
    // Else the test would show little.
    assert!(compared > STEPS / 10, "only {compared} comparisons");
}
