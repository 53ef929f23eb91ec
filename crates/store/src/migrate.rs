//! Brings the database up to the program: fixed tables first, then the layers' tables.

use serde::Serialize;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;
use urbis_catalog::Catalog;
use urbis_model::LayerId;

use crate::reconcile::reconcile_layers;
use crate::session::{connect, lock_migrations};
use crate::{Store, StoreError};

/// The table that remembers which migrations ran; apart from other programs' in `public`.
const MIGRATION_TABLE: &str = "urbis.migration";

/// What a migration did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MigrationReport {
    /// Steps taken on layer tables, in order, such as `building: create table`.
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
    /// no layer was changed; [`StoreError::LayerLocked`]; [`StoreError::Database`].
    pub async fn migrate(&self, catalog: &Catalog) -> Result<MigrationReport, StoreError> {
        let mut connection = connect(&self.options).await?;
        lock_migrations(&mut connection).await?;
        migrate_fixed_tables(&mut connection).await?;
        reconcile_layers(&mut connection, catalog).await
    }
}

async fn migrate_fixed_tables(connection: &mut PgConnection) -> Result<(), StoreError> {
    let mut migrator: Migrator = sqlx::migrate!("../../migrations");
    migrator.create_schema("urbis");
    migrator.dangerous_set_table_name(MIGRATION_TABLE);
    migrator
        .run_direct(None, connection, false)
        .await
        .map_err(|cause| StoreError::Migrate { cause })
}
