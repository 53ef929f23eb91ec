//! Imports the bundled city into a database that has nothing of it.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use urbis_catalog::Catalog;
use urbis_store::Store;

use crate::import::{ImportOptions, Job, run_job};
use crate::settings::Settings;

/// Imports the sources of every layer that is empty; all of them where an earlier first import
/// was cut short between two layers or sources.
///
/// # Errors
///
/// Where a source cannot be imported.
pub async fn import_city_if_missing(
    settings: &Settings,
    store: &Store,
    catalog: &Catalog,
) -> anyhow::Result<()> {
    let unfinished = UnfinishedMark::of(settings);
    let status = store.status(catalog).await?;
    let is_empty =
        |job: &Job<'_>| status.layers.get(&job.layer.id).is_none_or(|layer| layer.features == 0);
    let mut jobs = Job::all_of_city(catalog, &settings.city);
    let all_empty = jobs.iter().all(is_empty);
    if !all_empty && !unfinished.is_set() {
        return Ok(());
    }
    if jobs.is_empty() {
        return Ok(());
    }
    // Nothing is taken twice: a record that is there already stays untouched.
    jobs.sort_by(|one, other| one.layer.id.cmp(&other.layer.id));
    unfinished.set()?;
    tracing::info!(city = %settings.city.display(), "imports the bundled city");
    for job in &jobs {
        let report = run_job(store, job, &ImportOptions::default()).await?;
        tracing::info!(
            layer.id = %job.layer.id,
            rows = report.read,
            rejected = report.rejected,
            duration_ms = report.duration_ms,
            "imported"
        );
    }
    unfinished.clear()
}

/// A file in the data folder while the first import runs. A database of the user's has none: its
/// city is whatever the user imports.
#[derive(Debug)]
struct UnfinishedMark {
    path: Option<PathBuf>,
}

impl UnfinishedMark {
    fn of(settings: &Settings) -> Self {
        let private = settings.database_url.is_none();
        Self { path: private.then(|| settings.data_dir.join("city.importing")) }
    }

    fn is_set(&self) -> bool {
        self.path.as_ref().is_some_and(|path| path.exists())
    }

    fn set(&self) -> anyhow::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        fs::write(path, "").with_context(|| format!("cannot write '{}'", path.display()))
    }

    fn clear(&self) -> anyhow::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        fs::remove_file(path).with_context(|| format!("cannot remove '{}'", path.display()))
    }
}
