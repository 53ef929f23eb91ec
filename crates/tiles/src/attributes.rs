//! What of a layer and its attributes somebody may see in a tile.

use urbis_catalog::Layer;
use urbis_model::Openness;

/// An attribute in a tile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) name: &'a str,
    /// In the layer's definition.
    pub(crate) index: usize,
}

/// Says whether a layer is in a tile of that zoom at all.
pub(crate) fn is_shown(layer: &Layer, zoom: u8, class: Openness) -> bool {
    layer.openness <= class && layer.tiles.minzoom <= zoom
}

/// The attributes of a layer's tiles of a zoom that a class may see, in tile order.
pub(crate) fn shown_attributes(layer: &Layer, zoom: u8, class: Openness) -> Vec<Shown<'_>> {
    let indices = layer.tile_attributes_at(zoom, class);
    indices.map(|index| Shown { name: &layer.attributes[index].name, index }).collect()
}
