//! The handle to the database that the rest of the program holds.

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};

use crate::StoreError;
use crate::session::connect_options;

/// Connections that serve migrations, loads and status.
const POOL_CONNECTIONS: u32 = 6;

/// A handle to the city's database; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: PgPool,
    pub(crate) options: PgConnectOptions,
}

impl Store {
    /// Connects to `postgres://...`, a TCP or a unix socket address.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let options = connect_options(url)?;
        // A pool tries for half a minute and forgets why it failed; one connection says it at once.
        let connected = PgConnection::connect_with(&options).await;
        let first = connected.map_err(|cause| StoreError::Connect { cause })?;
        first.close().await.map_err(|cause| StoreError::Connect { cause })?;
        let pool = PgPoolOptions::new()
            .max_connections(POOL_CONNECTIONS)
            .connect_with(options.clone())
            .await
            .map_err(|cause| StoreError::Connect { cause })?;
        Ok(Self { pool, options })
    }
}
