//! The grid of one tile: from cells of the world to tile units.
//!
//! A vertex is rounded on the grid of its zoom before the tile is known, so that neighbouring
//! tiles, and neighbouring features, put it in the same place.

use urbis_model::{TileAddress, WorldBox, WorldXy};

/// Tile units along one side of a tile.
pub const EXTENT: u32 = 4096;

/// Tile units around the tile that are drawn too, so that strokes and symbols are whole.
pub const BUFFER: u32 = 64;

/// Zoom at which a tile unit is one cell of the world grid.
const CELL_ZOOM: u8 = 32 - EXTENT.trailing_zeros() as u8;

/// A place in tile units: x grows east, y grows south, from the tile's north-west corner.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct TileXy {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// The grid of one tile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TileGrid {
    tile: TileAddress,
}

impl TileGrid {
    pub(crate) const fn new(tile: TileAddress) -> Self {
        Self { tile }
    }

    /// The cells that can be drawn in the tile, its buffer and what rounds into it included.
    pub(crate) fn query_box(&self) -> WorldBox {
        let units = u64::from(BUFFER) + 1;
        self.tile.world_box((units << CELL_ZOOM).div_ceil(1 << self.tile.z()))
    }

    /// The nearest whole tile unit to a cell.
    pub(crate) fn to_tile(self, cell: WorldXy) -> TileXy {
        TileXy { x: self.to_unit(cell.x, self.tile.x()), y: self.to_unit(cell.y, self.tile.y()) }
    }

    fn to_unit(self, cell: u32, tile: u32) -> f64 {
        let z = self.tile.z();
        let cell = i64::from(cell);
        let unit = match CELL_ZOOM.checked_sub(z) {
            Some(0) => cell,
            Some(bits) => (cell + (1 << (bits - 1))) >> bits,
            None => cell << (z - CELL_ZOOM),
        };
        // Below 2^35: exact in a double.
        (unit - i64::from(tile) * i64::from(EXTENT)) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(z: u32, x: u32, y: u32) -> TileGrid {
        TileGrid::new(TileAddress::new(z, x, y).expect("on the grid"))
    }

    #[test]
    fn a_vertex_on_a_tile_edge_lies_on_the_edge_of_both_tiles() {
        for z in 1..=22 {
            let middle = WorldXy { x: 1 << 31, y: 1 << 31 };
            let half = 1 << (z - 1);
            assert_eq!(grid(z, half - 1, half).to_tile(middle), TileXy { x: 4096.0, y: 0.0 });
            assert_eq!(grid(z, half, half - 1).to_tile(middle), TileXy { x: 0.0, y: 4096.0 });
        }
    }

    #[test]
    fn the_corner_of_the_world_is_the_corner_of_its_tile() {
        let corner = WorldXy { x: u32::MAX, y: u32::MAX };
        assert_eq!(grid(0, 0, 0).to_tile(corner), TileXy { x: 4096.0, y: 4096.0 });
    }

    #[test]
    fn the_query_box_covers_buffer_and_rounding() {
        assert_eq!(grid(20, 5, 5).query_box().min_x, 5 * 4096 - 65);
        assert_eq!(grid(22, 5, 5).query_box().min_x, 5 * 1024 - 17);
    }
}
