//! A coarse grid, to find those that may share a vertex with some features.

use std::collections::BTreeSet;

use urbis_model::{WorldBox, WorldXy};

/// Cells of the world along one side of a square of the grid, as a power of two: some 150 m, the
/// size of a block of parcels.
const BITS: u32 = 14;

/// A box of more squares than this is not looked at square by square.
const MANY: u64 = 64;

/// The squares in which some vertices lie.
#[derive(Debug, Default)]
pub(super) struct Cells {
    squares: BTreeSet<(u32, u32)>,
}

impl Cells {
    pub(super) fn add(&mut self, vertices: &[WorldXy]) {
        let mut last = None;
        for vertex in vertices {
            let square = (vertex.x >> BITS, vertex.y >> BITS);
            if last != Some(square) {
                self.squares.insert(square);
                last = Some(square);
            }
        }
    }

    /// Says whether a box may hold one of the vertices.
    pub(super) fn may_meet(&self, one: WorldBox) -> bool {
        let columns = one.min_x >> BITS..=one.max_x >> BITS;
        let rows = one.min_y >> BITS..=one.max_y >> BITS;
        let side = |range: &std::ops::RangeInclusive<u32>| u64::from(range.end() - range.start());
        if (side(&columns) + 1) * (side(&rows) + 1) > MANY {
            return true;
        }
        columns.into_iter().any(|x| rows.clone().any(|y| self.squares.contains(&(x, y))))
    }

    /// The squares as boxes.
    pub(super) fn boxes(&self) -> impl Iterator<Item = WorldBox> {
        let last = (1 << BITS) - 1;
        self.squares.iter().map(move |(x, y)| WorldBox {
            min_x: x << BITS,
            min_y: y << BITS,
            max_x: x << BITS | last,
            max_y: y << BITS | last,
        })
    }
}
