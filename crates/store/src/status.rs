//! What the database holds, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use urbis_catalog::{Catalog, Layer};
use urbis_model::{LayerId, Srid};

use crate::error::while_doing;
use crate::layer_sql::LayerSql;
use crate::load::BEGIN_SNAPSHOT;
use crate::{Store, StoreError};

/// What the database holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoreStatus {
    /// `pg_snapshot` at the time of asking.
    pub snapshot: String,
    /// Every layer of the catalogue.
    pub layers: BTreeMap<LayerId, LayerStatus>,
}

/// What the database holds of one layer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LayerStatus {
    /// Features.
    pub features: u64,
    /// Faults of published features, by code.
    pub faults: BTreeMap<String, u64>,
}

/// A stored geometry as PostGIS spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureGeometry {
    /// EWKB, x = easting or longitude.
    pub ewkb: Vec<u8>,
    /// CRS of the coordinates.
    pub srid: Srid,
}

impl Store {
    /// Counts features and faults, all in one snapshot.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn status(&self, catalog: &Catalog) -> Result<StoreStatus, StoreError> {
        let mut transaction =
            self.pool.begin_with(BEGIN_SNAPSHOT).await.map_err(while_doing("starting to count"))?;
        let snapshot: String = sqlx::query_scalar("SELECT pg_current_snapshot()::text")
            .fetch_one(&mut *transaction)
            .await
            .map_err(while_doing("reading the current snapshot"))?;
        let mut layers = BTreeMap::new();
        for layer in catalog.layers() {
            let features = count_features(&mut transaction, layer).await?;
            layers.insert(layer.id.clone(), LayerStatus { features, faults: BTreeMap::new() });
        }
        add_faults(&mut transaction, &mut layers).await?;
        transaction.commit().await.map_err(while_doing("ending to count"))?;
        Ok(StoreStatus { snapshot, layers })
    }

    /// Finds the geometry of the feature whose first key attribute has a value, such as a ward
    /// by its code; several such features are united.
    ///
    /// # Errors
    ///
    /// [`StoreError::FeatureNotFound`], [`StoreError::Database`].
    pub async fn feature_geometry_by_key(
        &self,
        layer: &Layer,
        value: &str,
    ) -> Result<FeatureGeometry, StoreError> {
        let attribute = layer.key.first().map_or("feature_id", String::as_str);
        let attribute =
            if layer.attribute_index(attribute).is_some() { attribute } else { "feature_id" };
        let ewkb: Option<Vec<u8>> =
            sqlx::query_scalar(AssertSqlSafe(LayerSql::new(layer).read_geometry_by(attribute)))
                .bind(value)
                .fetch_one(&self.pool)
                .await
                .map_err(while_doing("reading a geometry by its key"))?;
        let not_found = || StoreError::FeatureNotFound {
            layer: layer.id.clone(),
            attribute: attribute.to_owned(),
            value: value.to_owned(),
        };
        Ok(FeatureGeometry { ewkb: ewkb.ok_or_else(not_found)?, srid: layer.storage_srid })
    }
}

impl Store {
    /// Transforms a geometry, and mends it where it is not valid: a polygon to cut by.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], also where PROJ cannot transform it.
    pub async fn transform(
        &self,
        geometry: &FeatureGeometry,
        to: Srid,
    ) -> Result<FeatureGeometry, StoreError> {
        let ewkb = sqlx::query_scalar(include_str!("sql/transform_geometry.sql"))
            .bind(&geometry.ewkb)
            .bind(i32::try_from(to.0).unwrap_or(i32::MAX))
            .fetch_one(&self.pool)
            .await
            .map_err(while_doing("transforming a geometry"))?;
        Ok(FeatureGeometry { ewkb, srid: to })
    }
}

async fn count_features(connection: &mut PgConnection, layer: &Layer) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(LayerSql::new(layer).count()))
        .fetch_one(connection)
        .await
        .map_err(while_doing("counting features"))?;
    Ok(count.unsigned_abs())
}

async fn add_faults(
    connection: &mut PgConnection,
    layers: &mut BTreeMap<LayerId, LayerStatus>,
) -> Result<(), StoreError> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(include_str!("sql/count_faults.sql"))
        .fetch_all(connection)
        .await
        .map_err(while_doing("counting faults"))?;
    for (layer, code, count) in rows {
        let layer = LayerId::new(&layer).ok().and_then(|id| layers.get_mut(&id));
        if let Some(status) = layer {
            status.faults.insert(code, count.unsigned_abs());
        }
    }
    Ok(())
}
