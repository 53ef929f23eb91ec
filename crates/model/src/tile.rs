//! The address of a tile.

use std::fmt;

use crate::{ModelError, WorldBox};

/// An XYZ address on the Web Mercator grid; `y` grows south, `x` and `y` are below 2^`z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileAddress {
    z: u8,
    x: u32,
    y: u32,
}

impl TileAddress {
    /// Deepest zoom that is served.
    pub const MAX_ZOOM: u8 = 22;

    /// Makes an address.
    ///
    /// # Errors
    ///
    /// [`ModelError::TileOffGrid`].
    pub fn new(z: u32, x: u32, y: u32) -> Result<Self, ModelError> {
        let off_grid = ModelError::TileOffGrid { z, x, y, max_zoom: Self::MAX_ZOOM };
        let Some(zoom) = u8::try_from(z).ok().filter(|zoom| *zoom <= Self::MAX_ZOOM) else {
            return Err(off_grid);
        };
        if x >> zoom != 0 || y >> zoom != 0 {
            return Err(off_grid);
        }
        Ok(Self { z: zoom, x, y })
    }

    /// Zoom, 0 to [`Self::MAX_ZOOM`].
    pub const fn z(&self) -> u8 {
        self.z
    }

    /// Column, counted from 180° west.
    pub const fn x(&self) -> u32 {
        self.x
    }

    /// Row, counted from the north.
    pub const fn y(&self) -> u32 {
        self.y
    }

    /// The cells of the world grid that the tile covers, grown by `buffer` cells on each side
    /// and cut at the edge of the world.
    pub fn world_box(&self, buffer: u32) -> WorldBox {
        let within = u32::MAX >> self.z;
        // The one tile of zoom 0 starts at the first cell: its whole address is shifted out.
        let first = |index: u32| index.checked_shl(32 - u32::from(self.z)).unwrap_or(0);
        let (min_x, min_y) = (first(self.x), first(self.y));
        let square = WorldBox { min_x, min_y, max_x: min_x | within, max_y: min_y | within };
        square.grown(buffer)
    }
}

impl fmt::Display for TileAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_off_the_grid_is_refused() {
        assert!(TileAddress::new(0, 0, 0).is_ok());
        assert!(TileAddress::new(3, 8, 0).is_err());
        assert!(TileAddress::new(23, 0, 0).is_err());
        assert!(TileAddress::new(u32::MAX, 0, 0).is_err());
    }

    #[test]
    fn tiles_of_a_zoom_cover_the_world_once() {
        let whole = TileAddress::new(0, 0, 0).expect("on the grid").world_box(0);
        assert_eq!(whole, WorldBox { min_x: 0, min_y: 0, max_x: u32::MAX, max_y: u32::MAX });
        let left = TileAddress::new(1, 0, 0).expect("on the grid").world_box(0);
        let right = TileAddress::new(1, 1, 0).expect("on the grid").world_box(0);
        assert_eq!(left.max_x + 1, right.min_x);
    }

    #[test]
    fn a_buffer_goes_as_far_as_the_world() {
        // 2^32 cells in 2^22 tiles: 1,024 a tile.
        let inside = TileAddress::new(22, 5, 7).expect("on the grid").world_box(10);
        let wanted = WorldBox { min_x: 5_110, min_y: 7_158, max_x: 6_153, max_y: 8_201 };
        assert_eq!(inside, wanted);
        let corner = TileAddress::new(1, 1, 0).expect("on the grid").world_box(3);
        let wanted =
            WorldBox { min_x: (1 << 31) - 3, min_y: 0, max_x: u32::MAX, max_y: (1 << 31) + 2 };
        assert_eq!(corner, wanted);
    }
}
