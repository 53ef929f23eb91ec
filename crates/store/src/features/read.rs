//! Pages and pieces of streams.

use std::time::Duration;

use futures_util::{Stream, TryStreamExt};
use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};
use tokio::sync::mpsc;
use tokio::time::timeout;
use urbis_model::{FeatureId, LayerId};

use super::ask::FeatureAsk;
use super::select::{self, Care, Part};
use super::statement::Statement;
use super::write::FeatureWriter;
use super::{FeatureCursor, FeaturePage, POOL_WAIT, STATEMENT_TIMEOUT};
use crate::StoreError;
use crate::error::while_doing;

/// Features of a stream's first piece: it should be there at once.
const FIRST_PIECE: u64 = 100;

/// How much longer the next piece may be.
const GROWTH: u64 = 4;

/// Bytes of a piece, about.
const PIECE_LEN: u64 = 1 << 20;

/// Fewest and most features of a later piece.
const PIECE_FEATURES: [u64; 2] = [20, 10_000];

/// How much longer than the database itself a client waits for it.
const GRACE: Duration = Duration::from_secs(5);

/// What the database says of a statement that took too long.
const QUERY_CANCELED: &str = "57014";

/// How errors begin that come from values and geometries: GEOS and PROJ say `XX000`.
const OF_VALUES: [&str; 2] = ["22", "XX000"];

/// A question that is read piece by piece.
#[derive(Debug)]
pub(super) struct Reading {
    pool: PgPool,
    layer: LayerId,
    plans: [Plan; 2],
    /// Which plan is used: the second from the first on that the first one failed.
    is_careful: bool,
    writer: FeatureWriter,
    after: Option<FeatureCursor>,
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

    /// Reads so many features more.
    pub(super) async fn page(&mut self, limit: u64) -> Result<FeaturePage, StoreError> {
        match self.try_page(limit).await {
            Err(cause) if !self.is_careful && is_of_values(&cause) => {
                tracing::debug!(layer.id = %self.layer, "a geometry needs care: asking again");
                self.is_careful = true;
                let page = self.try_page(limit).await;
                match page {
                    Err(cause) if is_of_values(&cause) => Err(unanswerable(&self.layer, cause)),
                    outcome => outcome,
                }
            }
            outcome => outcome,
        }
    }

    async fn try_page(&mut self, limit: u64) -> Result<FeaturePage, StoreError> {
        let mut page = FeaturePage::default();
        let mut end = End::default();
        if self.after.is_none_or(|cursor| cursor.has_geometry) {
            let after = self.after.map(|cursor| cursor.id);
            end = self.fill(&mut page, Part::Somewhere, after, limit).await?;
            if end.has_more {
                page.next = end.cursor(Part::Somewhere).or(self.after);
                return Ok(page);
            }
        }
        if !self.has_nowhere {
            return Ok(page);
        }
        let after = self.after.filter(|cursor| !cursor.has_geometry).map(|cursor| cursor.id);
        let rest = self.fill(&mut page, Part::Nowhere, after, limit - end.met).await?;
        if rest.has_more {
            let before = end.cursor(Part::Somewhere).or(self.after);
            page.next = rest.cursor(Part::Nowhere).or(before);
        }
        Ok(page)
    }

    /// Adds rows of one part after an id, so many at most; one more is asked for, to know whether
    /// there are more.
    async fn fill(
        &mut self,
        page: &mut FeaturePage,
        part: Part,
        after: Option<FeatureId>,
        limit: u64,
    ) -> Result<End, StoreError> {
        let plan = &self.plans[usize::from(self.is_careful)];
        let rows = if part == Part::Somewhere { &plan.somewhere } else { &plan.nowhere };
        let after = after.map_or(0, FeatureId::to_i64);
        let statement = select::page(rows, after, limit.saturating_add(1));
        let writer = &mut self.writer;
        let mut end = End::default();
        let reading = each_row(&self.pool, &statement, |row| {
            if end.met == limit {
                end.has_more = true;
                return Ok(());
            }
            let id = writer.id(row)?;
            if writer.put(&mut page.features, id, row)? {
                page.count += 1;
            }
            (end.met, end.last) = (end.met + 1, Some(id));
            Ok(())
        });
        reading.await?;
        Ok(end)
    }
}

