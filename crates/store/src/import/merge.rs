//! The import into a layer that has features: staging, a plan, and only what differs is touched.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use urbis_model::FeatureId;

use super::binary::{CopyRows, TooLong, put_field, put_null};
use super::encode::column_count;
use super::intake::{Chunk, Closing, Intake};
use super::run::{Outcome, Run};
use super::{Conflict, ImportMode, ImportReport, Take, lock_for_writing};
use crate::StoreError;
use crate::error::while_doing;
use crate::layer_sql::LayerSql;
use crate::session::{Writer, run as run_sql, set_writer};

/// From so many changes on nodes read the layer anew rather than feature by feature, unless far
/// more features of the source stay as they are.
const WHOLE_LAYER_CHANGES: u64 = 20_000;

/// Reading a feature by its id takes as long as reading about so many in a row.
const FEATURES_READ_IN_A_ROW: u64 = 4;

/// Conflicts named in the error.
const CONFLICT_SAMPLE: i64 = 10;

const COPY_FAULTS: &str =
    "COPY import_staged_fault (source_key, code, detail) FROM STDIN (FORMAT binary)";

const COPY_UNREAD: &str = "COPY import_unread (source_key) FROM STDIN (FORMAT binary)";

/// Room for the sorts and hashes of a large plan.
const WORK_MEMORY: &str = "SET work_mem = '64MB'";

/// Merges the records of a source into a layer.
pub(super) async fn merge(
    run: &Run<'_>,
    connection: &mut PgConnection,
    intake: &mut Intake<'_>,
) -> Result<ImportReport, StoreError> {
    let sql = LayerSql::new(run.request.layer);
    run_sql(connection, WORK_MEMORY.into(), "preparing to stage").await?;
    run_sql(connection, sql.stage_import(), "making staging tables").await?;
    while let Some(chunk) = intake.next_chunk().await? {
        stage_chunk(run, connection, &chunk).await?;
    }
    let count = "ANALYZE import_staged; ANALYZE import_unread";
    run_sql(connection, count.into(), "counting staged records").await?;

    let mut transaction = connection.begin().await.map_err(while_doing("starting to publish"))?;
    set_writer(&mut transaction, Writer { actor: &run.request.actor, client: "import" }).await?;
    lock_for_writing(&mut transaction, run.request.layer).await?;
    let outcome = plan(run, &mut transaction, intake.closing).await?;
    let changes = outcome.inserted + outcome.updated + outcome.closed;
    if changes >= WHOLE_LAYER_CHANGES && changes * FEATURES_READ_IN_A_ROW >= outcome.unchanged {
        let announce = "SET LOCAL urbis.bulk_load = 'on'";
        run_sql(&mut transaction, announce.into(), "announcing a load").await?;
    }
    let apply = sql.apply_import(&run.request.source_name, run.run_id);
    run_sql(&mut transaction, apply, "publishing changes").await?;
    let report = run.finish(&mut transaction, intake, outcome).await?;
    match run.request.mode {
        ImportMode::Publish => transaction.commit().await,
        ImportMode::DryRun => transaction.rollback().await,
    }
    .map_err(while_doing("publishing"))?;
    Ok(report)
}

async fn stage_chunk(
    run: &Run<'_>,
    connection: &mut PgConnection,
    chunk: &Chunk,
) -> Result<(), StoreError> {
    let layer = run.request.layer;
    let StagedRows { records, faults, unread } = encode_chunk(run, chunk)
        .map_err(|TooLong| StoreError::RecordTooLong { layer: layer.id.clone() })?;
    records.send(connection, &LayerSql::new(layer).copy_staged()).await?;
    faults.send(connection, COPY_FAULTS).await?;
    unread.send(connection, COPY_UNREAD).await
}

/// Rows of one chunk, by table.
struct StagedRows {
    records: CopyRows,
    faults: CopyRows,
    unread: CopyRows,
}

fn encode_chunk(run: &Run<'_>, chunk: &Chunk) -> Result<StagedRows, TooLong> {
    let fields = column_count(run.request.layer) + 4;
    let (mut records, mut faults) = (CopyRows::new(), CopyRows::new());
    let mut unread = CopyRows::new();
    for key in &chunk.unread_keys {
        put_field(unread.start_row(1), key.as_bytes())?;
    }
    for record in &chunk.records {
        let row = records.start_row(fields);
        put_field(row, record.source_key.as_bytes())?;
        put_field(row, &record.source_row.to_be_bytes())?;
        put_field(row, &record.source_hash)?;
        match &record.original_ewkb {
            Some(original) => put_field(row, original)?,
            None => put_null(row),
        }
        row.extend(&record.columns);
        for (code, detail) in &record.faults {
            let row = faults.start_row(3);
            put_field(row, record.source_key.as_bytes())?;
            put_field(row, code.as_bytes())?;
            put_field(row, detail.as_bytes())?;
        }
    }
    Ok(StagedRows { records, faults, unread })
}

