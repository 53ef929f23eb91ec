//! The lattice that everything hangs on: corners about half a kilometre apart, a little out of line.
//!
//! ```text
//! (i,j+1)────(i+1,j+1)    an edge is a main street, or nothing
//!    │    cell     │      a cell is filled with blocks by itself, whatever its neighbours do
//! (i,j)──────(i+1,j)
//! ```
//!
//! Every place is a function of seed and indices alone, so that cells can grow in any order and on
//! any thread.

use super::ground::bounds;
use super::projection::Place;
use crate::random::Random;

/// Distance of two corners, metres.
pub(crate) const PITCH_M: f64 = 480.0;

/// How far a corner may be out of line, metres; below a quarter of [`PITCH_M`], so that every cell
/// is convex.
const JITTER_M: f64 = 85.0;

/// Places along an edge where streets may begin, its ends included.
pub(crate) const SLOTS: u8 = 24;

/// A corner, or the cell north-east of it.
pub(crate) type Index = (i32, i32);

/// Two neighbouring corners, the western or southern one first.
pub(crate) type Edge = (Index, Index);

/// The corners of a city.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lattice {
    seed: u64,
    south_west: Place,
    /// Columns and rows of corners.
    pub(crate) size: Index,
}

impl Lattice {
    /// The lattice of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let (low, high) = bounds();
        let size = (high - low) / PITCH_M;
        Self { seed, south_west: low, size: (size.x as i32, size.y as i32) }
    }

    /// Where a corner is.
    pub(crate) fn place(&self, (i, j): Index) -> Place {
        let mut random = Random::at(self.seed, "corner", i.into(), j.into());
        let regular = Place { x: f64::from(i) * PITCH_M, y: f64::from(j) * PITCH_M };
        let (x, y) = (random.between(-JITTER_M, JITTER_M), random.between(-JITTER_M, JITTER_M));
        self.south_west + regular + Place { x, y }
    }

    /// Where the middle of a cell would be, were nothing out of line.
    pub(crate) fn middle(&self, (i, j): Index) -> Place {
        let regular =
            Place { x: (f64::from(i) + 0.5) * PITCH_M, y: (f64::from(j) + 0.5) * PITCH_M };
        self.south_west + regular
    }

    /// The corner nearest to a place, were nothing out of line.
    pub(crate) fn near(&self, place: Place) -> Index {
        let at = (place - self.south_west) / PITCH_M;
        (at.x.round() as i32, at.y.round() as i32)
    }

    /// A place on an edge; the same for both cells beside it.
    pub(crate) fn on_edge(&self, edge: Edge, slot: u8) -> Place {
        let (from, to) = (self.place(edge.0), self.place(edge.1));
        from + (to - from) * (f64::from(slot) / f64::from(SLOTS))
    }

    /// The corners next to one, east, north, west, south.
    pub(crate) fn around(&self, (i, j): Index) -> impl Iterator<Item = Index> + use<> {
        let size = self.size;
        let all = [(i + 1, j), (i, j + 1), (i - 1, j), (i, j - 1)];
        all.into_iter().filter(move |(i, j)| *i >= 0 && *j >= 0 && *i < size.0 && *j < size.1)
    }

    /// Position of a corner in a list of all.
    pub(crate) const fn position(&self, (i, j): Index) -> usize {
        (j * self.size.0 + i) as usize
    }

    /// The corner at a position.
    pub(crate) const fn index(&self, position: usize) -> Index {
        (position as i32 % self.size.0, position as i32 / self.size.0)
    }

    /// How many corners there are.
    pub(crate) const fn len(&self) -> usize {
        (self.size.0 * self.size.1) as usize
    }
}

/// Two neighbouring corners in the order of an [`Edge`].
pub(crate) fn edge(one: Index, other: Index) -> Edge {
    if one <= other { (one, other) } else { (other, one) }
}

/// The number of the lattice line that an edge lies on: streets of one line have one rank.
pub(crate) const fn line_of(edge: Edge) -> i32 {
    if edge.0.0 == edge.1.0 { edge.0.0 } else { edge.0.1 }
}

/// Says whether an edge runs south to north.
pub(crate) const fn is_upright(edge: Edge) -> bool {
    edge.0.0 == edge.1.0
}

/// The edges of a cell: south, east, north, west.
pub(crate) const fn edges_of((i, j): Index) -> [Edge; 4] {
    [
        ((i, j), (i + 1, j)),
        ((i + 1, j), (i + 1, j + 1)),
        ((i, j + 1), (i + 1, j + 1)),
        ((i, j), (i, j + 1)),
    ]
}
