//! Follows the change log so that memory always equals one MVCC snapshot of the database.
//!
//! A poll that finds nothing is one statement: its own snapshot is the new position. Where
//! something was missed, one REPEATABLE READ transaction reads the log rows that the position
//! does not see, the features they name and the new position. Nothing waits for a transaction
//! that stays open: it stands in the position's list and is looked for once it has ended.
//!
//! A burst, more than a poll should carry, is read apart while polls go on. Until it is in memory
//! it stands in that list, too, as if it were still open, and so does whatever changes its layers.

mod burst;
mod read;
mod split;
mod step;
mod survey;
mod waiting;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use urbis_catalog::Catalog;
use urbis_model::{ChangeBatch, Feature, LayerId};

use crate::position::DatabaseIdentity;
use crate::session::{connect, connect_options, run_at_once};
use crate::{KeyRecord, Node, Position, StoreError};

pub use burst::{Burst, ReadBurst};
use step::{Found, Outcome};
use waiting::Waiting;

/// The log grows to any length and its statistics lag behind: the plan must not depend on them.
/// A hash table is made as large as the guess, which alone costs more than an idle poll.
/// A heartbeat that a crash takes along is not missed: nodes load anew after one.
const PLANNER: &str = "SET enable_seqscan = off; SET enable_bitmapscan = off; \
                       SET enable_hashagg = off; SET max_parallel_workers_per_gather = 0; \
                       SET plan_cache_mode = force_generic_plan; SET synchronous_commit = off";

/// Changes that a poll carries; more of them are a burst. Reading and applying them takes no
/// longer than a change may take to be seen.
const ROWS_OF_A_POLL: u64 = 1_000;

/// Time between heartbeats of a node that sees changes, and of one that sees none: its position
/// holds nothing back.
const BEAT_INTERVAL: Duration = Duration::from_secs(1);
const IDLE_BEAT_INTERVAL: Duration = Duration::from_secs(10);

/// What a poll found.
///
/// Keys come before the layers, in a poll of their own that leaves the position where it is: a
/// revoked key shall wait for no layer that is long to read or locked.
#[derive(Debug)]
pub enum Poll {
    /// Nothing that concerns the catalogue's layers or the keys.
    Unchanged,
    /// These changes of layers lead from the last position to the new one; apply all or none.
    Changed(ChangeBatch),
    /// As [`Self::Changed`], and there is more: read the burst, bring it into memory and settle it.
    /// The batch may be empty.
    Burst(ChangeBatch, Burst),
    /// All keys as they are now, also those revoked, in the order in which they were made. Layers
    /// may have changed, too: the next poll says so.
    KeysChanged(Vec<KeyRecord>),
    /// The position does not belong to this database or catalogue, or the change log no longer has
    /// all that it missed; load everything anew.
    Reload {
        /// Why, for the log.
        reason: String,
    },
}

/// A follower of the change log, over one connection of its own.
#[derive(Debug)]
pub struct Tail {
    options: PgConnectOptions,
    catalog: Arc<Catalog>,
    node: Node,
    position: Position,
    waiting: Waiting,
    rows_of_a_poll: u64,
    /// The keys that were handed out last; the position may not know of them yet.
    keys: Option<Vec<KeyRecord>>,
    last_beat: Instant,
    /// Whether changes were handed out since the last heartbeat.
    is_ahead_of_beat: bool,
    /// Absent after a failure, and while a poll runs: a poll that is dropped halfway takes its
    /// connection with it.
    connection: Option<PgConnection>,
}

/// All features of all layers.
type Rebuilt = Vec<(LayerId, Vec<Feature>)>;

/// How much a poll reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// What was missed.
    Missed,
    /// And every layer whole: what memory must equal.
    All,
}

impl Tail {
    /// Connects and goes on from a position, for a node that was registered when the position was
    /// taken or before.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`].
    pub async fn open(
        url: &str,
        catalog: Arc<Catalog>,
        position: Position,
        node: Node,
    ) -> Result<Self, StoreError> {
        let options = connect_options(url)?;
        connect(&options).await?.close().await.map_err(|cause| StoreError::Connect { cause })?;
        Ok(Self {
            options,
            catalog,
            node,
            position,
            waiting: Waiting::default(),
            rows_of_a_poll: ROWS_OF_A_POLL,
            keys: None,
            last_beat: Instant::now(),
            is_ahead_of_beat: true,
            connection: None,
        })
    }

    /// Changes what is a burst: more than so many changed features that hang together.
    #[must_use]
    pub fn with_rows_of_a_poll(self, rows_of_a_poll: u64) -> Self {
        Self { rows_of_a_poll, ..self }
    }

    /// Finds what was committed since the position and moves the position on; keys come first and
    /// alone, and the position stays until the layers have come, too.
    ///
    /// One round trip where nothing changed. After an error the position is as before; the next
    /// call connects again if need be. Waiting between calls is left to the caller.
    ///
    /// It fails where the database makes no progress: 20 s for an answer, 300 s for the next row.
    /// It may be dropped at any moment.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`], [`StoreError::Database`]; [`StoreError::LayerLocked`] while
    /// another transaction holds a changed layer or the changed keys, such as an open `TRUNCATE`;
    /// [`StoreError::NotPrimary`].
    pub async fn poll(&mut self) -> Result<Poll, StoreError> {
        Ok(self.poll_reading(Reading::Missed).await?.0)
    }

