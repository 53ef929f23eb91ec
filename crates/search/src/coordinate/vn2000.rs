//! From the planes of VN-2000 in which Da Nang is mapped to longitude and latitude of WGS 84.
//!
//! Only this way: what people type is shown on a map. The made-up city has both ways of one plane in
//! its own crate, with mathematics that gives the same bytes on every machine; here a centimetre is
//! enough.
//!
//! Source: transverse Mercator after Krüger 1912 as given by Karney, "Transverse Mercator with an
//! accuracy of a few nanometers", Journal of Geodesy 85, 2011, to the third order; EPSG:6960 for
//! the datum (coordinate frame rotation).

use urbis_model::{LonLat, Srid};

/// A plane: a transverse Mercator projection of VN-2000.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    pub srid: Srid,
    /// Degrees.
    central_meridian: f64,
    scale: f64,
}

const FALSE_EASTING_M: f64 = 500_000.0;

/// Of the cadastre.
pub(crate) const TM3: Plane = Plane { srid: Srid(5899), central_meridian: 107.75, scale: 0.9999 };
/// Of topographic maps east of 108° E, and of Hoàng Sa.
pub(crate) const UTM49: Plane = Plane { srid: Srid(3406), central_meridian: 111.0, scale: 0.9996 };
/// Of topographic maps west of 108° E.
pub(crate) const UTM48: Plane = Plane { srid: Srid(3405), central_meridian: 105.0, scale: 0.9996 };

const SEMI_MAJOR_M: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_223_563;
const ECCENTRICITY_SQUARED: f64 = FLATTENING * (2.0 - FLATTENING);
/// Third flattening.
const N: f64 = FLATTENING / (2.0 - FLATTENING);
const RECTIFYING_RADIUS_M: f64 =
    SEMI_MAJOR_M / (1.0 + N) * (1.0 + N * N / 4.0 + N * N * N * N / 64.0);
const SERIES: [f64; 3] = [
    N / 2.0 - 2.0 * N * N / 3.0 + 37.0 * N * N * N / 96.0,
    N * N / 48.0 + N * N * N / 15.0,
    17.0 * N * N * N / 480.0,
];

/// VN-2000 to WGS 84: metres, seconds of arc, parts per million.
const SHIFT_M: [f64; 3] = [-191.904_414_29, -39.303_182_79, -111.450_328_35];
const TURN_ARCSECONDS: [f64; 3] = [-0.009_288_36, 0.019_754_79, -0.004_273_72];
const STRETCH_PPM: f64 = 0.252_906_278;

impl Plane {
    /// The place of an easting and a northing, metres; `None` where the plane has none.
    pub(crate) fn to_lonlat(self, easting_m: f64, northing_m: f64) -> Option<LonLat> {
        let radius = self.scale * RECTIFYING_RADIUS_M;
        let (eta, xi) = ((easting_m - FALSE_EASTING_M) / radius, northing_m / radius);
        let (mut x, mut y) = (eta, xi);
        for (order, beta) in (1_u8..).zip(SERIES) {
            let twice = 2.0 * f64::from(order);
            x -= beta * (twice * xi).cos() * (twice * eta).sinh();
            y -= beta * (twice * xi).sin() * (twice * eta).cosh();
        }
        let lon = x.sinh().atan2(y.cos()) + self.central_meridian.to_radians();
        let lat = geodetic_latitude(y.sin() / x.cosh());
        let [lon, lat] = to_geodetic(shift(to_earth_centred([lon, lat])));
        LonLat::new(lon.to_degrees(), lat.to_degrees()).ok()
    }
}

/// Latitude from the sine of the conformal latitude; converges to rounding in four steps.
fn geodetic_latitude(conformal_sine: f64) -> f64 {
    let e = ECCENTRICITY_SQUARED.sqrt();
    let target = conformal_sine.atanh();
    let mut sine = conformal_sine;
    for _ in 0..5 {
        sine = (target + e * (e * sine).atanh()).tanh();
    }
    sine.asin()
}

/// Longitude and latitude on the ellipsoid, radians, to X, Y, Z in metres.
fn to_earth_centred([lon, lat]: [f64; 2]) -> [f64; 3] {
    let sine = lat.sin();
    let across = SEMI_MAJOR_M / (1.0 - ECCENTRICITY_SQUARED * sine * sine).sqrt();
    let flat = across * lat.cos();
    [flat * lon.cos(), flat * lon.sin(), across * (1.0 - ECCENTRICITY_SQUARED) * sine]
}

/// The reverse for places near the ellipsoid.
fn to_geodetic([x, y, z]: [f64; 3]) -> [f64; 2] {
    let flat = x.hypot(y);
    let mut lat = (z / (flat * (1.0 - ECCENTRICITY_SQUARED))).atan();
    for _ in 0..4 {
        let sine = lat.sin();
        let across = SEMI_MAJOR_M / (1.0 - ECCENTRICITY_SQUARED * sine * sine).sqrt();
        lat = ((z + ECCENTRICITY_SQUARED * across * sine) / flat).atan();
    }
    [y.atan2(x), lat]
}

fn shift([x, y, z]: [f64; 3]) -> [f64; 3] {
    let [rx, ry, rz] = TURN_ARCSECONDS.map(|seconds| (seconds / 3600.0).to_radians());
    let stretch = 1.0 + STRETCH_PPM * 1e-6;
    [
        SHIFT_M[0] + stretch * (x + rz * y - ry * z),
        SHIFT_M[1] + stretch * (-rz * x + y + rx * z),
        SHIFT_M[2] + stretch * (ry * x - rx * y + z),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Latitude, longitude, then easting and northing in EPSG:5899 and in EPSG:3406, by cs2cs of
    /// PROJ 9.1.1; the last is in Hoàng Sa.
    const PROJ: [[f64; 6]; 7] = [
        [16.0610, 108.2270, 550840.1548, 1776387.4104, 203110.3036, 1777786.3296],
        [16.0471, 108.2062, 548618.0666, 1774844.3470, 200862.5432, 1776277.1779],
        [15.8801, 108.3380, 562773.1204, 1756400.9836, 214737.9199, 1757601.7054],
        [15.5736, 108.4740, 577453.9633, 1722531.7034, 228904.4459, 1723490.2623],
        [16.1200, 107.9900, 525475.2753, 1782871.8121, 177828.6788, 1784674.9551],
        [15.8830, 108.1110, 538463.0683, 1756666.7694, 190416.3977, 1758245.5459],
        [16.5350, 111.6080, 911847.7166, 1832729.6528, 564682.4948, 1828329.4376],
    ];

    #[test]
    fn places_are_those_of_proj_to_a_centimetre() {
        // A centimetre of latitude, degrees.
        const TOLERANCE: f64 = 9e-8;
        for [lat, lon, easting, northing, utm_easting, utm_northing] in PROJ {
            for (plane, x, y) in [(TM3, easting, northing), (UTM49, utm_easting, utm_northing)] {
                let place = plane.to_lonlat(x, y).expect("on the plane");
                assert!((place.lon() - lon).abs() < TOLERANCE, "{} {place} {lon}", plane.srid);
                assert!((place.lat() - lat).abs() < TOLERANCE, "{} {place} {lat}", plane.srid);
            }
        }
    }

    #[test]
    fn the_two_zones_of_utm_mirror_each_other() {
        let east = UTM49.to_lonlat(200_000.0, 1_776_000.0).expect("on the plane");
        let west = UTM48.to_lonlat(800_000.0, 1_776_000.0).expect("on the plane");
        assert!((east.lon() - 108.0 + west.lon() - 108.0).abs() < 0.01, "{east} {west}");
    }
}
