//! Makes and alters the layers' tables until they are what the catalogue says.
//!
//! All layers change in one transaction, each step is recorded, and a step that would lose data
//! stops the whole: the error says what to do instead.

mod difference;

use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use urbis_catalog::{Catalog, Layer};
use urbis_model::{LayerId, Openness};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::while_doing;
use crate::layer_sql::{LayerSql, quote_identifier};
use crate::qgis::{QgisViews, qgis_schema};
use crate::session::{is_lock_timeout, run};
use crate::{MigrationReport, StoreError};

/// Stands between the hash of triggers and comments and that of the views.
const HASHES_APART: char = '-';

/// One change of a layer's table.
#[derive(Debug)]
struct Step {
    /// For people.
    title: String,
    sql: String,
}

impl Step {
    fn new(title: impl Into<String>, sql: String) -> Self {
        Self { title: title.into(), sql }
    }
}

/// Brings every layer's table to its definition.
pub(crate) async fn reconcile_layers(
    connection: &mut PgConnection,
    catalog: &Catalog,
) -> Result<MigrationReport, StoreError> {
    let mut transaction =
        connection.begin().await.map_err(while_doing("starting the reconciler"))?;
    run(&mut transaction, "SET LOCAL lock_timeout = '30s'".into(), "limiting waits").await?;
    let postgis_schema = find_postgis(&mut transaction).await?;
    let mut report = MigrationReport::default();
    for layer in catalog.layers() {
        let steps = plan_layer(&mut transaction, layer, &postgis_schema).await?;
        for step in steps {
            take_step(&mut transaction, layer, &step).await?;
            report.steps.push(format!("{}: {}", layer.id, step.title));
        }
    }
    let grant = include_str!("sql/grant_editing.sql");
    run(&mut transaction, grant.into(), "granting rights to editors").await?;
    for view in find_orphaned_views(&mut transaction, catalog).await? {
        let drop = format!("DROP VIEW {view}");
        run(&mut transaction, drop, "dropping a view of a layer that is gone").await?;
        report.steps.push(format!("{view}: drop view"));
    }
    let grant = include_str!("sql/grant_qgis.sql")
        .replace("{postgis_schema}", &quote_identifier(&postgis_schema));
    run(&mut transaction, grant, "granting rights to QGIS").await?;
    report.orphans = find_orphans(&mut transaction, catalog).await?;
    transaction.commit().await.map_err(while_doing("ending the reconciler"))?;
    Ok(report)
}

/// Finds the first table or column that a layer lacks. A missing index, trigger or comment stops
/// nobody from serving.
pub(crate) async fn find_pending(
    connection: &mut PgConnection,
    catalog: &Catalog,
) -> Result<Option<String>, StoreError> {
    for layer in catalog.layers() {
        let steps = plan_table(connection, layer).await?;
        if let Some(step) = steps.first() {
            return Ok(Some(format!("layer '{}' needs: {}", layer.id, step.title)));
        }
    }
    Ok(None)
}

async fn plan_table(connection: &mut PgConnection, layer: &Layer) -> Result<Vec<Step>, StoreError> {
    let columns = difference::read_columns(connection, "layer", layer).await?;
    if columns.is_empty() {
        return Ok(vec![Step::new("create table", LayerSql::new(layer).create())]);
    }
    difference::plan_columns(connection, layer, &columns).await
}

async fn plan_layer(
    connection: &mut PgConnection,
    layer: &Layer,
    postgis_schema: &str,
) -> Result<Vec<Step>, StoreError> {
    let sql = LayerSql::new(layer);
    let views = QgisViews::new(layer);
    let mut steps = plan_table(connection, layer).await?;
    if !steps.is_empty() {
        steps.insert(0, Step::new("drop views", views.drop()));
    }
    if !has_spatial_index(connection, layer).await? {
        steps.push(Step::new("create spatial index", sql.create_spatial_index()));
    }
    let is_altered = !steps.is_empty();
    let generated = format!("{}{}", sql.triggers(postgis_schema), sql.comments());
    let views = format!("{}{}", views.drop(), views.create());
    let recorded = read_recorded(connection, layer).await?;
    let (known, known_views) = recorded.split_once(HASHES_APART).unwrap_or((&recorded, ""));
    let (hash, view_hash) = (hash_of(&generated), hash_of(&views));
    // Apart: triggers take a lock on the table, and what views show changes more often.
    if is_altered || known != hash {
        steps.push(Step::new("renew triggers and comments", generated));
    }
    if is_altered || known_views != view_hash {
        steps.push(Step::new("renew views", views));
    }
    if !steps.is_empty() {
        record_definition(connection, layer, &format!("{hash}{HASHES_APART}{view_hash}")).await?;
    }
    Ok(steps)
}

