//! The first load: all layers under one snapshot.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{Feature, FeatureId, LayerId};

use crate::error::while_doing;
use crate::layer_sql::{LayerSql, WhichFeatures, lock_for_reading};
use crate::position::DatabaseIdentity;
use crate::row::FeatureReader;
use crate::session::{connect, is_lock_timeout, next_row, run};
use crate::{KeyRecord, Position, Store, StoreError, key};

/// Starts a transaction that sees one snapshot.
pub(crate) const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

type LoadedLayer = (LayerId, Vec<Feature>);

/// All features and keys of the city as one MVCC snapshot of the database shows them.
#[derive(Debug)]
pub struct LoadedCity {
    /// The snapshot; a [`crate::Tail`] goes on from here.
    pub position: Position,
    /// Every layer of the catalogue in order of layer ids, features in order of their ids.
    pub layers: Vec<(LayerId, Vec<Feature>)>,
    /// Every key, also those revoked, in the order in which they were made.
    pub keys: Vec<KeyRecord>,
}

impl Store {
    /// Reads all layers of the catalogue under one snapshot, over two connections.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`], [`StoreError::Database`]; [`StoreError::LayerLocked`] where a
    /// table stays locked for ten seconds; [`StoreError::NotPrimary`].
    pub async fn load(&self, catalog: &Catalog) -> Result<LoadedCity, StoreError> {
        let layers: Arc<[Layer]> = catalog.layers().cloned().collect();
        let mut exporter = connect(&self.options).await?;
        let identity = DatabaseIdentity::read(&mut exporter).await?;
        let mut transaction = exporter
            .begin_with(BEGIN_SNAPSHOT)
            .await
            .map_err(while_doing("starting the first load"))?;
        lock_layers(&mut transaction, &layers).await?;
        let (exported, snapshot) = export_snapshot(&mut transaction).await?;
        let keys = key::read_keys(&mut transaction, None).await?;

        let next = Arc::new(AtomicUsize::new(0));
        let second_reader = tokio::spawn(read_under_snapshot(
            self.options.clone(),
            exported,
            Arc::clone(&layers),
            Arc::clone(&next),
        ));
        let mut loaded = read_layers(&mut transaction, &layers, &next).await?;
        loaded.extend(second_reader.await.expect("reading neither panics nor is cancelled")?);
        // Only now may the exporter end: its snapshot was borrowed.
        transaction.commit().await.map_err(while_doing("ending the first load"))?;
        loaded.sort_by(|a, b| a.0.cmp(&b.0));
        let position = identity.position(catalog.hash(), &snapshot)?;
        Ok(LoadedCity { position, layers: loaded, keys })
    }
}

/// Reads features of one layer by ascending id, in the current transaction.
pub(crate) async fn read_features(
    connection: &mut PgConnection,
    layer: &Layer,
    ids: Option<&[FeatureId]>,
) -> Result<Vec<Feature>, StoreError> {
    let which = if ids.is_some() { WhichFeatures::ByIds } else { WhichFeatures::All };
    let mut query = sqlx::query(AssertSqlSafe(LayerSql::new(layer).read_features(which)));
    if let Some(ids) = ids {
        query = query.bind(ids.iter().map(|id| id.to_i64()).collect::<Vec<_>>());
    }
    let mut rows = query.fetch(connection);
    let mut reader = FeatureReader::new(layer);
    let mut features = Vec::with_capacity(ids.map_or(0, <[_]>::len));
    while let Some(row) = next_row(&mut rows).await.map_err(while_doing("reading features"))? {
        features.push(reader.read(&row)?);
    }
    Ok(features)
}

async fn lock_layers(connection: &mut PgConnection, layers: &[Layer]) -> Result<(), StoreError> {
    run(connection, "SET LOCAL lock_timeout = '10s'".into(), "limiting waits").await?;
    let Some(lock) = lock_for_reading(layers, &[key::TABLE]) else { return Ok(()) };
    match run(connection, lock, "locking layers for reading").await {
        Err(StoreError::Database { cause, .. }) if is_lock_timeout(&cause) => {
            Err(StoreError::LayerLocked { cause })
        }
        outcome => outcome,
    }
}

async fn export_snapshot(connection: &mut PgConnection) -> Result<(String, String), StoreError> {
    sqlx::query_as("SELECT pg_export_snapshot(), pg_current_snapshot()::text")
        .fetch_one(connection)
        .await
        .map_err(while_doing("exporting a snapshot"))
}

async fn read_under_snapshot(
    options: PgConnectOptions,
    exported: String,
    layers: Arc<[Layer]>,
    next: Arc<AtomicUsize>,
) -> Result<Vec<LoadedLayer>, StoreError> {
    let mut connection = connect(&options).await?;
    let mut transaction = connection
        .begin_with(BEGIN_SNAPSHOT)
        .await
        .map_err(while_doing("starting the first load"))?;
    // The server made the name: hexadecimal digits and dashes.
    let adopt = format!("SET TRANSACTION SNAPSHOT '{exported}'");
    run(&mut transaction, adopt, "adopting a snapshot").await?;
    let loaded = read_layers(&mut transaction, &layers, &next).await?;
    transaction.commit().await.map_err(while_doing("ending the first load"))?;
    Ok(loaded)
}

/// Takes one layer after the other from the common list.
async fn read_layers(
    connection: &mut PgConnection,
    layers: &[Layer],
    next: &AtomicUsize,
) -> Result<Vec<LoadedLayer>, StoreError> {
    let mut loaded = Vec::new();
    while let Some(layer) = layers.get(next.fetch_add(1, Ordering::Relaxed)) {
        loaded.push((layer.id.clone(), read_features(connection, layer, None).await?));
    }
    Ok(loaded)
}
