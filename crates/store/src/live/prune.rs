//! The days of the history: made ahead, and dropped when they are old.

use std::time::Duration;

use sqlx::Executor;
use sqlx::postgres::PgConnection;

use crate::StoreError;
use crate::error::while_doing;
use crate::session::answer;

/// Makes the partitions of today and of the days after it, so that no batch waits for them.
pub(crate) async fn make_days_ahead(connection: &mut PgConnection) -> Result<(), StoreError> {
    let make = connection.execute(include_str!("../sql/make_days_ahead.sql"));
    answer(make).await.map(drop).map_err(while_doing("making the days of the live history"))
}

/// The days that ended longer ago, the oldest first, as `YYYYMMDD`.
pub(crate) async fn old_days(
    connection: &mut PgConnection,
    age: Duration,
) -> Result<Vec<String>, StoreError> {
    sqlx::query_scalar(include_str!("../sql/old_days.sql"))
        .bind(age.as_secs_f64())
        .fetch_all(connection)
        .await
        .map_err(while_doing("listing the days of the live history"))
}

/// Drops a day of [`old_days`] and all before it; gives how many days those are. Waits for a reader
/// for a moment only: all who write wait behind it.
pub(crate) async fn drop_day(connection: &mut PgConnection, day: &str) -> Result<u64, StoreError> {
    let failed = while_doing("dropping a day of the live history");
    connection.execute("SET LOCAL lock_timeout = '2s'").await.map_err(&failed)?;
    let dropped: i64 = sqlx::query_scalar(include_str!("../sql/drop_day.sql"))
        .bind(day)
        .fetch_one(connection)
        .await
        .map_err(&failed)?;
    Ok(dropped.unsigned_abs())
}
