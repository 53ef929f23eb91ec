//! Grows the layers that have no open data and imports them like any other source.
//!
//! Only on request: what is grown is made up. `urbis up` keeps the files in the data folder, so
//! that a start with nothing new imports nothing, and so that everybody can see what was imported.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use urbis_catalog::{Catalog, CitySettings, Layer};
use urbis_model::{Feature, LayerId, LonLat};
use urbis_store::{Store, Take};
use urbis_synth::{CityInput, SyntheticLayer, grow};

use crate::import::{ImportOptions, Job, run_job};
use crate::settings::Settings;

/// The same city grows from it every time.
const SEED: u64 = 48;

/// Folder of the grown files in the data folder.
const FOLDER: &str = "synthetic";

/// Folder in it for those that are not imported yet.
const WAITING: &str = "waiting";

/// What was grown for one database.
struct Growth<'a> {
    catalog: &'a Catalog,
    /// What the database has.
    loaded: Vec<(LayerId, Vec<Feature>)>,
    /// What should be in it.
    layers: Vec<SyntheticLayer>,
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
    let growth = Growth::around(store, catalog, &settings.city).await?;
    let folder = settings.data_dir.join(FOLDER);
    let options = ImportOptions { take: Some(Take::Edit), ..ImportOptions::default() };
    for job in growth.jobs(&folder.join(WAITING), |layer| !growth.is_known(&folder, layer))? {
        let report = run_job(store, &job, &options).await?;
        // Only a file that was imported tells the next start that there is nothing to do.
        fs::rename(&job.path, folder.join(file_name(&job.layer.id)))
            .with_context(|| format!("cannot move '{}'", job.path.display()))?;
        tracing::info!(
            layer.id = %job.layer.id,
            rows = report.read,
            rejected = report.rejected,
            faults = report.flagged,
            duration_ms = report.duration_ms,
            "imported made-up data"
        );
    }
    Ok(())
}

/// Grows the synthetic layers around what the database has, into files in `folder`, and says how
/// to import them.
///
/// # Errors
///
/// Where the city's settings or the database cannot be read, or a file cannot be written.
pub async fn grow_into<'a>(
    folder: &Path,
    store: &Store,
    catalog: &'a Catalog,
    city: &Path,
) -> anyhow::Result<Vec<Job<'a>>> {
    Growth::around(store, catalog, city).await?.jobs(folder, |_| true)
}

impl<'a> Growth<'a> {
    async fn around(store: &Store, catalog: &'a Catalog, city: &Path) -> anyhow::Result<Self> {
        let start = Instant::now();
        let [lon, lat] = CitySettings::load(city)?.core();
        let center = LonLat::new(lon, lat)?;
        let loaded = store.read_all(catalog).await?;
        let layers = tokio::task::block_in_place(|| {
            grow(&CityInput::from_layers(catalog, center, &loaded), SEED)
        });
        tracing::info!(
            features = layers.iter().map(|layer| layer.features).sum::<usize>(),
            duration_ms = start.elapsed().as_millis(),
            "grew made-up data: parcels, permits, plans and the like are NOT real"
        );
        Ok(Self { catalog, loaded, layers })
    }

    /// Writes the wanted layers.
    fn jobs(
        &self,
        folder: &Path,
        wanted: impl Fn(&SyntheticLayer) -> bool,
    ) -> anyhow::Result<Vec<Job<'a>>> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder '{}'", folder.display()))?;
        let mut jobs = Vec::new();
        // A file without features has no fields to read.
        for grown in self.layers.iter().filter(|grown| grown.features > 0 && wanted(grown)) {
            let layer = self.catalog.layer(&grown.layer);
            let source = |layer: &'a Layer| layer.sources.iter().find(|source| source.synthetic);
            let Some((layer, source)) = layer.and_then(|layer| Some((layer, source(layer)?)))
            else {
                continue;
            };
            let path = folder.join(file_name(&layer.id));
            fs::write(&path, &grown.geojson)
                .with_context(|| format!("cannot write '{}'", path.display()))?;
            jobs.push(Job::new(layer, source, path));
        }
        Ok(jobs)
    }

    /// Says whether the database has a layer as it is grown, by the file of its last import. The
    /// data folder may be that of another database, so the features count, too.
    fn is_known(&self, folder: &Path, grown: &SyntheticLayer) -> bool {
        let layer = self.catalog.layer(&grown.layer);
        layer.is_some_and(|layer| has_synthetic(layer, &self.loaded))
            && is_same(&folder.join(file_name(&grown.layer)), grown)
    }
}

fn file_name(layer: &LayerId) -> String {
    format!("{layer}.geojson")
}

/// A file that cannot be read is not the same, and is written again.
fn is_same(kept: &Path, grown: &SyntheticLayer) -> bool {
    fs::read(kept).is_ok_and(|bytes| bytes == grown.geojson.as_bytes())
}

fn has_synthetic(layer: &Layer, loaded: &[(LayerId, Vec<Feature>)]) -> bool {
    let is_synthetic = |feature: &Feature| layer.is_synthetic(&feature.attributes);
    let features = loaded.iter().find(|(id, _)| *id == layer.id);
    features.is_some_and(|(_, features)| features.iter().any(is_synthetic))
}
