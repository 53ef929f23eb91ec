//! What of a layer and its attributes somebody may see in a tile.

use urbis_catalog::Layer;
use urbis_model::Openness;

/// An attribute in a tile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) name: &'a str,
    /// In the layer's definition.
    pub(crate) index: usize,
    /// No two features of a source have the same value: none is looked for.
    pub(crate) is_key: bool,
    /// The class may see it; else it has no value.
    pub(crate) is_seen: bool,
}

/// Says whether a layer is in a tile of that zoom at all.
pub(crate) fn is_shown(layer: &Layer, zoom: u8, class: Openness) -> bool {
    layer.openness <= class && layer.tiles.minzoom <= zoom
}

/// The attributes of a layer's tiles of a zoom, in tile order, and which of them a class may see.
pub(crate) fn shown_attributes(layer: &Layer, zoom: u8, class: Openness) -> Vec<Shown<'_>> {
    let indices = layer.tile_attributes_at(zoom, Openness::Restricted);
    let shown = |index: usize| {
        let attribute = &layer.attributes[index];
        let name = attribute.name.as_str();
        // Features that are joined are so by equal tags.
        let is_key = layer.key == [name] && layer.coalesce_at(zoom).is_none();
        Shown { name, index, is_key, is_seen: layer.openness_of(attribute) <= class }
    };
    indices.map(shown).collect()
}
