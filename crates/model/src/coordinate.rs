//! A place on the earth.

use std::fmt;

use serde::Serialize;

use crate::ModelError;

/// Longitude and latitude in degrees, EPSG:4326 with x = longitude, y = latitude.
///
/// Both are finite; longitude lies in -180..=180, latitude in -90..=90.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LonLat {
    lon: f64,
    lat: f64,
}

impl LonLat {
    /// Makes a place from degrees.
    ///
    /// # Errors
    ///
    /// [`ModelError::CoordinateOutOfRange`] where a number is not finite or out of range.
    pub fn new(lon: f64, lat: f64) -> Result<Self, ModelError> {
        check_axis("longitude", lon, 180.0)?;
        check_axis("latitude", lat, 90.0)?;
        Ok(Self { lon, lat })
    }

    /// Makes a place from numbers known to be finite, pulling them into range.
    pub(crate) const fn clamped(lon: f64, lat: f64) -> Self {
        Self { lon: lon.clamp(-180.0, 180.0), lat: lat.clamp(-90.0, 90.0) }
    }

    /// Longitude, degrees.
    pub const fn lon(&self) -> f64 {
        self.lon
    }

    /// Latitude, degrees.
    pub const fn lat(&self) -> f64 {
        self.lat
    }
}

impl fmt::Display for LonLat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.lon, self.lat)
    }
}

fn check_axis(axis: &'static str, found: f64, limit: f64) -> Result<(), ModelError> {
    // Written so that NaN fails too.
    if found >= -limit && found <= limit {
        return Ok(());
    }
    Err(ModelError::CoordinateOutOfRange { axis, found, min: -limit, max: limit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coordinate_that_is_no_number_or_off_the_earth_is_refused() {
        for (lon, lat) in [(f64::NAN, 0.0), (0.0, f64::INFINITY), (180.1, 0.0), (0.0, -90.1)] {
            assert!(LonLat::new(lon, lat).is_err(), "{lon},{lat}");
        }
        assert!(LonLat::new(-180.0, 90.0).is_ok());
    }
}
