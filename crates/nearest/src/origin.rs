//! The place that distances are measured from.

use urbis_model::LonLat;

use crate::piece;
use crate::plane::{ECCENTRICITY_SQUARED, EQUATORIAL_RADIUS_M};

/// Up to this chord the geodesic follows from it; beyond, it is solved for.
const LONGEST_CHORD_M: f64 = 5_000.0;

/// A place with what its distances to others share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    place: LonLat,
    /// Where it is in the earth's frame, metres.
    position: [f64; 3],
    /// The direction to the north.
    north: [f64; 3],
    /// Curvature along the meridian and across it, 1 / metres.
    along: f64,
    across: f64,
}

impl Origin {
    pub fn new(place: LonLat) -> Self {
        let (sin_lat, cos_lat) = place.lat().to_radians().sin_cos();
        let (sin_lon, cos_lon) = place.lon().to_radians().sin_cos();
        let squeeze = 1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat;
        let across = squeeze.sqrt() / EQUATORIAL_RADIUS_M;
        Self {
            place,
            position: position(place),
            north: [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
            along: across * squeeze / (1.0 - ECCENTRICITY_SQUARED),
            across,
        }
    }

    /// The place itself.
    pub const fn place(&self) -> LonLat {
        self.place
    }

    /// WGS 84 geodesic to a place, within ten nanometres; 0 to itself.
    ///
    /// A short geodesic is a curve of one curvature `k`, so that its length is that of its chord
    /// `c` and `k² c³ / 24`; the next term is `c⁵` by some 10²⁹ m⁴. The curvature is Euler's for
    /// its direction at the origin, which is right to `c / R · e²`.
    pub fn distance_m(&self, to: LonLat) -> f64 {
        let other = position(to);
        let step = [0, 1, 2].map(|axis| other[axis] - self.position[axis]);
        let squared = dot(step, step);
        if squared > LONGEST_CHORD_M * LONGEST_CHORD_M {
            return piece::distance_m(to, self.place);
        }
        if squared == 0.0 {
            return 0.0;
        }
        let north = dot(step, self.north);
        let cos_squared = north * north / squared;
        let curvature = self.along * cos_squared + self.across * (1.0 - cos_squared);
        let chord = squared.sqrt();
        chord * (1.0 + curvature * curvature * squared / 24.0)
    }
}

/// The place in the earth's frame: x to 0° and y to 90° of longitude, z to the north; metres.
fn position(place: LonLat) -> [f64; 3] {
    let (sin_lat, cos_lat) = place.lat().to_radians().sin_cos();
    let (sin_lon, cos_lon) = place.lon().to_radians().sin_cos();
    let normal_m = EQUATORIAL_RADIUS_M / (1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat).sqrt();
    let from_axis_m = normal_m * cos_lat;
    let z = normal_m * (1.0 - ECCENTRICITY_SQUARED) * sin_lat;
    [from_axis_m * cos_lon, from_axis_m * sin_lon, z]
}

fn dot(one: [f64; 3], other: [f64; 3]) -> f64 {
    one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
}

#[cfg(test)]
mod tests {
    use geo::{Destination, Distance, Geodesic, Point};

    use super::*;

    #[test]
    fn a_distance_is_the_geodesic_of_another_library_within_ten_nanometres() {
        let mut worst: f64 = 0.0;
        for lat in [-90.0, -84.0, -60.0, -16.0, 0.0, 0.001, 16.0547, 45.0, 84.9, 90.0] {
            let start = Point::new(108.2, lat);
            let from = Origin::new(LonLat::new(108.2, lat).expect("on the earth"));
            for wanted_m in [0.0, 0.01, 1.0, 37.5, 999.0, 4_990.0, 5_010.0, 250_000.0] {
                for bearing in 0..72 {
                    let end = Geodesic.destination(start, f64::from(bearing) * 5.0, wanted_m);
                    let place = LonLat::new(end.x(), end.y()).expect("on the earth");
                    let expected = Geodesic.distance(start, end);
                    worst = worst.max((from.distance_m(place) - expected).abs());
                }
            }
        }
        assert!(worst < 1e-8, "{worst} m");
    }

    #[test]
    fn a_place_is_no_way_from_itself() {
        for (lon, lat) in [(108.20843, 16.05471), (-180.0, -90.0), (0.0, 0.0)] {
            let place = LonLat::new(lon, lat).expect("on the earth");
            assert_eq!(Origin::new(place).distance_m(place).to_bits(), 0);
        }
    }
}
