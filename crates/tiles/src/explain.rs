//! What became of each feature around one tile, and what it cost to draw it.

use std::time::{Duration, Instant};

use urbis_catalog::Layer;
use urbis_model::{LayerId, TileAddress};
use urbis_snapshot::{AreaDigest, City, LayerSnapshot, SnapshotFeature, Visibility};

use crate::area::area_version;
use crate::geometry::{Pen, Scratch};
use crate::paths::Paths;
use crate::ready::ReadyBlock;
use crate::render::{Renderer, Sight, by_block, straight_runs};

/// How a tile came about, for those who ask why it is large, slow or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The tile's [`area_version`].
    pub version: u64,
    /// The layers that were asked for and that the class may see, in the order asked.
    pub layers: Vec<LayerExplanation>,
    /// The tile, as [`render`](crate::render()) gives it.
    pub tile: Vec<u8>,
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
    /// What each stage took.
    pub stages: Stages,
}

/// The time of each stage of drawing a layer. Geometry, attributes and bytes take turns feature by
/// feature, so they have no times of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stages {
    /// Finding the features.
    pub search: Duration,
    /// Putting together what the tiles of a zoom copy, where this is the first tile that needs it;
    /// it is kept, so it takes next to nothing the second time.
    pub ready: Duration,
    /// Drawing the features that lie in the tile and its buffer: most are copied.
    pub whole: Duration,
    /// Drawing those that reach beyond: each is cut.
    pub cut: Duration,
    /// Joining features, at zooms where the layer has it so.
    pub join: Duration,
}

/// Draws a tile in steps and says what each did; [`render`](crate::render()) gives the bytes.
///
/// Cost: that of about three tiles.
pub fn explain(
    city: &City,
    layers: &[&Layer],
    tile: TileAddress,
    visibility: Visibility,
) -> Explanation {
    let seen = layers.iter().filter(|layer| layer.openness <= visibility.class);
    let mut bytes = Vec::new();
    let explained = seen.filter_map(|layer| {
        let snapshot = city.layer(&layer.id)?;
        Some(explain_layer(snapshot, Sight { layer, tile, visibility }, &mut bytes))
    });
    Explanation {
        layers: explained.collect(),
        version: area_version(city, layers, tile, visibility),
        tile: bytes,
    }
}

/// Explains a layer and adds it to the tile.
fn explain_layer(
    snapshot: &LayerSnapshot,
    sight: Sight<'_>,
    tile: &mut Vec<u8>,
) -> LayerExplanation {
    let (area, zoom) = (sight.query_box(), sight.tile.z());
    let (found, search) = timed(|| snapshot.to_draw(area, zoom, sight.visibility));
    let tally = snapshot.tally(area, zoom, sight.visibility);
    let drawn = draw_geometry(sight, &found);
    let ((), ready) = timed(|| make_ready(sight, &found));
    let mut renderer = Renderer::default();
    let mut draw = |features: &[SnapshotFeature<'_>]| {
        renderer.draw(sight, features, &mut AreaDigest::new(snapshot.cut(zoom)))
    };
    let grid = sight.grid();
    let (inside, across): (Vec<_>, Vec<_>) =
        found.iter().partition(|feature| grid.holds(feature.located_box()));
    let (_, whole) = timed(|| draw(&inside));
    let (_, cut) = timed(|| draw(&across));
    let groups = draw(&found);
    let (features, join) = timed(|| renderer.join(sight, groups));
    let before = tile.len();
    renderer.finish(sight.layer, tile);
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
        bytes: tile.len() - before,
        stages: Stages { search, ready, whole, cut, join },
    }
}

/// Has what the tile copies put together.
fn make_ready(sight: Sight<'_>, found: &[SnapshotFeature<'_>]) {
    if sight.is_joined() {
        return;
    }
    let shown = sight.shown_attributes();
    let recipe = sight.recipe(&shown);
    for run in by_block(found) {
        ReadyBlock::of(run[0], recipe);
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
    let mut pen = Pen::new(sight.grid(), straight_runs(sight.layer), &mut scratch);
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
