//! Cuts lines and rings to a box, in tile units.
//!
//! Everything rests on one step, the crossing of a segment with an edge of the box. It is
//! computed from the segment's smaller end whichever way the segment runs, so two polygons that
//! share an edge, and two tiles that share a border, get the same crossing to the last bit.
//!
//! A ring stays one ring: where it leaves and comes back, the pieces stay joined along the edge of
//! the box, which lies outside the visible tile. The signed area is exactly that of the part
//! inside.
//!
//! Source: Sutherland and Hodgman, "Reentrant Polygon Clipping", CACM 17(1), 1974.

use crate::grid::{BUFFER, EXTENT, TileXy};

/// A box that geometry is cut to; its edges belong to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClipBox {
    low: f64,
    high: f64,
}

/// One bit for each edge of the box that a place lies beyond.
type Side = u8;

/// On which sides of a box the vertices of a path lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides {
    any: Side,
    all: Side,
}

impl Default for Sides {
    /// Of no vertex.
    fn default() -> Self {
        Self { any: 0, all: Side::MAX }
    }
}

impl Sides {
    pub(crate) const fn add(&mut self, side: Side) {
        self.any |= side;
        self.all &= side;
    }

    /// Says whether all vertices lie beyond one edge, or there is none.
    pub(crate) const fn is_outside(self) -> bool {
        self.all != 0
    }
}

impl ClipBox {
    /// A tile and its buffer.
    pub(crate) const BUFFERED_TILE: Self =
        Self { low: -(BUFFER as f64), high: (EXTENT + BUFFER) as f64 };

    pub(crate) fn contains(&self, place: TileXy) -> bool {
        self.side(place) == 0
    }

    /// The edges that a place lies beyond.
    #[inline]
    pub(crate) fn side(&self, place: TileXy) -> Side {
        u8::from(place.x < self.low)
            | u8::from(place.x > self.high) << 1
            | u8::from(place.y < self.low) << 2
            | u8::from(place.y > self.high) << 3
    }

    /// The parts of a line's segments that lie inside, in order; those without a length are left
    /// out.
    pub(crate) fn clip_line(&self, line: &[TileXy]) -> impl Iterator<Item = (TileXy, TileXy)> {
        let inside = line.windows(2).filter_map(|ends| self.clip_segment(ends[0], ends[1]));
        inside.filter(|(start, end)| start != end)
    }

    /// Cuts a ring to the part that lies inside; it does not repeat its first vertex.
    pub(crate) fn clip_ring(&self, ring: &mut Vec<TileXy>, spare: &mut Vec<TileXy>, sides: Sides) {
        for (bit, edge) in self.edges().into_iter().enumerate() {
            if sides.any & 1 << bit != 0 {
                edge.clip_ring(ring, spare);
                std::mem::swap(ring, spare);
            }
        }
    }

    fn clip_segment(&self, start: TileXy, end: TileXy) -> Option<(TileXy, TileXy)> {
        let (from, to) = (self.side(start), self.side(end));
        if from | to == 0 {
            return Some((start, end));
        }
        if from & to != 0 {
            return None;
        }
        self.edges().iter().try_fold((start, end), |(start, end), edge| {
            match (edge.keeps(start), edge.keeps(end)) {
                (true, true) => Some((start, end)),
                (true, false) => Some((start, edge.crossing(start, end))),
                (false, true) => Some((edge.crossing(start, end), end)),
                (false, false) => None,
            }
        })
    }

    /// In the order of the bits of [`Self::side`].
    const fn edges(&self) -> [Edge; 4] {
        [Edge::West(self.low), Edge::East(self.high), Edge::North(self.low), Edge::South(self.high)]
    }
}

/// One edge of the box, at a column or row.
#[derive(Debug, Clone, Copy)]
enum Edge {
    West(f64),
    East(f64),
    North(f64),
    South(f64),
}

impl Edge {
    fn keeps(self, place: TileXy) -> bool {
        match self {
            Self::West(x) => place.x >= x,
            Self::East(x) => place.x <= x,
            Self::North(y) => place.y >= y,
            Self::South(y) => place.y <= y,
        }
    }

    /// Where a segment with an end on either side crosses the edge.
    fn crossing(self, a: TileXy, b: TileXy) -> TileXy {
        let (a, b) = if (a.x, a.y) <= (b.x, b.y) { (a, b) } else { (b, a) };
        match self {
            Self::West(x) | Self::East(x) => {
                TileXy { x, y: a.y + (x - a.x) / (b.x - a.x) * (b.y - a.y) }
            }
            Self::North(y) | Self::South(y) => {
                TileXy { x: a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x), y }
            }
        }
    }

    fn clip_ring(self, ring: &[TileXy], inside: &mut Vec<TileXy>) {
        inside.clear();
        let Some(mut before) = ring.last().copied() else { return };
        for vertex in ring.iter().copied() {
            if self.keeps(before) != self.keeps(vertex) {
                inside.push(self.crossing(before, vertex));
            }
            if self.keeps(vertex) {
                inside.push(vertex);
            }
            before = vertex;
        }
    }
}

#[cfg(test)]
mod tests;
