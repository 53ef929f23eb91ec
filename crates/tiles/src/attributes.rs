//! What of a layer and its attributes somebody may see in a tile.

use urbis_catalog::Layer;
use urbis_model::Openness;
use urbis_snapshot::{SnapshotFeature, Value};

/// Says whether a layer is in a tile of that zoom at all.
pub(crate) fn is_shown(layer: &Layer, zoom: u8, class: Openness) -> bool {
    layer.openness <= class && layer.tiles.minzoom <= zoom
}

/// The attributes of a layer's tiles that a class may see: name and index, in tile order.
pub(crate) fn shown_attributes(layer: &Layer, class: Openness) -> Vec<(&str, usize)> {
    let indices = layer.tile_attributes(class);
    indices.map(|index| (layer.attributes[index].name.as_str(), index)).collect()
}

/// Names and values of those attributes of one feature.
pub(crate) fn values<'a>(
    feature: SnapshotFeature<'a>,
    shown: &[(&'a str, usize)],
) -> impl Iterator<Item = (&'a str, Value<'a>)> {
    shown.iter().map(move |(name, index)| (*name, feature.attribute(*index)))
}
