//! Grows the layers that have no open data and imports them like any other source.
//!
//! Only on request: what is grown is made up. The files stay in the data folder, so that everybody
//! can see what was imported, and so that a start with nothing new imports nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use urbis_catalog::{Catalog, CitySettings, Layer};
use urbis_model::{AttributeValue, Feature, LayerId, LonLat};
use urbis_store::{ImportMode, Store, Take};
use urbis_synth::{CityInput, SyntheticLayer, grow};

use crate::import::{ImportOptions, Job, run_job};
use crate::settings::Settings;

/// The same city grows from it every time.
const SEED: u64 = 48;

/// Folder of the grown files in the data folder.
const FOLDER: &str = "synthetic";

/// Folder in it for those that are not imported yet.
const WAITING: &str = "waiting";

/// A grown file that the database does not have yet.
#[derive(Debug)]
pub struct Grown<'a> {
    /// How to import it.
    pub job: Job<'a>,
    /// Where it stays once it is imported.
    kept: PathBuf,
}

impl Grown<'_> {
    /// Notes that the file was imported, unless nothing was published.
    ///
    /// # Errors
    ///
    /// Where the file cannot be moved.
    pub fn keep(&self, mode: ImportMode) -> anyhow::Result<()> {
        if mode == ImportMode::DryRun {
            return Ok(());
        }
        let from = &self.job.path;
        fs::rename(from, &self.kept).with_context(|| format!("cannot move '{}'", from.display()))
    }
}

/// Grows the synthetic layers and imports those that the database does not have as they are.
///
/// What somebody edited in them stays.
///
/// # Errors
///
/// Where a file cannot be written or a layer cannot be imported.
pub async fn import_synthetic_if_new(
    settings: &Settings,
    store: &Store,
    catalog: &Catalog,
) -> anyhow::Result<()> {
    let options = ImportOptions { take: Some(Take::Edit), ..ImportOptions::default() };
    for grown in grow_new(store, catalog, &settings.city, &settings.data_dir).await? {
        let report = run_job(store, &grown.job, &options).await?;
        grown.keep(options.mode)?;
        tracing::info!(
            layer.id = %grown.job.layer.id,
            rows = report.read,
            rejected = report.rejected,
            faults = report.flagged,
            duration_ms = report.duration_ms,
            "imported made-up data"
        );
    }
    Ok(())
}

/// Grows the synthetic layers around what the database has, and writes those that it does not have
/// as they are.
///
/// # Errors
///
/// Where the city's settings or the database cannot be read, or a file cannot be written.
pub async fn grow_new<'a>(
    store: &Store,
    catalog: &'a Catalog,
    city: &Path,
    data_dir: &Path,
) -> anyhow::Result<Vec<Grown<'a>>> {
    let start = Instant::now();
    let [lon, lat] = CitySettings::load(city)?.view.center;
    let center = LonLat::new(lon, lat)?;
    let loaded = store.load(catalog).await?;
    let layers = tokio::task::block_in_place(|| {
        grow(&CityInput::from_layers(catalog, center, &loaded.layers), SEED)
    });
    tracing::info!(
        features = layers.iter().map(|layer| layer.features).sum::<usize>(),
        duration_ms = start.elapsed().as_millis() as u64,
        "grew made-up data: parcels, permits, plans and the like are NOT real"
    );
    let folder = data_dir.join(FOLDER);
    let waiting = folder.join(WAITING);
    fs::create_dir_all(&waiting)
        .with_context(|| format!("cannot make the folder '{}'", waiting.display()))?;
    // A file without features has no fields to read.
    let grown = layers.iter().filter(|grown| grown.features > 0);
    let found = grown.filter_map(|grown| {
        let layer = catalog.layer(&grown.layer)?;
        let kept = folder.join(file_name(&grown.layer));
        let is_known = has_synthetic(layer, &loaded.layers) && is_same(&kept, grown);
        (!is_known).then(|| write_waiting(layer, grown, &waiting, kept).transpose()).flatten()
    });
    found.collect()
}

/// `None` where the layer's file names no synthetic source.
fn write_waiting<'a>(
    layer: &'a Layer,
    grown: &SyntheticLayer,
    waiting: &Path,
    kept: PathBuf,
) -> anyhow::Result<Option<Grown<'a>>> {
    let Some(source) = layer.sources.iter().find(|source| source.synthetic) else {
        return Ok(None);
    };
    let path = waiting.join(file_name(&layer.id));
    fs::write(&path, &grown.geojson)
        .with_context(|| format!("cannot write '{}'", path.display()))?;
    Ok(Some(Grown { job: Job::new(layer, source, path), kept }))
}

fn file_name(layer: &LayerId) -> String {
    format!("{layer}.geojson")
}

/// A file that cannot be read is not the same, and is written again.
fn is_same(kept: &Path, grown: &SyntheticLayer) -> bool {
    fs::read(kept).is_ok_and(|bytes| bytes == grown.geojson.as_bytes())
}

/// The data folder may be that of another database.
fn has_synthetic(layer: &Layer, loaded: &[(LayerId, Vec<Feature>)]) -> bool {
    let Some(source) = layer.attribute_index("source") else { return false };
    let is_synthetic = |feature: &Feature| {
        feature.attributes.get(source).and_then(AttributeValue::as_text) == Some("synthetic")
    };
    let features = loaded.iter().find(|(id, _)| *id == layer.id);
    features.is_some_and(|(_, features)| features.iter().any(is_synthetic))
}
