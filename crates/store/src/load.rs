//! The first load: all layers under one snapshot.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;
use urbis_catalog::{Catalog, Layer};
use urbis_model::{Feature, FeatureId, LayerId};

use crate::error::while_doing;
use crate::layer_sql::{LayerSql, WhichFeatures, lock_for_reading};
use crate::part::{FEATURES_OF_A_PART, send};
use crate::position::DatabaseIdentity;
use crate::row::FeatureReader;
use crate::session::{connect, is_lock_timeout, next_row, run};
use crate::{KeyRecord, Node, Part, PartSender, Position, Store, StoreError, key};

/// Starts a transaction that sees one snapshot.
pub(crate) const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Time between two heartbeats of a node that loads.
const BEAT_INTERVAL: Duration = Duration::from_secs(10);

/// What stands beside the features of a city that was loaded.
#[derive(Debug)]
pub struct LoadedCity {
    /// The snapshot that the features were read under; a [`crate::Tail`] goes on from here.
    pub position: Position,
    /// Every key, also those revoked, in the order in which they were made.
    pub keys: Vec<KeyRecord>,
}

impl Store {
    /// Reads all layers of the catalogue under one snapshot, over two connections: pieces of two
    /// layers come in turns, and each layer's end after its last. Where this fails, what came is of
    /// no use.
    ///
    /// The node is registered first, so that the change log is kept for it from then on.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`], [`StoreError::Database`]; [`StoreError::LayerLocked`] where a
    /// table stays locked for ten seconds; [`StoreError::NotPrimary`]; [`StoreError::TakerGone`].
    pub async fn load(
        &self,
        catalog: &Catalog,
        node: &Node,
        parts: PartSender,
    ) -> Result<LoadedCity, StoreError> {
        tokio::select! {
            loaded = self.read_city(catalog, Some(node), parts) => loaded,
            never = self.keep_alive(node) => match never {},
        }
    }

    /// Reads all layers of the catalogue under one snapshot and holds them all: for who works on
    /// the whole city once and follows nothing. In order of layer ids, features in order of theirs.
    ///
    /// # Errors
    ///
    /// As [`Self::load`].
    pub async fn read_all(
        &self,
        catalog: &Catalog,
    ) -> Result<Vec<(LayerId, Vec<Feature>)>, StoreError> {
        let ids = catalog.layers().map(|layer| layer.id.clone());
        let mut layers: BTreeMap<LayerId, Vec<Feature>> = ids.map(|id| (id, Vec::new())).collect();
        let (parts, mut taken) = mpsc::channel(1);
        let collecting = async {
            while let Some(part) = taken.recv().await {
                if let Part::Features { layer, features } = part {
                    layers.entry(layer).or_default().extend(features);
                }
            }
        };
        tokio::join!(self.read_city(catalog, None, parts), collecting).0?;
        Ok(layers.into_iter().collect())
    }

    async fn read_city(
        &self,
        catalog: &Catalog,
        node: Option<&Node>,
        parts: PartSender,
    ) -> Result<LoadedCity, StoreError> {
        let layers: Arc<[Layer]> = catalog.layers().cloned().collect();
        let mut exporter = connect(&self.options).await?;
        let identity = DatabaseIdentity::read(&mut exporter).await?;
        if let Some(node) = node {
            node.join(&mut exporter).await?;
        }
        let mut transaction = exporter
            .begin_with(BEGIN_SNAPSHOT)
            .await
            .map_err(while_doing("starting the first load"))?;
        lock_layers(&mut transaction, &layers).await?;
        let (exported, snapshot) = export_snapshot(&mut transaction).await?;
        let keys = key::read_keys(&mut transaction, None).await?;

        let list = LayerList { layers, next: Arc::default(), parts };
        // A set ends its task when it is dropped: nobody reads on for a load that failed.
        let mut second_reader = JoinSet::new();
        second_reader.spawn(read_under_snapshot(self.options.clone(), exported, list.clone()));
        list.read(&mut transaction).await?;
        while let Some(read) = second_reader.join_next().await {
            read.expect("reading neither panics nor is cancelled")?;
        }
        // Only now may the exporter end: its snapshot was borrowed.
        transaction.commit().await.map_err(while_doing("ending the first load"))?;
        let position = identity.position(catalog.hash(), &snapshot)?;
        Ok(LoadedCity { position, keys })
    }

    /// A load may take longer than a node may be silent.
    async fn keep_alive(&self, node: &Node) -> Infallible {
        loop {
            sleep(BEAT_INTERVAL).await;
            if let Ok(mut connection) = self.pool.acquire().await
                && let Err(error) = node.beat(&mut connection, None).await
            {
                tracing::debug!(%error, "no heartbeat while loading");
            }
        }
    }
}

/// The layers that are yet to be read, shared by those who read them.
#[derive(Debug, Clone)]
struct LayerList {
    layers: Arc<[Layer]>,
    next: Arc<AtomicUsize>,
    parts: PartSender,
}

impl LayerList {
    /// Takes one layer after the other.
    async fn read(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        while let Some(layer) = self.layers.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            stream_layer(connection, layer, &self.parts).await?;
        }
        Ok(())
    }
}

/// Reads a whole layer by ascending id, in the current transaction, and hands it on in pieces.
pub(crate) async fn stream_layer(
    connection: &mut PgConnection,
    layer: &Layer,
    parts: &PartSender,
) -> Result<(), StoreError> {
    let statement = LayerSql::new(layer).read_features(WhichFeatures::All);
    let mut rows = sqlx::query(AssertSqlSafe(statement)).fetch(connection);
    let mut reader = FeatureReader::new(layer);
    let mut features = Vec::with_capacity(FEATURES_OF_A_PART);
    while let Some(row) = next_row(&mut rows).await.map_err(while_doing("reading features"))? {
        features.push(reader.read(&row)?);
        if features.len() == FEATURES_OF_A_PART {
            let full = std::mem::replace(&mut features, Vec::with_capacity(FEATURES_OF_A_PART));
            send(parts, Part::Features { layer: layer.id.clone(), features: full }).await?;
        }
    }
    if !features.is_empty() {
        send(parts, Part::Features { layer: layer.id.clone(), features }).await?;
    }
    send(parts, Part::LayerEnd { layer: layer.id.clone() }).await
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
    list: LayerList,
) -> Result<(), StoreError> {
    let mut connection = connect(&options).await?;
    let mut transaction = connection
        .begin_with(BEGIN_SNAPSHOT)
        .await
        .map_err(while_doing("starting the first load"))?;
    // The server made the name: hexadecimal digits and dashes.
    let adopt = format!("SET TRANSACTION SNAPSHOT '{exported}'");
    run(&mut transaction, adopt, "adopting a snapshot").await?;
    list.read(&mut transaction).await?;
    transaction.commit().await.map_err(while_doing("ending the first load"))
}
