//! `GET /layers`: the city, its themes and its layers, as a legend or a layer tree needs them.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Map, Value, json};
use urbis_catalog::{Attribute, CitySettings, Layer, Source};

use crate::layers::{visible, visible_themes};
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caller, Content};
use crate::state::{AppState, Published};

/// Lists what the caller may see.
pub(crate) async fn get_layers(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let published = state.published()?;
    let body = describe(state.city_settings(), &published);
    Content::json(published, body.to_string()).send(&state, &caller).await
}

fn describe(city: &CitySettings, published: &Published) -> Value {
    let catalog = published.city.catalog();
    let themes = visible_themes(catalog, Published::CLASS)
        .map(|theme| json!({"id": theme.id, "title": {"vi": theme.vi, "en": theme.en}}));
    let layers = visible(catalog, Published::CLASS).map(|layer| describe_layer(layer, published));
    json!({
        "city": city,
        "themes": themes.collect::<Vec<_>>(),
        "layers": layers.collect::<Vec<_>>(),
    })
}

fn describe_layer(layer: &Layer, published: &Published) -> Value {
    let attributes = layer
        .attributes
        .iter()
        .filter(|attribute| layer.openness_of(attribute) <= Published::CLASS)
        .map(describe_attribute);
    json!({
        "id": layer.id,
        "theme": layer.theme,
        "title": layer.title,
        "description": layer.description,
        "geometry": layer.geometry,
        "count": published.city.layer(&layer.id).map_or(0, |layer| layer.count(Published::CLASS)),
        "minzoom": layer.tiles.minzoom,
        "maxzoom": layer.tiles.maxzoom,
        "attributes": attributes.collect::<Vec<_>>(),
        "sources": layer.sources.iter().map(describe_source).collect::<Vec<_>>(),
    })
}

fn describe_attribute(attribute: &Attribute) -> Value {
    let values: Map<String, Value> = attribute
        .values
        .iter()
        .map(|(code, label)| (code.clone(), json!({"vi": label.vi, "en": label.en})))
        .collect();
    json!({
        "name": attribute.name,
        "title": attribute.title,
        "type": attribute.kind,
        "unit": attribute.unit,
        "values": if values.is_empty() { Value::Null } else { values.into() },
    })
}

fn describe_source(source: &Source) -> Value {
    json!({
        "publisher": source.publisher,
        "licence": source.licence,
        "attribution": source.attribution,
        "retrieved": source.retrieved.to_string(),
    })
}
