//! A box in geographic coordinates.

use serde::{Deserialize, Serialize};

use crate::{LonLat, ModelError};

/// West, south, east, north in degrees, EPSG:4326 with x = longitude; never across the
/// antimeridian.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 4]", into = "[f64; 4]")]
pub struct BBox {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl BBox {
    /// Makes a box from its four edges in degrees.
    ///
    /// # Errors
    ///
    /// [`ModelError::CoordinateOutOfRange`] and [`ModelError::BBoxInsideOut`].
    pub fn new(west: f64, south: f64, east: f64, north: f64) -> Result<Self, ModelError> {
        LonLat::new(west, south)?;
        LonLat::new(east, north)?;
        if west > east || south > north {
            return Err(ModelError::BBoxInsideOut { west, south, east, north });
        }
        Ok(Self { west, south, east, north })
    }

    /// The south-west corner.
    pub fn south_west(&self) -> LonLat {
        LonLat::clamped(self.west, self.south)
    }

    /// The north-east corner.
    pub fn north_east(&self) -> LonLat {
        LonLat::clamped(self.east, self.north)
    }

    /// The middle of the box, in degrees.
    pub fn center(&self) -> LonLat {
        LonLat::clamped((self.west + self.east) / 2.0, (self.south + self.north) / 2.0)
    }
}

impl TryFrom<[f64; 4]> for BBox {
    type Error = ModelError;

    fn try_from([west, south, east, north]: [f64; 4]) -> Result<Self, ModelError> {
        Self::new(west, south, east, north)
    }
}

impl From<BBox> for [f64; 4] {
    fn from(bbox: BBox) -> Self {
        [bbox.west, bbox.south, bbox.east, bbox.north]
    }
}
