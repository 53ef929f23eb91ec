//! Lengths on the WGS 84 ellipsoid between cells of the world grid.
//!
//! Over a span the ellipsoid is taken for the plane that touches it halfway, with the radii of
//! curvature there: the error is below one part in a million up to 30 km, and vertices of roads
//! are nearer than that.
//!
//! Source: Rapp, "Geometric geodesy, part I", Ohio State University 1991 (radii of curvature).

use urbis_model::{LonLat, WorldXy};

/// Semi-major axis of WGS 84, metres.
const A: f64 = 6_378_137.0;

/// Square of the first eccentricity of WGS 84.
const E2: f64 = 6.694_379_990_141_317e-3;

/// Side of a cell of the world grid at the equator, metres.
const CELL_M: f64 = 2.0 * std::f64::consts::PI * A / 4_294_967_296.0;

/// Metres between two places.
pub(crate) fn distance_m(one: LonLat, other: LonLat) -> f64 {
    let (east, north) = offset_m(one, other);
    east.hypot(north)
}

/// How far another place is to the east and to the north, metres.
pub(crate) fn offset_m(from: LonLat, to: LonLat) -> (f64, f64) {
    let (sin, cos) = (0.5 * (from.lat() + to.lat())).to_radians().sin_cos();
    let w2 = (E2 * sin).mul_add(-sin, 1.0);
    let normal = A / w2.sqrt();
    let meridian = normal * (1.0 - E2) / w2;
    let east = (to.lon() - from.lon()).to_radians() * normal * cos;
    let north = (to.lat() - from.lat()).to_radians() * meridian;
    (east, north)
}

/// Length of a cell of the world grid from north to south, of that from west to east.
pub(crate) fn flatness(at: LonLat) -> f64 {
    let sin = at.lat().to_radians().sin();
    (1.0 - E2) / (E2 * sin).mul_add(-sin, 1.0)
}

/// Cells of the world grid that `metres` are at most, at the latitude of a cell.
pub(crate) fn cells(at: WorldXy, metres: f64) -> f64 {
    let cos = at.to_lonlat().lat().to_radians().cos();
    metres / (CELL_M * cos.max(1e-6))
}

/// Says whether a line is longer than millimetres can say, 4,294 km: places behind would seem to be
/// no way apart.
pub(crate) fn is_too_long(line: &[WorldXy]) -> bool {
    const MOST_M: f64 = u32::MAX as f64 * 1e-3;
    // Nowhere is a cell longer than at the equator.
    let cells = line.windows(2).map(|ends| {
        u64::from(ends[0].x.abs_diff(ends[1].x)) + u64::from(ends[0].y.abs_diff(ends[1].y))
    });
    if cells.sum::<u64>() as f64 * CELL_M < MOST_M {
        return false;
    }
    let lengths = line.windows(2).map(|ends| distance_m(ends[0].to_lonlat(), ends[1].to_lonlat()));
    lengths.sum::<f64>() >= MOST_M
}

/// Millimetres, rounded; beyond 4,294 km the most that fits.
pub(crate) fn to_mm(metres: f64) -> u32 {
    // `as` saturates.
    (metres * 1e3).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Distance, Geodesic, Point};

    #[test]
    fn lengths_agree_with_the_geodesic_to_a_part_in_a_million() {
        for (lon, lat) in [(108.2, 16.06), (9.5, 47.1), (9.7, 4.05), (-122.0, 60.0), (0.0, 0.0)] {
            for (east, north) in [(0.01, 0.0), (0.0, 0.01), (0.1, -0.08), (-1e-5, 2e-5)] {
                let one = LonLat::new(lon, lat).unwrap();
                let other = LonLat::new(lon + east, lat + north).unwrap();
                let geodesic = Geodesic.distance(
                    Point::new(one.lon(), one.lat()),
                    Point::new(other.lon(), other.lat()),
                );
                let found = distance_m(one, other);
                assert!((found - geodesic).abs() <= geodesic * 1e-6, "{found} {geodesic}");
            }
        }
    }
}
