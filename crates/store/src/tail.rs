//! Follows the change log so that memory always equals one MVCC snapshot of the database.
//!
//! A poll that finds nothing is one statement: its own snapshot is the new position. Where
//! something was missed, one REPEATABLE READ transaction reads the log rows that the position
//! does not see, the features they name and the new position. Nothing waits for a transaction
//! that stays open: it stands in the position's list and is looked for by its id.

mod missed;

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{ChangeBatch, Feature, FeatureId, LayerChange, LayerId};

use crate::error::while_doing;
use crate::layer_sql::lock_for_reading;
use crate::load::{BEGIN_SNAPSHOT, read_features};
use crate::position::DatabaseIdentity;
use crate::session::{answer, connect, connect_options, is_lock_timeout, next_row, run_at_once};
use crate::{KeyRecord, Position, StoreError, key};

use missed::{Missed, MissedLayer, Named};

/// The log grows to any length and its statistics lag behind: the plan must not depend on them.
/// A hash table is made as large as the guess, which alone costs more than an idle poll.
const PLANNER: &str = "SET enable_seqscan = off; SET enable_bitmapscan = off; \
                       SET enable_hashagg = off; SET max_parallel_workers_per_gather = 0; \
                       SET plan_cache_mode = force_generic_plan";

/// What a poll found.
///
/// Keys come before the layers, in a poll of their own that leaves the position where it is: a
/// revoked key shall wait for no layer that is long to read or locked.
#[derive(Debug, Clone, PartialEq)]
pub enum Poll {
    /// Nothing that concerns the catalogue's layers or the keys.
    Unchanged,
    /// These changes of layers lead from the last position to the new one; apply all or none.
    Changed(ChangeBatch),
    /// All keys as they are now, also those revoked, in the order in which they were made. Layers
    /// may have changed, too: the next poll says so.
    KeysChanged(Vec<KeyRecord>),
    /// The position does not belong to this database or catalogue; load everything anew.
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
    position: Position,
    /// The keys that were handed out last; the position may not know of them yet.
    keys: Option<Vec<KeyRecord>>,
    /// Absent after a failure, and while a poll runs: a poll that is dropped halfway takes its
    /// connection with it.
    connection: Option<PgConnection>,
}

impl Tail {
    /// Connects and goes on from a position.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`].
    pub async fn open(
        url: &str,
        catalog: Arc<Catalog>,
        position: Position,
    ) -> Result<Self, StoreError> {
        let options = connect_options(url)?;
        connect(&options).await?.close().await.map_err(|cause| StoreError::Connect { cause })?;
        Ok(Self { options, catalog, position, keys: None, connection: None })
    }

    /// Finds what was committed since the position and moves the position on; keys come first and
    /// alone, and the position stays until the layers have come, too.
    ///
    /// One round trip where nothing changed. After an error the position is as before; the next
    /// call connects again if need be. Waiting between calls is left to the caller.
    ///
    /// A poll may take long where a whole layer must be read; it fails where the database makes no
    /// progress: 20 s for an answer, 300 s for the next row. It may be dropped at any moment.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`], [`StoreError::Database`]; [`StoreError::LayerLocked`] while
    /// another transaction holds a changed layer or the changed keys, such as an open `TRUNCATE`;
    /// [`StoreError::NotPrimary`].
    pub async fn poll(&mut self) -> Result<Poll, StoreError> {
        let mut connection = match self.take_connection().await? {
            Ok(connection) => connection,
            Err(reason) => return Ok(Poll::Reload { reason }),
        };
        let outcome = self.poll_over(&mut connection).await;
        self.keep_connection(connection, &outcome);
        let (position, found) = outcome?;
        if position.xmax < self.position.xmax {
            return Ok(Poll::Reload { reason: "the database went back in time".into() });
        }
        self.position = position;
        if let Poll::KeysChanged(keys) = &found {
            self.keys = Some(keys.clone());
        }
        Ok(found)
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
        self.keep_connection(connection, &outcome);
        let keys = outcome?;
        if keys.is_some() {
            self.keys.clone_from(&keys);
        }
        Ok(keys)
    }

    /// The snapshot up to which changes were handed out.
    pub const fn position(&self) -> &Position {
        &self.position
    }

