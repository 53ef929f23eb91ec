//! Features of one layer out of PostGIS, as GeoJSON text, for OGC API Features.
//!
//! - **In**: a [`FeatureAsk`]: who asks, box, filter, time, CRS, where the last page ended.
//! - **Out**: pages and streams of GeoJSON features joined by commas, without the collection around
//!   them. Every feature has every property that the class may see, `null` where it has no value;
//!   numbers of an attribute are all whole or all with a decimal point; lines and polygons are
//!   always the Multi kind; polygons follow the right-hand rule.
//! - **Order**: by feature id, so that a page goes on where the last one ended whatever is written
//!   meanwhile; features without a geometry come last.
//! - **Bounds**: a statement of [`STATEMENT_TIMEOUT`]; a stream holds a few pieces of about
//!   a megabyte, however long it is and however slow its reader.
//!
//! Numbers in the answer are in the axis order of its CRS; collections, links and HTTP are left to
//! the server. Source: OGC 17-069r4 (Part 1), OGC 18-058r1 (Part 2), OGC 19-079r2 (Part 3),
//! RFC 7946.

mod ask;
mod bbox;
mod crs;
mod cursor;

pub use ask::{Datetime, FeatureAsk};
pub use bbox::{FeatureBox, FeatureBoxInvalid};
pub use crs::FeatureCrs;
pub use cursor::{FeatureCursor, FeatureCursorInvalid};

use std::time::Duration;

use futures_util::Stream;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Row};
use urbis_model::FeatureId;

use crate::StoreError;
use crate::error::while_doing;
use crate::layer_sql::LayerSql;
use crate::session::connect_options;

/// Longest time that one statement may take.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// Most statements at a time.
const POOL_CONNECTIONS: u32 = 4;

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
        let timeout = format!("{}ms", STATEMENT_TIMEOUT.as_millis());
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
            .connect_lazy_with(options);
        Ok(Self { pool })
    }

    /// Reads a page.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], [`StoreError::Connect`].
    pub async fn page(&self, ask: &FeatureAsk<'_>) -> Result<FeaturePage, StoreError> {
        let sql = LayerSql::new(ask.layer);
        let statement = format!(
            "SELECT feature_id, ST_AsGeoJSON(urbis.to_wgs84(geom)) FROM {} \
             WHERE feature_id > $1 ORDER BY feature_id LIMIT $2",
            sql.table()
        );
        let rows = sqlx::query(AssertSqlSafe(statement))
            .bind(ask.after.map_or(0, |cursor| cursor.id.to_i64()))
            .bind(i64::try_from(ask.limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await
            .map_err(while_doing("reading features"))?;
        let mut page = FeaturePage::default();
        for row in rows {
            let id: i64 = row.try_get(0).map_err(while_doing("reading features"))?;
            let geometry: Option<String> =
                row.try_get(1).map_err(while_doing("reading features"))?;
            let geometry = geometry.unwrap_or_else(|| "null".into());
            if page.count > 0 {
                page.features.push(b',');
            }
            let text = format!(
                r#"{{"type":"Feature","id":{id},"geometry":{geometry},"properties":{{}}}}"#
            );
            page.features.extend(text.into_bytes());
            page.count += 1;
        }
        Ok(page)
    }

    /// Reads one feature, where there is one that all the rest of the question asks for.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn one(
        &self,
        ask: &FeatureAsk<'_>,
        id: FeatureId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let before = FeatureId::new(id.to_i64() - 1).ok();
        let after = before.map(|id| FeatureCursor { id, has_geometry: true });
        let page = self.page(&FeatureAsk { after, limit: 1, ..*ask }).await?;
        Ok(Some(page.features).filter(|features| !features.is_empty()))
    }

    /// Counts the features, from the first on: neither the end of the last page nor the limit
    /// matters.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn count(&self, ask: &FeatureAsk<'_>) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(LayerSql::new(ask.layer).count()))
            .fetch_one(&self.pool)
            .await
            .map_err(while_doing("counting features"))?;
        Ok(count.unsigned_abs())
    }

    /// Reads features in pieces, one after the other as they are taken; what is not taken is not
    /// read. The stream ends with the limit, the last feature or the first error.
    pub fn stream(
        &self,
        ask: &FeatureAsk<'_>,
    ) -> impl Stream<Item = Result<FeaturePage, StoreError>> + Send + use<> {
        let (reader, layer) = (self.clone(), ask.layer.clone());
        let (class, crs, after, limit) = (ask.class, ask.crs, ask.after, ask.limit);
        futures_util::stream::once(async move {
            let all = FeatureAsk::all(&layer, class);
            reader.page(&FeatureAsk { crs, after, limit, ..all }).await
        })
    }
}
