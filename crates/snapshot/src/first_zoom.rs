//! The first zoom at which a feature is drawn: a rule on the feature alone, so that neighbouring
//! tiles never disagree.

use urbis_catalog::{Layer, ZoomBy};
use urbis_model::{AttributeValue, GeometryKind, WorldBox};

use crate::Value;

/// Pixels along one side of a tile, as MapLibre draws it.
const TILE_PIXELS: f64 = 512.0;

/// The first zoom of a feature, from the layer's `minzoom` to its `maxzoom`.
///
/// Everybody who sees the layer may see the attribute of `zoom_by`: the catalogue refuses another,
/// for the zoom would tell its value.
pub(crate) fn first_zoom(
    layer: &Layer,
    attributes: &[AttributeValue],
    world_box: Option<WorldBox>,
) -> u8 {
    let rules = &layer.tiles;
    let by_class = class_zoom(layer, attributes).unwrap_or(0);
    let first = rules.minzoom.max(by_class).min(rules.maxzoom);
    let Some(world_box) = world_box.filter(|_| layer.geometry != GeometryKind::Point) else {
        return first;
    };
    let too_small = |zoom: u8| side_px(world_box, zoom) < rules.min_size_px;
    (first..rules.maxzoom).find(|zoom| !too_small(*zoom)).unwrap_or(rules.maxzoom)
}

/// The first zoom of a feature by its class alone; `None` where the layer has no such rule.
pub(crate) fn class_zoom(layer: &Layer, attributes: &[AttributeValue]) -> Option<u8> {
    let by = layer.tiles.zoom_by.as_ref()?;
    let value = layer.attribute_index(&by.attribute).and_then(|at| attributes.get(at));
    Some(zoom_of_value(by, value.map_or(Value::Null, Value::from)))
}

/// The first zoom of a value of the attribute of `zoom_by`.
pub(crate) fn zoom_of_value(by: &ZoomBy, value: Value<'_>) -> u8 {
    match value {
        Value::Text(text) => by.zoom_of(Some(text)),
        Value::Int(number) => by.zoom_of(Some(&number.to_string())),
        Value::Bool(truth) => by.zoom_of(Some(&truth.to_string())),
        Value::Float(_) | Value::Null => by.zoom_of(None),
    }
}

fn side_px(world_box: WorldBox, zoom: u8) -> f64 {
    let tile_cells = 2_f64.powi(32 - i32::from(zoom));
    f64::from(world_box.longer_side()) / tile_cells * TILE_PIXELS
}
