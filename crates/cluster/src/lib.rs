//! A private PostgreSQL + PostGIS cluster below a data folder, and a throw-away one for tests.
//!
//! - **In**: a folder, and where to look for PostgreSQL's programs.
//! - **Out**: a URL that libpq and sqlx read, for a database `urbis` with PostGIS in it.
//!
//! Layout of a data folder:
//!
//! ```text
//! lock           held by the one process that runs the cluster; holds its pid
//! pg/            the cluster (PGDATA); appears in one rename, when initdb is done
//! run/           the socket, where the path is short enough
//! postgres.log   the server's log
//! pg.password    password of role qgis, once TCP was asked for
//! ```
//!
//! No SQL about the city is known here, and no setting is read from the environment: the command
//! line does that. Only [`TemporaryCluster`], which is for tests, lies where `TMPDIR` says on a
//! machine whose `/dev/shm` is missing or small.

mod account;
mod binaries;
mod error;
mod folder;
mod postmaster;
mod private;
mod program;
mod psql;
mod settings;
mod socket;
mod temporary;

pub use binaries::{Binaries, Search};
pub use error::ClusterError;
pub use private::{ClusterOptions, PrivateCluster};
pub use temporary::TemporaryCluster;
