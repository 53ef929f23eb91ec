//! Deletes what nobody needs any more: of the change log what every live node has seen; of the
//! history and of the runs of imports what is older than somebody said.
//!
//! The log never outruns a live node: a row goes only where its transaction is visible in the
//! position of each. A node that has not beaten for too long is taken from the list in the same
//! statement, and finds that out in the statement that reads the log: it loads anew.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection};
use urbis_catalog::Catalog;

use crate::error::while_doing;
use crate::layer_sql::LayerSql;
use crate::live::{drop_day, make_days_ahead, old_days};
use crate::session::{lock_pruning, try_lock_pruning};
use crate::{Store, StoreError};

/// Rows that one transaction deletes.
const ROWS_AT_ONCE: i64 = 50_000;

/// What is kept, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// A node that has not beaten for longer holds the change log back no more.
    pub silence: Duration,
    /// The change log is kept for so long whatever the nodes have seen: for those who ask what has
    /// changed since they asked last. Versions of features are kept as long, at least.
    pub changes: Duration,
    /// Versions of features that ended longer ago are deleted; `None` keeps them for ever.
    pub history: Option<Duration>,
    /// Runs of imports that ended longer ago are deleted, with their rejects; `None` keeps them for
    /// ever.
    pub runs: Option<Duration>,
    /// Days of positions and of statuses of units that ended longer ago are dropped, and with them
    /// states of roads that ended, and simulated units of which nothing was heard since; `None`
    /// keeps them for ever.
    pub live: Option<Duration>,
}

impl Default for Retention {
    /// An hour of silence; a week of changes; history and runs for ever; thirty days of live state,
    /// which grows by itself and tells where people were.
    fn default() -> Self {
        let live = Some(Duration::from_secs(30 * 86_400));
        let changes = Duration::from_secs(7 * 86_400);
        Self { silence: Duration::from_secs(3600), changes, history: None, runs: None, live }
    }
}

/// What was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Nodes that were silent for too long.
    pub nodes: u64,
    /// Rows of the change log.
    pub log_rows: u64,
    /// Versions of features.
    pub versions: u64,
    /// Runs of imports.
    pub runs: u64,
    /// Days of positions and of statuses of units.
    pub live_days: u64,
    /// States of roads that ended, and simulated units.
    pub live_rows: u64,
}

impl Store {
    /// Deletes the rows of the change log that every live node has seen and that are older than
    /// changes are kept, and the nodes that have been silent for too long. Notes what the database
    /// is at this moment. Gives nothing where another session is at it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`]; what was deleted until then stays deleted.
    pub async fn prune_log(&self, retention: &Retention) -> Result<Option<Pruned>, StoreError> {
        let mut pruned = Pruned::default();
        loop {
            let Some((nodes, rows)) = self.prune_some(retention).await? else {
                return Ok((pruned != Pruned::default()).then_some(pruned));
            };
            pruned.nodes += nodes.unsigned_abs();
            pruned.log_rows += rows.unsigned_abs();
            if rows < ROWS_AT_ONCE {
                return Ok(Some(pruned));
            }
        }
    }

    /// Deletes old versions of features, old runs of imports and old live state, where the retention
    /// sets a limit; makes the days ahead that live state is written to.
    ///
    /// The last version of a deleted feature stays whatever its age, and so do the versions that the
    /// change log still names, the last run of each source and those that a fault or a repair tells
    /// of. Waits while another session prunes: its retention may be another.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`]; what was deleted until then stays deleted.
    pub async fn prune_past(
        &self,
        catalog: &Catalog,
        retention: &Retention,
    ) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        if let Some(age) = retention.history {
            for layer in catalog.layers() {
                let statement = LayerSql::new(layer).prune_history();
                let age = age.max(retention.changes);
                pruned.versions += self.delete_past(&statement, age).await?;
            }
        }
        if let Some(age) = retention.runs {
            pruned.runs = self.delete_past(include_str!("sql/prune_runs.sql"), age).await?;
        }
        self.prune_live(retention, &mut pruned).await?;
        Ok(pruned)
    }

    async fn prune_live(
        &self,
        retention: &Retention,
        pruned: &mut Pruned,
    ) -> Result<(), StoreError> {
        let failed = while_doing("pruning live state");
        let mut transaction = self.pool.begin().await.map_err(&failed)?;
        lock_pruning(&mut transaction).await?;
        make_days_ahead(&mut transaction).await?;
        transaction.commit().await.map_err(&failed)?;
        let Some(age) = retention.live else { return Ok(()) };
        pruned.live_days = self.drop_days(age).await?;
        for statement in [
            include_str!("sql/prune_road_states.sql"),
            include_str!("sql/prune_simulated_units.sql"),
        ] {
            pruned.live_rows += self.delete_past(statement, age).await?;
        }
        Ok(())
    }

    /// Drops the oldest day first, each in a transaction of its own: where somebody reads one, those
    /// before it are gone.
    async fn drop_days(&self, age: Duration) -> Result<u64, StoreError> {
        let failed = while_doing("dropping the days of the live history");
        let mut connection = self.pool.acquire().await.map_err(&failed)?;
        let mut dropped = 0;
        for day in old_days(&mut connection, age).await? {
            let mut transaction = connection.begin().await.map_err(&failed)?;
            lock_pruning(&mut transaction).await?;
            dropped += drop_day(&mut transaction, &day).await?;
            transaction.commit().await.map_err(&failed)?;
        }
        Ok(dropped)
    }

    async fn prune_some(&self, retention: &Retention) -> Result<Option<(i64, i64)>, StoreError> {
        let failed = while_doing("pruning the change log");
        let mut transaction = self.pool.begin().await.map_err(&failed)?;
        if !try_lock_pruning(&mut transaction).await? {
            return Ok(None);
        }
        let kept = retention.changes.as_secs_f64();
        let mark = sqlx::query(include_str!("sql/mark_log.sql")).bind(kept);
        mark.execute(&mut *transaction).await.map_err(&failed)?;
        let pruned = sqlx::query_as(include_str!("sql/prune_log.sql"))
            .bind(retention.silence.as_secs_f64())
            .bind(ROWS_AT_ONCE)
            .bind(kept)
            .fetch_one(&mut *transaction)
            .await
            .map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        Ok(Some(pruned))
    }

    /// Deletes in short transactions, so that none holds the lock for long.
    async fn delete_past(&self, statement: &str, age: Duration) -> Result<u64, StoreError> {
        let failed = while_doing("pruning the past");
        let mut deleted = 0;
        loop {
            let mut transaction = self.pool.begin().await.map_err(&failed)?;
            lock_pruning(&mut transaction).await?;
            let delete = sqlx::query(AssertSqlSafe(statement))
                .bind(age.as_secs_f64())
                .bind(ROWS_AT_ONCE)
                .execute(&mut *transaction);
            let rows = delete.await.map_err(&failed)?.rows_affected();
            transaction.commit().await.map_err(&failed)?;
            deleted += rows;
            if rows < ROWS_AT_ONCE.unsigned_abs() {
                return Ok(deleted);
            }
        }
    }
}
