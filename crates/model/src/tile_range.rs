//! Rectangles of tiles.

use crate::WorldBox;

/// A rectangle of tiles of one zoom, all edges included; rows grow south.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TileRange {
    /// Zoom, at most [`crate::TileAddress::MAX_ZOOM`].
    pub zoom: u8,
    /// Westmost column.
    pub min_x: u32,
    /// Northmost row.
    pub min_y: u32,
    /// Eastmost column.
    pub max_x: u32,
    /// Southmost row.
    pub max_y: u32,
}

impl TileRange {
    /// The tiles of a zoom whose squares, without a buffer, a box meets.
    pub fn meeting(world_box: WorldBox, zoom: u8) -> Self {
        // At zoom 0 all bits go, which 32 of them could not.
        let index = |cell: u32| (u64::from(cell) >> (32 - zoom)) as u32;
        Self {
            zoom,
            min_x: index(world_box.min_x),
            min_y: index(world_box.min_y),
            max_x: index(world_box.max_x),
            max_y: index(world_box.max_y),
        }
    }

    /// Number of tiles.
    #[expect(clippy::len_without_is_empty, reason = "a range has a tile at least")]
    pub fn len(self) -> u64 {
        let side = |min: u32, max: u32| u64::from(max - min) + 1;
        side(self.min_x, self.max_x) * side(self.min_y, self.max_y)
    }

    /// Says whether a tile is one of them.
    pub const fn contains(self, zoom: u8, x: u32, y: u32) -> bool {
        self.zoom == zoom
            && self.min_x <= x
            && x <= self.max_x
            && self.min_y <= y
            && y <= self.max_y
    }

    /// Column and row of each, in no order that means anything.
    pub fn tiles(self) -> impl Iterator<Item = (u32, u32)> {
        (self.min_y..=self.max_y).flat_map(move |y| (self.min_x..=self.max_x).map(move |x| (x, y)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TileAddress;

    #[test]
    fn a_box_meets_the_tiles_whose_squares_it_touches_and_no_other() {
        let edge = 0x8000_0000;
        let world_box = WorldBox { min_x: edge - 1, min_y: 5, max_x: edge, max_y: edge - 1 };
        for zoom in [0, 1, 4] {
            let range = TileRange::meeting(world_box, zoom);
            let side = 1 << zoom;
            let all = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
            let met: Vec<(u32, u32)> = all
                .filter(|(x, y)| {
                    let tile = TileAddress::new(zoom.into(), *x, *y).expect("on the grid");
                    tile.world_box(0).intersects(&world_box)
                })
                .collect();
            assert_eq!(range.tiles().collect::<Vec<_>>(), met, "{zoom}");
            assert_eq!(range.len(), met.len() as u64);
        }
    }
}
