//! Features that are ready to be copied.
//!
//! What needs no cut has the same commands in every tile of a zoom, but for where they start, and
//! the same values. They are put together once a block and zoom, when somebody asks for the first
//! tile there, and kept with the block: a tile then reads one record a feature, and the records of
//! features that are drawn together lie one after another.
//!
//! ```text
//! start                8 bytes   the first position in tile units of the world
//! number of tags       1
//! length of the id     1
//! id                   1 to 10   as a tile spells it
//! tags                 3 each    the attribute's place among those of the zoom, the value's code
//! commands             the rest  without the first position
//! ```

use urbis_model::GeometryKind;
use urbis_snapshot::{Prepared, SnapshotFeature};

use crate::attributes::Shown;
use crate::geometry::{Pen, Scratch};
use crate::grid::TileGrid;
use crate::mvt::{Piece, put_commands_from, put_varint};
use crate::paths::{Paths, StraightRuns, UnitXy};

/// A smaller block is drawn as it is: it is a few lately changed features, or a small layer.
const MIN_BLOCK: usize = 512;

/// Bytes of a record before the id.
const HEAD: usize = 10;

/// One feature in one tile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ready<'a> {
    /// The first position, to which the first command moves.
    pub(crate) start: UnitXy,
    pub(crate) id: Piece<'a>,
    /// The place of each attribute that has a value among those of the zoom, and the value's code:
    /// the low byte, then the high one.
    pub(crate) tags: &'a [[u8; 3]],
    /// All commands after the first position.
    pub(crate) rest: Piece<'a>,
}

/// The ready features of a block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadyBlock<'a>(&'a Prepared);

/// How the features of a layer are made ready.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe<'a> {
    pub(crate) kind: GeometryKind,
    pub(crate) zoom: u8,
    pub(crate) straight_runs: StraightRuns,
    /// Those that the class may not see count too: what is kept is for all classes.
    pub(crate) shown: &'a [Shown<'a>],
}

impl<'a> ReadyBlock<'a> {
    /// That of a feature's block; `None` where nothing is kept of it.
    pub(crate) fn of(feature: SnapshotFeature<'a>, recipe: Recipe<'_>) -> Option<Self> {
        let is_kept = recipe.kind != GeometryKind::Point
            && feature.block_len() >= MIN_BLOCK
            && recipe.shown.len() <= usize::from(u8::MAX);
        if !is_kept {
            return None;
        }
        feature.prepared(recipe.zoom, |features| prepare(features, recipe)).map(Self)
    }

    /// A feature of the block that the tile holds; `None` where nothing of it is seen.
    #[inline]
    pub(crate) fn get(self, row: u32, grid: TileGrid) -> Option<Ready<'a>> {
        let (record, len) = self.0.get(row);
        let (head, bytes) = record.split_first_chunk::<HEAD>().filter(|_| len > 0)?;
        let [x0, x1, x2, x3, y0, y1, y2, y3, tags, id_len] = *head;
        let x = i64::from(u32::from_le_bytes([x0, x1, x2, x3]));
        let y = i64::from(u32::from_le_bytes([y0, y1, y2, y3]));
        let [west, north] = grid.origin();
        let start = UnitXy { x: (x - west) as i32, y: (y - north) as i32 };
        let id_len = usize::from(id_len);
        let id = Piece { bytes, len: id_len };
        let (tags, rest) = bytes[id_len..].split_at(usize::from(tags) * 3);
        let rest_len = len - HEAD - id_len - tags.len();
        let rest = Piece { bytes: rest, len: rest_len };
        Some(Ready { start, id, tags: tags.as_chunks().0, rest })
    }
}

/// Draws features each on a grid of its own; what is larger than a tile is left empty, since no
/// tile holds it.
fn prepare<'a>(
    features: &mut dyn Iterator<Item = SnapshotFeature<'a>>,
    recipe: Recipe<'_>,
) -> Prepared {
    let Recipe { kind, zoom, straight_runs, shown } = recipe;
    let (mut scratch, mut drawn) = (Scratch::default(), Paths::default());
    let (mut id, mut tags) = (Vec::new(), Vec::new());
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
        id.clear();
        put_varint(&mut id, feature.id().value());
        tags.clear();
        for (attribute, shown) in (0_u8..).zip(shown) {
            let (dictionary, codes) = feature.column(shown.index);
            let code = codes.get(feature.row());
            if !dictionary.message(code).is_empty() {
                let [low, high] = code.to_le_bytes();
                tags.push([attribute, low, high]);
            }
        }
        out.extend([tags.len() as u8, id.len() as u8]);
        out.extend_from_slice(&id);
        out.extend_from_slice(tags.as_flattened());
        put_commands_from(out, kind, &drawn, *first);
    })
}
