//! Brings the database up to the program: fixed tables first, then the layers' tables.

use serde::Serialize;
use sqlx::AssertSqlSafe;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;
use urbis_catalog::Catalog;
use urbis_model::LayerId;

use crate::error::while_doing;
use crate::reconcile::{find_pending, reconcile_layers};
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

    /// Says whether the tables are there that the program and the catalogue ask for; changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotMigrated`]; [`StoreError::LossyChange`] where [`Self::migrate`] would
    /// refuse; [`StoreError::Connect`], [`StoreError::Database`].
    pub async fn check_migrated(&self, catalog: &Catalog) -> Result<(), StoreError> {
        let mut connection = connect(&self.options).await?;
        check_fixed_tables(&mut connection).await?;
        match find_pending(&mut connection, catalog).await? {
            None => Ok(()),
            Some(missing) => Err(StoreError::NotMigrated { missing }),
        }
    }
}

fn migrations() -> Migrator {
    sqlx::migrate!("../../migrations")
}

/// A newer program may have gone further than this one asks.
async fn check_fixed_tables(connection: &mut PgConnection) -> Result<(), StoreError> {
    let query = format!("SELECT coalesce(max(version), 0) FROM {MIGRATION_TABLE} WHERE success");
    let found: i64 = sqlx::query_scalar(AssertSqlSafe(query))
        .fetch_one(connection)
        .await
        .map_err(while_doing("reading the schema's version"))?;
    let wanted = migrations().iter().map(|step| step.version).max().unwrap_or(0);
    if found >= wanted {
        return Ok(());
    }
    let missing = format!("its schema has version {found}, wanted {wanted}");
    Err(StoreError::NotMigrated { missing })
}

async fn migrate_fixed_tables(connection: &mut PgConnection) -> Result<(), StoreError> {
    let mut migrator = migrations();
    migrator.create_schema("urbis");
    migrator.dangerous_set_table_name(MIGRATION_TABLE);
    migrator
        .run_direct(None, connection, false)
        .await
        .map_err(|cause| StoreError::Migrate { cause })
}
