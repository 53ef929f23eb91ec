//! `urbis serve`: a node over a database that is already there.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::oneshot;
use urbis_catalog::{Catalog, CitySettings};
use urbis_server::{BaseUrl, DownloadSettings, ServeConfig, TrustedProxy};
use urbis_store::Store;

use crate::commands::load_with_profiles;
use crate::commands::signal::Interrupt;
use crate::database::without_password;
use crate::exit::{Exit, UsageError};
use crate::output::say;
use crate::running::{RunningNode, ask_health};
use crate::settings::Settings;

/// Pause between two questions whether the node is ready.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// Serves until Ctrl-C.
///
/// # Errors
///
/// Where no database is named, or it cannot be served from; one that is away is waited for.
pub async fn run(settings: &Settings) -> anyhow::Result<Exit> {
    let Some(url) = settings.database_url.clone() else {
        let hint = "serve needs --database-url or DATABASE_URL; 'urbis up' runs a database itself";
        return Err(UsageError(hint.into()).into());
    };
    let interrupt = Interrupt::listen()?;
    let config = NodeConfig::new(settings)?;
    prepare(&url, &config.catalog).await?;
    serve_node(config, url, &interrupt, |node| {
        say(&format!("Map: {}", node.url));
        Ok(())
    })
    .await?;
    Ok(Exit::Done)
}

/// Looks after the database before it is served from. One that is away is no fault: the node waits
/// for it and takes live reports meanwhile.
async fn prepare(url: &str, catalog: &Catalog) -> anyhow::Result<()> {
    let looked = async {
        let store = Store::connect(url).await?;
        store.check_migrated(catalog).await?;
        store.recover().await
    };
    match looked.await {
        Err(error) if !error.is_away() => Err(error.into()),
        _ => Ok(()),
    }
}

/// What a node is told, checked before anything is started.
#[derive(Debug)]
pub struct NodeConfig {
    /// The layers.
    pub catalog: Arc<Catalog>,
    city: CitySettings,
    settings: Settings,
    public_url: Option<BaseUrl>,
    trusted_proxies: Vec<TrustedProxy>,
}

impl NodeConfig {
    /// Checks settings and reads layers and city.
    ///
    /// # Errors
    ///
    /// [`UsageError`] for a setting; else where a file is wrong.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let public_url = settings.public_url.as_deref().map(str::parse).transpose();
        let trusted_proxies = settings.trusted_proxies.iter().map(|text| text.parse()).collect();
        let usage = |error: urbis_server::ServerError| UsageError(error.to_string());
        Ok(Self {
            catalog: Arc::new(load_with_profiles(settings)?),
            city: CitySettings::load(&settings.city).with_context(|| {
                format!("cannot use the city in '{}' (--city)", settings.city.display())
            })?,
            settings: settings.clone(),
            public_url: public_url.map_err(usage)?,
            trusted_proxies: Result::map_err(trusted_proxies, usage)?,
        })
    }
}

/// Serves until the interrupt; `on_ready` is called once, when the node answers.
///
/// # Errors
///
/// Those of the server and of `on_ready`.
pub async fn serve_node<T>(
    config: NodeConfig,
    database_url: String,
    interrupt: &Interrupt,
    on_ready: impl FnOnce(&RunningNode) -> anyhow::Result<T>,
) -> anyhow::Result<()> {
    let (tell_bound, bound) = oneshot::channel();
    let shown_url = without_password(&database_url);
    let NodeConfig { catalog, city, settings, public_url, trusted_proxies } = config;
    let config = ServeConfig {
        listen: settings.listen,
        database_url,
        catalog,
        city,
        public_url,
        trusted_proxies,
        tile_cache_mb: settings.tile_cache_mb,
        downloads: Some(downloads(&settings)?),
        spool_dir: settings.spool_dir,
        retention: settings.retention,
        on_bound: Some(tell_bound),
    };
    let serving = urbis_server::serve(config, interrupt.wait());
    let announcing = async {
        // A sender that is dropped means that the server failed, and says so itself.
        let Ok(listen) = bound.await else { return Ok(None) };
        wait_until_ready(listen).await;
        on_ready(&RunningNode::ours(listen, shown_url)).map(Some)
    };
    let mut serving = std::pin::pin!(serving);
    let announced = tokio::select! {
        served = &mut serving => return Ok(served?),
        announced = announcing => announced?,
    };
    serving.await?;
    drop(announced);
    Ok(())
}

/// Files are made by this program itself, in a process of its own.
fn downloads(settings: &Settings) -> anyhow::Result<DownloadSettings> {
    let program = std::env::current_exe().context("this program has no path")?;
    let folder = settings.downloads_dir.clone().unwrap_or_else(std::env::temp_dir);
    let mut arguments: Vec<OsString> = ["export", "--for-server"].map(Into::into).into();
    for (flag, folder) in [("--layers", &settings.layers), ("--city", &settings.city)] {
        arguments.extend([flag.into(), folder.into()]);
    }
    // What it says is heard where it fails, and only then.
    arguments.extend(["--log", "warn"].map(Into::into));
    Ok(DownloadSettings {
        program,
        arguments,
        folder,
        max_bytes: u64::from(settings.download_max_mb.get()) << 20,
        at_once: settings.downloads_at_once.into(),
    })
}

async fn wait_until_ready(listen: std::net::SocketAddr) {
    loop {
        let health = tokio::task::spawn_blocking(move || ask_health(listen)).await;
        if matches!(health, Ok(Some(health)) if health.ready) {
            return;
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}
