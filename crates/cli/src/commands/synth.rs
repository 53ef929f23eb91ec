//! `urbis synth`: a whole city that is made up, for benchmarks only.
//!
//! It takes the shape of the bundled city and goes into a database of its own or into files, never
//! into one that holds anything real: who measures must not mix what they measure with.

mod files;
mod load;
mod shape;

use std::time::Instant;

use anyhow::Context;
use urbis_store::Store;
use urbis_synth::{CityLayer, LayerSummary, SyntheticCity};

use crate::args::SynthArgs;
use crate::commands::load_catalog;
use crate::commands::signal::Interrupt;
use crate::exit::Exit;
use crate::import::Interrupted;
use crate::output::say;
use crate::settings::Settings;

/// Grows the city and puts it where it was asked to.
///
/// # Errors
///
/// Where the bundled city cannot be read, the database holds a feature or fails, or a file cannot
/// be written.
pub async fn run(settings: &Settings, asked: SynthArgs) -> anyhow::Result<Exit> {
    let start = Instant::now();
    let catalog = load_catalog(&settings.layers)?;
    let interrupt = Interrupt::listen()?;
    // Before the work of minutes, not after it.
    let store = match &asked.database_url {
        Some(url) => Some(empty_store(url, &catalog).await?),
        None => None,
    };
    let city = tokio::task::block_in_place(|| {
        let shape = shape::read(&catalog, &settings.city)?;
        anyhow::Ok(SyntheticCity::plan(&shape, asked.seed, asked.scale))
    })?;
    tracing::info!(
        cells = city.cells(),
        duration_ms = start.elapsed().as_millis(),
        "planned a made-up city"
    );
    let mut summaries = None;
    if let Some(store) = &store {
        let loading = load::all(store, &catalog, &city, asked.threads);
        let loaded = interrupt.unless(loading).await.unwrap_or_else(|| Err(Interrupted.into()))?;
        summaries = Some(loaded);
    }
    if let Some(folder) = &asked.to {
        let written = tokio::task::block_in_place(|| files::write(&city, folder, &asked))
            .with_context(|| format!("cannot write into '{}'", folder.display()))?;
        summaries = Some(written);
    }
    let summaries = summaries.unwrap_or_else(|| count(&city, asked.threads));
    for (layer, summary) in &summaries {
        say_summary(*layer, summary);
    }
    say(&format!("hash {:032x}", urbis_synth::hash_of_all(summaries.iter().map(|(_, s)| s))));
    say(&format!(
        "seed {}, scale {}: {:.1} s",
        asked.seed,
        asked.scale,
        start.elapsed().as_secs_f64()
    ));
    Ok(Exit::Done)
}

/// Grows everything and keeps nothing.
fn count(city: &SyntheticCity, threads: usize) -> Vec<(CityLayer, LayerSummary)> {
    let grow = |layer| (layer, city.grow(layer, threads, &mut |_| true));
    tokio::task::block_in_place(|| CityLayer::ALL.map(grow).to_vec())
}

async fn empty_store(url: &str, catalog: &urbis_catalog::Catalog) -> anyhow::Result<Store> {
    let store = Store::connect(url).await?;
    store.migrate(catalog).await?;
    store.recover().await?;
    let status = store.status(catalog).await?;
    if let Some((layer, held)) = status.layers.iter().find(|(_, held)| held.features > 0) {
        anyhow::bail!(
            "the database holds {} features of layer '{layer}': a made-up city goes into a \
             database of its own that holds none",
            held.features
        );
    }
    Ok(store)
}

fn say_summary(layer: CityLayer, summary: &LayerSummary) {
    let mut line = format!(
        "{}: {} features, {} of them wrong on purpose",
        layer.id(),
        summary.records,
        summary.flaws
    );
    if layer == CityLayer::RoadSegment {
        line += &format!(", {:.0} km", summary.length_km);
    }
    say(&line);
}