    /// Polls, and reads every layer whole under the same snapshot: what memory must equal now. Keys
    /// are passed by.
    ///
    /// # Errors
    ///
    /// As [`Self::poll`]; any locked layer is in its way.
    #[doc(hidden)]
    pub async fn poll_and_rebuild(
        &mut self,
    ) -> Result<(Poll, Vec<(LayerId, Vec<Feature>)>), StoreError> {
        let mut connection = match self.take_connection().await? {
            Ok(connection) => connection,
            Err(reason) => return Ok((Poll::Reload { reason }, Vec::new())),
        };
        let outcome = self.rebuild_over(&mut connection).await;
        self.keep_connection(connection, &outcome);
        let (position, batch, rebuilt) = outcome?;
        self.position = position;
        Ok((Poll::Changed(batch), rebuilt))
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

    fn keep_connection<T>(&mut self, connection: PgConnection, outcome: &Result<T, StoreError>) {
        // A lock that is not to be had says nothing against the connection.
        if matches!(outcome, Ok(_) | Err(StoreError::LayerLocked { .. })) {
            self.connection = Some(connection);
        }
    }

    /// Gives what was found and the position that it leads to.
    async fn poll_over(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(Position, Poll), StoreError> {
        let (snapshot, mut named) = self.probe(connection).await?;
        loop {
            if named.keys
                && let Some(keys) = self.read_other_keys(connection).await?
            {
                return Ok((self.position.clone(), Poll::KeysChanged(keys)));
            }
            if named.layers.is_empty() {
                // The keys were read after the snapshot that becomes the position.
                return Ok((self.position.moved_to(&snapshot)?, Poll::Unchanged));
            }
            match self.read_changes(connection, &named).await? {
                Ok((position, batch)) if batch.layers.is_empty() => {
                    return Ok((position, Poll::Unchanged));
                }
                Ok((position, batch)) => return Ok((position, Poll::Changed(batch))),
                Err(wider) => named = wider,
            }
        }
    }

    async fn keys_over(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        let (_, named) = self.probe(connection).await?;
        if named.keys { self.read_other_keys(connection).await } else { Ok(None) }
    }

    /// The present snapshot and the tables that changed since the position.
    async fn probe(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(String, Named<'_>), StoreError> {
        let probe = sqlx::query_as(include_str!("sql/probe_log.sql"))
            .bind(self.position.xmax.to_string())
            .bind(self.position.in_progress_texts())
            .fetch_one(connection);
        let (snapshot, names): (String, Vec<String>) =
            answer(probe).await.map_err(while_doing("probing the change log"))?;
        Ok((snapshot, self.known(&names)))
    }

    /// The keys, where they are others than those that were handed out last.
    async fn read_other_keys(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        let mut transaction =
            answer(connection.begin()).await.map_err(while_doing("starting to read keys"))?;
        lock_without_waiting(&mut transaction, &Named { keys: true, ..Named::default() }).await?;
        let keys = key::read_keys(&mut transaction, None).await?;
        answer(transaction.commit()).await.map_err(while_doing("ending to read keys"))?;
        Ok(Some(keys).filter(|keys| self.keys.as_ref() != Some(keys)))
    }

    /// Reads the changes under one snapshot, with the tables locked before it is taken: a
    /// `TRUNCATE` in between would show through it. Gives what to lock instead where more has
    /// changed by now.
    async fn read_changes(
        &self,
        connection: &mut PgConnection,
        locked: &Named<'_>,
    ) -> Result<Result<(Position, ChangeBatch), Named<'_>>, StoreError> {
        let mut transaction = answer(connection.begin_with(BEGIN_SNAPSHOT))
            .await
            .map_err(while_doing("starting a poll"))?;
        lock_without_waiting(&mut transaction, locked).await?;
        let missed = self.read_log(&mut transaction).await?;
        if !locked.covers(&missed) || self.has_other_keys(&mut transaction, &missed).await? {
            answer(transaction.rollback()).await.map_err(while_doing("ending a poll"))?;
            return Ok(Err(self.named_in(&missed)));
        }
        let position = self.read_position(&mut transaction).await?;
        let batch = read_missed(&mut transaction, locked, missed).await?;
        answer(transaction.commit()).await.map_err(while_doing("ending a poll"))?;
        Ok(Ok((position, batch)))
    }

    /// Says whether the transaction's snapshot has other keys than those that were handed out: the
    /// position must not move to it before they are, too.
    async fn has_other_keys(
        &self,
        connection: &mut PgConnection,
        missed: &Missed,
    ) -> Result<bool, StoreError> {
        if !missed.keys {
            return Ok(false);
        }
        let keys = key::read_keys(connection, None).await?;
        Ok(self.keys.as_ref() != Some(&keys))
    }

    async fn rebuild_over(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(Position, ChangeBatch, Vec<(LayerId, Vec<Feature>)>), StoreError> {
        let layers = self.catalog.layers().map(|layer| (layer.id.clone(), layer)).collect();
        let all = Named { layers, keys: true };
        let mut transaction = answer(connection.begin_with(BEGIN_SNAPSHOT))
            .await
            .map_err(while_doing("starting a poll"))?;
        lock_without_waiting(&mut transaction, &all).await?;
        let missed = self.read_log(&mut transaction).await?;
        let position = self.read_position(&mut transaction).await?;
        let batch = read_missed(&mut transaction, &all, missed).await?;
        let mut rebuilt = Vec::new();
        for (id, layer) in &all.layers {
            rebuilt.push((id.clone(), read_features(&mut transaction, layer, None).await?));
        }
        answer(transaction.commit()).await.map_err(while_doing("ending a poll"))?;
        Ok((position, batch, rebuilt))
    }

    async fn read_log(&self, connection: &mut PgConnection) -> Result<Missed, StoreError> {
        let mut rows = sqlx::query_as(include_str!("sql/read_log.sql"))
            .bind(self.position.xmax.to_string())
            .bind(self.position.in_progress_texts())
            .fetch(connection);
        let mut missed = Missed::default();
        let failed = while_doing("reading the change log");
        while let Some(row) = next_row(&mut rows).await.map_err(&failed)? {
            let (name, feature_id): (String, Option<i64>) = row;
            missed.keys |= name == key::LOG_NAME;
            if let Some(layer) = self.known_layer(&name) {
                missed.add(layer, feature_id);
            }
        }
        Ok(missed)
    }

    async fn read_position(&self, connection: &mut PgConnection) -> Result<Position, StoreError> {
        let query = sqlx::query_scalar("SELECT pg_current_snapshot()::text");
        let snapshot: String = answer(query.fetch_one(connection))
            .await
            .map_err(while_doing("reading the current snapshot"))?;
        self.position.moved_to(&snapshot)
    }

    fn known_layer(&self, name: &str) -> Option<&Layer> {
        LayerId::new(name).ok().and_then(|id| self.catalog.layer(&id))
    }

    fn known(&self, names: &[String]) -> Named<'_> {
        let layers = names.iter().filter_map(|name| self.known_layer(name));
        Named {
            layers: layers.map(|layer| (layer.id.clone(), layer)).collect(),
            keys: names.iter().any(|name| name == key::LOG_NAME),
        }
    }

    fn named_in(&self, missed: &Missed) -> Named<'_> {
        let layers = missed.layers.keys().filter_map(|id| self.catalog.layer(id));
        Named { layers: layers.map(|layer| (layer.id.clone(), layer)).collect(), keys: missed.keys }
    }
}

async fn lock_without_waiting(
    connection: &mut PgConnection,
    named: &Named<'_>,
) -> Result<(), StoreError> {
    let others: &[&str] = if named.keys { &[key::TABLE] } else { &[] };
    let lock = lock_for_reading(named.layers.values().copied(), others);
    let Some(lock) = lock else { return Ok(()) };
    match run_at_once(connection, format!("{lock} NOWAIT"), "locking layers for reading").await {
        Err(StoreError::Database { cause, .. }) if is_lock_timeout(&cause) => {
            Err(StoreError::LayerLocked { cause })
        }
        outcome => outcome,
    }
}

async fn read_missed(
    connection: &mut PgConnection,
    named: &Named<'_>,
    missed: Missed,
) -> Result<ChangeBatch, StoreError> {
    let mut batch = ChangeBatch::default();
    for (id, missed) in missed.layers {
        let Some(layer) = named.layers.get(&id) else { continue };
        let change = match missed {
            MissedLayer::Whole => LayerChange::Reset(read_features(connection, layer, None).await?),
            MissedLayer::Features(ids) => read_rows(connection, layer, ids).await?,
        };
        batch.layers.insert(id, change);
    }
    Ok(batch)
}

/// Reads the named features; those that are not there were removed.
async fn read_rows(
    connection: &mut PgConnection,
    layer: &Layer,
    mut ids: BTreeSet<FeatureId>,
) -> Result<LayerChange, StoreError> {
    let asked: Vec<FeatureId> = ids.iter().copied().collect();
    let upserted = read_features(connection, layer, Some(&asked)).await?;
    for feature in &upserted {
        ids.remove(&feature.id);
    }
    Ok(LayerChange::Rows { upserted, removed: ids.into_iter().collect() })
}
