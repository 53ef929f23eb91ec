//! One tile of some layers.

use urbis_catalog::Layer;
use urbis_model::{Openness, TileAddress};
use urbis_snapshot::{City, LayerSnapshot, Visibility};

use crate::attributes::{is_shown, shown_attributes, values};
use crate::geometry::{Drawing, StraightRuns};
use crate::grid::TileGrid;
use crate::mvt::LayerWriter;

/// Grows when the same content would give other bytes; part of every `ETag`.
pub const ENGINE_VERSION: u32 = 1;

/// Renders a tile of some layers, in the order given; each layer once.
///
/// Layers, features and attributes that `class` may not see, and layers that start at a deeper
/// zoom, are left out. Empty where there is nothing in the tile. The bytes depend on the content
/// alone: not on the order in which it was loaded, and not on the clock.
///
/// Geometry lies within half a tile unit of the snapshot's, at the layer's `maxzoom` and below it
/// in the pyramid; above, within half a pixel more. Zooms beyond `maxzoom` are drawn from the same
/// features.
pub fn render(city: &City, layers: &[&Layer], tile: TileAddress, class: Openness) -> Vec<u8> {
    let mut bytes = Vec::new();
    for layer in layers.iter().filter(|layer| is_shown(layer, tile.z(), class)) {
        if let Some(snapshot) = city.layer(&layer.id) {
            render_layer(snapshot, layer, tile, class).finish(layer.id.as_str(), &mut bytes);
        }
    }
    bytes
}

fn render_layer<'a>(
    snapshot: &'a LayerSnapshot,
    layer: &'a Layer,
    tile: TileAddress,
    class: Openness,
) -> LayerWriter<'a> {
    let shown = shown_attributes(layer, class);
    let drawing = Drawing::new(tile, straight_runs(layer));
    let mut writer = LayerWriter::default();
    let query_box = TileGrid::new(tile).query_box();
    for feature in snapshot.in_box(query_box, tile.z(), Visibility::now(class)) {
        let commands = drawing.draw(layer.geometry, feature);
        if !commands.is_empty() {
            writer.add(feature.id(), layer.geometry, &commands, values(feature, &shown));
        }
    }
    writer
}

/// In a coverage a neighbour may turn in the middle of a straight run.
fn straight_runs(layer: &Layer) -> StraightRuns {
    if layer.coverage { StraightRuns::All } else { StraightRuns::Ends }
}
