//! `urbis import`: files into a layer, or a whole city.

use anyhow::Context;
use urbis_catalog::Catalog;
use urbis_store::{FeatureGeometry, ImportMode, Store, Take};

use crate::args::{ImportArgs, TakeArg};
use crate::commands::load_catalog;
use crate::commands::signal::Interrupt;
use crate::database::Database;
use crate::exit::{Exit, UsageError};
use crate::import::{
    FileOptions, ImportOptions, Interrupted, Job, find_layer, parse_crs, run_job, say_report,
};
use crate::output::Format;
use crate::settings::Settings;
use crate::synthetic::grow_into;

/// Imports one source after the other; each is published whole before the next begins.
///
/// # Errors
///
/// At the first source that cannot be imported; those before it stay published.
pub async fn run(settings: &Settings, asked: ImportArgs) -> anyhow::Result<Exit> {
    if asked.asks_to_grow_one_file() {
        let fault = "--with-synthetic grows a whole city: it goes with --city DIR";
        return Err(UsageError(fault.into()).into());
    }
    let catalog = load_catalog(&settings.layers)?;
    let jobs = tokio::task::block_in_place(|| jobs(&catalog, &asked))?;
    let interrupt = Interrupt::listen()?;
    let database = Database::open(settings).await?;
    let url = database.url.clone();
    database
        .then_close(async {
            let done = interrupt.unless(import_all(settings, &url, &catalog, &jobs, &asked)).await;
            done.unwrap_or_else(|| Err(Interrupted.into()))
        })
        .await
}

fn jobs<'a>(catalog: &'a Catalog, asked: &ImportArgs) -> anyhow::Result<Vec<Job<'a>>> {
    match (&asked.layer, &asked.city) {
        (Some(layer), _) => {
            let options = FileOptions {
                read_as: asked.read_as.clone(),
                crs: asked.crs.as_deref().map(parse_crs).transpose()?,
                source_name: asked.source.clone(),
            };
            Job::for_files(catalog, layer, &asked.sources, &options)
        }
        (None, Some(city)) => Ok(Job::all_of_city(catalog, city)),
        (None, None) => Err(UsageError("import needs LAYER SOURCE... or --city DIR".into()).into()),
    }
}

async fn import_all(
    settings: &Settings,
    url: &str,
    catalog: &Catalog,
    jobs: &[Job<'_>],
    asked: &ImportArgs,
) -> anyhow::Result<Exit> {
    let store = Store::connect(url).await?;
    if asked.dry_run {
        store.check_migrated(catalog).await?;
    } else {
        store.migrate(catalog).await?;
    }
    store.recover().await?;
    let options = ImportOptions {
        take: asked.take.map(|take| match take {
            TakeArg::Source => Take::Source,
            TakeArg::Edit => Take::Edit,
        }),
        mode: if asked.dry_run { ImportMode::DryRun } else { ImportMode::Publish },
        clip: match &asked.clip {
            Some(clip) => Some(clip_polygon(&store, catalog, clip).await?),
            None => None,
        },
    };
    let mut exit = Exit::Done;
    for job in jobs {
        exit = exit.max(import_one(&store, job, &options, asked).await?);
    }
    if let (Some(city), true) = (&asked.city, settings.with_synthetic) {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        for job in grow_into(folder.path(), &store, catalog, city).await? {
            exit = exit.max(import_one(&store, &job, &options, asked).await?);
        }
    }
    Ok(exit)
}

async fn import_one(
    store: &Store,
    job: &Job<'_>,
    options: &ImportOptions,
    asked: &ImportArgs,
) -> anyhow::Result<Exit> {
    let report = run_job(store, job, options).await?;
    say_report(&report, Format::from_flag(asked.json))?;
    let undecided = report.dry_run && report.conflicts > 0 && options.take.is_none();
    Ok(if undecided { Exit::Data } else { Exit::Done })
}

/// Reads `admin_unit:20194`.
async fn clip_polygon(
    store: &Store,
    catalog: &Catalog,
    clip: &str,
) -> anyhow::Result<FeatureGeometry> {
    let Some((name, code)) = clip.split_once(':') else {
        return Err(UsageError(format!("--clip '{clip}': wanted LAYER:CODE")).into());
    };
    let layer = find_layer(catalog, name)?;
    Ok(store.feature_geometry_by_key(layer, code).await?)
}
