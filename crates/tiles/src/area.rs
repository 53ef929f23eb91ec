//! A digest of all that a tile could show, for its `ETag`.

use urbis_catalog::Layer;
use urbis_model::{Openness, TileAddress};
use urbis_snapshot::{AreaDigest, City, LayerSnapshot, Visibility};
use xxhash_rust::xxh3::Xxh3;

use crate::attributes::is_shown;
use crate::grid::TileGrid;

/// A digest of all that the tile could show; renders nothing.
///
/// Equal digests mean equal bytes, given the same catalogue and
/// [`ENGINE_VERSION`](crate::ENGINE_VERSION). A change outside the tile and its buffer, of features
/// that the zoom does not show, or of an attribute that is in no tile of the layer leaves it; so
/// does another moment at which the same features hold. Below `coalesce.below` it also changes
/// with an attribute that only deeper tiles have, and with an id.
///
/// Cost: one search a layer, and one addition a feature found.
pub fn area_version(
    city: &City,
    layers: &[&Layer],
    tile: TileAddress,
    visibility: Visibility,
) -> u64 {
    let mut version = TileVersion::new(visibility.class);
    for layer in layers.iter().filter(|layer| is_shown(layer, tile.z(), visibility.class)) {
        if let Some(snapshot) = city.layer(&layer.id) {
            version.add(layer, layer_version(snapshot, tile, visibility));
        }
    }
    version.value()
}

fn layer_version(snapshot: &LayerSnapshot, tile: TileAddress, visibility: Visibility) -> u64 {
    let (area, zoom) = (TileGrid::new(tile).query_box(), tile.z());
    if visibility.on.is_none() {
        return snapshot.area_version(area, zoom, visibility.class);
    }
    let mut digest = AreaDigest::new(snapshot.cut(zoom));
    for feature in snapshot.in_box(area, zoom, visibility) {
        digest.add(feature.drawn_version(visibility.class));
    }
    digest.value()
}

/// Collects the digests of a tile's layers.
pub(crate) struct TileVersion {
    hasher: Xxh3,
}

impl TileVersion {
    pub(crate) fn new(class: Openness) -> Self {
        let mut hasher = Xxh3::new();
        hasher.update(class.as_str().as_bytes());
        Self { hasher }
    }

    /// Adds a layer that the tile may show.
    pub(crate) fn add(&mut self, layer: &Layer, version: u64) {
        self.hasher.update(&[0]);
        self.hasher.update(layer.id.as_str().as_bytes());
        self.hasher.update(&[0]);
        self.hasher.update(&version.to_le_bytes());
    }

    pub(crate) fn value(&self) -> u64 {
        self.hasher.digest()
    }
}