    /// Polls, and reads every layer whole under the same snapshot: what the layers that do not wait
    /// must equal now, and those of a burst once it is settled. Keys are passed by.
    ///
    /// # Errors
    ///
    /// As [`Self::poll`]; any locked layer is in its way.
    #[doc(hidden)]
    pub async fn poll_and_rebuild(&mut self) -> Result<(Poll, Rebuilt), StoreError> {
        self.poll_reading(Reading::All).await
    }

    /// Finds changed keys and nothing else; the position stays. For while a poll's layers are
    /// built.
    ///
    /// It may be dropped at any moment.
    ///
    /// # Errors
    ///
    /// As [`Self::poll`], whose next call reports what the position is of no use for.
    pub async fn poll_keys(&mut self) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        let Ok(mut connection) = self.take_connection().await? else { return Ok(None) };
        let outcome = self.keys_over(&mut connection).await;
        if matches!(outcome, Ok(_) | Err(StoreError::LayerLocked { .. })) {
            self.connection = Some(connection);
        }
        let keys = outcome?;
        if keys.is_some() {
            self.keys.clone_from(&keys);
        }
        Ok(keys)
    }

    /// The snapshot up to which changes were handed out. A burst that is not settled counts as in
    /// progress in it.
    pub const fn position(&self) -> &Position {
        &self.position
    }

    /// The layers that stay as they are until a burst is settled.
    pub fn waiting_layers(&self) -> impl Iterator<Item = &LayerId> {
        self.waiting.layers.iter()
    }

    /// Takes note that a burst is in memory; the next poll finds what waited behind it.
    pub fn settle(&mut self, burst: &ReadBurst) {
        self.position = self.position.without(&burst.xids);
        self.waiting = Waiting::default();
        self.is_ahead_of_beat = true;
    }

    /// Takes note that a burst will not come into memory; the next poll finds it again.
    pub fn abandon(&mut self) {
        self.waiting = Waiting::default();
    }

    async fn poll_reading(&mut self, reading: Reading) -> Result<(Poll, Rebuilt), StoreError> {
        let mut connection = match self.take_connection().await? {
            Ok(connection) => connection,
            Err(reason) => return Ok((Poll::Reload { reason }, Rebuilt::new())),
        };
        let outcome = self.poll_over(&mut connection, reading).await;
        let Outcome { position, waiting, found, rebuilt } = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                // A lock that is not to be had says nothing against the connection.
                if matches!(error, StoreError::LayerLocked { .. }) {
                    self.connection = Some(connection);
                }
                return Err(error);
            }
        };
        if position.xmax < self.position.xmax {
            let reason = "the database went back in time".into();
            return Ok((Poll::Reload { reason }, Rebuilt::new()));
        }
        (self.position, self.waiting) = (position, waiting);
        let found = match found {
            Found::Layers(batch, Some(large)) => {
                self.is_ahead_of_beat = true;
                // Its transaction goes on; the next poll connects anew.
                return Ok((Poll::Burst(batch, Burst::new(connection, large)), rebuilt));
            }
            Found::Layers(batch, None) => {
                self.is_ahead_of_beat = true;
                Poll::Changed(batch)
            }
            Found::Nothing => Poll::Unchanged,
            Found::Keys(keys) => {
                self.keys = Some(keys.clone());
                Poll::KeysChanged(keys)
            }
            Found::Misfit { reason } => Poll::Reload { reason },
        };
        self.connection = Some(connection);
        Ok((found, rebuilt))
    }

    /// Gives the connection, or the reason why the position is of no use.
    async fn take_connection(&mut self) -> Result<Result<PgConnection, String>, StoreError> {
        if self.position.catalog_hash != self.catalog.hash() {
            return Ok(Err("the catalogue changed".into()));
        }
        if let Some(mut connection) = self.connection.take() {
            // Before anything is found: who is dropped here takes nothing along.
            self.beat_if_due(&mut connection).await;
            return Ok(Ok(connection));
        }
        let mut connection = connect(&self.options).await?;
        let identity = DatabaseIdentity::read(&mut connection).await?;
        if let Some(reason) = identity.refuses(&self.position) {
            return Ok(Err(reason));
        }
        run_at_once(&mut connection, PLANNER.into(), "preparing a tail").await?;
        Ok(Ok(connection))
    }

    /// Tells the database how far the node has come, and again later where that fails, as it does
    /// while the list of nodes is locked. Nothing is lost but disk: the log is kept for longer, or,
    /// once it is not, the node finds that out by itself.
    async fn beat_if_due(&mut self, connection: &mut PgConnection) {
        let interval = if self.is_ahead_of_beat { BEAT_INTERVAL } else { IDLE_BEAT_INTERVAL };
        if self.last_beat.elapsed() < interval {
            return;
        }
        self.last_beat = Instant::now();
        match self.node.beat(connection, Some(&self.position)).await {
            Ok(()) => self.is_ahead_of_beat = false,
            Err(error) => tracing::debug!(code = error.code(), %error, "no heartbeat"),
        }
    }
}
