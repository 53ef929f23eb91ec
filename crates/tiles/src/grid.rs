//! The grid of one tile: from cells of the world to tile units.
//!
//! A vertex is rounded on the grid of its zoom before the tile is known, so that neighbouring
//! tiles, and neighbouring features, put it in the same place.

use urbis_model::{TileAddress, WorldBox, WorldXy};

use crate::paths::UnitXy;

/// Tile units along one side of a tile.
pub const EXTENT: u32 = 4096;

/// Tile units around the tile that are drawn too, so that strokes and symbols are whole.
pub const BUFFER: u32 = 64;

/// Zoom at which a tile unit is one cell of the world grid.
const CELL_ZOOM: u8 = 32 - EXTENT.trailing_zeros() as u8;

/// Cells around a tile of a zoom that it draws: a unit more than the buffer, which may round into
/// it.
pub const fn buffer_cells(zoom: u8) -> u32 {
    let units = (BUFFER + 1) << CELL_ZOOM;
    units.div_ceil(1 << zoom)
}

/// A place in tile units: x grows east, y grows south, from the tile's north-west corner.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct TileXy {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl TileXy {
    /// The nearest whole unit of a place within the box that was cut to.
    pub(crate) fn to_unit(self) -> UnitXy {
        UnitXy { x: self.x.round() as i32, y: self.y.round() as i32 }
    }
}

/// The grid of one tile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TileGrid {
    zoom: u8,
    /// Bits of a cell below a tile unit; one of the two is 0.
    below: u32,
    /// Bits of a tile unit below a cell.
    above: u32,
    /// Half a unit in cells, for rounding.
    half: i64,
    origin: [i64; 2],
    whole: WorldBox,
    query_box: WorldBox,
}

impl TileGrid {
    pub(crate) fn new(tile: TileAddress) -> Self {
        let origin = |index: u32| i64::from(index) * i64::from(EXTENT);
        let buffer = (BUFFER << CELL_ZOOM) >> tile.z();
        Self {
            origin: [origin(tile.x()), origin(tile.y())],
            whole: tile.world_box(buffer),
            query_box: tile.world_box(buffer_cells(tile.z())),
            ..Self::of_world(tile.z())
        }
    }

    /// A grid of a zoom that holds a box, whatever tiles it meets; its corner is near that of the
    /// box, so that places are small numbers. `None` where the box is larger than a tile.
    pub(crate) fn around(zoom: u8, world_box: WorldBox) -> Option<Self> {
        let world = Self::of_world(zoom);
        let corner = world.to_tile(WorldXy { x: world_box.min_x, y: world_box.min_y });
        let most = u64::from(EXTENT + 2 * BUFFER) << CELL_ZOOM >> zoom;
        (u64::from(world_box.longer_side()) <= most).then_some(Self {
            origin: [corner.x as i64, corner.y as i64],
            whole: world_box,
            query_box: world_box,
            ..world
        })
    }

    /// The grid of a zoom from the corner of the world.
    fn of_world(zoom: u8) -> Self {
        let below = u32::from(CELL_ZOOM.saturating_sub(zoom));
        Self {
            zoom,
            below,
            above: u32::from(zoom.saturating_sub(CELL_ZOOM)),
            half: (1 << below) >> 1,
            origin: [0, 0],
            whole: WorldBox::WORLD,
            query_box: WorldBox::WORLD,
        }
    }

    /// Zoom of the tile.
    pub(crate) const fn zoom(&self) -> u8 {
        self.zoom
    }

    /// Tile units from the corner of the world to that of the tile.
    pub(crate) const fn origin(&self) -> [i64; 2] {
        self.origin
    }

    /// The cells that can be drawn in the tile, its buffer and what rounds into it included.
    pub(crate) const fn query_box(&self) -> WorldBox {
        self.query_box
    }

    /// Says whether everything in a box lies in the tile and its buffer, so that nothing is to be
    /// cut.
    pub(crate) const fn holds(&self, world_box: WorldBox) -> bool {
        self.whole.min_x <= world_box.min_x
            && self.whole.min_y <= world_box.min_y
            && self.whole.max_x >= world_box.max_x
            && self.whole.max_y >= world_box.max_y
    }

    /// The nearest whole tile unit to a cell that the tile and its buffer hold.
    #[inline]
    pub(crate) fn to_unit(self, cell: WorldXy) -> UnitXy {
        UnitXy { x: self.round(cell.x, 0) as i32, y: self.round(cell.y, 1) as i32 }
    }

    /// The nearest whole tile unit to any cell.
    #[inline]
    pub(crate) fn to_tile(self, cell: WorldXy) -> TileXy {
        // Below 2^35: exact in a double.
        TileXy { x: self.round(cell.x, 0) as f64, y: self.round(cell.y, 1) as f64 }
    }

    #[inline]
    fn round(self, cell: u32, axis: usize) -> i64 {
        (((i64::from(cell) << self.above) + self.half) >> self.below) - self.origin[axis]
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
            assert_eq!(grid(z, half, half - 1).to_unit(middle), UnitXy { x: 0, y: 4096 });
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

    #[test]
    fn what_the_tile_holds_needs_no_cut() {
        for z in [1, 8, 16, 20, 21, 22] {
            let grid = grid(z, 1, 1);
            let corner = WorldXy { x: grid.whole.min_x, y: grid.whole.max_y };
            assert!(grid.holds(WorldBox::from_cell(corner)));
            let unit = grid.to_tile(corner);
            assert!(unit.x >= -64.0 && unit.y <= 4160.0, "zoom {z}: {unit:?}");
            let outside = WorldXy { x: corner.x - 1, ..corner };
            assert!(!grid.holds(WorldBox::from_cell(outside)));
        }
    }
}
