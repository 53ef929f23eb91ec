//! Geometry that is ready to be copied.
//!
//! What needs no cut has the same commands in every tile of a zoom, but for where they start. They
//! are made once a block and zoom, when somebody asks for the first tile there, and kept with the
//! block.

use urbis_model::GeometryKind;
use urbis_snapshot::{Prepared, SnapshotFeature};

use crate::geometry::{Pen, Scratch};
use crate::grid::TileGrid;
use crate::mvt::put_commands_from;
use crate::paths::{Paths, StraightRuns, UnitXy};

/// A smaller block is drawn as it is: it is a few lately changed features, or a small layer.
const MIN_BLOCK: usize = 512;

/// Bytes of a record before the commands: the first position in tile units of the world.
const START: usize = 8;

/// The commands of one feature in one tile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ready<'a> {
    /// The first position, to which the first command moves.
    pub(crate) start: UnitXy,
    /// All after the first position, and what happens to follow.
    pub(crate) rest: &'a [u8],
    /// Bytes of the rest.
    pub(crate) rest_len: usize,
}

/// The ready geometry of a block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadyBlock<'a>(&'a Prepared);

impl<'a> ReadyBlock<'a> {
    /// That of a feature's block; `None` where nothing is kept of it.
    pub(crate) fn of(
        feature: SnapshotFeature<'a>,
        kind: GeometryKind,
        zoom: u8,
        straight_runs: StraightRuns,
    ) -> Option<Self> {
        if kind == GeometryKind::Point || feature.block_len() < MIN_BLOCK {
            return None;
        }
        let make = |features: &mut dyn Iterator<Item = SnapshotFeature<'a>>| {
            prepare(features, kind, zoom, straight_runs)
        };
        feature.prepared(zoom, make).map(Self)
    }

    /// The commands of a feature of the block that the tile holds; `None` where nothing of it is
    /// seen.
    #[inline]
    pub(crate) fn get(self, row: u32, grid: TileGrid) -> Option<Ready<'a>> {
        let (record, len) = self.0.get(row);
        let (start, rest) = record.split_first_chunk::<START>().filter(|_| len > 0)?;
        let start = u64::from_le_bytes(*start);
        let [west, north] = grid.origin();
        let x = (i64::from(start as u32) - west) as i32;
        let y = ((start >> 32).cast_signed() - north) as i32;
        let start = UnitXy { x, y };
        Some(Ready { start, rest, rest_len: len - START })
    }
}

/// Draws features each on a grid of its own; what is larger than a tile is left empty, since no
/// tile holds it.
fn prepare<'a>(
    features: &mut dyn Iterator<Item = SnapshotFeature<'a>>,
    kind: GeometryKind,
    zoom: u8,
    straight_runs: StraightRuns,
) -> Prepared {
    let (mut scratch, mut drawn) = (Scratch::default(), Paths::default());
    Prepared::new(features, |feature, out| {
        let grid = feature.world_box().and_then(|world_box| TileGrid::around(zoom, world_box));
        let Some(grid) = grid else { return };
        drawn.clear();
        Pen::new(grid, straight_runs, &mut scratch).draw(feature, &mut drawn);
        let Some(first) = drawn.vertices().first() else { return };
        let [x, y] = grid.origin();
        for place in [x + i64::from(first.x), y + i64::from(first.y)] {
            out.extend((place as u32).to_le_bytes());
        }
        put_commands_from(out, kind, &drawn, *first);
    })
}
