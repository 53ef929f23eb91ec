//! One tile of some layers.

use urbis_catalog::Layer;
use urbis_model::{Openness, TileAddress};
use urbis_snapshot::City;

/// Grows when the same content would give other bytes; part of every ETag.
pub const ENGINE_VERSION: u32 = 1;

/// Renders a tile of some layers, in the order given.
///
/// Empty where there is nothing in it. Layers and attributes that `class` may not see are left
/// out.
pub fn render(_city: &City, _layers: &[&Layer], _tile: TileAddress, _class: Openness) -> Vec<u8> {
    Vec::new()
}

/// A digest of all that the tile could show to `class`; renders nothing.
pub fn area_version(city: &City, layers: &[&Layer], tile: TileAddress, _class: Openness) -> u64 {
    let world_box = tile.world_box(0);
    layers
        .iter()
        .filter_map(|layer| city.layer(&layer.id))
        .map(|layer| layer.area_version(world_box, tile.z()))
        .fold(0, u64::wrapping_add)
}
