//! A digest of all that a tile could show, for its `ETag`.

use urbis_catalog::Layer;
use urbis_model::{Openness, TileAddress};
use urbis_snapshot::City;
use xxhash_rust::xxh3::Xxh3;

use crate::attributes::is_shown;
use crate::grid::TileGrid;

/// A digest of all that the tile could show to `class`; renders nothing.
///
/// Equal digests mean equal bytes, given the same catalogue and
/// [`ENGINE_VERSION`](crate::ENGINE_VERSION). A change outside the tile and its buffer, of what
/// the zoom does not show, or of an attribute that is not in the tile leaves it.
///
/// Cost: one search a layer, and one addition a feature found.
pub fn area_version(city: &City, layers: &[&Layer], tile: TileAddress, class: Openness) -> u64 {
    let world_box = TileGrid::new(tile).query_box();
    let mut hasher = Xxh3::new();
    hasher.update(class.as_str().as_bytes());
    for layer in layers.iter().filter(|layer| is_shown(layer, tile.z(), class)) {
        let Some(snapshot) = city.layer(&layer.id) else { continue };
        hasher.update(&[0]);
        hasher.update(layer.id.as_str().as_bytes());
        hasher.update(&[0]);
        hasher.update(&snapshot.area_version(world_box, tile.z(), class).to_le_bytes());
    }
    hasher.digest()
}
