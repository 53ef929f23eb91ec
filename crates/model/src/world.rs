//! The integer grid on which the city in memory lies.
//!
//! The Web Mercator square (EPSG:3857) is cut into 2^32 x 2^32 cells: x grows east from 180° W,
//! y grows south from 85.0511° N, as tiles count. A cell is 9.3 mm at the equator, so a tile of
//! zoom z and extent 2^e sees exactly the top z + e bits of a cell: no rounding depends on the
//! tile that is asked for, and neighbouring tiles agree.
//!
//! Source: OGC 17-083r4, "Two Dimensional Tile Matrix Set", annex D.1 (WebMercatorQuad).

use std::f64::consts::PI;

use crate::LonLat;

/// Cells along one side of the world.
const SIDE: f64 = 4_294_967_296.0;

/// One cell of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorldXy {
    /// Column, growing east.
    pub x: u32,
    /// Row, growing south.
    pub y: u32,
}

impl WorldXy {
    /// The cell nearest to a place; latitudes beyond ±85.0511° fall on the edge.
    pub fn from_lonlat(place: LonLat) -> Self {
        let lat = place.lat().to_radians();
        let x = place.lon() / 360.0 + 0.5;
        let y = 0.5 - lat.tan().asinh() / (2.0 * PI);
        // `as` saturates, which is the edge of the world.
        Self { x: (x * SIDE).round() as u32, y: (y * SIDE).round() as u32 }
    }

    /// The place of the cell.
    pub fn to_lonlat(self) -> LonLat {
        let lon = (f64::from(self.x) / SIDE - 0.5) * 360.0;
        let lat = (PI * (1.0 - 2.0 * f64::from(self.y) / SIDE)).sinh().atan().to_degrees();
        LonLat::clamped(lon, lat)
    }
}

/// A box of cells, all edges included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorldBox {
    /// Westmost column.
    pub min_x: u32,
    /// Northmost row.
    pub min_y: u32,
    /// Eastmost column.
    pub max_x: u32,
    /// Southmost row.
    pub max_y: u32,
}

impl WorldBox {
    /// All cells.
    pub const WORLD: Self = Self { min_x: 0, min_y: 0, max_x: u32::MAX, max_y: u32::MAX };

    /// The box of one cell.
    pub const fn from_cell(cell: WorldXy) -> Self {
        Self { min_x: cell.x, min_y: cell.y, max_x: cell.x, max_y: cell.y }
    }

    /// The smallest box around some cells; `None` where there is none.
    pub fn around(cells: impl IntoIterator<Item = WorldXy>) -> Option<Self> {
        cells.into_iter().map(Self::from_cell).reduce(|a, b| a.union(b))
    }

    /// The smallest box around both.
    pub fn union(self, other: Self) -> Self {
        Self {
            min_x: self.min_x.min(other.min_x),
            min_y: self.min_y.min(other.min_y),
            max_x: self.max_x.max(other.max_x),
            max_y: self.max_y.max(other.max_y),
        }
    }

    /// The box with some cells more on each side, cut at the edge of the world.
    #[must_use]
    pub const fn grown(self, cells: u32) -> Self {
        Self {
            min_x: self.min_x.saturating_sub(cells),
            min_y: self.min_y.saturating_sub(cells),
            max_x: self.max_x.saturating_add(cells),
            max_y: self.max_y.saturating_add(cells),
        }
    }

    /// Says whether the boxes share a cell.
    pub const fn intersects(&self, other: &Self) -> bool {
        self.min_x <= other.max_x
            && other.min_x <= self.max_x
            && self.min_y <= other.max_y
            && other.min_y <= self.max_y
    }

    /// The longer side in cells.
    pub fn longer_side(&self) -> u32 {
        (self.max_x - self.min_x).max(self.max_y - self.min_y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_within_half_a_cell() {
        for (lon, lat) in [(108.227, 16.061), (-70.0, -33.0), (0.0, 0.0), (111.608, 16.535)] {
            let place = LonLat::new(lon, lat).expect("on the earth");
            let back = WorldXy::from_lonlat(place).to_lonlat();
            // Half a cell is 4.7 mm, 4.2e-8 degrees of longitude.
            assert!((back.lon() - lon).abs() < 4.3e-8, "{lon}");
            assert!((back.lat() - lat).abs() < 4.3e-8, "{lat}");
        }
    }

    #[test]
    fn the_poles_fall_on_the_edge_of_the_world() {
        let north = WorldXy::from_lonlat(LonLat::new(180.0, 90.0).expect("on the earth"));
        assert_eq!(north, WorldXy { x: u32::MAX, y: 0 });
        let south = WorldXy::from_lonlat(LonLat::new(-180.0, -90.0).expect("on the earth"));
        assert_eq!(south, WorldXy { x: 0, y: u32::MAX });
    }
}
