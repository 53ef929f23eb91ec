//! Features of one layer out of PostGIS, as GeoJSON text, for OGC API Features.
//!
//! - **In**: a [`FeatureAsk`]: who asks, box, filter, time, CRS, where the last page ended.
//! - **Out**: pages and streams of GeoJSON features joined by commas, without the collection around
//!   them. Every feature has every property that the class may see, `null` where it has no value;
//!   numbers of an attribute are all whole or all with a decimal point; lines and polygons are
//!   always the Multi kind; polygons follow the right-hand rule.
//! - **Order**: by feature id, so that a page goes on where the last one ended whatever is written
//!   meanwhile; features without a geometry come last.
//! - **Bounds**: a statement of [`STATEMENT_TIMEOUT`]; a stream holds some megabytes, however long
//!   it is, and no connection while it waits for its reader.
//!
//! Numbers in the answer are in the axis order of its CRS; collections, links and HTTP are left to
//! the server. Source: OGC 17-069r4 (Part 1), OGC 18-058r1 (Part 2), OGC 19-079r2 (Part 3),
//! RFC 7946.

mod area;
mod ask;
mod bbox;
mod calculation_sql;
mod changes;
mod crs;
mod cursor;
mod filter_sql;
mod geometry;
mod pieces;
mod read;
mod record;
mod seen;
mod select;
mod statement;
mod text;
mod write;

pub use ask::{Datetime, FeatureAsk};
pub use bbox::{FeatureBox, FeatureBoxInvalid};
pub use changes::{Change, ChangesAsk, ChangesPage, ChangesSince, ChangesToken, FeatureChange};
pub use crs::FeatureCrs;
pub use cursor::{FeatureCursor, FeatureCursorInvalid};
pub use record::{FeatureRecord, FeatureRecords};

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::Either;
use futures_util::{Stream, StreamExt, TryFutureExt};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Connection, Executor};
use urbis_catalog::AttributeType;
use urbis_model::FeatureId;

use self::pieces::Outbox;
use self::read::Reading;
use crate::StoreError;
use crate::session::connect_options;

/// The rows of a question, whatever they come from.
const TABLE: &str = "f";

/// Longest time that one statement may take.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// Most statements at a time.
const POOL_CONNECTIONS: u32 = 4;

/// Statements whose text a session keeps parsed.
const KEPT_STATEMENTS: usize = 32;

/// A session that was used so lately is there: asking it first would cost each page a round trip.
const TRUSTED: Duration = Duration::from_secs(1);

/// Pages are small: workers that are started for one take longer than the page.
const ROWS_ALONE: &str = "SET max_parallel_workers_per_gather = 0";

/// Longest wait for one of them to end.
const POOL_WAIT: Duration = Duration::from_secs(5);

/// Some features of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeaturePage {
    /// GeoJSON features joined by commas; empty where there are none.
    pub features: Vec<u8>,
    /// How many.
    pub count: u64,
    /// Where the next page goes on; `None` after the last feature that is asked for. In a stream
    /// that ends at its limit, the last piece says whether there are more.
    pub next: Option<FeatureCursor>,
}

/// Reads features, over a few connections of its own; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct FeatureReader {
    pool: PgPool,
}

impl FeatureReader {
    /// For the database of a URL; connects when the first question comes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`] where the URL is none.
    pub fn new(url: &str) -> Result<Self, StoreError> {
        Self::with_timeout(url, STATEMENT_TIMEOUT)
    }

    /// The same with another longest time for a statement.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn with_timeout(url: &str, limit: Duration) -> Result<Self, StoreError> {
        let timeout = format!("{}ms", limit.as_millis());
        let options = connect_options(url)?.application_name("urbis features").options([
            ("statement_timeout", timeout.as_str()),
            ("default_transaction_read_only", "on"),
            // A plan is made for the box and the values that are asked for.
            ("plan_cache_mode", "force_custom_plan"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(POOL_CONNECTIONS)
            .min_connections(0)
            .acquire_timeout(POOL_WAIT)
            .after_connect(|session, _| Box::pin(session.execute(ROWS_ALONE).map_ok(drop)))
            .test_before_acquire(false)
            .before_acquire(|session, known| {
                Box::pin(
                    async move { Ok(known.idle_for < TRUSTED || session.ping().await.is_ok()) },
                )
            })
            .connect_lazy_with(options.statement_cache_capacity(KEPT_STATEMENTS));
        Ok(Self { pool })
    }

    /// Reads a page.
    ///
    /// # Errors
    ///
    /// [`StoreError::FeaturesTooSlow`]; [`StoreError::FilterUnanswerable`] where GEOS or PROJ
    /// cannot work on what is asked; [`StoreError::FilterForAnother`],
    /// [`StoreError::StorageCrsUnknown`], [`StoreError::Database`], [`StoreError::Connect`].
    pub async fn page(&self, ask: &FeatureAsk<'_>) -> Result<FeaturePage, StoreError> {
        Reading::new(&self.pool, ask)?.batch(ask.limit, &mut Outbox::none()).await
    }

    /// Reads one feature, where there is one that the rest of the question asks for; its limit and
    /// its start do not matter.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn one(
        &self,
        ask: &FeatureAsk<'_>,
        id: FeatureId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let ask = FeatureAsk { id: Some(id), after: None, limit: 1, ..*ask };
        let page = self.page(&ask).await?;
        Ok((page.count > 0).then_some(page.features))
    }

    /// Counts the features, from the first on: neither the end of the last page nor the limit
    /// matters.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub fn count(
        &self,
        ask: &FeatureAsk<'_>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send + use<> {
        read::count(&self.pool, ask)
    }

    /// Reads features in pieces, the first one small; some megabytes are read before they are
    /// taken. No piece is empty: there is none where nothing is found. The stream ends with the
    /// limit, the last feature or the first error. Within a tokio runtime.
    pub fn stream(
        &self,
        ask: &FeatureAsk<'_>,
    ) -> impl Stream<Item = Result<FeaturePage, StoreError>> + Send + use<> {
        match Reading::new(&self.pool, ask) {
            Ok(reading) => Either::Left(pieces::pieces(reading)),
            Err(cause) => Either::Right(futures_util::stream::iter([Err(cause)])),
        }
    }

    /// Reads features as [`Self::stream`] does, as what they are and not as GeoJSON: for files of
    /// other formats. Geometries are WKB as PostGIS has them, in the CRS of the question.
    pub fn records(
        &self,
        ask: &FeatureAsk<'_>,
    ) -> impl Stream<Item = Result<FeatureRecords, StoreError>> + Send + use<> {
        let kinds: Arc<[AttributeType]> =
            ask.attributes().iter().map(|attribute| attribute.kind).collect();
        let pieces = match Reading::of_records(&self.pool, ask) {
            Ok(reading) => Either::Left(pieces::pieces(reading)),
            Err(cause) => Either::Right(futures_util::stream::iter([Err(cause)])),
        };
        pieces.map(move |piece| piece.map(|page| FeatureRecords::new(page, Arc::clone(&kinds))))
    }

    /// How the database goes about a page, in its own words: for who asks why one is slow.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn explain(&self, ask: &FeatureAsk<'_>) -> Result<Vec<String>, StoreError> {
        read::explain(&self.pool, ask).await
    }
}
