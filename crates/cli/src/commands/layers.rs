//! `urbis layers`: the catalogue, as a person or a script wants it.

use serde_json::json;
use urbis_catalog::Layer;

use crate::commands::load_catalog;
use crate::exit::Exit;
use crate::output::{Format, say, say_json};
use crate::settings::Settings;

/// Lists the layers.
///
/// # Errors
///
/// Where the catalogue cannot be read.
pub fn run(settings: &Settings, format: Format) -> anyhow::Result<Exit> {
    let catalog = load_catalog(&settings.layers)?;
    for layer in catalog.layers() {
        match format {
            Format::Json => say_json(&describe(layer))?,
            Format::Text => say(&line(layer)),
        }
    }
    Ok(Exit::Done)
}

fn describe(layer: &Layer) -> serde_json::Value {
    json!({
        "id": layer.id,
        "theme": layer.theme,
        "title": layer.title,
        "geometry": layer.geometry,
        "storage_srid": layer.storage_srid,
        "openness": layer.openness,
        "minzoom": layer.tiles.minzoom,
        "maxzoom": layer.tiles.maxzoom,
        "attributes": layer.attributes.iter().map(|attribute| &attribute.name).collect::<Vec<_>>(),
        "sources": layer.sources.iter().map(|source| &source.file).collect::<Vec<_>>(),
    })
}

fn line(layer: &Layer) -> String {
    let Layer { id, theme, tiles, title, .. } = layer;
    let id = id.as_str();
    let kind = format!("{:?}", layer.geometry);
    let zooms = format!("z{}-{}", tiles.minzoom, tiles.maxzoom);
    format!("{id:<20} {theme:<14} {kind:<16} {zooms:<7} {} / {}", title.en, title.vi)
}
