//! How a cell is cut into columns of blocks: a function of the seed and the cell alone, so that its
//! neighbours know where its streets reach their common edge.

use super::lattice::SLOTS;
use super::learnt::{COLUMN_SLOTS, ROW_SLOTS};
use super::settlement::Settled;
use crate::random::Random;

/// Columns side by side, each cut into blocks by itself: most streets end at another one.
///
/// ```text
/// q  ┌──┬─────┬──┐
///    │  ├─────┤  │
/// ↑  ├──┤     ├──┤
///    │  ├─────┤  │     → p
///    └──┴─────┴──┘
/// ```
#[derive(Debug, Clone)]
pub(crate) struct Grain {
    /// Columns lie from south to north instead of west to east.
    pub(crate) is_transposed: bool,
    /// Limits of the columns in slots, 0 and [`SLOTS`] included.
    pub(crate) columns: Vec<u8>,
    /// Limits of the blocks of each column, likewise.
    pub(crate) rows: Vec<Vec<u8>>,
}

/// The sides of a cell, in the order of [`super::lattice::edges_of`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    South,
    East,
    North,
    West,
}

/// All of them.
pub(crate) const SIDES: [Side; 4] = [Side::South, Side::East, Side::North, Side::West];

impl Grain {
    /// The grain of a cell.
    pub(crate) fn of(seed: u64, cell: Settled) -> Self {
        let (i, j) = cell.index;
        let mut random = Random::at(seed, "grain", i.into(), j.into());
        let is_transposed = random.chance(0.5);
        let between = |(dense, loose): (f64, f64)| loose + (dense - loose) * cell.urbanity;
        let columns = limits(between(COLUMN_SLOTS), &mut random);
        let column = |_| limits(between(ROW_SLOTS), &mut random);
        let rows = columns.windows(2).map(column).collect();
        Self { is_transposed, columns, rows }
    }

    /// Where streets of the cell reach a side of it, in slots from the west or south.
    pub(crate) fn ends_at(&self, side: Side) -> &[u8] {
        let last = self.rows.len() - 1;
        let limits = match (side, self.is_transposed) {
            (Side::South | Side::North, false) | (Side::East | Side::West, true) => &self.columns,
            (Side::West, false) | (Side::South, true) => &self.rows[0],
            (Side::East, false) | (Side::North, true) => &self.rows[last],
        };
        &limits[1..limits.len() - 1]
    }
}

/// Cuts an edge into at least two parts of a mean length, slots.
fn limits(mean: f64, random: &mut Random) -> Vec<u8> {
    let count = ((f64::from(SLOTS) / mean).round() as i64).max(2);
    let mut limits = vec![0];
    for number in 1..count {
        let regular = i64::from(SLOTS) * number / count;
        let slot = (regular + random.whole(-1, 1)).max(i64::from(limits[limits.len() - 1]) + 2);
        if slot < i64::from(SLOTS) - 1 {
            limits.push(slot as u8);
        }
    }
    limits.push(SLOTS);
    limits
}
