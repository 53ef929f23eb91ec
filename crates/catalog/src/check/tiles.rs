//! Checks what of a layer goes into tiles, and when.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use urbis_model::{GeometryKind, TileAddress};

use super::known_attribute;
use crate::{Layer, LayerFault, Nearest};

/// Largest `min_size_px`: a whole tile.
const MAX_MIN_SIZE_PX: f64 = 512.0;

/// A tile below the first would be all but empty, one above the last is too large for a phone.
const BUDGETS_KB: RangeInclusive<u32> = 10..=5_000;

/// Checks zooms, sizes, attributes and what is joined.
pub(super) fn check_tiles(layer: &Layer) -> Result<(), LayerFault> {
    let tiles = &layer.tiles;
    check_zoom("tiles.maxzoom", tiles.maxzoom, 0, TileAddress::MAX_ZOOM)?;
    check_zoom("tiles.minzoom", tiles.minzoom, 0, tiles.maxzoom)?;
    // Written so that NaN fails too.
    if !(tiles.min_size_px >= 0.0 && tiles.min_size_px <= MAX_MIN_SIZE_PX) {
        return Err(LayerFault::MinSize { found: tiles.min_size_px });
    }
    if !BUDGETS_KB.contains(&tiles.budget_kb) {
        return Err(LayerFault::Budget { found: tiles.budget_kb, known: BUDGETS_KB });
    }
    check_names(layer, "tiles.attributes", &tiles.attributes)?;
    check_zoom_by(layer)?;
    check_coalesce(layer)
}

/// Checks that attributes are known, each named once.
fn check_names(layer: &Layer, place: &'static str, names: &[String]) -> Result<(), LayerFault> {
    let mut seen = BTreeSet::new();
    for name in names {
        known_attribute(layer, place, name)?;
        if !seen.insert(name) {
            return Err(LayerFault::AttributeDuplicate { found: name.clone() });
        }
    }
    Ok(())
}

fn check_zoom(place: &'static str, found: u8, min: u8, max: u8) -> Result<(), LayerFault> {
    if (min..=max).contains(&found) {
        return Ok(());
    }
    Err(LayerFault::Zoom { place, found, min, max })
}

fn check_zoom_by(layer: &Layer) -> Result<(), LayerFault> {
    let Some(rule) = &layer.tiles.zoom_by else { return Ok(()) };
    let attribute = known_attribute(layer, "tiles.zoom_by", &rule.attribute)?;
    for zoom in rule.zooms.values().chain([&rule.otherwise]) {
        check_zoom("tiles.zoom_by", *zoom, layer.tiles.minzoom, layer.tiles.maxzoom)?;
    }
    let found = layer.openness_of(attribute);
    if found > layer.openness {
        return Err(LayerFault::ZoomByOpenness { attribute: rule.attribute.clone(), found });
    }
    let known = &attribute.values;
    match rule.zooms.keys().find(|value| !known.is_empty() && !known.contains_key(*value)) {
        None => Ok(()),
        Some(found) => Err(LayerFault::ZoomByValue {
            attribute: rule.attribute.clone(),
            found: found.clone(),
            nearest: Nearest::find(found, known.keys().map(String::as_str)),
        }),
    }
}

fn check_coalesce(layer: &Layer) -> Result<(), LayerFault> {
    let Some(rule) = &layer.tiles.coalesce else { return Ok(()) };
    if layer.geometry == GeometryKind::Point {
        return Err(LayerFault::CoalescePoints);
    }
    check_zoom("tiles.coalesce", rule.below, layer.tiles.minzoom + 1, layer.tiles.maxzoom)?;
    check_names(layer, "tiles.coalesce", &rule.by)?;
    let in_tile = &layer.tiles.attributes;
    match rule.by.iter().find(|name| !in_tile.contains(name)) {
        None => Ok(()),
        Some(found) => Err(LayerFault::CoalesceBy {
            found: found.clone(),
            nearest: Nearest::find(found, in_tile.iter().map(String::as_str)),
        }),
    }
}
