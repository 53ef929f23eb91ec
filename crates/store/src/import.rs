//! Takes the records of one source into one layer, whole or not at all.

pub(crate) mod binary;
mod bulk;
pub(crate) mod encode;
mod instant;
mod intake;
mod last;
mod merge;
mod report;
mod request;
mod run;

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tokio::sync::mpsc::Receiver;
use urbis_catalog::Layer;

pub use report::{Conflict, ImportReport, Recovery, RejectSample};
pub use request::{ImportMessage, ImportMode, ImportRequest, Matching, Take};

use crate::causes::causes;
use crate::error::while_doing;
use crate::layer_sql::LayerSql;
use crate::session::{connect, is_lock_timeout, run as run_sql, try_lock_import, unlock_import};
use crate::{Store, StoreError};
use intake::Intake;
use run::Run;

impl Store {
    /// Publishes the records of one source in one transaction.
    ///
    /// Records that came before keep their feature ids; features that did not change are not
    /// touched; records of this source that no longer come are closed. The future may be dropped
    /// at any moment: the layer is as it was, and [`Self::recover`] marks the run as failed.
    ///
    /// # Errors
    ///
    /// Nothing was published with any of them: [`StoreError::ImportRunning`],
    /// [`StoreError::SourceEndedEarly`], [`StoreError::TooManyRejects`],
    /// [`StoreError::Conflicts`]; [`StoreError::LayerLocked`] where an editor holds the layer for
    /// a minute; [`StoreError::Connect`], [`StoreError::Database`].
    pub async fn import(
        &self,
        request: ImportRequest<'_>,
        messages: Receiver<ImportMessage>,
    ) -> Result<ImportReport, StoreError> {
        // A connection of its own: locks, settings and staging tables end with it.
        let mut connection = connect(&self.options).await?;
        let run = Run::start(self, &request, &mut connection).await?;
        let mut intake = Intake::new(request.layer, messages);
        let outcome = carry_out(&run, &mut connection, &mut intake).await;
        // The server takes a moment to notice that a connection is gone, and the next import must
        // not find the lock of this one. A connection that broke has lost its lock already.
        if let Err(error) = unlock_import(&mut connection, request.layer.id.as_str()).await {
            tracing::debug!(run.id = run.run_id, %error, "import lock not given back");
        }
        drop(connection);
        if let Err(error) = &outcome
            && let Err(second) = run.record_failure(&intake, error).await
        {
            let cause = causes(&second);
            tracing::warn!(run.id = run.run_id, error = %second, cause, "failed import not recorded");
        }
        outcome
    }

    /// Marks the runs of dead importers as failed; the server has taken back what they wrote.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`], [`StoreError::Database`].
    pub async fn recover(&self) -> Result<Recovery, StoreError> {
        let mut connection = connect(&self.options).await?;
        let query = "SELECT DISTINCT layer FROM urbis.import_run WHERE status = 'running'";
        let layers: Vec<String> = sqlx::query_scalar(query)
            .fetch_all(&mut connection)
            .await
            .map_err(while_doing("looking for dead imports"))?;
        let mut recovery = Recovery::default();
        for layer in layers {
            // An importer that lives holds the lock.
            if try_lock_import(&mut connection, &layer).await? {
                recovery.failed_runs.extend(fail_runs(&mut connection, &layer).await?);
                unlock_import(&mut connection, &layer).await?;
            }
        }
        Ok(recovery)
    }
}

async fn carry_out(
    run: &Run<'_>,
    connection: &mut PgConnection,
    intake: &mut Intake<'_>,
) -> Result<ImportReport, StoreError> {
    let layer = run.request.layer;
    let bulk = if is_untouched(connection, layer).await? {
        let outcome = bulk::load(run, connection, intake).await;
        if !matches!(&outcome, Ok(Some(report)) if !report.dry_run) {
            restore_spatial_index(connection, layer).await;
        }
        outcome?
    } else {
        None
    };
    let report = match bulk {
        Some(report) => report,
        None => merge::merge(run, connection, intake).await?,
    };
    match run.request.mode {
        ImportMode::Publish => refresh_statistics(connection, layer).await,
        ImportMode::DryRun => run.record_dry_run(&report).await?,
    }
    Ok(report)
}

/// Says whether the layer has neither features nor a past: nothing to compare with.
async fn is_untouched(connection: &mut PgConnection, layer: &Layer) -> Result<bool, StoreError> {
    sqlx::query_scalar(AssertSqlSafe(LayerSql::new(layer).is_untouched()))
        .fetch_one(connection)
        .await
        .map_err(while_doing("looking for features"))
}

/// Keeps other writers, not readers, off the layer until the transaction ends. Those who queue
/// behind us wait too: an editor who never ends a transaction must not stop them all.
async fn lock_for_writing(connection: &mut PgConnection, layer: &Layer) -> Result<(), StoreError> {
    let lock = LayerSql::new(layer).lock_for_writing();
    let limited = format!("SET LOCAL lock_timeout = '60s'; {lock}; SET LOCAL lock_timeout = 0");
    match run_sql(connection, limited, "locking a layer for writing").await {
        Err(StoreError::Database { cause, .. }) if is_lock_timeout(&cause) => {
            Err(StoreError::LayerLocked { cause })
        }
        outcome => outcome,
    }
}

/// Makes the index of a load that did not end well; a failure is mended by the next migration.
async fn restore_spatial_index(connection: &mut PgConnection, layer: &Layer) {
    let sql = LayerSql::new(layer).create_spatial_index();
    if let Err(error) = run_sql(connection, sql, "creating a spatial index").await {
        tracing::warn!(layer.id = %layer.id, %error, cause = causes(&error), "spatial index not restored");
    }
}

/// Tells the planner about a load at once; what was published stands without it.
async fn refresh_statistics(connection: &mut PgConnection, layer: &Layer) {
    let table = LayerSql::new(layer).table();
    let sql = format!("ANALYZE {table}; ANALYZE urbis.feature_identity");
    if let Err(error) = run_sql(connection, sql, "refreshing statistics").await {
        tracing::warn!(layer.id = %layer.id, %error, cause = causes(&error), "statistics not refreshed");
    }
}

async fn fail_runs(connection: &mut PgConnection, layer: &str) -> Result<Vec<i64>, StoreError> {
    sqlx::query_scalar(
        "UPDATE urbis.import_run \
         SET status = 'failed', error_code = 'importer_gone', finished_at = clock_timestamp() \
         WHERE layer = $1 AND status = 'running' RETURNING import_run_id",
    )
    .bind(layer)
    .fetch_all(connection)
    .await
    .map_err(while_doing("marking dead imports"))
}
