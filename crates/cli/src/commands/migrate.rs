//! `urbis migrate`: tables as the program and the layer files want them.

use urbis_store::Store;

use crate::commands::load_catalog;
use crate::database::Database;
use crate::exit::Exit;
use crate::output::say;
use crate::qgis::publish_for_qgis;
use crate::settings::Settings;

/// Migrates and says what changed.
///
/// # Errors
///
/// Where a change would lose data, or the database fails.
pub async fn run(settings: &Settings) -> anyhow::Result<Exit> {
    let catalog = load_catalog(&settings.layers)?;
    let database = Database::open(settings).await?;
    let url = database.url.clone();
    database
        .then_close(async {
            let store = Store::connect(&url).await?;
            let report = store.migrate(&catalog).await?;
            publish_for_qgis(&store, &catalog, settings).await?;
            for step in &report.steps {
                say(step);
            }
            for orphan in &report.orphans {
                say(&format!("layer '{orphan}' has a table but no file, and is left alone"));
            }
            if report.steps.is_empty() {
                say("the tables are up to date");
            }
            Ok(Exit::Done)
        })
        .await
}
