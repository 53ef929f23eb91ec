//! A flat metre grid around the city's centre, and the grid of 1e-8 degrees that is written.

use geo::Coord;
use urbis_model::LonLat;

/// Easting and northing in metres from the city's centre.
pub(crate) type Xy = Coord<f64>;

/// Longitude and latitude in units of 1e-8 degrees: about a millimetre.
pub(crate) type Cell = (i64, i64);

/// Cells in a degree.
const CELLS_PER_DEGREE: f64 = 1e8;

/// WGS 84: semi-major axis in metres, squared eccentricity.
const SEMI_MAJOR_M: f64 = 6_378_137.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_14;

/// The plane that touches the earth at the centre. Lengths some kilometres away are right to
/// about one in a thousand, which is enough for what is made up anyway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    center: LonLat,
    lon_m: f64,
    lat_m: f64,
}

impl Plane {
    /// The plane around a place.
    pub(crate) fn around(center: LonLat) -> Self {
        let lat = center.lat().to_radians();
        let sine = libm::sin(lat);
        let root = (1.0 - ECCENTRICITY_SQUARED * sine * sine).sqrt();
        let across = SEMI_MAJOR_M / root;
        let along = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / (root * root * root);
        let degree = 1.0_f64.to_radians();
        Self { center, lon_m: across * libm::cos(lat) * degree, lat_m: along * degree }
    }

    /// From degrees, x = longitude, to metres.
    pub(crate) fn to_xy(self, degrees: Coord<f64>) -> Xy {
        Xy {
            x: (degrees.x - self.center.lon()) * self.lon_m,
            y: (degrees.y - self.center.lat()) * self.lat_m,
        }
    }

    /// From metres to degrees, x = longitude.
    pub(crate) fn to_degrees(self, xy: Xy) -> Coord<f64> {
        Coord { x: self.center.lon() + xy.x / self.lon_m, y: self.center.lat() + xy.y / self.lat_m }
    }

    /// Area of a square of one degree, m².
    pub(crate) fn square_degree_m2(self) -> f64 {
        self.lon_m * self.lat_m
    }

    /// The nearest cell.
    pub(crate) fn to_cell(self, xy: Xy) -> Cell {
        cell_of(self.to_degrees(xy))
    }

    /// The place of a cell.
    pub(crate) fn cell_to_xy(self, cell: Cell) -> Xy {
        self.to_xy(degrees_of(cell))
    }
}

/// The cell nearest to a place in degrees, x = longitude.
pub(crate) fn cell_of(degrees: Coord<f64>) -> Cell {
    ((degrees.x * CELLS_PER_DEGREE).round() as i64, (degrees.y * CELLS_PER_DEGREE).round() as i64)
}

/// The degrees of a cell, x = longitude.
pub(crate) fn degrees_of((x, y): Cell) -> Coord<f64> {
    Coord { x: x as f64 / CELLS_PER_DEGREE, y: y as f64 / CELLS_PER_DEGREE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundredth_of_a_degree_has_the_length_of_the_ellipsoid() {
        let plane = Plane::around(LonLat::new(108.22, 16.06).unwrap());
        let xy = plane.to_xy(Coord { x: 108.23, y: 16.07 });
        // GeographicLib's geodesics along the parallel and the meridian: 1070.05 m, 1106.62 m.
        assert!((xy.x - 1070.05).abs() < 0.6, "{}", xy.x);
        assert!((xy.y - 1106.62).abs() < 0.6, "{}", xy.y);
        let back = plane.cell_to_xy(plane.to_cell(xy));
        assert!(crate::ring::length(back - xy) < 0.001);
    }
}
