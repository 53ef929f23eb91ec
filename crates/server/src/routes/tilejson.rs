//! `GET /tiles/{layers}`: the TileJSON 3.0 of a layer, a list or a theme.
//!
//! Source: mapbox/tilejson-spec, 3.0.0.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};
use urbis_catalog::{Attribute, Catalog, CitySettings, Layer};
use urbis_model::Openness;

use super::PathAlone;
use crate::BaseUrl;
use crate::extent::extent;
use crate::layers::resolve;
use crate::problem::ApiError;
use crate::reply::{Caching, Caller, Content};
use crate::state::AppState;

/// Describes the tiles of some layers.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404).
pub(crate) async fn get_tilejson(
    State(state): State<AppState>,
    caller: Caller,
    PathAlone(names): PathAlone<String>,
) -> Result<Response, ApiError> {
    let published = state.published()?;
    let catalog = published.city.catalog();
    let class = caller.access.class();
    let layers = resolve(catalog, &names, class)?;
    let settings = state.city_settings();
    let bounds = extent(&published.city, &layers, class, settings.bbox);
    let named = Named { catalog, names: &names, layers: &layers, class, bounds };
    let tilejson = named.describe(settings, &caller.base);
    let mut content = Content::json(published, tilejson.to_string());
    content.caching = Caching::Tile;
    content.send(&state, &caller).await
}

/// The layers that a path names, cut to what a class may see.
struct Named<'a> {
    catalog: &'a Catalog,
    names: &'a str,
    layers: &'a [&'a Layer],
    class: Openness,
    /// West, south, east, north in degrees: outside it clients ask for no tile.
    bounds: [f64; 4],
}

impl Named<'_> {
    fn describe(&self, city: &CitySettings, base: &BaseUrl) -> Value {
        let Self { catalog, names, layers, class, bounds } = *self;
        let minzoom = layers.iter().map(|layer| layer.tiles.minzoom).min().unwrap_or(0);
        let maxzoom = layers.iter().map(|layer| layer.tiles.maxzoom).max().unwrap_or(0);
        let zoom = city.view.zoom.round().clamp(f64::from(minzoom), f64::from(maxzoom)) as u8;
        let [lon, lat] = city.view.center;
        let titles: Vec<&str> = layers.iter().map(|layer| layer.title.en.as_str()).collect();
        let vector_layers: Vec<Value> = layers.iter().map(|l| describe_layer(l, class)).collect();
        json!({
            "tilejson": "3.0.0",
            "name": format!("{}: {}", city.title.en, titles.join(", ")),
            "version": version(catalog.digest(class)),
            "scheme": "xyz",
            "tiles": [format!("{base}/tiles/{names}/{{z}}/{{x}}/{{y}}")],
            "minzoom": minzoom,
            "maxzoom": maxzoom,
            "bounds": bounds,
            "center": [lon, lat, zoom],
            "attribution": attribution(layers),
            "vector_layers": vector_layers,
        })
    }
}

/// A semantic version that grows with the tile engine and differs with everything that the
/// caller may see of the catalogue; its numbers stay below 2^53, where readers in JavaScript stop.
fn version(digest: u64) -> String {
    format!("1.{}.{}", urbis_tiles::ENGINE_VERSION, digest >> 11)
}

/// The lines that the sources want to be shown, each once.
fn attribution(layers: &[&Layer]) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let sources = layers.iter().flat_map(|layer| &layer.sources);
    for line in sources.filter_map(|source| source.attribution.as_deref()) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join(", ")
}

fn describe_layer(layer: &Layer, class: Openness) -> Value {
    let fields: Map<String, Value> = layer
        .tile_attributes(class)
        .map(|index| &layer.attributes[index])
        .map(|attribute| (attribute.name.clone(), describe_attribute(attribute).into()))
        .collect();
    json!({
        "id": layer.id,
        "fields": fields,
        "minzoom": layer.tiles.minzoom,
        "maxzoom": layer.tiles.maxzoom,
        "description": layer.description.en,
    })
}

fn describe_attribute(attribute: &Attribute) -> String {
    let title = &attribute.title.en;
    match &attribute.unit {
        Some(unit) if !title.contains(unit.as_str()) => format!("{title} ({unit})"),
        _ => title.clone(),
    }
}
