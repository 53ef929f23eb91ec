//! `urbis prune`: deletes what nobody needs any more, as running nodes do by themselves.

use serde_json::json;
use urbis_store::{Pruned, Store};

use crate::commands::load_catalog;
use crate::database::Database;
use crate::exit::Exit;
use crate::output::{Format, say, say_json};
use crate::settings::Settings;

/// Prunes and says what was deleted.
///
/// # Errors
///
/// Where the database fails.
pub async fn run(settings: &Settings, format: Format) -> anyhow::Result<Exit> {
    let catalog = load_catalog(&settings.layers)?;
    let database = Database::open(settings).await?;
    let url = database.url.clone();
    database
        .then_close(async {
            let store = Store::connect(&url).await?;
            store.check_migrated(&catalog).await?;
            // Where a node is at it this moment, the log needs nobody else.
            let log = store.prune_log(&settings.retention).await?.unwrap_or_default();
            let past = store.prune_past(&catalog, &settings.retention).await?;
            let Pruned { nodes, log_rows, .. } = log;
            let Pruned { versions, runs, live_days, live_rows, .. } = past;
            match format {
                Format::Json => say_json(&json!({
                    "nodes": nodes, "log_rows": log_rows, "versions": versions, "import_runs": runs,
                    "live_days": live_days, "live_rows": live_rows,
                }))?,
                Format::Text => say(&format!(
                    "deleted {log_rows} rows of the change log, {versions} versions of features, \
                     {runs} runs of imports, {nodes} silent nodes, {live_days} days of positions and \
                     {live_rows} ended live states"
                )),
            }
            Ok(Exit::Done)
        })
        .await
}
