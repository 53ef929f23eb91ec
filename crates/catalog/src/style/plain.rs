//! Draws what a style does not name: a layer that is one new file is on the map as well.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use urbis_model::{GeometryKind, Openness};

use crate::{Catalog, Layer};

/// Entry of the palette for what has no colour of its own.
const COLOR: &str = "{unknown}";

/// Adds plain style layers, on top, for the layers that the class may see and the template does
/// not draw: points, lines or areas in the colours of their first code list that has any.
pub(super) fn add_plain_layers(
    style: &mut Value,
    template: &Value,
    catalog: &Catalog,
    class: Openness,
) {
    let drawn: BTreeSet<&str> = template["layers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["source-layer"].as_str())
        .collect();
    let rest = catalog.layers().filter(|layer| layer.openness <= class);
    for layer in rest.filter(|layer| !drawn.contains(layer.id.as_str())) {
        let Some(sources) = style["sources"].as_object_mut() else { return };
        let source = source_of(sources, layer);
        if let Some(entries) = style["layers"].as_array_mut() {
            entries.extend(plain_layers(layer, &source, class));
        }
    }
}

/// The name of the source with the tiles of the layer's theme, which is added where there is none.
fn source_of(sources: &mut Map<String, Value>, layer: &Layer) -> String {
    let url = format!("{{base}}/tiles/{}", layer.theme);
    let known = sources.iter().find(|(_, source)| source["url"] == url.as_str());
    if let Some((name, _)) = known {
        return name.clone();
    }
    sources.insert(layer.theme.clone(), json!({"type": "vector", "url": url}));
    layer.theme.clone()
}

fn plain_layers(layer: &Layer, source: &str, class: Openness) -> Vec<Value> {
    let color = color_of(layer, class);
    let entry = |suffix: &str, kind: &str, paint: Value| {
        json!({
            "id": format!("{}-{suffix}", layer.id),
            "type": kind,
            "source": source,
            "source-layer": layer.id,
            "layout": {"visibility": if layer.shown { "visible" } else { "none" }},
            "paint": paint,
        })
    };
    let outline = || entry("plain-line", "line", json!({"line-color": color, "line-width": 2}));
    match layer.geometry {
        GeometryKind::Point => {
            let paint = json!({
                "circle-color": color,
                "circle-radius": 5,
                "circle-stroke-color": "#ffffff",
                "circle-stroke-width": 1.5,
            });
            vec![entry("plain", "circle", paint)]
        }
        GeometryKind::MultiLineString => vec![outline()],
        GeometryKind::MultiPolygon => {
            let paint = json!({"fill-color": color, "fill-opacity": 0.35});
            vec![entry("plain", "fill", paint), outline()]
        }
    }
}

/// The placeholder of the first code list in the tiles that has colours, or one colour for all.
fn color_of(layer: &Layer, class: Openness) -> String {
    let in_tiles = layer.tile_attributes(class).map(|index| &layer.attributes[index]);
    let mut coloured = in_tiles.filter(|attribute| {
        let mut codes = attribute.values.iter();
        codes.any(|(code, value)| {
            value.color.is_some() && layer.openness_of_code(attribute, code) <= class
        })
    });
    coloured.next().map_or_else(
        || COLOR.to_owned(),
        |attribute| format!("{{colors:{}.{}}}", layer.id, attribute.name),
    )
}
