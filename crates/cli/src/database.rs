//! Which database a command talks to: the user's, a running node's, or one started for it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use urbis_cluster::{ClusterError, ClusterOptions, PrivateCluster, Search};

use crate::running::RunningNode;
use crate::settings::Settings;
use crate::supervisor::Supervisor;

/// How long a node that is just starting may take until its server can be found.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// How long a node that serves already may take to bring its dead server back.
const REVIVAL_PATIENCE: Duration = Duration::from_secs(10);

/// A database to talk to; close it when done.
#[derive(Debug)]
pub struct Database {
    /// URL for libpq and sqlx.
    pub url: String,
    server: Server,
}

/// Who runs the server.
#[derive(Debug)]
enum Server {
    /// Another process.
    Another,
    /// This one.
    Ours(PrivateCluster),
    /// This one, and it starts it again where it dies.
    Watched(Supervisor),
}

impl Database {
    /// Finds the database for a command: the user's, else that of the data folder, which is
    /// started for the duration where no node runs.
    ///
    /// # Errors
    ///
    /// Where the private cluster cannot be started.
    pub async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let settings = settings.clone();
        tokio::task::spawn_blocking(move || Self::open_blocking(&settings)).await?
    }

    fn open_blocking(settings: &Settings) -> anyhow::Result<Self> {
        let start = Instant::now();
        loop {
            match Self::own_blocking(settings) {
                Err(error) if is_in_use(&error) => {
                    if let Some(url) = PrivateCluster::running_url(&settings.data_dir) {
                        return Ok(Self { url, server: Server::Another });
                    }
                    if start.elapsed() > REVIVAL_PATIENCE {
                        refuse_dead_server(settings)?;
                    }
                    if start.elapsed() > START_PATIENCE {
                        return Err(error);
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
                opened => return opened,
            }
        }
    }

    /// Finds the database for a node, which must be alone on its data folder.
    ///
    /// # Errors
    ///
    /// [`ClusterError::AlreadyRunning`] where another process runs the cluster.
    pub async fn own(settings: &Settings) -> anyhow::Result<Self> {
        let settings = settings.clone();
        tokio::task::spawn_blocking(move || Self::own_blocking(&settings)).await?
    }

    fn own_blocking(settings: &Settings) -> anyhow::Result<Self> {
        if let Some(url) = &settings.database_url {
            return Ok(Self { url: url.clone(), server: Server::Another });
        }
        let cluster = PrivateCluster::start(&settings.data_dir, options(settings))?;
        let adopted = cluster.was_adopted();
        tracing::info!(data_dir = %cluster.data_dir().display(), adopted, "PostgreSQL runs");
        Ok(Self { url: cluster.database_url(), server: Server::Ours(cluster) })
    }

    /// The private cluster, where this process runs it and does not watch it yet.
    pub const fn cluster(&self) -> Option<&PrivateCluster> {
        match &self.server {
            Server::Ours(cluster) => Some(cluster),
            Server::Another | Server::Watched(_) => None,
        }
    }

    /// From now on a private server that dies is started again.
    #[must_use]
    pub fn watched(self) -> Self {
        let server = match self.server {
            Server::Ours(cluster) => Server::Watched(Supervisor::watch(cluster)),
            other @ (Server::Another | Server::Watched(_)) => other,
        };
        Self { server, ..self }
    }

    /// Stops the cluster where this process runs it.
    ///
    /// # Errors
    ///
    /// Where the server does not stop.
    pub async fn close(self) -> anyhow::Result<()> {
        let cluster = match self.server {
            Server::Another => return Ok(()),
            Server::Ours(cluster) => cluster,
            Server::Watched(supervisor) => supervisor.end().await?,
        };
        tokio::task::spawn_blocking(move || cluster.stop()).await??;
        tracing::info!("PostgreSQL stopped");
        Ok(())
    }

    /// Runs a command on the database and closes it, whatever came of it.
    ///
    /// # Errors
    ///
    /// That of the command, else that of closing.
    pub async fn then_close<T>(
        self,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let done = work.await;
        let closed = self.close().await.context("cannot stop the private PostgreSQL");
        let value = done?;
        closed?;
        Ok(value)
    }
}

/// A node tells that it runs once it serves; that it has no server then is no slow start.
fn refuse_dead_server(settings: &Settings) -> anyhow::Result<()> {
    let Some(node) = RunningNode::of(&settings.data_dir) else { return Ok(()) };
    anyhow::bail!(
        "PostgreSQL in '{}' is down, and the node that runs it (process {}) has not brought it back \
         yet: look into postgres.log there, or try again later",
        settings.data_dir.display(),
        node.pid
    )
}

fn is_in_use(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ClusterError::AlreadyRunning { .. }))
}

fn options(settings: &Settings) -> ClusterOptions {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let also = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    let runtime_dir = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    ClusterOptions {
        search: Search { only: settings.pg_bin_dir.clone(), also },
        listen: settings.pg_listen,
        runtime_dir: runtime_dir.filter(|folder| folder.is_absolute()),
    }
}

/// The URL without its password, to show.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((login, host)) = rest.split_once('@') else { return url.to_owned() };
    let user = login.split_once(':').map_or(login, |(user, _)| user);
    format!("{scheme}://{user}@{host}")
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(without_password("postgres://me:secret@db/urbis"), "postgres://me@db/urbis");
        let socket = "postgres://urbis@localhost:5432/urbis?host=/run";
        assert_eq!(without_password(socket), socket);
    }
}
