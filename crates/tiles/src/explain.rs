//! What became of each feature around one tile, and what it cost to draw it.

use std::time::{Duration, Instant};

use urbis_catalog::Layer;
use urbis_model::{LayerId, TileAddress};
use urbis_snapshot::{AreaDigest, City, LayerSnapshot, SnapshotFeature, Visibility};

use crate::area::area_version;
use crate::geometry::{Pen, Scratch};
use crate::grid::TileGrid;
use crate::paths::Paths;
use crate::render::{Renderer, Sight, straight_runs};

/// How a tile came about, for those who ask why it is large, slow or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The tile's [`area_version`].
    pub version: u64,
    /// The layers that were asked for and that the class may see, in the order asked.
    pub layers: Vec<LayerExplanation>,
}

/// How one layer of a tile came about; tells nothing of what the class may not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerExplanation {
    /// The layer.
    pub layer: LayerId,
    /// Features whose box meets the tile and its buffer: the sum of the next four.
    pub considered: usize,
    /// Of these, what was taken to be drawn.
    pub kept: usize,
    /// Drawn at a deeper zoom first, by class or size.
    pub not_yet: usize,
    /// Left out because the tile would be too large.
    pub by_budget: usize,
    /// Not valid at the moment.
    pub not_valid: usize,
    /// Of [`Self::kept`], what leaves nothing in the tile once it is cut and rounded.
    pub vanished: usize,
    /// Features in the tile: fewer than what was kept where some were joined.
    pub features: usize,
    /// Vertices that the kept features have at all.
    pub stored_vertices: usize,
    /// Vertices that are left of them at the zoom, in the tile.
    pub drawn_vertices: usize,
    /// Bytes of the layer in the tile, uncompressed.
    pub bytes: usize,
    /// Finding the features.
    pub search: Duration,
    /// Geometry, copied or cut and rounded; attributes; bytes. One time, since they take turns.
    pub draw: Duration,
}

/// Draws a tile in steps and says what each did; [`render`](crate::render()) gives the bytes.
///
/// Cost: that of about two tiles.
pub fn explain(
    city: &City,
    layers: &[&Layer],
    tile: TileAddress,
    visibility: Visibility,
) -> Explanation {
    let seen = layers.iter().filter(|layer| layer.openness <= visibility.class);
    let explained = seen.filter_map(|layer| {
        let snapshot = city.layer(&layer.id)?;
        Some(explain_layer(snapshot, Sight { layer, tile, visibility }))
    });
    Explanation {
        layers: explained.collect(),
        version: area_version(city, layers, tile, visibility),
    }
}

fn explain_layer(snapshot: &LayerSnapshot, sight: Sight<'_>) -> LayerExplanation {
    let (area, zoom) = (sight.query_box(), sight.tile.z());
    let (found, search) = timed(|| snapshot.to_draw(area, zoom, sight.visibility));
    let tally = snapshot.tally(area, zoom, sight.visibility);
    let mut renderer = Renderer::default();
    let drawn = draw_geometry(sight, &found);
    let mut digest = AreaDigest::new(snapshot.cut(zoom));
    let ((features, bytes), draw) = timed(|| {
        let features = renderer.draw(sight, &found, &mut digest);
        (features, renderer.layer_bytes(sight.layer))
    });
    LayerExplanation {
        layer: sight.layer.id.clone(),
        considered: tally.candidates - tally.hidden,
        kept: found.len(),
        not_yet: tally.not_yet,
        by_budget: tally.by_budget,
        not_valid: tally.not_valid,
        vanished: found.len() - drawn.features,
        features,
        stored_vertices: found.iter().map(|feature| feature.vertex_count()).sum(),
        drawn_vertices: drawn.vertices,
        bytes: bytes.len(),
        search,
        draw,
    }
}

/// Features that leave something in the tile, and their vertices there.
#[derive(Debug, Clone, Copy, Default)]
struct Drawn {
    features: usize,
    vertices: usize,
}

fn draw_geometry(sight: Sight<'_>, found: &[SnapshotFeature<'_>]) -> Drawn {
    let mut scratch = Scratch::default();
    let mut pen = Pen::new(TileGrid::new(sight.tile), straight_runs(sight.layer), &mut scratch);
    let mut paths = Paths::default();
    let mut drawn = Drawn::default();
    for feature in found {
        paths.clear();
        pen.draw(*feature, &mut paths);
        drawn.features += usize::from(!paths.is_empty());
        drawn.vertices += paths.vertices().len();
    }
    drawn
}

fn timed<T>(step: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = step();
    (result, start.elapsed())
}