/// Plans what becomes of each record, and counts; conflicts that nobody decided are an error.
async fn plan(
    run: &Run<'_>,
    connection: &mut PgConnection,
    closing: Closing,
) -> Result<Outcome, StoreError> {
    let take = run.request.take.map(|take| match take {
        Take::Source => "source",
        Take::Edit => "edit",
    });
    sqlx::query(AssertSqlSafe(LayerSql::new(run.request.layer).plan_import()))
        .bind(run.request.layer.id.as_str())
        .bind(&run.request.source_name)
        .bind(take)
        .bind(run.request.clip.as_ref().map(|clip| clip.ewkb.as_slice()))
        .execute(&mut *connection)
        .await
        .map_err(while_doing("comparing records with features"))?;
    let close_withheld = match closing {
        Closing::Allowed => 0,
        Closing::Withheld => withhold_closing(connection).await?,
    };
    let mut outcome = count_plan(connection, run.request.take).await?;
    outcome.close_withheld = close_withheld;
    outcome.keys_in_other_sources = count_keys_elsewhere(run, connection).await?;
    if outcome.conflicts > 0 && take.is_none() && run.request.mode == ImportMode::Publish {
        return Err(StoreError::Conflicts {
            layer: run.request.layer.id.clone(),
            count: outcome.conflicts,
            sample: sample_conflicts(connection).await?,
        });
    }
    Ok(outcome)
}

/// Takes the closing of features out of the plan; gives their number.
async fn withhold_closing(connection: &mut PgConnection) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(include_str!("../sql/withhold_closing.sql"))
        .fetch_one(connection)
        .await
        .map_err(while_doing("withholding what would be closed"))?;
    Ok(count.unsigned_abs())
}

async fn count_plan(
    connection: &mut PgConnection,
    take: Option<Take>,
) -> Result<Outcome, StoreError> {
    let query = "SELECT action, is_conflict, is_edit, source_row IS NOT NULL, count(*) \
                 FROM import_plan GROUP BY 1, 2, 3, 4";
    let rows: Vec<(String, bool, bool, bool, i64)> = sqlx::query_as(query)
        .fetch_all(connection)
        .await
        .map_err(while_doing("counting changes"))?;
    let mut outcome = Outcome::default();
    for (action, is_conflict, is_edit, came, count) in rows {
        let count = count.unsigned_abs();
        outcome.conflicts += if is_conflict { count } else { 0 };
        match action.as_str() {
            "insert" => outcome.inserted += count,
            "update" => outcome.updated += count,
            "close" => outcome.closed += count,
            _ => {
                let is_decided = !is_conflict || take.is_some();
                outcome.kept_edits += if is_edit && is_decided { count } else { 0 };
                outcome.unchanged += if came && !is_conflict { count } else { 0 };
            }
        }
    }
    Ok(outcome)
}

async fn count_keys_elsewhere(
    run: &Run<'_>,
    connection: &mut PgConnection,
) -> Result<u64, StoreError> {
    let count: i64 =
        sqlx::query_scalar(AssertSqlSafe(LayerSql::new(run.request.layer).count_keys_elsewhere()))
            .bind(run.request.layer.id.as_str())
            .bind(&run.request.source_name)
            .fetch_one(connection)
            .await
            .map_err(while_doing("looking for keys in other sources"))?;
    Ok(count.unsigned_abs())
}

async fn sample_conflicts(connection: &mut PgConnection) -> Result<Vec<Conflict>, StoreError> {
    let rows: Vec<(i64, String, String)> = sqlx::query_as(
        "SELECT feature_id, source_key, change FROM import_plan WHERE is_conflict \
         ORDER BY feature_id LIMIT $1",
    )
    .bind(CONFLICT_SAMPLE)
    .fetch_all(connection)
    .await
    .map_err(while_doing("reading conflicts"))?;
    let named = rows.into_iter().filter_map(|(feature_id, source_key, change)| {
        Some(Conflict { feature_id: FeatureId::new(feature_id).ok()?, source_key, change })
    });
    Ok(named.collect())
}