async fn take_step(
    connection: &mut PgConnection,
    layer: &Layer,
    step: &Step,
) -> Result<(), StoreError> {
    match run(connection, step.sql.clone(), "changing a layer's table").await {
        Err(StoreError::Database { cause, .. }) if is_lock_timeout(&cause) => {
            return Err(StoreError::LayerLocked { cause });
        }
        outcome => outcome?,
    }
    sqlx::query("INSERT INTO urbis.layer_step (layer, step, statement) VALUES ($1, $2, $3)")
        .bind(layer.id.as_str())
        .bind(&step.title)
        .bind(&step.sql)
        .execute(connection)
        .await
        .map(drop)
        .map_err(while_doing("recording a step"))
}

async fn find_postgis(connection: &mut PgConnection) -> Result<String, StoreError> {
    let query =
        "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'postgis'";
    let quoted: String = sqlx::query_scalar(query)
        .fetch_one(connection)
        .await
        .map_err(while_doing("looking for PostGIS"))?;
    Ok(quoted.trim_matches('"').to_owned())
}

async fn has_spatial_index(
    connection: &mut PgConnection,
    layer: &Layer,
) -> Result<bool, StoreError> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_indexes WHERE schemaname = 'layer' AND indexname = $1)",
    )
    .bind(LayerSql::new(layer).spatial_index())
    .fetch_one(connection)
    .await
    .map_err(while_doing("looking for a spatial index"))
}

/// The hashes that were recorded with the layer's definition; empty where there is none.
async fn read_recorded(connection: &mut PgConnection, layer: &Layer) -> Result<String, StoreError> {
    sqlx::query_scalar(
        "SELECT coalesce(max(generated_hash), '') FROM urbis.layer_definition WHERE layer = $1",
    )
    .bind(layer.id.as_str())
    .fetch_one(connection)
    .await
    .map_err(while_doing("reading a layer's recorded definition"))
}

fn hash_of(generated: &str) -> String {
    format!("{:032x}", xxh3_128(generated.as_bytes()))
}

async fn record_definition(
    connection: &mut PgConnection,
    layer: &Layer,
    hash: &str,
) -> Result<(), StoreError> {
    sqlx::query(include_str!("sql/record_definition.sql"))
        .bind(layer.id.as_str())
        .bind(sqlx::types::Json(layer))
        .bind(hash)
        .execute(connection)
        .await
        .map(drop)
        .map_err(while_doing("recording a layer's definition"))
}

async fn find_orphans(
    connection: &mut PgConnection,
    catalog: &Catalog,
) -> Result<Vec<LayerId>, StoreError> {
    let query = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'layer' ORDER BY 1";
    let tables: Vec<String> = sqlx::query_scalar(query)
        .fetch_all(connection)
        .await
        .map_err(while_doing("listing layer tables"))?;
    let known = tables.iter().filter_map(|table| LayerId::new(table).ok());
    Ok(known.filter(|id| catalog.layer(id).is_none()).collect())
}

/// Views of QGIS whose layer is not in the catalogue any more, as SQL names them.
async fn find_orphaned_views(
    connection: &mut PgConnection,
    catalog: &Catalog,
) -> Result<Vec<String>, StoreError> {
    let known: Vec<&str> = catalog.layers().map(|layer| layer.id.as_str()).collect();
    sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, viewname) FROM pg_views \
         WHERE schemaname = ANY ($1) AND viewname <> ALL ($2) ORDER BY 1",
    )
    .bind(Openness::ALL.map(qgis_schema).as_slice())
    .bind(known)
    .fetch_all(connection)
    .await
    .map_err(while_doing("listing the views of QGIS"))
}

/// Asks a question of one table.
async fn ask(connection: &mut PgConnection, sql: String) -> Result<bool, StoreError> {
    sqlx::query_scalar(AssertSqlSafe(sql))
        .persistent(false)
        .fetch_one(connection)
        .await
        .map_err(while_doing("looking into a layer's table"))
}
