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
            let groups = self.draw(sight, &found, &mut digest);
            self.join(sight, groups);
            version.add(layer, digest.value());
            self.finish(layer, &mut bytes);
        }
        Tile { bytes, version: version.value() }
    }

    /// Draws features of a layer, in drawing order, into the writer; those that are to be joined
    /// are given back.
    pub(crate) fn draw(
        &mut self,
        sight: Sight<'_>,
        found: &[SnapshotFeature<'_>],
        digest: &mut AreaDigest,
    ) -> Groups {
        let shown = sight.shown_attributes();
        self.writer.start(found.len());
        if sight.is_joined() {
            return self.gather(sight, &shown, found, digest);
        }
        self.draw_each(sight, &shown, found, digest);
        Groups::default()
    }

    /// Joins what [`Self::draw`] gave back, into the writer; gives how many features there are now.
    pub(crate) fn join(&mut self, sight: Sight<'_>, groups: Groups) -> usize {
        let kind = sight.layer.geometry;
        for (tags, paths) in groups.joined(kind, straight_runs(sight.layer)) {
            self.writer.add_joined(&tags, kind, &paths);
        }
        self.writer.len()
    }

    /// Adds the layer that was drawn last to a tile.
    pub(crate) fn finish(&self, layer: &Layer, tile: &mut Vec<u8>) {
        self.writer.finish(layer.id.as_str(), tile);
    }

    fn draw_each(
        &mut self,
        sight: Sight<'_>,
        shown: &[Shown<'_>],
        found: &[SnapshotFeature<'_>],
        digest: &mut AreaDigest,
    ) {
        let Self { writer, scratch, drawn } = self;
        let (grid, recipe) = (sight.grid(), sight.recipe(shown));
        let mut pen = Pen::new(grid, recipe.straight_runs, scratch);
        for run in by_block(found) {
            let versions = run[0].drawn_versions(sight.visibility.class);
            let ready = ReadyBlock::of(run[0], recipe);
            let mut block = writer.block(recipe.kind, run[0], shown);
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

    fn gather(
        &mut self,
        sight: Sight<'_>,
        shown: &[Shown<'_>],
        found: &[SnapshotFeature<'_>],
        digest: &mut AreaDigest,
    ) -> Groups {
        let Self { writer, scratch, drawn } = self;
        // What one drops of a straight run the other would not find at the edge that they share.
        let mut pen = Pen::new(sight.grid(), StraightRuns::All, scratch);
        let mut groups = Groups::default();
        for feature in found {
            digest.add(feature.drawn_version(sight.visibility.class));
            drawn.clear();
            pen.draw(*feature, drawn);
            if !drawn.is_empty() {
                groups.add(writer.tags(*feature, shown), drawn);
            }
        }
        groups
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
    pub(crate) fn grid(self) -> TileGrid {
        TileGrid::new(self.tile)
    }

    pub(crate) fn query_box(self) -> WorldBox {
        self.grid().query_box()
    }

    pub(crate) fn recipe<'s>(self, shown: &'s [Shown<'s>]) -> Recipe<'s> {
        let kind = self.layer.geometry;
        let straight_runs = straight_runs(self.layer);
        Recipe { kind, zoom: self.tile.z(), straight_runs, shown }
    }

    /// Says whether features are joined, by equal tags.
    pub(crate) fn is_joined(self) -> bool {
        self.layer.coalesce_at(self.tile.z()).is_some()
    }

    pub(crate) fn shown_attributes(self) -> Vec<Shown<'a>> {
        shown_attributes(self.layer, self.tile.z(), self.visibility.class)
    }
}

/// Runs of features of one block.
pub(crate) fn by_block<'f, 'a>(
    found: &'f [SnapshotFeature<'a>],
) -> impl Iterator<Item = &'f [SnapshotFeature<'a>]> {
    found.chunk_by(|one, next| one.block() == next.block())
}

/// In a coverage a neighbour may turn in the middle of a straight run.
pub(crate) fn straight_runs(layer: &Layer) -> StraightRuns {
    if layer.coverage { StraightRuns::All } else { StraightRuns::Ends }
}
