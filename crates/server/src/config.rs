//! What a node needs to know to serve.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::oneshot;
use urbis_catalog::{Catalog, CitySettings};
use urbis_store::Retention;

use crate::{BaseUrl, DownloadSettings, TrustedProxy};

/// Everything [`crate::serve()`] is told.
#[derive(Debug)]
pub struct ServeConfig {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `postgres://...` of the city's database, migrated already.
    pub database_url: String,
    /// The layers; the same as the database was migrated with.
    pub catalog: Arc<Catalog>,
    /// Name, box and first view of the city.
    pub city: CitySettings,
    /// Base of every link in an answer; what the request says where absent.
    pub public_url: Option<BaseUrl>,
    /// Peers whose `X-Forwarded-Proto`, `-Host` and `-Prefix` are believed.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// Most memory for finished tiles, mebibytes; with 0 none is kept.
    pub tile_cache_mb: u32,
    /// Folder of what live writers sent and the database does not have yet, for this node alone;
    /// without it nothing live is taken.
    pub spool_dir: Option<PathBuf>,
    /// How files are made that are not streamed; without it no file is offered for download.
    pub downloads: Option<DownloadSettings>,
    /// What is kept of changes, history and imports, and for how long.
    pub retention: Retention,
    /// Is told the bound address, before the city is loaded.
    pub on_bound: Option<oneshot::Sender<SocketAddr>>,
}
