//! How a cell is cut into columns of blocks: a function of the seed and the cell alone, so that its
//! neighbours know where its streets reach their common edge.

use super::lattice::SLOTS;
use super::learnt::{ALIKE, COLUMN_SLOTS, PARTS, ROW_SLOTS, TOWN};
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
        let (column, row) = (between(COLUMN_SLOTS), between(ROW_SLOTS));
        let cut: fn(f64, &mut Random) -> Vec<u8> =
            if cell.urbanity > TOWN { uneven_limits } else { even_limits };
        let columns = cut(column, &mut random);
        let rows = |pair: &[u8]| {
            let wide = f64::from(pair[1] - pair[0]) / column;
            let alike = if cell.urbanity > TOWN { ALIKE * (wide - 1.0) } else { 0.0 };
            cut(row * (1.0 + alike), &mut random)
        };
        let rows = columns.windows(2).map(rows).collect();
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

/// Cuts an edge into parts of very different lengths with a given mean, slots.
fn uneven_limits(mean: f64, random: &mut Random) -> Vec<u8> {
    let count = ((f64::from(SLOTS) / mean).round() as usize).max(2);
    let parts: Vec<f64> = (0..count).map(|_| *random.pick(&PARTS)).collect();
    let whole: f64 = parts.iter().sum();
    let mut limits = vec![0];
    let mut so_far = 0.0;
    for part in &parts[..count - 1] {
        so_far += part;
        let slot = (f64::from(SLOTS) * so_far / whole).round() as u8;
        if slot > limits[limits.len() - 1] && slot < SLOTS {
            limits.push(slot);
        }
    }
    limits.push(SLOTS);
    limits
}

/// Cuts an edge into at least two parts of a mean length, slots.
fn even_limits(mean: f64, random: &mut Random) -> Vec<u8> {
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
