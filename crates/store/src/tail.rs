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
mod survey;
mod waiting;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{ChangeBatch, Feature, LayerId};

use crate::error::while_doing;
use crate::load::{BEGIN_SNAPSHOT, read_features};
use crate::position::DatabaseIdentity;
use crate::session::{answer, connect, connect_options, run_at_once};
use crate::{KeyRecord, Node, Position, StoreError, key};

use burst::Large;
pub use burst::{Burst, ReadBurst};
use read::{lock_without_waiting, read_group};
use split::Split;
use survey::Survey;
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

/// What a poll found, and the state that it leads to.
struct Outcome {
    position: Position,
    waiting: Waiting,
    found: Found,
    rebuilt: Rebuilt,
}

/// What a poll found, before a burst gets the connection that its transaction is open on.
enum Found {
    Nothing,
    Layers(ChangeBatch, Option<Large>),
    Keys(Vec<KeyRecord>),
    Misfit { reason: String },
}

/// The tables that a poll has locked.
#[derive(Default)]
struct Locked<'a> {
    layers: BTreeMap<LayerId, &'a Layer>,
    keys: bool,
}

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
        if outcome.is_ok() {
            self.beat_if_due(&mut connection).await;
        }
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
        self.beat_if_due(&mut connection).await;
        self.connection = Some(connection);
        Ok((found, rebuilt))
    }

    /// Gives the connection, or the reason why the position is of no use.
    async fn take_connection(&mut self) -> Result<Result<PgConnection, String>, StoreError> {
        if self.position.catalog_hash != self.catalog.hash() {
            return Ok(Err("the catalogue changed".into()));
        }
        if let Some(connection) = self.connection.take() {
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

    /// Tells the database how far the node has come. Where that fails nothing is lost but disk: the
    /// log is kept for longer, or, once it is not, the node finds that out by itself.
    async fn beat_if_due(&mut self, connection: &mut PgConnection) {
        let interval = if self.is_ahead_of_beat { BEAT_INTERVAL } else { IDLE_BEAT_INTERVAL };
        if self.last_beat.elapsed() < interval {
            return;
        }
        self.last_beat = Instant::now();
        match self.node.beat(connection, Some(self.position.snapshot())).await {
            Ok(()) => self.is_ahead_of_beat = false,
            Err(error) => tracing::debug!(code = error.code(), %error, "no heartbeat"),
        }
    }

    async fn poll_over(
        &self,
        connection: &mut PgConnection,
        reading: Reading,
    ) -> Result<Outcome, StoreError> {
        let mut survey = self.survey(connection).await?;
        loop {
            if let Some(reason) = misfit(&survey) {
                return Ok(self.staying(Found::Misfit { reason }));
            }
            if reading == Reading::Missed
                && survey.keys
                && let Some(keys) = self.read_other_keys(connection).await?
            {
                return Ok(self.staying(Found::Keys(keys)));
            }
            let split = self.split(&survey);
            if reading == Reading::Missed && split.is_quiet() {
                // Keys, if any, were read after the snapshot that becomes the position.
                return self.moved(&survey, split.waiting, Found::Nothing);
            }
            let locked = match reading {
                Reading::Missed => Locked { layers: split.layers(), keys: survey.keys },
                Reading::All => self.everything(),
            };
            match self.read_changes(connection, &locked, reading).await? {
                Ok(outcome) => return Ok(outcome),
                Err(wider) => survey = wider,
            }
        }
    }

    async fn keys_over(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        let survey = self.survey(connection).await?;
        if survey.keys { self.read_other_keys(connection).await } else { Ok(None) }
    }

    async fn survey(&self, connection: &mut PgConnection) -> Result<Survey, StoreError> {
        let Self { position, waiting, node, rows_of_a_poll, .. } = self;
        Survey::take(connection, position, waiting, node, *rows_of_a_poll).await
    }

    fn split(&self, survey: &Survey) -> Split<'_> {
        Split::of(survey, &self.catalog, &self.waiting, self.rows_of_a_poll)
    }

    fn everything(&self) -> Locked<'_> {
        let layers = self.catalog.layers().map(|layer| (layer.id.clone(), layer)).collect();
        Locked { layers, keys: true }
    }

    /// Leaves the position where it is.
    fn staying(&self, found: Found) -> Outcome {
        let (position, waiting) = (self.position.clone(), self.waiting.clone());
        Outcome { position, waiting, found, rebuilt: Rebuilt::new() }
    }

    /// Moves the position to a survey's snapshot.
    fn moved(
        &self,
        survey: &Survey,
        waiting: Waiting,
        found: Found,
    ) -> Result<Outcome, StoreError> {
        let position = self.position.moved_to(&survey.snapshot, &waiting.xids)?;
        Ok(Outcome { position, waiting, found, rebuilt: Rebuilt::new() })
    }

    /// The keys, where they are others than those that were handed out last.
    async fn read_other_keys(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        let mut transaction =
            answer(connection.begin()).await.map_err(while_doing("starting to read keys"))?;
        lock_without_waiting(&mut transaction, [], &[key::TABLE]).await?;
        let keys = key::read_keys(&mut transaction, None).await?;
        answer(transaction.commit()).await.map_err(while_doing("ending to read keys"))?;
        Ok(Some(keys).filter(|keys| self.keys.as_ref() != Some(keys)))
    }

    /// Reads the changes in one transaction, which stays open where there is a burst. Gives what
    /// the log says instead where more has changed by now than was locked.
    async fn read_changes(
        &self,
        connection: &mut PgConnection,
        locked: &Locked<'_>,
        reading: Reading,
    ) -> Result<Result<Outcome, Survey>, StoreError> {
        run_at_once(connection, BEGIN_SNAPSHOT.into(), "starting a poll").await?;
        let outcome = self.read_locked(connection, locked, reading).await;
        let end = match &outcome {
            Ok(Ok(Outcome { found: Found::Layers(_, Some(_)), .. })) => return outcome,
            Ok(Ok(_)) => "COMMIT",
            _ => "ROLLBACK",
        };
        let ended = run_at_once(connection, end.into(), "ending a poll").await;
        outcome.and_then(|outcome| ended.map(|()| outcome))
    }

    /// Locks the tables before the snapshot is taken: a `TRUNCATE` in between would show through
    /// it.
    async fn read_locked(
        &self,
        connection: &mut PgConnection,
        locked: &Locked<'_>,
        reading: Reading,
    ) -> Result<Result<Outcome, Survey>, StoreError> {
        let others: &[&str] = if locked.keys { &[key::TABLE] } else { &[] };
        lock_without_waiting(connection, locked.layers.values().copied(), others).await?;
        let survey = self.survey(connection).await?;
        let split = self.split(&survey);
        let covers = locked.cover(&survey, &split);
        if !covers || misfit(&survey).is_some() {
            return Ok(Err(survey));
        }
        if reading == Reading::Missed && self.has_other_keys(connection, &survey).await? {
            return Ok(Err(survey));
        }
        let batch = read_group(connection, &split.small).await?;
        let rebuilt = match reading {
            Reading::Missed => Rebuilt::new(),
            Reading::All => read_all(connection, locked).await?,
        };
        let Split { large, waiting, .. } = split;
        let found = match large.into_large() {
            None if batch.layers.is_empty() && reading == Reading::Missed => Found::Nothing,
            large => Found::Layers(batch, large),
        };
        Ok(Ok(Outcome { rebuilt, ..self.moved(&survey, waiting, found)? }))
    }

    /// Says whether the transaction's snapshot has other keys than those that were handed out: the
    /// position must not move to it before they are, too.
    async fn has_other_keys(
        &self,
        connection: &mut PgConnection,
        survey: &Survey,
    ) -> Result<bool, StoreError> {
        if !survey.keys {
            return Ok(false);
        }
        let keys = key::read_keys(connection, None).await?;
        Ok(self.keys.as_ref() != Some(&keys))
    }
}

impl Locked<'_> {
    /// Says whether all that is to be read is locked.
    fn cover(&self, survey: &Survey, split: &Split<'_>) -> bool {
        let has_layers = split.layers().keys().all(|layer| self.layers.contains_key(layer));
        has_layers && (self.keys || !survey.keys)
    }
}

/// Why the position is of no use, as the log's statement shows it.
fn misfit(survey: &Survey) -> Option<String> {
    if !survey.is_registered {
        return Some("the node was silent for too long, the change log was not kept for it".into());
    }
    survey.is_cut().then(|| "the node is too far behind the change log".into())
}

async fn read_all(
    connection: &mut PgConnection,
    locked: &Locked<'_>,
) -> Result<Rebuilt, StoreError> {
    let mut rebuilt = Rebuilt::new();
    for (id, layer) in &locked.layers {
        rebuilt.push((id.clone(), read_features(connection, layer, None).await?));
    }
    Ok(rebuilt)
}
