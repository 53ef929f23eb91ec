//! Sessions: what each connection relies on, and who is said to write.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::StoreError;
use crate::error::while_doing;

/// `lock_not_available`: a lock was asked for without waiting, or the wait timed out.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Advisory locks of ours have this first number, so that other programs' do not meet them.
const LOCK_SPACE: i32 = 0x7572_6269;

/// The second number of the lock that migrations take; those of imports come from a hash.
const MIGRATION_LOCK: i32 = 1;

/// Who writes, as the history names them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) actor: &'a str,
    pub(crate) client: &'a str,
}

/// Reads a database URL and fixes what every session of ours relies on.
pub(crate) fn connect_options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(|cause| StoreError::Connect { cause })?;
    Ok(options
        .application_name("urbis")
        .options([
            ("timezone", "UTC"),
            ("jit", "off"),
            // A statement of a killed process ends within a second, and its locks with it.
            ("client_connection_check_interval", "1s"),
        ])
        // A bulk load is slow by nature, and a poll is no news: the caller logs what matters.
        .disable_statement_logging())
}

/// Opens a connection of one's own.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    options.connect().await.map_err(|cause| StoreError::Connect { cause })
}

/// Runs statements that take no values.
pub(crate) async fn run(
    connection: &mut PgConnection,
    sql: String,
    doing: &'static str,
) -> Result<(), StoreError> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(drop)
        .map_err(while_doing(doing))
}

/// Says in the current transaction who writes.
pub(crate) async fn set_writer(
    connection: &mut PgConnection,
    writer: Writer<'_>,
) -> Result<(), StoreError> {
    sqlx::query("SELECT set_config('urbis.actor', $1, true), set_config('urbis.client', $2, true)")
        .bind(writer.actor)
        .bind(writer.client)
        .execute(connection)
        .await
        .map(drop)
        .map_err(while_doing("naming the writer"))
}

/// Waits for the lock of migrations; it goes with the connection.
pub(crate) async fn lock_migrations(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_advisory_lock($1, $2)")
        .bind(LOCK_SPACE)
        .bind(MIGRATION_LOCK)
        .execute(connection)
        .await
        .map(drop)
        .map_err(while_doing("locking migrations"))
}

/// Tries to take the lock of a layer's imports; it goes with the connection.
pub(crate) async fn try_lock_import(
    connection: &mut PgConnection,
    layer: &str,
) -> Result<bool, StoreError> {
    sqlx::query_scalar("SELECT pg_try_advisory_lock($1, hashtext('import:' || $2))")
        .bind(LOCK_SPACE)
        .bind(layer)
        .fetch_one(connection)
        .await
        .map_err(while_doing("locking a layer's imports"))
}

/// Gives the lock of a layer's imports back.
pub(crate) async fn unlock_import(
    connection: &mut PgConnection,
    layer: &str,
) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_advisory_unlock($1, hashtext('import:' || $2))")
        .bind(LOCK_SPACE)
        .bind(layer)
        .execute(connection)
        .await
        .map(drop)
        .map_err(while_doing("unlocking a layer's imports"))
}

/// Says whether a statement failed because a lock was not to be had in time.
pub(crate) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some(LOCK_NOT_AVAILABLE)
}
