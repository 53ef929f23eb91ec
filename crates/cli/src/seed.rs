//! Imports the bundled city into a database that has nothing of it.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use urbis_catalog::Catalog;
use urbis_store::{ImportReport, Store, StoreError};

use crate::import::{ImportOptions, Job, run_job};
use crate::settings::Settings;

/// How long the server may take to notice that an importer is dead.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pause between two tries.
const TRY_AGAIN: Duration = Duration::from_millis(200);

/// Imports the city into a database without features; all of it again where an earlier first import
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
    let jobs = Job::all_of_city(catalog, &settings.city);
    if jobs.is_empty() || !(jobs.iter().all(is_empty) || unfinished.is_set()) {
        return Ok(());
    }
    unfinished.set()?;
    tracing::info!(city = %settings.city.display(), "imports the bundled city");
    for job in &jobs {
        let report = import_patiently(store, job).await?;
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

/// Imports as soon as the server has noticed that an importer of the same source was killed.
async fn import_patiently(store: &Store, job: &Job<'_>) -> anyhow::Result<ImportReport> {
    let start = Instant::now();
    loop {
        match run_job(store, job, &ImportOptions::default()).await {
            Err(error) if is_import_running(&error) && start.elapsed() < PATIENCE => {
                tokio::time::sleep(TRY_AGAIN).await;
            }
            done => return done,
        }
    }
}

fn is_import_running(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::ImportRunning { .. }))
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
