//! `urbis up`: database, tables, the bundled city, the map; and all of it down again.

use std::path::PathBuf;

use urbis_store::{KeySecret, Store};

use crate::commands::fleet::drive_beside;
use crate::commands::serve::{NodeConfig, serve_node};
use crate::commands::signal::Interrupt;
use crate::database::Database;
use crate::exit::Exit;
use crate::operator::ensure_operator_key;
use crate::output::say;
use crate::qgis::publish_for_qgis;
use crate::running::RunningNode;
use crate::seed::import_city_if_missing;
use crate::settings::Settings;
use crate::synthetic::import_synthetic_if_new;

/// Starts everything and serves until Ctrl-C.
///
/// # Errors
///
/// Where a part does not start; what was started is stopped again.
pub async fn run(settings: &Settings) -> anyhow::Result<Exit> {
    let interrupt = Interrupt::listen()?;
    let config = NodeConfig::new(&with_folders(settings))?;
    let database = Database::own(settings).await?;
    let tcp = database.cluster().and_then(urbis_cluster::PrivateCluster::tcp);
    let private = database.cluster().is_some();
    let url = database.url.clone();
    database
        .watched()
        .then_close(async {
            let prepared = interrupt.unless(prepare(settings, &url, &config)).await;
            let Some(prepared) = prepared else { return Ok(Exit::Done) };
            let operator = prepared?;
            serve_node(config, url, &interrupt, |node| {
                let announced = private.then(|| node.announce(&settings.data_dir)).transpose()?;
                say_started(node, &operator, tcp);
                if !settings.without_fleet {
                    drive_beside(node, &operator, interrupt.clone());
                }
                Ok(announced)
            })
            .await?;
            Ok(Exit::Done)
        })
        .await
}

/// A node with a data folder has a place for what live writers send, and for files it makes.
fn with_folders(settings: &Settings) -> Settings {
    let below = |named: &Option<PathBuf>, name: &str| {
        named.clone().or_else(|| Some(settings.data_dir.join(name)))
    };
    let spool_dir = below(&settings.spool_dir, "spool");
    let downloads_dir = below(&settings.downloads_dir, "downloads");
    Settings { spool_dir, downloads_dir, ..settings.clone() }
}

async fn prepare(settings: &Settings, url: &str, config: &NodeConfig) -> anyhow::Result<KeySecret> {
    let store = Store::connect(url).await?;
    store.migrate(&config.catalog).await?;
    publish_for_qgis(&store, &config.catalog, settings).await?;
    store.recover().await?;
    let operator = ensure_operator_key(&settings.data_dir, &store).await?;
    import_city_if_missing(settings, &store, &config.catalog).await?;
    if settings.with_synthetic {
        import_synthetic_if_new(settings, &store, &config.catalog).await?;
    }
    Ok(operator)
}

fn say_started(
    node: &RunningNode,
    operator: &KeySecret,
    tcp: Option<(std::net::SocketAddr, PathBuf)>,
) {
    if let Some((address, password_file)) = tcp {
        say(&format!(
            "QGIS: host {}, port {}, database urbis, user qgis, password in '{}'",
            address.ip(),
            address.port(),
            password_file.display()
        ));
    }
    say(&format!("Map: {}", node.url));
    // In the fragment, which a browser keeps to itself.
    say(&format!("Operator: {}#key={}", node.url, operator.reveal()));
}