/// Where the rows of one part ended.
#[derive(Debug, Clone, Copy, Default)]
struct End {
    /// Rows that came.
    met: u64,
    last: Option<FeatureId>,
    has_more: bool,
}

impl End {
    fn cursor(self, part: Part) -> Option<FeatureCursor> {
        self.last.map(|id| FeatureCursor { id, has_geometry: part == Part::Somewhere })
    }
}

/// A stream that reads ahead of its taker, by one piece that waits and one that is being read.
pub(super) fn pieces(
    reading: Reading,
) -> impl Stream<Item = Result<FeaturePage, StoreError>> + Send + 'static {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(reading.send_pieces(sender));
    futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|piece| (piece, receiver))
    })
}

impl Reading {
    /// Sends pieces until there are no more or nobody takes them.
    async fn send_pieces(mut self, sender: mpsc::Sender<Result<FeaturePage, StoreError>>) {
        let mut size = FIRST_PIECE;
        loop {
            let piece = self.page(size.min(self.left)).await;
            let next = piece.as_ref().ok().and_then(|page| page.next);
            let count = piece.as_ref().map_or(0, |page| page.count);
            if let Ok(page) = &piece {
                self.left -= size.min(self.left);
                size = next_size(size, page);
            }
            // Nothing is said of features that nobody may see, but where others begin.
            let is_worth = piece.is_err() || count > 0;
            if is_worth && sender.send(piece).await.is_err() {
                return;
            }
            if next.is_none() || self.left == 0 {
                return;
            }
            self.after = next;
        }
    }
}

/// How many features the next piece has, so that it is about as long as a piece should be.
fn next_size(size: u64, page: &FeaturePage) -> u64 {
    let [fewest, most] = PIECE_FEATURES;
    let length = (page.features.len() as u64 / page.count.max(1)).max(1);
    (PIECE_LEN / length).clamp(fewest, most).min(size.saturating_mul(GROWTH))
}

/// Counts rows.
pub(super) async fn count(pool: &PgPool, ask: &FeatureAsk<'_>) -> Result<u64, StoreError> {
    let mut counted = 0;
    for care in [Care::None, Care::Each] {
        let statement = select::count(ask, care)?;
        let reading = each_row(pool, &statement, |row| {
            let count: i64 = row.try_get(0).map_err(while_doing("counting features"))?;
            counted = count.unsigned_abs();
            Ok(())
        });
        match reading.await {
            Err(cause) if is_of_values(&cause) && care == Care::None => {}
            Err(cause) if is_of_values(&cause) => return Err(unanswerable(&ask.layer.id, cause)),
            outcome => return outcome.map(|()| counted),
        }
    }
    Ok(counted)
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
        Ok(())
    })
    .await?;
    Ok(lines)
}

/// Runs a statement and takes its rows one by one, none of which is kept.
async fn each_row(
    pool: &PgPool,
    statement: &Statement,
    mut take: impl FnMut(&PgRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let reading = async {
        let connection = pool.acquire().await;
        let mut connection = connection.map_err(|cause| StoreError::Connect { cause })?;
        let mut rows = statement.query().fetch(&mut *connection);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            take(&row)?;
        }
        Ok(())
    };
    let slow = |_| StoreError::FeaturesTooSlow;
    timeout(STATEMENT_TIMEOUT + POOL_WAIT + GRACE, reading).await.map_err(slow)?
}

fn failed(cause: sqlx::Error) -> StoreError {
    let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
    if code.is_some_and(|code| code == QUERY_CANCELED) {
        return StoreError::FeaturesTooSlow;
    }
    while_doing("reading features")(cause)
}

/// Whether a value or a geometry stopped the statement.
fn is_of_values(cause: &StoreError) -> bool {
    let StoreError::Database { cause, .. } = cause else { return false };
    let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| OF_VALUES.iter().any(|start| code.starts_with(start)))
}

fn unanswerable(layer: &LayerId, cause: StoreError) -> StoreError {
    match cause {
        StoreError::Database { cause, .. } => {
            StoreError::FilterUnanswerable { layer: layer.clone(), cause }
        }
        other => other,
    }
}
