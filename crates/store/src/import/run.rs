//! The record of a run: that it started, what it did, why it failed.

use std::time::Instant;

use sqlx::postgres::PgConnection;
use urbis_model::Reject;

use super::encode::without_nul;
use super::intake::{Intake, Tally};
use super::{ImportMode, ImportReport, ImportRequest, Matching, RejectSample};
use crate::error::while_doing;
use crate::session::try_lock_import;
use crate::{Store, StoreError};

/// Rejects named in the report.
const REJECT_SAMPLE: usize = 20;

/// One import while it runs.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) store: &'a Store,
    pub(super) request: &'a ImportRequest<'a>,
    pub(super) run_id: i64,
    started: Instant,
}

/// What became of the records that could be stored.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Outcome {
    pub(super) inserted: u64,
    pub(super) updated: u64,
    pub(super) unchanged: u64,
    pub(super) closed: u64,
    pub(super) close_withheld: u64,
    pub(super) conflicts: u64,
    pub(super) kept_edits: u64,
    pub(super) keys_in_other_sources: u64,
}

impl<'a> Run<'a> {
    /// Takes the layer's import lock for the life of the connection, and records the start.
    pub(super) async fn start(
        store: &'a Store,
        request: &'a ImportRequest<'a>,
        connection: &mut PgConnection,
    ) -> Result<Self, StoreError> {
        let started = Instant::now();
        let layer = &request.layer.id;
        if !try_lock_import(connection, layer.as_str()).await? {
            return Err(StoreError::ImportRunning { layer: layer.clone() });
        }
        let run_id = sqlx::query_scalar(
            "INSERT INTO urbis.import_run (layer, source, actor) VALUES ($1, $2, $3) \
             RETURNING import_run_id",
        )
        .bind(layer.as_str())
        .bind(&request.source_name)
        .bind(&request.actor)
        .fetch_one(connection)
        .await
        .map_err(while_doing("recording the start of an import"))?;
        Ok(Self { store, request, run_id, started })
    }

    /// Records the end within the publishing transaction, and reports.
    pub(super) async fn finish(
        &self,
        connection: &mut PgConnection,
        intake: &Intake<'_>,
        outcome: Outcome,
    ) -> Result<ImportReport, StoreError> {
        let report = self.report(intake, outcome);
        keep_rejects(connection, self.run_id, &intake.rejects).await?;
        sqlx::query(include_str!("../sql/finish_import.sql"))
            .bind(self.run_id)
            .bind("published")
            .bind(None::<&str>)
            .bind(sqlx::types::Json(&report))
            .execute(connection)
            .await
            .map_err(while_doing("recording the end of an import"))?;
        Ok(report)
    }

    /// Records a dry run, after its transaction was taken back.
    pub(super) async fn record_dry_run(&self, report: &ImportReport) -> Result<(), StoreError> {
        sqlx::query(include_str!("../sql/finish_import.sql"))
            .bind(self.run_id)
            .bind("dry_run")
            .bind(None::<&str>)
            .bind(sqlx::types::Json(report))
            .execute(&self.store.pool)
            .await
            .map(drop)
            .map_err(while_doing("recording a dry run"))
    }

    /// Records a failure and keeps the rejects, on another connection: the import's own may be
    /// gone.
    pub(super) async fn record_failure(
        &self,
        intake: &Intake<'_>,
        error: &StoreError,
    ) -> Result<(), StoreError> {
        let mut transaction =
            self.store.pool.begin().await.map_err(while_doing("recording a failed import"))?;
        keep_rejects(&mut transaction, self.run_id, &intake.rejects).await?;
        sqlx::query(include_str!("../sql/finish_import.sql"))
            .bind(self.run_id)
            .bind("failed")
            .bind(error.code())
            .bind(sqlx::types::Json(self.report(intake, Outcome::default())))
            .execute(&mut *transaction)
            .await
            .map_err(while_doing("recording a failed import"))?;
        transaction.commit().await.map_err(while_doing("recording a failed import"))
    }

    fn report(&self, intake: &Intake<'_>, outcome: Outcome) -> ImportReport {
        let tally: Tally = intake.tally.clone();
        let matched_by_geometry = match self.request.matching {
            Matching::Key => 0,
            Matching::Geometry => tally.read - tally.rejected,
        };
        ImportReport {
            run_id: self.run_id,
            layer: self.request.layer.id.clone(),
            source: self.request.source_name.clone(),
            read: tally.read,
            inserted: outcome.inserted,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
            closed: outcome.closed,
            close_withheld: outcome.close_withheld,
            conflicts: outcome.conflicts,
            kept_edits: outcome.kept_edits,
            matched_by_geometry,
            keys_in_other_sources: outcome.keys_in_other_sources,
            flagged: tally.flagged,
            rejected: tally.rejected,
            reject_codes: tally.reject_codes,
            reject_sample: intake.rejects.iter().take(REJECT_SAMPLE).map(sample).collect(),
            fault_codes: tally.fault_codes,
            dry_run: self.request.mode == ImportMode::DryRun,
            duration_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

fn sample(reject: &Reject) -> RejectSample {
    RejectSample {
        row: reject.source_row,
        code: reject.code.to_owned(),
        detail: without_nul(reject.detail.clone()),
    }
}

async fn keep_rejects(
    connection: &mut PgConnection,
    run_id: i64,
    rejects: &[Reject],
) -> Result<(), StoreError> {
    for reject in rejects {
        sqlx::query(
            "INSERT INTO urbis.import_reject (import_run_id, source_row, code, detail, raw) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(run_id)
        .bind(i64::try_from(reject.source_row).unwrap_or(i64::MAX))
        .bind(reject.code)
        .bind(without_nul(reject.detail.clone()))
        .bind(&reject.raw)
        .execute(&mut *connection)
        .await
        .map_err(while_doing("keeping a rejected record"))?;
    }
    Ok(())
}
