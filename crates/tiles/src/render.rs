//! One tile of some layers.

use std::cell::RefCell;

use urbis_catalog::Layer;
use urbis_model::{TileAddress, WorldBox};
use urbis_snapshot::{AreaDigest, City, SnapshotFeature, Visibility};

use crate::area::TileVersion;
use crate::attributes::{Shown, is_shown, shown_attributes};
use crate::coalesce::Groups;
use crate::geometry::{Pen, Scratch};
use crate::grid::TileGrid;
use crate::mvt::LayerWriter;
use crate::paths::{Paths, StraightRuns};
use crate::ready::{ReadyBlock, Recipe};

/// Grows when the same content would give other bytes; part of every `ETag`.
pub const ENGINE_VERSION: u32 = 6;

/// A rendered tile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tile {
    /// The tile, uncompressed; empty where there is nothing in it.
    pub bytes: Vec<u8>,
    /// What [`area_version`](crate::area_version) says of it.
    pub version: u64,
}

/// Renders a tile of some layers, in the order given; each layer once.
///
/// Layers, features and attributes that the class may not see, what does not hold at the moment,
/// and layers that start at a deeper zoom are left out. The bytes depend on the content alone: not
/// on the order in which it was loaded, and not on the clock.
///
/// Geometry lies within half a tile unit of the snapshot's, at the layer's `maxzoom` and below it
/// in the pyramid; above, within half a pixel more. Zooms beyond `maxzoom` are drawn from the same
/// features. Features that the layer says to coalesce at the zoom are joined and have no id.
///
/// Each thread keeps one [`Renderer`] for it.
pub fn render(city: &City, layers: &[&Layer], tile: TileAddress, visibility: Visibility) -> Tile {
    thread_local! {
        static RENDERER: RefCell<Renderer> = RefCell::default();
    }
    RENDERER.with_borrow_mut(|renderer| renderer.render(city, layers, tile, visibility))
}

/// Renders tiles one after another, in room that is used again.
#[derive(Debug, Default)]
pub struct Renderer {
    writer: LayerWriter,
    scratch: Scratch,
    drawn: Paths,
}

impl Renderer {
    /// As [`render`].
    pub fn render(
        &mut self,
        city: &City,
        layers: &[&Layer],
        tile: TileAddress,
        visibility: Visibility,
    ) -> Tile {
        let mut bytes = Vec::new();
        let mut version = TileVersion::new(visibility.class);
        for layer in layers.iter().filter(|layer| is_shown(layer, tile.z(), visibility.class)) {
            let Some(snapshot) = city.layer(&layer.id) else { continue };
            let sight = Sight { layer, tile, visibility };
            let found = snapshot.to_draw(sight.query_box(), tile.z(), visibility);
            let mut digest = AreaDigest::new(snapshot.cut(tile.z()));
            self.draw(sight, &found, &mut digest);
            version.add(layer, digest.value());
            self.writer.finish(layer.id.as_str(), &mut bytes);
        }
        Tile { bytes, version: version.value() }
    }

    /// Draws features of a layer, in drawing order, into the writer; gives how many there are now.
    pub(crate) fn draw(
        &mut self,
        sight: Sight<'_>,
        found: &[SnapshotFeature<'_>],
        digest: &mut AreaDigest,
    ) -> usize {
        let shown = sight.shown_attributes();
        self.writer.start(found.len());
        match sight.layer.coalesce_at(sight.tile.z()) {
            None => self.draw_each(sight, &shown, found, digest),
            Some(_) => self.draw_joined(sight, &shown, found, digest),
        }
        self.writer.len()
    }

    /// The layer that was drawn last, as it stands in a tile.
    pub(crate) fn layer_bytes(&self, layer: &Layer) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.writer.finish(layer.id.as_str(), &mut bytes);
        bytes
    }

    fn draw_each(
        &mut self,
        sight: Sight<'_>,
        shown: &[Shown<'_>],
        found: &[SnapshotFeature<'_>],
        digest: &mut AreaDigest,
    ) {
        let Self { writer, scratch, drawn } = self;
        let (grid, kind) = (TileGrid::new(sight.tile), sight.layer.geometry);
        let straight_runs = straight_runs(sight.layer);
        let recipe = Recipe { kind, zoom: grid.zoom(), straight_runs, shown };
        let mut pen = Pen::new(grid, straight_runs, scratch);
        for run in found.chunk_by(|one, next| one.block() == next.block()) {
            let versions = run[0].drawn_versions(sight.visibility.class);
            let ready = ReadyBlock::of(run[0], recipe);
            let mut block = writer.block(kind, run[0], shown);
            for feature in run.iter().copied() {
                digest.add(versions[feature.row() as usize]);
                if let Some(ready) = ready.filter(|_| grid.holds(feature.located_box())) {
                    if let Some(ready) = ready.get(feature.row(), grid) {
                        block.add_ready(ready);
                    }
                    continue;
                }
                drawn.clear();
                pen.draw(feature, drawn);
                if !drawn.is_empty() {
                    block.add(feature, drawn);
                }
            }
        }
    }

    fn draw_joined(
        &mut self,
        sight: Sight<'_>,
        shown: &[Shown<'_>],
        found: &[SnapshotFeature<'_>],
        digest: &mut AreaDigest,
    ) {
        let Self { writer, scratch, drawn } = self;
        // What one drops of a straight run the other would not find at the edge that they share.
        let mut pen = Pen::new(TileGrid::new(sight.tile), StraightRuns::All, scratch);
        let mut groups = Groups::default();
        for feature in found {
            digest.add(feature.drawn_version(sight.visibility.class));
            drawn.clear();
            pen.draw(*feature, drawn);
            if !drawn.is_empty() {
                groups.add(writer.tags(*feature, shown), drawn);
            }
        }
        let kind = sight.layer.geometry;
        for (tags, paths) in groups.joined(kind, straight_runs(sight.layer)) {
            writer.add_joined(&tags, kind, &paths);
        }
    }
}

/// A layer in a tile, and who looks at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight<'a> {
    pub(crate) layer: &'a Layer,
    pub(crate) tile: TileAddress,
    pub(crate) visibility: Visibility,
}

impl<'a> Sight<'a> {
    pub(crate) fn query_box(self) -> WorldBox {
        TileGrid::new(self.tile).query_box()
    }

    pub(crate) fn shown_attributes(self) -> Vec<Shown<'a>> {
        shown_attributes(self.layer, self.tile.z(), self.visibility.class)
    }
}

/// In a coverage a neighbour may turn in the middle of a straight run.
pub(crate) fn straight_runs(layer: &Layer) -> StraightRuns {
    if layer.coverage { StraightRuns::All } else { StraightRuns::Ends }
}
