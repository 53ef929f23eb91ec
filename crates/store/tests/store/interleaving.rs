//! Random interleavings of many writers: memory equals one MVCC snapshot after every poll.
//!
//! The oracle is the database itself: all layers read whole under the very snapshot that the
//! poll took. Writers that would block are left waiting, as they would be in life. Two nodes follow,
//! a quick one and one that lags and sleeps too long, while the log is pruned under them.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use tokio::task::JoinHandle;
use urbis_model::LayerId;
use urbis_store::{Burst, Node, Poll, StoreError, Tail};

use crate::harness::{
    City, Memory, apply, assert_unchanged, city, execute, for_nodes_alone, read_burst, to_memory,
};

const SEED: u64 = 2;
const STEPS: usize = 10_000;
pub const WRITERS: usize = 6;
/// Few, so that writers meet on the same features.
pub const FEATURES: u64 = 40;
/// Few, so that bursts are frequent.
const ROWS_OF_A_POLL: u64 = 8;
/// A statement that takes longer waits for another writer.
const PATIENCE: Duration = Duration::from_millis(4);

/// Marsaglia's xorshift64*; good enough to choose steps, and the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }
}

/// One connection, or the statement that it waits for.
pub struct Writer {
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

    pub async fn step(&mut self, dice: &mut Dice) {
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

/// A node: its tail, its memory, and the burst that it is reading.
struct Follower {
    node: Node,
    tail: Tail,
    memory: Memory,
    /// With all layers at its snapshot.
    burst: Option<(Burst, Memory)>,
    compared: usize,
    bursts: usize,
}

impl Follower {
    async fn start(city: &City, name: &str) -> Self {
        let node = Node::new(name).unwrap();
        let (tail, memory) = city.load_as(&node).await;
        let tail = tail.with_rows_of_a_poll(ROWS_OF_A_POLL);
        Self { node, tail, memory, burst: None, compared: 0, bursts: 0 }
    }

    async fn load_again(&mut self, city: &City) {
        let (tail, memory) = city.load_as(&self.node).await;
        (self.tail, self.memory) = (tail.with_rows_of_a_poll(ROWS_OF_A_POLL), memory);
        self.burst = None;
    }

    /// Polls, and compares memory with the database where no open `TRUNCATE` is in the way. The
    /// layers of a burst are compared once it is settled.
    async fn check(&mut self, step: usize) -> bool {
        let (poll, rebuilt) = match self.tail.poll_and_rebuild().await {
            Ok(outcome) => outcome,
            Err(StoreError::LayerLocked { .. }) => return false,
            other => panic!("step {step}: {other:?}"),
        };
        let rebuilt = to_memory(rebuilt);
        let waited: Vec<LayerId> = self.tail.waiting_layers().cloned().collect();
        match poll {
            Poll::Changed(batch) => apply(&mut self.memory, batch),
            Poll::Burst(batch, burst) => {
                apply(&mut self.memory, batch);
                self.burst = Some((burst, rebuilt.clone()));
                self.bursts += 1;
            }
            other => panic!("step {step}: {other:?}"),
        }
        for (layer, features) in rebuilt.iter().filter(|(layer, _)| !waited.contains(layer)) {
            assert_eq!(self.memory[layer], *features, "{layer} after step {step}, seed {SEED}");
            self.compared += 1;
        }
        true
    }

    async fn poll(&mut self) {
        match self.tail.poll().await {
            Ok(Poll::Changed(batch)) => apply(&mut self.memory, batch),
            Ok(Poll::Unchanged) | Err(StoreError::LayerLocked { .. }) => {}
            Ok(Poll::Burst(batch, burst)) => {
                apply(&mut self.memory, batch);
                // A poll gives nothing to compare with: it is found again.
                drop(burst);
                self.tail.abandon();
            }
            other => panic!("{other:?}"),
        }
    }

    /// Reads and settles the burst, if any: its layers are then as its snapshot has them.
    async fn end_burst(&mut self, step: usize) {
        let Some((burst, expected)) = self.burst.take() else { return };
        let layers: Vec<LayerId> = burst.layers().cloned().collect();
        let (read, batch) = read_burst(burst).await;
        apply(&mut self.memory, batch);
        self.tail.settle(&read);
        for layer in layers {
            assert_eq!(self.memory[&layer], expected[&layer], "burst before step {step}");
        }
    }

    /// Goes on from the text of the position; a burst that is being read is lost.
    async fn restart(&mut self, city: &City) {
        let position = self.tail.position().to_string().parse().unwrap();
        self.tail = city.tail(position, &self.node).await.with_rows_of_a_poll(ROWS_OF_A_POLL);
        self.burst = None;
    }

    /// Is silent for longer than the log waits, while another prunes: must not go on.
    async fn sleep_too_long(&mut self, city: &City) {
        let id = "SELECT node_id::text FROM urbis.node WHERE name = 'sleeper'";
        let id = city.text(id).await.unwrap();
        let age = format!(
            "UPDATE urbis.node SET heartbeat = now() - interval '2 h' WHERE node_id = '{id}'"
        );
        city.psql(&age).await;
        let pruned = city.store.prune_log(&for_nodes_alone()).await.unwrap().unwrap();
        assert_eq!(pruned.nodes, 1);
        let poll = self.tail.poll().await;
        assert!(matches!(poll, Ok(Poll::Reload { .. })), "{poll:?}");
    }
}

pub async fn writers(city: &City) -> Vec<Writer> {
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
pub async fn end_all(writers: &mut [Writer]) {
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
    let mut quick = Follower::start(&city, "quick").await;
    let mut sleeper = Follower::start(&city, "sleeper").await;
    let mut writers = writers(&city).await;
    let mut dice = Dice(SEED);
    let mut pruned_rows = 0;
    for step in 0..STEPS {
        let writer = usize::try_from(dice.roll(WRITERS as u64)).unwrap();
        writers[writer].step(&mut dice).await;
        match dice.roll(24) {
            0..7 => quick.poll().await,
            7..15 => drop(quick.check(step).await),
            15..18 => quick.end_burst(step).await,
            18 => sleeper.poll().await,
            19 => drop(sleeper.check(step).await),
            20 => sleeper.end_burst(step).await,
            _ => {}
        }
        if dice.roll(40) == 0 {
            beat(&city, &[&quick, &sleeper]).await;
            let pruned = city.store.prune_log(&for_nodes_alone()).await.unwrap().unwrap();
            pruned_rows += pruned.log_rows;
        }
        match dice.roll(1_000) {
            0..2 => quick.restart(&city).await,
            2 => sleeper.restart(&city).await,
            3 => {
                sleeper.sleep_too_long(&city).await;
                // A load waits for an open TRUNCATE, and that for a burst that is being read.
                sleeper.burst = None;
                quick.end_burst(step).await;
                end_all(&mut writers).await;
                sleeper.load_again(&city).await;
            }
            _ => {}
        }
    }
    quick.end_burst(STEPS).await;
    sleeper.end_burst(STEPS).await;
    end_all(&mut writers).await;
    for follower in [&mut quick, &mut sleeper] {
        follower.end_burst(STEPS).await;
        while follower.check(STEPS).await && follower.burst.is_some() {
            follower.end_burst(STEPS).await;
        }
        assert_eq!(follower.memory, city.load().await.1);
        assert_unchanged(&mut follower.tail).await;
    }
    beat(&city, &[&quick, &sleeper]).await;
    city.psql("DELETE FROM urbis.node WHERE name = 'tester'").await;
    city.store.prune_log(&for_nodes_alone()).await.unwrap();
    assert_eq!(city.number("SELECT count(*) FROM urbis.change_log").await, 0);
    // Else the test would show little.
    let compared = (quick.compared, sleeper.compared);
    assert!(compared.0 > STEPS / 10 && compared.1 > STEPS / 100, "only {compared:?} comparisons");
    let bursts = (quick.bursts, sleeper.bursts);
    assert!(bursts.0 > 20 && bursts.1 > 5, "only {bursts:?} bursts");
    assert!(pruned_rows > 1_000, "only {pruned_rows} rows were pruned");
}

/// Writes the positions as the tails do once a second, which is too seldom here.
async fn beat(city: &City, followers: &[&Follower]) {
    for follower in followers {
        let name = if std::ptr::eq(*follower, followers[0]) { "quick" } else { "sleeper" };
        let snapshot = follower.tail.position().snapshot();
        city.psql(&format!(
            "UPDATE urbis.node SET snapshot = '{snapshot}', heartbeat = clock_timestamp() \
             WHERE name = '{name}'"
        ))
        .await;
    }
}
