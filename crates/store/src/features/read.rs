//! Batches of features, each in a statement or two.

use std::ops::{ControlFlow, Deref, DerefMut};
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, PgRow};
use sqlx::{Connection, Postgres, Row};
use tokio::time::timeout;
use urbis_model::LayerId;

use super::ask::FeatureAsk;
use super::pieces::{Offer, Outbox};
use super::select::{self, Care, Part};
use super::statement::Statement;
use super::write::FeatureWriter;
use super::{FeatureCursor, FeaturePage, POOL_WAIT, STATEMENT_TIMEOUT};
use crate::StoreError;
use crate::error::while_doing;

/// How much longer than the database itself a client waits for it.
const GRACE: Duration = Duration::from_secs(5);

/// A count may read all of a layer: it gets the workers that the server has for it.
const COUNTING: &str = "BEGIN; SET LOCAL max_parallel_workers_per_gather TO DEFAULT";

/// What the database says of a statement that took too long.
const QUERY_CANCELED: &str = "57014";

/// How errors begin that come from values and geometries: GEOS and PROJ say `XX000`.
const OF_VALUES: [&str; 2] = ["22", "XX000"];

/// A question that is read batch by batch.
#[derive(Debug)]
pub(super) struct Reading {
    pool: PgPool,
    layer: LayerId,
    plans: [Plan; 2],
    /// Which plan is used: the second from the first on that the first one failed.
    is_careful: bool,
    writer: FeatureWriter,
    /// Where what has left ends.
    after: Option<FeatureCursor>,
    /// How many features may follow.
    left: u64,
    has_nowhere: bool,
}

/// The statements of both parts of an answer.
#[derive(Debug)]
struct Plan {
    somewhere: Statement,
    nowhere: Statement,
}

impl Plan {
    fn new(ask: &FeatureAsk<'_>, care: Care) -> Result<Self, StoreError> {
        Ok(Self {
            somewhere: select::rows(ask, Part::Somewhere, care)?,
            nowhere: select::rows(ask, Part::Nowhere, care)?,
        })
    }
}

