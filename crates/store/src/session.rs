//! Sessions: what each connection relies on, and who is said to write.

use std::future::Future;
use std::io;
use std::time::Duration;

use futures_util::{TryStream, TryStreamExt};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};
use tokio::time::timeout;

use crate::StoreError;
use crate::error::while_doing;

/// `lock_not_available`: a lock was asked for without waiting, or the wait timed out.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Advisory locks of ours have this first number, also in SQL functions, so that other programs' do
/// not meet them.
const LOCK_SPACE: i32 = 0x7572_6269;

/// The second number of the lock that migrations take; those of imports come from a hash.
const MIGRATION_LOCK: i32 = 1;

/// The second number of the lock that whoever prunes takes; 3 is that of `live.make_day`, which the
/// migrations define.
const PRUNE_LOCK: i32 = 2;

/// Longest wait for what a healthy server does at once: to connect, to begin, to probe.
const ANSWER_WAIT: Duration = Duration::from_secs(20);

/// Longest wait for the next row of a statement that reads much. The first may come after a sort
/// of the whole table; how long all of them take is limited by nothing.
const ROW_WAIT: Duration = Duration::from_secs(300);

/// Longest time for a batch of live state or the last state of everything, which are small.
const LIVE_WAIT: Duration = Duration::from_secs(60);

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
    answer(options.connect()).await.map_err(|cause| StoreError::Connect { cause })
}

/// Waits for what a healthy server does at once. Afterwards its connection is of no use.
pub(crate) async fn answer<T>(
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    within(ANSWER_WAIT, asked).await
}

/// The next row of a statement that reads much; `None` after the last.
pub(crate) async fn next_row<S: TryStream<Error = sqlx::Error> + Unpin>(
    rows: &mut S,
) -> Result<Option<S::Ok>, sqlx::Error> {
    within(ROW_WAIT, rows.try_next()).await
}

/// Waits for what reads or writes live state. Afterwards its connection is of no use.
pub(crate) async fn live<T>(
    doing: &'static str,
    asked: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    timeout(LIVE_WAIT, asked).await.unwrap_or_else(|_| Err(while_doing(doing)(silence(LIVE_WAIT))))
}

/// A connection whose other end is gone without a word looks like one that is slow: only a limit
/// on the time without progress tells them apart.
async fn within<T>(
    limit: Duration,
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(limit, asked).await.unwrap_or_else(|_| Err(silence(limit)))
}

fn silence(limit: Duration) -> sqlx::Error {
    let silence = format!("nothing came for {} s", limit.as_secs());
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, silence))
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

/// As [`run`], for what a healthy server does at once.
pub(crate) async fn run_at_once(
    connection: &mut PgConnection,
    sql: String,
    doing: &'static str,
) -> Result<(), StoreError> {
    let asked = sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection);
    answer(asked).await.map(drop).map_err(while_doing(doing))
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

/// Tries to take the lock of whoever prunes, until the transaction ends.
pub(crate) async fn try_lock_pruning(connection: &mut PgConnection) -> Result<bool, StoreError> {
    sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1, $2)")
        .bind(LOCK_SPACE)
        .bind(PRUNE_LOCK)
        .fetch_one(connection)
        .await
        .map_err(while_doing("locking pruning"))
}

/// Waits for the lock of whoever prunes; it goes with the transaction.
pub(crate) async fn lock_pruning(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_advisory_xact_lock($1, $2)")
        .bind(LOCK_SPACE)
        .bind(PRUNE_LOCK)
        .execute(connection)
        .await
        .map(drop)
        .map_err(while_doing("locking pruning"))
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

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::stream;
    use tokio::time::{Instant, sleep};

    use super::*;

    fn is_silence<T>(outcome: &Result<T, sqlx::Error>) -> bool {
        matches!(outcome, Err(sqlx::Error::Io(cause)) if cause.kind() == io::ErrorKind::TimedOut)
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_may_take_any_time_while_rows_come_and_no_longer() {
        let pause = ROW_WAIT - Duration::from_secs(1);
        let slow = stream::unfold(0, |row| async move {
            match row {
                ..5 => sleep(pause).await,
                _ => std::future::pending().await,
            }
            Some((Ok(row), row + 1))
        });
        let mut rows = pin!(slow);
        let began = Instant::now();
        for row in 0..5 {
            assert_eq!(next_row(&mut rows).await.unwrap(), Some(row));
        }
        assert_eq!(began.elapsed(), pause * 5);
        assert!(is_silence(&next_row(&mut rows).await));
        assert_eq!(began.elapsed(), pause * 5 + ROW_WAIT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_nothing_is_given_up() {
        let began = Instant::now();
        assert!(is_silence(&answer(std::future::pending::<Result<(), sqlx::Error>>()).await));
        assert_eq!(began.elapsed(), ANSWER_WAIT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_gone_in_the_middle_of_live_state_is_given_up() {
        let began = Instant::now();
        let lost = live("writing", std::future::pending::<Result<(), StoreError>>()).await;
        let Err(StoreError::Database { cause, .. }) = lost else { panic!("{lost:?}") };
        assert!(is_silence(&Err::<(), _>(cause)));
        assert_eq!(began.elapsed(), LIVE_WAIT);
    }
}
