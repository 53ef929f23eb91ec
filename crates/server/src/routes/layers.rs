//! `GET /layers`: the city, its themes and its layers, as a legend or a layer tree needs them.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Map, Value, json};
use urbis_catalog::{Attribute, CitySettings, Deprecation, Layer, Source};
use urbis_model::Openness;
use urbis_snapshot::City;

use crate::layers::{visible, visible_themes};
use crate::moment;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caller, Content};
use crate::state::AppState;

/// Lists what the caller may see.
pub(crate) async fn get_layers(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let published = state.published()?;
    let class = caller.access.class();
    let (city, settings) = (published.city.clone(), state.city_settings().clone());
    let describe = move || Seen { city: &city, class }.describe(&settings).to_string();
    let body = state.off_runtime("describing the layers", describe).await?;
    Content::json(published, body).send(&state, &caller).await
}

/// A city as a class sees it.
#[derive(Clone, Copy)]
struct Seen<'a> {
    city: &'a City,
    class: Openness,
}

impl Seen<'_> {
    fn describe(self, settings: &CitySettings) -> Value {
        let catalog = self.city.catalog();
        let layers = visible(catalog, self.class).map(|layer| self.describe_layer(layer));
        json!({
            "city": settings,
            "class": self.class,
            "moment": moment::to_json(Some(self.city.seen_change(self.class)), settings.utc_offset),
            "themes": visible_themes(catalog, self.class),
            "layers": layers.collect::<Vec<_>>(),
        })
    }

    fn describe_layer(self, layer: &Layer) -> Value {
        let snapshot = self.city.layer(&layer.id);
        let synthetic = snapshot.is_some_and(|snapshot| snapshot.synthetic_count(self.class) > 0);
        let attributes = layer
            .attributes
            .iter()
            .filter(|attribute| layer.openness_of(attribute) <= self.class)
            .map(|attribute| self.describe_attribute(layer, attribute));
        json!({
            "id": layer.id,
            "theme": layer.theme,
            "title": layer.title,
            "description": layer.description,
            "geometry": layer.geometry,
            "openness": layer.openness,
            "shown": layer.shown,
            "synthetic": synthetic,
            "deprecated": layer.deprecated.as_ref().map(describe_deprecation),
            "count": snapshot.map_or(0, |snapshot| snapshot.count(self.class)),
            "minzoom": layer.tiles.minzoom,
            "maxzoom": layer.tiles.maxzoom,
            "attributes": attributes.collect::<Vec<_>>(),
            "sources": layer.sources.iter().map(describe_source).collect::<Vec<_>>(),
        })
    }

    fn describe_attribute(self, layer: &Layer, attribute: &Attribute) -> Value {
        let values: Map<String, Value> = attribute
            .values
            .iter()
            .filter(|(code, _)| layer.openness_of_code(attribute, code) <= self.class)
            .map(|(code, value)| {
                let shown = json!({
                    "vi": value.vi,
                    "en": value.en,
                    "color": value.color,
                    "icon": value.icon,
                });
                (code.clone(), shown)
            })
            .collect();
        json!({
            "name": attribute.name,
            "title": attribute.title,
            "type": attribute.kind,
            "unit": attribute.unit,
            "deprecated": attribute.deprecated.as_ref().map(describe_deprecation),
            "values": if values.is_empty() { Value::Null } else { values.into() },
        })
    }
}

fn describe_source(source: &Source) -> Value {
    json!({
        "publisher": source.publisher,
        "licence": source.licence,
        "attribution": source.attribution,
        "origin": source.origin,
        "retrieved": source.retrieved.to_string(),
        "synthetic": source.synthetic,
    })
}

fn describe_deprecation(deprecation: &Deprecation) -> Value {
    json!({"since": deprecation.since.to_string(), "instead": deprecation.instead})
}
