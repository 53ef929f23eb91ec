//! EPSG:5899 (VN-2000 / TM-3 107°45') and WGS 84, there and back.
//!
//! The city grows on the plane of 5899, metres, x = easting, because parcels and buildings are
//! stored there; roads are stored in degrees. PROJ is not at hand in this crate, and would have to
//! be asked for millions of corners: the formulas are few.
//!
//! Source: transverse Mercator after Krüger 1912 as given by Karney, "Transverse Mercator with an
//! accuracy of a few nanometers", Journal of Geodesy 85, 2011, to the third order (some
//! millimetres within 3° of the meridian); the shift of datum with the parameters that PROJ 9.1
//! prints for EPSG:4326 to EPSG:5899.

use geo::Coord;
use libm::{asin, asinh, atan, atan2, atanh, cos, cosh, hypot, sin, sinh, tanh};

/// Easting and northing in EPSG:5899, metres.
pub(crate) type Place = Coord<f64>;

const SEMI_MAJOR_M: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_223_563;
const CENTRAL_MERIDIAN: f64 = 107.75;
const SCALE: f64 = 0.9999;
const FALSE_EASTING_M: f64 = 500_000.0;

/// VN-2000 to WGS 84, coordinate frame rotation: metres, seconds of arc, parts per million.
const SHIFT_M: [f64; 3] = [-191.904_414_29, -39.303_182_79, -111.450_328_35];
const TURN_ARCSECONDS: [f64; 3] = [-0.009_288_36, 0.019_754_79, -0.004_273_72];
const STRETCH_PPM: f64 = 0.252_906_278;

/// From degrees, x = longitude, to the plane.
pub(crate) fn from_degrees(degrees: Coord<f64>) -> Place {
    let [lon, lat] =
        to_geodetic(shift_back(to_earth_centred([degrees.x.to_radians(), degrees.y.to_radians()])));
    let e = eccentricity();
    let lambda = lon - CENTRAL_MERIDIAN.to_radians();
    let conformal = sinh(atanh(sin(lat)) - e * atanh(e * sin(lat)));
    let xi = atan2(conformal, cos(lambda));
    let eta = asinh(sin(lambda) / hypot(conformal, cos(lambda)));
    let (mut x, mut y) = (eta, xi);
    for (order, alpha) in (1_u8..).zip(forward_series()) {
        let twice = 2.0 * f64::from(order);
        x += alpha * cos(twice * xi) * sinh(twice * eta);
        y += alpha * sin(twice * xi) * cosh(twice * eta);
    }
    let radius = SCALE * rectifying_radius();
    Coord { x: FALSE_EASTING_M + radius * x, y: radius * y }
}

/// From the plane to degrees, x = longitude.
pub(crate) fn to_degrees(place: Place) -> Coord<f64> {
    let radius = SCALE * rectifying_radius();
    let (eta, xi) = ((place.x - FALSE_EASTING_M) / radius, place.y / radius);
    let (mut x, mut y) = (eta, xi);
    for (order, beta) in (1_u8..).zip(backward_series()) {
        let twice = 2.0 * f64::from(order);
        x -= beta * cos(twice * xi) * sinh(twice * eta);
        y -= beta * sin(twice * xi) * cosh(twice * eta);
    }
    let lon = atan2(sinh(x), cos(y)) + CENTRAL_MERIDIAN.to_radians();
    let conformal_sine = sin(y) / cosh(x);
    let lat = geodetic_latitude(conformal_sine);
    let [lon, lat] = to_geodetic(shift(to_earth_centred([lon, lat])));
    Coord { x: lon.to_degrees(), y: lat.to_degrees() }
}

/// Latitude from the sine of the conformal latitude; converges to rounding in four steps.
fn geodetic_latitude(conformal_sine: f64) -> f64 {
    let e = eccentricity();
    let target = atanh(conformal_sine);
    let mut sine = conformal_sine;
    for _ in 0..5 {
        sine = tanh(target + e * atanh(e * sine));
    }
    asin(sine)
}

fn eccentricity_squared() -> f64 {
    FLATTENING * (2.0 - FLATTENING)
}

fn eccentricity() -> f64 {
    eccentricity_squared().sqrt()
}

