//! `urbis export`: layers into a file, by the same code as downloads.

use std::path::Path;

use anyhow::Context;
use serde_json::json;
use tempfile::TempDir;
use urbis_catalog::{Catalog, CitySettings, Layer, Nearest};
use urbis_export::{ExportError, Format};
use urbis_model::Moment;
use urbis_server::Selection;
use urbis_store::{FeatureReader, StoreError};

use crate::args::ExportArgs;
use crate::commands::load_catalog;
use crate::database::Database;
use crate::exit::{Exit, UsageError};
use crate::export::{Export, Part, bound, end_with_standard_input};
use crate::output::{say, say_json};
use crate::settings::Settings;

/// Writes the file, or nothing.
///
/// # Errors
///
/// Where a layer, a flag or the folder of the file is wrong, or the database fails.
pub async fn run(settings: &Settings, asked: ExportArgs) -> anyhow::Result<Exit> {
    if asked.for_server {
        end_with_standard_input();
    }
    let written = write(settings, &asked).await;
    if let (true, Err(error)) = (asked.for_server, &written) {
        say_json(&json!({"error": {"code": code_of(error)}}))?;
    }
    let count = written?;
    if !asked.for_server {
        say(&format!("{count} features: {}", asked.out.display()));
    }
    Ok(Exit::Done)
}

/// The code by which the server knows what to tell its client.
fn code_of(error: &anyhow::Error) -> &'static str {
    let of_export = error.downcast_ref::<ExportError>().map(ExportError::code);
    of_export.or(error.downcast_ref::<StoreError>().map(StoreError::code)).unwrap_or("failed")
}

async fn write(settings: &Settings, asked: &ExportArgs) -> anyhow::Result<u64> {
    let catalog = load_catalog(&settings.layers)?;
    let city = CitySettings::load(&settings.city)?;
    let query = asked.query();
    let mut parts = Vec::new();
    for layer in choose(&catalog, asked)? {
        let selection = Selection::parse(&query, layer, asked.level, city.utc_offset);
        let selection = selection.map_err(|cause| UsageError(cause.to_string()))?;
        parts.push(Part { layer, selection });
    }
    if parts.len() != 1 && asked.format != Format::GeoPackage {
        let wanted = "one layer a file, or --format gpkg, which holds several";
        return Err(UsageError(wanted.to_owned()).into());
    }
    let folder = folder_beside(&asked.out)?;
    let database = Database::open(settings).await?;
    let reader = FeatureReader::new(&database.url)?;
    let export = Export {
        reader,
        level: asked.level,
        now: Moment::now(),
        max_bytes: asked.max_bytes,
        folder: folder.path().to_owned(),
    };
    let writing = async {
        bound(asked.max_bytes)?;
        let (file, count) = match asked.format {
            Format::GeoPackage => export.geopackage(&catalog, &parts).await?,
            Format::Shapefile => export.shapefile(&parts[0]).await?,
            format => export.text(&parts[0], format).await?,
        };
        let moved = std::fs::rename(&file, &asked.out);
        moved.with_context(|| format!("cannot write '{}'", asked.out.display()))?;
        Ok(count)
    };
    database.then_close(writing).await
}

fn choose<'a>(catalog: &'a Catalog, asked: &ExportArgs) -> Result<Vec<&'a Layer>, UsageError> {
    let seen: Vec<&Layer> =
        catalog.layers().filter(|layer| layer.openness <= asked.level).collect();
    if asked.all {
        return Ok(seen);
    }
    let mut chosen: Vec<&Layer> = Vec::new();
    for name in &asked.layer {
        let found = seen.iter().find(|layer| layer.id.as_str() == name);
        let layer = *found.ok_or_else(|| {
            let nearest = Nearest::find(name, seen.iter().map(|layer| layer.id.as_str()));
            let level = asked.level;
            UsageError(format!("layer '{name}' is not known at level {level}{nearest}"))
        })?;
        if !chosen.iter().any(|other| other.id == layer.id) {
            chosen.push(layer);
        }
    }
    Ok(chosen)
}

/// A folder on the disk of the file, which is moved there when it is whole.
fn folder_beside(out: &Path) -> anyhow::Result<TempDir> {
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let made = tempfile::Builder::new().prefix(".urbis-export-").tempdir_in(parent);
    made.with_context(|| format!("cannot write into '{}'", parent.display()))
}
