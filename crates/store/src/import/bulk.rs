//! The load of an untouched layer: COPY straight into its table, one row in the change log.

use sqlx::Connection;
use sqlx::postgres::{PgConnection, PgPool};
use urbis_catalog::Layer;

use super::binary::{CopyRows, TooLong, put_field};
use super::encode::{EncodedRecord, column_count};
use super::intake::Intake;
use super::run::{Outcome, Run};
use super::{ImportMode, ImportReport, is_untouched, lock_for_writing};
use crate::StoreError;
use crate::error::while_doing;
use crate::layer_sql::LayerSql;
use crate::session::{Writer, is_lock_timeout, run as run_sql, set_writer};

const COPY_IDENTITIES: &str = "COPY urbis.feature_identity \
    (feature_id, layer, source, source_key, source_hash) FROM STDIN (FORMAT binary)";
const COPY_FAULTS: &str = "COPY urbis.feature_fault \
    (feature_id, layer, source, code, detail, import_run_id) FROM STDIN (FORMAT binary)";
const COPY_ORIGINALS: &str = "COPY urbis.repaired_geometry \
    (feature_id, layer, geom, import_run_id) FROM STDIN (FORMAT binary)";

/// Loads an untouched layer; gives nothing back where somebody touched it meanwhile.
pub(super) async fn load(
    run: &Run<'_>,
    connection: &mut PgConnection,
    intake: &mut Intake<'_>,
) -> Result<Option<ImportReport>, StoreError> {
    let layer = run.request.layer;
    let sql = LayerSql::new(layer);
    drop_spatial_index(connection, sql).await?;
    let mut transaction = connection.begin().await.map_err(while_doing("starting to publish"))?;
    set_writer(&mut transaction, Writer { actor: &run.request.actor, client: "import" }).await?;
    run_sql(&mut transaction, "SET LOCAL urbis.bulk_load = 'on'".into(), "announcing a load")
        .await?;
    lock_for_writing(&mut transaction, layer).await?;
    if !is_untouched(&mut transaction, layer).await? {
        transaction.rollback().await.map_err(while_doing("ending a load"))?;
        return Ok(None);
    }
    let mut outcome = Outcome::default();
    while let Some(chunk) = intake.next_chunk().await? {
        outcome.inserted += chunk.records.len() as u64;
        copy_chunk(run, &mut transaction, &chunk.records).await?;
    }
    run_sql(&mut transaction, sql.create_spatial_index(), "creating a spatial index").await?;
    let report = run.finish(&mut transaction, intake, outcome).await?;
    match run.request.mode {
        ImportMode::Publish => transaction.commit().await,
        ImportMode::DryRun => transaction.rollback().await,
    }
    .map_err(while_doing("publishing"))?;
    Ok(Some(report))
}

/// Drops the index by itself, because that shuts readers out: they must not wait for the whole
/// load. Where a reader does not let go, the load is slower instead.
async fn drop_spatial_index(
    connection: &mut PgConnection,
    sql: LayerSql<'_>,
) -> Result<(), StoreError> {
    let failed = while_doing("dropping a spatial index");
    let mut transaction = connection.begin().await.map_err(&failed)?;
    run_sql(&mut transaction, "SET LOCAL lock_timeout = '2s'".into(), "limiting waits").await?;
    match run_sql(&mut transaction, sql.drop_spatial_index(), "dropping a spatial index").await {
        Err(StoreError::Database { cause, .. }) if is_lock_timeout(&cause) => {
            transaction.rollback().await.map_err(&failed)
        }
        outcome => {
            outcome?;
            transaction.commit().await.map_err(&failed)
        }
    }
}

async fn copy_chunk(
    run: &Run<'_>,
    connection: &mut PgConnection,
    chunk: &[EncodedRecord],
) -> Result<(), StoreError> {
    let layer = run.request.layer;
    let ids = draw_ids(&run.store.pool, chunk.len()).await?;
    let rows = encode_chunk(run, layer, chunk, &ids)
        .map_err(|TooLong| StoreError::RecordTooLong { layer: layer.id.clone() })?;
    rows.features.send(connection, &LayerSql::new(layer).copy_features()).await?;
    rows.identities.send(connection, COPY_IDENTITIES).await?;
    rows.faults.send(connection, COPY_FAULTS).await?;
    rows.originals.send(connection, COPY_ORIGINALS).await
}

/// Rows of one chunk, by table.
struct ChunkRows {
    features: CopyRows,
    identities: CopyRows,
    faults: CopyRows,
    originals: CopyRows,
}

fn encode_chunk(
    run: &Run<'_>,
    layer: &Layer,
    chunk: &[EncodedRecord],
    ids: &[i64],
) -> Result<ChunkRows, TooLong> {
    let mut rows = ChunkRows {
        features: CopyRows::new(),
        identities: CopyRows::new(),
        faults: CopyRows::new(),
        originals: CopyRows::new(),
    };
    let (name, source) = (layer.id.as_str().as_bytes(), run.request.source_name.as_bytes());
    let run_id = run.run_id.to_be_bytes();
    for (record, id) in chunk.iter().zip(ids) {
        let id = id.to_be_bytes();
        let row = rows.features.start_row(column_count(layer) + 1);
        put_field(row, &id)?;
        row.extend(&record.columns);
        let key = record.source_key.as_bytes();
        put_row(&mut rows.identities, &[&id, name, source, key, &record.source_hash])?;
        for (code, detail) in &record.faults {
            let fields = [&id, name, source, code.as_bytes(), detail.as_bytes(), &run_id];
            put_row(&mut rows.faults, &fields)?;
        }
        if let Some(original) = &record.original_ewkb {
            put_row(&mut rows.originals, &[&id, name, original, &run_id])?;
        }
    }
    Ok(rows)
}

fn put_row<const N: usize>(rows: &mut CopyRows, fields: &[&[u8]; N]) -> Result<(), TooLong> {
    let row = rows.start_row(N as i16);
    fields.iter().try_for_each(|field| put_field(row, field))
}

/// Draws ids beside the publishing transaction, whose connection is busy with COPY.
async fn draw_ids(pool: &PgPool, count: usize) -> Result<Vec<i64>, StoreError> {
    sqlx::query_scalar("SELECT nextval('urbis.feature_id') FROM generate_series(1, $1)")
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await
        .map_err(while_doing("drawing feature ids"))
}