fn third_flattening() -> f64 {
    FLATTENING / (2.0 - FLATTENING)
}

fn rectifying_radius() -> f64 {
    let n = third_flattening();
    SEMI_MAJOR_M / (1.0 + n) * (1.0 + n * n / 4.0 + n * n * n * n / 64.0)
}

fn forward_series() -> [f64; 3] {
    let n = third_flattening();
    let (n2, n3) = (n * n, n * n * n);
    [
        n / 2.0 - 2.0 * n2 / 3.0 + 5.0 * n3 / 16.0,
        13.0 * n2 / 48.0 - 3.0 * n3 / 5.0,
        61.0 * n3 / 240.0,
    ]
}

fn backward_series() -> [f64; 3] {
    let n = third_flattening();
    let (n2, n3) = (n * n, n * n * n);
    [n / 2.0 - 2.0 * n2 / 3.0 + 37.0 * n3 / 96.0, n2 / 48.0 + n3 / 15.0, 17.0 * n3 / 480.0]
}

/// Longitude and latitude on the ellipsoid, radians, to X, Y, Z in metres.
fn to_earth_centred([lon, lat]: [f64; 2]) -> [f64; 3] {
    let sine = sin(lat);
    let across = SEMI_MAJOR_M / (1.0 - eccentricity_squared() * sine * sine).sqrt();
    let flat = across * cos(lat);
    [flat * cos(lon), flat * sin(lon), across * (1.0 - eccentricity_squared()) * sine]
}

/// The reverse for places near the ellipsoid.
fn to_geodetic([x, y, z]: [f64; 3]) -> [f64; 2] {
    let flat = hypot(x, y);
    let mut lat = atan(z / (flat * (1.0 - eccentricity_squared())));
    for _ in 0..4 {
        let sine = sin(lat);
        let across = SEMI_MAJOR_M / (1.0 - eccentricity_squared() * sine * sine).sqrt();
        lat = atan((z + eccentricity_squared() * across * sine) / flat);
    }
    [atan2(y, x), lat]
}

fn turns() -> [f64; 3] {
    TURN_ARCSECONDS.map(|seconds| (seconds / 3600.0).to_radians())
}

fn shift([x, y, z]: [f64; 3]) -> [f64; 3] {
    let ([rx, ry, rz], stretch) = (turns(), 1.0 + STRETCH_PPM * 1e-6);
    [
        SHIFT_M[0] + stretch * (x + rz * y - ry * z),
        SHIFT_M[1] + stretch * (-rz * x + y + rx * z),
        SHIFT_M[2] + stretch * (ry * x - rx * y + z),
    ]
}

fn shift_back([x, y, z]: [f64; 3]) -> [f64; 3] {
    let ([rx, ry, rz], stretch) = (turns(), 1.0 + STRETCH_PPM * 1e-6);
    let [x, y, z] =
        [(x - SHIFT_M[0]) / stretch, (y - SHIFT_M[1]) / stretch, (z - SHIFT_M[2]) / stretch];
    [x - rz * y + ry * z, rz * x + y - rx * z, -ry * x + rx * y + z]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What GDAL's gdaltransform (PROJ 9.1.1) says of three places of the city.
    const PROJ: [([f64; 2], [f64; 2]); 3] = [
        ([108.2208, 16.0605], [550_176.917_181, 1_776_330.566_663]),
        ([107.3, 15.0], [451_411.719_326, 1_658_985.886_417]),
        ([108.7, 15.4], [601_779.212_304, 1_703_417.013_835]),
    ];

    #[test]
    fn the_plane_is_the_one_of_proj() {
        for ([lon, lat], [east, north]) in PROJ {
            let place = from_degrees(Coord { x: lon, y: lat });
            assert!((place.x - east).abs() < 0.002, "{} {east}", place.x);
            assert!((place.y - north).abs() < 0.002, "{} {north}", place.y);
        }
    }

    #[test]
    fn the_way_back_ends_where_it_began() {
        for ([lon, lat], _) in PROJ {
            let back = to_degrees(from_degrees(Coord { x: lon, y: lat }));
            // 2e-8° are two millimetres, which is what the series leaves out.
            assert!((back.x - lon).abs() < 2e-8 && (back.y - lat).abs() < 2e-8, "{back:?}");
        }
    }
}
