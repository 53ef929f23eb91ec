//! Reads what was missed, in the transaction of a poll or of a burst.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgConnection;
use urbis_catalog::Layer;
use urbis_model::{ChangeBatch, FeatureId, LayerChange, LayerId};

use crate::StoreError;
use crate::error::while_doing;
use crate::layer_sql::lock_for_reading;
use crate::load::read_features;
use crate::session::{is_lock_timeout, next_row, run_at_once};

use super::split::Group;

/// What the log says of one layer.
#[derive(Debug)]
pub(super) enum Missed {
    Whole,
    Features(BTreeSet<FeatureId>),
}

impl Missed {
    /// Adds a row of the log; without a feature it is about the whole layer.
    fn add(&mut self, feature_id: Option<i64>) {
        match (&mut *self, feature_id.map(FeatureId::new)) {
            (_, None) => *self = Self::Whole,
            (Self::Features(ids), Some(Ok(id))) => drop(ids.insert(id)),
            // A feature id out of range is in no snapshot of memory either.
            (_, Some(_)) => {}
        }
    }
}

/// Keeps `TRUNCATE` and changes of type off some tables, which no MVCC snapshot shields from.
///
/// # Errors
///
/// [`StoreError::LayerLocked`] at once where another transaction holds one.
pub(super) async fn lock_without_waiting<'a>(
    connection: &mut PgConnection,
    layers: impl IntoIterator<Item = &'a Layer>,
    others: &[&str],
) -> Result<(), StoreError> {
    let Some(lock) = lock_for_reading(layers, others) else { return Ok(()) };
    match run_at_once(connection, format!("{lock} NOWAIT"), "locking layers for reading").await {
        Err(StoreError::Database { cause, .. }) if is_lock_timeout(&cause) => {
            Err(StoreError::LayerLocked { cause })
        }
        outcome => outcome,
    }
}

/// Reads what some transactions changed, by layer; also layers that the catalogue does not know.
pub(super) async fn read_log(
    connection: &mut PgConnection,
    xids: &BTreeSet<u64>,
) -> Result<BTreeMap<LayerId, Missed>, StoreError> {
    let xids: Vec<String> = xids.iter().map(u64::to_string).collect();
    let mut rows = sqlx::query_as(include_str!("../sql/read_log.sql")).bind(xids).fetch(connection);
    let mut missed = BTreeMap::new();
    let failed = while_doing("reading the change log");
    while let Some(row) = next_row(&mut rows).await.map_err(&failed)? {
        let (name, feature_id): (String, Option<i64>) = row;
        let Ok(id) = LayerId::new(&name) else { continue };
        missed.entry(id).or_insert_with(|| Missed::Features(BTreeSet::new())).add(feature_id);
    }
    Ok(missed)
}

/// Reads all that a small group changed.
pub(super) async fn read_group(
    connection: &mut PgConnection,
    group: &Group<'_>,
) -> Result<ChangeBatch, StoreError> {
    let mut batch = ChangeBatch::default();
    if group.xids.is_empty() {
        return Ok(batch);
    }
    for (id, missed) in read_log(connection, &group.xids).await? {
        let Some(layer) = group.layers.get(&id) else { continue };
        let Missed::Features(ids) = missed else {
            unreachable!("a layer that changed as a whole makes its group a large one")
        };
        let ids: Vec<FeatureId> = ids.into_iter().collect();
        batch.layers.insert(id, read_rows(connection, layer, &ids).await?);
    }
    Ok(batch)
}

/// Reads features by ascending id; those that are not there were removed.
pub(super) async fn read_rows(
    connection: &mut PgConnection,
    layer: &Layer,
    ids: &[FeatureId],
) -> Result<LayerChange, StoreError> {
    let upserted = read_features(connection, layer, Some(ids)).await?;
    let is_there = |id: &FeatureId| upserted.binary_search_by_key(id, |found| found.id).is_ok();
    let removed = ids.iter().copied().filter(|id| !is_there(id)).collect();
    Ok(LayerChange::Rows { upserted, removed })
}