impl Reading {
    pub(super) fn new(pool: &PgPool, ask: &FeatureAsk<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            pool: pool.clone(),
            layer: ask.layer.id.clone(),
            plans: [Plan::new(ask, Care::None)?, Plan::new(ask, Care::Each)?],
            is_careful: false,
            writer: FeatureWriter::new(ask),
            after: ask.after,
            left: ask.limit,
            // A feature without a geometry is in no box.
            has_nowhere: ask.bbox.is_none(),
        })
    }

    /// The same for features that are written as records.
    pub(super) fn of_records(pool: &PgPool, ask: &FeatureAsk<'_>) -> Result<Self, StoreError> {
        Ok(Self { writer: FeatureWriter::of_records(ask), ..Self::new(pool, ask)? })
    }

    /// How many features may yet be read.
    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    /// Reads so many features more, or fewer where the outbox is full. What it has not taken comes
    /// back, and says whether there are more.
    pub(super) async fn batch(
        &mut self,
        limit: u64,
        outbox: &mut Outbox,
    ) -> Result<FeaturePage, StoreError> {
        let left_after = self.left.saturating_sub(limit);
        let mut outcome = self.try_batch(left_after, outbox).await;
        if !self.is_careful && outcome.as_ref().is_err_and(is_of_values) {
            tracing::debug!(layer.id = %self.layer, "a geometry needs care: asking again");
            self.is_careful = true;
            outcome = self.try_batch(left_after, outbox).await;
        }
        let batch = outcome.map_err(|cause| unanswerable(&self.layer, cause))?;
        self.leave(batch.met, batch.page.next);
        Ok(batch.page)
    }

    /// A batch that fails is read again from where the features ended that have left.
    fn leave(&mut self, met: u64, end: Option<FeatureCursor>) {
        (self.left, self.after) = (self.left.saturating_sub(met), end);
    }

    async fn try_batch(
        &mut self,
        left_after: u64,
        outbox: &mut Outbox,
    ) -> Result<Batch, StoreError> {
        let mut batch = Batch::default();
        if self.after.is_none_or(|cursor| cursor.has_geometry)
            && self.fill(&mut batch, Part::Somewhere, left_after, outbox).await?
        {
            return Ok(batch);
        }
        if self.has_nowhere {
            self.fill(&mut batch, Part::Nowhere, left_after, outbox).await?;
        }
        Ok(batch)
    }

    /// Adds rows of one part; says whether there are more. One more than wanted is asked for, to
    /// know that.
    async fn fill(
        &mut self,
        batch: &mut Batch,
        part: Part,
        left_after: u64,
        outbox: &mut Outbox,
    ) -> Result<bool, StoreError> {
        let has_geometry = part == Part::Somewhere;
        let plan = &self.plans[usize::from(self.is_careful)];
        let rows = if has_geometry { &plan.somewhere } else { &plan.nowhere };
        let before = self.after.filter(|cursor| cursor.has_geometry == has_geometry);
        let limit = self.left.saturating_sub(left_after).saturating_sub(batch.met);
        let after = before.map_or(0, |cursor| cursor.id.to_i64());
        let statement = select::page(rows, after, limit.saturating_add(1));
        let (mut met, mut has_more) = (0, false);
        let pool = self.pool.clone();
        let reading = each_row(&pool, &statement, |row| {
            if met == limit {
                has_more = true;
                return Ok(ControlFlow::Continue(()));
            }
            if let Some(end) = batch.last {
                match outbox.offer(&mut batch.page, end) {
                    Offer::Kept => {}
                    Offer::Sent => self.leave(std::mem::take(&mut batch.met), Some(end)),
                    Offer::Full => {
                        has_more = true;
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            let id = self.writer.id(row)?;
            if self.writer.put(&mut batch.page.features, id, row)? {
                batch.page.count += 1;
            }
            batch.last = Some(FeatureCursor { id, has_geometry });
            (met, batch.met) = (met + 1, batch.met + 1);
            Ok(ControlFlow::Continue(()))
        });
        reading.await?;
        if has_more {
            batch.page.next = batch.last.or(self.after);
        }
        Ok(has_more)
    }
}

/// What has been read and has not left yet.
#[derive(Debug, Default)]
struct Batch {
    page: FeaturePage,
    /// Rows of it, those that nobody may see among them.
    met: u64,
    /// The last row of all.
    last: Option<FeatureCursor>,
}

/// Counts rows.
pub(super) fn count(
    pool: &PgPool,
    ask: &FeatureAsk<'_>,
) -> impl Future<Output = Result<u64, StoreError>> + Send + use<> {
    let statements = [Care::None, Care::Each].map(|care| select::count(ask, care));
    let (pool, layer) = (pool.clone(), ask.layer.id.clone());
    async move {
        let [plain, careful] = statements;
        match counted(&pool, &plain?).await {
            Err(cause) if is_of_values(&cause) => {}
            outcome => return outcome,
        }
        let outcome = counted(&pool, &careful?).await;
        outcome.map_err(|cause| unanswerable(&layer, cause))
    }
}

async fn counted(pool: &PgPool, statement: &Statement) -> Result<u64, StoreError> {
    in_time(async {
        let mut session = ToTheEnd::acquire(pool).await?;
        let mut transaction = session.begin_with(COUNTING).await.map_err(failed)?;
        let counted = statement.query().fetch_one(&mut *transaction).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        session.end();
        let count: i64 = counted.try_get(0).map_err(while_doing("counting features"))?;
        Ok(count.unsigned_abs())
    })
    .await
}

/// How the database would answer, a line a step.
pub(super) async fn explain(
    pool: &PgPool,
    ask: &FeatureAsk<'_>,
) -> Result<Vec<String>, StoreError> {
    let rows = select::rows(ask, Part::Somewhere, Care::None)?;
    let after = ask.after.map_or(0, |cursor| cursor.id.to_i64());
    let page = select::page(&rows, after, ask.limit);
    let mut lines = Vec::new();
    each_row(pool, &page.wrapped(|sql| format!("EXPLAIN {sql}")), |row| {
        lines.push(row.try_get(0).map_err(while_doing("reading a plan"))?);
        Ok(ControlFlow::Continue(()))
    })
    .await?;
    Ok(lines)
}

/// Runs a statement and takes its rows one by one, none of which is kept, until there is a break.
async fn each_row(
    pool: &PgPool,
    statement: &Statement,
    mut take: impl FnMut(&PgRow) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    in_time(async {
        let mut session = acquire(pool).await?;
        let mut rows = statement.query().fetch(&mut *session);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            if take(&row)?.is_break() {
                drop(rows);
                // The next statement would have to read the rest of this one first.
                session.close_on_drop();
                break;
            }
        }
        Ok(())
    })
    .await
}

/// A session of a pool, as soon as one is free.
async fn acquire(pool: &PgPool) -> Result<PoolConnection<Postgres>, StoreError> {
    pool.acquire().await.map_err(|cause| StoreError::Connect { cause })
}

/// A session that is closed where its work is given up: the driver does not know of a transaction
/// that was given up while it began, and all who came later would read in it.
#[derive(Debug)]
pub(super) struct ToTheEnd {
    session: PoolConnection<Postgres>,
    has_ended: bool,
}

impl ToTheEnd {
    /// One of a pool, as soon as one is free.
    pub(super) async fn acquire(pool: &PgPool) -> Result<Self, StoreError> {
        Ok(Self { session: acquire(pool).await?, has_ended: false })
    }

    /// Gives it back for others: its transaction is over.
    pub(super) fn end(mut self) {
        self.has_ended = true;
    }
}

impl Deref for ToTheEnd {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.session
    }
}

impl DerefMut for ToTheEnd {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.session
    }
}

impl Drop for ToTheEnd {
    fn drop(&mut self) {
        if !self.has_ended {
            self.session.close_on_drop();
        }
    }
}

/// The database gives a statement up by itself, unless it is gone without a word.
async fn in_time<T>(reading: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let slow = |_| StoreError::FeaturesTooSlow;
    timeout(STATEMENT_TIMEOUT + POOL_WAIT + GRACE, reading).await.map_err(slow)?
}

fn failed(cause: sqlx::Error) -> StoreError {
    if is_too_slow(&cause) {
        return StoreError::FeaturesTooSlow;
    }
    while_doing("reading features")(cause)
}

/// Whether the database gave a statement up because of its time.
pub(super) fn is_too_slow(cause: &sqlx::Error) -> bool {
    let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code == QUERY_CANCELED)
}

/// Whether a value or a geometry stopped the statement.
fn is_of_values(cause: &StoreError) -> bool {
    let StoreError::Database { cause, .. } = cause else { return false };
    let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| OF_VALUES.iter().any(|start| code.starts_with(start)))
}

/// Nothing can be done about a value that stops a careful statement, too.
fn unanswerable(layer: &LayerId, cause: StoreError) -> StoreError {
    match cause {
        StoreError::Database { cause: inner, .. } if is_of_values(&cause) => {
            StoreError::FilterUnanswerable { layer: layer.clone(), cause: inner }
        }
        other => other,
    }
}
