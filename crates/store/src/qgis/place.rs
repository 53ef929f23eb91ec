//! Where the database is and how the city lies in it, for those who write connections down.

use sqlx::postgres::PgConnection;
use urbis_model::{BBox, Srid};

use crate::error::while_doing;
use crate::session::connect;
use crate::{Store, StoreError};

/// How a client reaches the database; no user and no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseAddress {
    /// Host name, address or folder of the socket.
    pub host: String,
    /// Port, also of a socket.
    pub port: u16,
    /// Name of the database.
    pub database: String,
}

impl Store {
    /// Where the program itself finds the database.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`], [`StoreError::Database`].
    pub async fn database_address(&self) -> Result<DatabaseAddress, StoreError> {
        let mut connection = connect(&self.options).await?;
        let database = sqlx::query_scalar("SELECT current_database()::text")
            .fetch_one(&mut connection)
            .await
            .map_err(while_doing("asking for the database's name"))?;
        let socket = self.options.get_socket().map(|folder| folder.display().to_string());
        let host = socket.unwrap_or_else(|| self.options.get_host().to_owned());
        Ok(DatabaseAddress { host, port: self.options.get_port(), database })
    }

    /// The box of a box: west, south, east, north in the units of a CRS, x before y.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`]; [`StoreError::Database`] where the server does not know the CRS.
    pub async fn project_box(&self, bbox: BBox, srid: Srid) -> Result<[f64; 4], StoreError> {
        let mut connection: PgConnection = connect(&self.options).await?;
        let [west, south, east, north] = bbox.into();
        let edges: (f64, f64, f64, f64) = sqlx::query_as(include_str!("../sql/project_box.sql"))
            .bind(west)
            .bind(south)
            .bind(east)
            .bind(north)
            .bind(i32::try_from(srid.0).unwrap_or_default())
            .fetch_one(&mut connection)
            .await
            .map_err(while_doing("projecting a box"))?;
        Ok([edges.0, edges.1, edges.2, edges.3])
    }
}
