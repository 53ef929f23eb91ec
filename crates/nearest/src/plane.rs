//! The Mercator plane in fractions of a cell, and how far on it a geodesic can reach.

use std::f64::consts::{FRAC_PI_2, PI};

use urbis_model::{LonLat, WorldXy};

/// Cells along one side of the world: one turn around the earth.
pub(crate) const SIDE: f64 = 4_294_967_296.0;

/// Equatorial radius of WGS 84, metres.
pub(crate) const EQUATORIAL_RADIUS_M: f64 = 6_378_137.0;

/// First eccentricity of WGS 84, squared.
pub(crate) const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141_33;

/// Latitude of the upper edge of the world grid, degrees.
const EDGE_LAT: f64 = 85.051_128_779_806_6;

/// A place on the world grid between its cells; x grows east, y grows south, in cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlaneXy {
    pub x: f64,
    pub y: f64,
}

impl PlaneXy {
    /// Latitudes beyond the grid fall on its edge.
    pub fn from_lonlat(place: LonLat) -> Self {
        let lat = place.lat().clamp(-EDGE_LAT, EDGE_LAT).to_radians();
        Self {
            x: (place.lon() / 360.0 + 0.5) * SIDE,
            y: (0.5 - isometric_latitude(lat) / (2.0 * PI)) * SIDE,
        }
    }

    /// The place; longitude in -180..=180.
    pub fn to_lonlat(self) -> LonLat {
        let lon = ((self.x / SIDE - 0.5) * 360.0).clamp(-180.0, 180.0);
        let lat = (PI * (1.0 - 2.0 * self.y / SIDE)).sinh().atan().to_degrees();
        LonLat::new(lon, lat).expect("a clamped longitude and an arc tangent are in range")
    }

    /// Squared distance on the plane, cells squared.
    pub fn distance_squared(self, other: Self) -> f64 {
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        dx * dx + dy * dy
    }
}

impl From<WorldXy> for PlaneXy {
    fn from(cell: WorldXy) -> Self {
        Self { x: f64::from(cell.x), y: f64::from(cell.y) }
    }
}

/// Longest way on the plane, in cells, that a geodesic of `distance_m` metres from `from` can go;
/// infinite where it can pass a pole.
///
/// A place that is farther than this on the plane is farther than `distance_m` on the earth, so
/// a search that sees its candidates in planar order may stop there.
///
/// ```text
///   y │      · the stretched end: steps near the pole are long on the plane
///     │     /│
///     │    / │   ds >= a (1 - e²) cos φ · d(plane)
///     │   /  │
///   φ₀├──o───┘
/// ```
///
/// On the ellipsoid `ds² = (N cos φ dλ)² + (M dφ)²`, and both radii of curvature are at least
/// `m = a (1 - e²)`, the one along the meridian at the equator. On the plane a step is
/// `√(dλ² + dφ²/cos² φ)`, so it is at most `ds / (m cos φ)`. After a way `t` the latitude is at
/// most `|φ₀| + t/m` from the equator; integrating `dt / (m cos(|φ₀| + t/m))` gives
/// `ψ(|φ₀| + s/m) - ψ(|φ₀|)` with the isometric latitude `ψ(φ) = asinh(tan φ)`. Going straight to
/// the nearer pole is the worst case, so the bound is safe for every direction; within a city
/// it is at most one part in a hundred too long.
///
/// The plane does not wrap: across ±180° the bound holds for the copy of the place that lies one
/// turn away.
pub(crate) fn planar_reach(from: LonLat, distance_m: f64) -> f64 {
    let start = from.lat().abs().to_radians();
    let end = start + distance_m / (EQUATORIAL_RADIUS_M * (1.0 - ECCENTRICITY_SQUARED));
    if end >= FRAC_PI_2 {
        return f64::INFINITY;
    }
    let radians = isometric_latitude(end) - isometric_latitude(start);
    // Two cells stand for the rounding of a place to its cell, the factor for that of doubles.
    radians / (2.0 * PI) * SIDE * (1.0 + 1e-9) + 2.0
}

/// Metres that the geodesic to every place exceeds which is farther than `distance` cells from
/// `from` on the plane: what [`planar_reach`] says, the other way round.
pub(crate) fn shortest_m(from: LonLat, distance: f64) -> f64 {
    let start = from.lat().abs().to_radians();
    let radians = ((distance - 2.0).max(0.0) / (1.0 + 1e-9)) / SIDE * (2.0 * PI);
    let end = (isometric_latitude(start) + radians).sinh().atan();
    ((end - start) * EQUATORIAL_RADIUS_M * (1.0 - ECCENTRICITY_SQUARED)).max(0.0)
}

/// Length in metres that no geodesic exceeds whose ends are at most `distance` cells apart on the
/// plane, one of them at `from`.
///
/// The straight way on the plane is no shorter than the geodesic. A step of it is at most
/// `a / √(1 - e²) · cos φ` times that on the plane, both radii of curvature being largest at the
/// pole, and a way of `t` on the plane comes no nearer to the equator than `|φ₀| - t`.
pub(crate) fn longest_m(from: LonLat, distance: f64) -> f64 {
    // Two cells and a millimetre stand for rounding.
    let radians = (distance + 2.0) / SIDE * (2.0 * PI);
    let lowest_lat = (from.lat().abs().to_radians() - radians).max(0.0);
    radians * EQUATORIAL_RADIUS_M / (1.0 - ECCENTRICITY_SQUARED).sqrt() * lowest_lat.cos() + 1e-3
}

/// The Mercator ordinate of a latitude in radians, on the unit sphere.
fn isometric_latitude(lat: f64) -> f64 {
    lat.tan().asinh()
}

#[cfg(test)]
mod tests {
    use geo::{Destination, Distance, Geodesic, Point};

    use super::*;

    #[test]
    fn no_geodesic_of_a_length_ends_beyond_its_reach() {
        for lat in [-84.0, -60.0, -16.0, 0.0, 16.0, 45.0, 80.0, 84.9] {
            let from = LonLat::new(108.2, lat).expect("on the earth");
            for distance_m in [0.01, 1.0, 1e3, 1e5, 1e6, 5e6] {
                let reach = planar_reach(from, distance_m);
                for bearing in 0..72 {
                    let start = Point::new(from.lon(), from.lat());
                    let end = Geodesic.destination(start, f64::from(bearing) * 5.0, distance_m);
                    let end = LonLat::new(end.x(), end.y()).expect("on the earth");
                    if end.lat().abs() > 85.0 {
                        continue;
                    }
                    let (a, b) = (PlaneXy::from_lonlat(from), PlaneXy::from_lonlat(end));
                    let nearest_copy = [-SIDE, 0.0, SIDE]
                        .map(|turn| a.distance_squared(PlaneXy { x: b.x + turn, y: b.y }))
                        .into_iter()
                        .fold(f64::INFINITY, f64::min);
                    assert!(nearest_copy.sqrt() <= reach, "{lat} {distance_m} {bearing}");
                }
            }
        }
    }

    #[test]
    fn the_shortest_way_reaches_no_farther_than_what_it_is_of() {
        for lat in [-84.0, -16.0, 0.0, 16.0, 60.0, 89.9, 90.0] {
            let from = LonLat::new(108.2, lat).expect("on the earth");
            for distance in [0.0, 1.0, 3.0, 1e3, 1e5, 1e7, 1e9] {
                let shortest = shortest_m(from, distance);
                // At the pole every way reaches everything.
                let reach = if lat == 90.0 { 0.0 } else { planar_reach(from, shortest) };
                // The two cells stand for rounding, which takes a little of them.
                assert!(reach <= distance.max(2.0) + 0.01, "{lat} {distance}: {reach}");
                let tight = distance < 10.0 || lat > 89.0;
                assert!(tight || reach >= distance * 0.999_999, "{lat} {distance}: {reach}");
            }
        }
        assert!(shortest_m(LonLat::new(0.0, 90.0).expect("on the earth"), 1e9) < 1e-3);
    }

    #[test]
    fn no_geodesic_is_longer_than_its_way_on_the_plane_allows() {
        for lat in [-84.0, -60.0, -16.0, 0.0, 0.001, 16.0, 45.0, 84.9] {
            let from = LonLat::new(-108.2, lat).expect("on the earth");
            let start = PlaneXy::from_lonlat(from);
            for distance in [0.0, 1.0, 1e3, 1e5, 1e7, 1e9] {
                let longest = longest_m(from, distance);
                for bearing in 0..72 {
                    let (sin, cos) = (f64::from(bearing) * 5.0).to_radians().sin_cos();
                    let (x, y) = (start.x + sin * distance, start.y + cos * distance);
                    if !(0.0..SIDE).contains(&x) || !(0.0..SIDE).contains(&y) {
                        continue;
                    }
                    let end = PlaneXy { x, y }.to_lonlat();
                    let point = |at: LonLat| Point::new(at.lon(), at.lat());
                    let found = Geodesic.distance(point(from), point(end));
                    assert!(found <= longest, "{lat} {distance} {bearing}: {found} > {longest}");
                }
            }
        }
    }

    #[test]
    fn the_reach_in_a_city_is_at_most_a_hundredth_too_long() {
        let from = LonLat::new(108.2, 16.05).expect("on the earth");
        let cell_m = 2.0 * PI * EQUATORIAL_RADIUS_M / SIDE * from.lat().to_radians().cos();
        let longest = planar_reach(from, 1_000.0) * cell_m;
        assert!((1_000.0..1_010.0).contains(&longest), "{longest}");
    }

    #[test]
    fn a_way_that_can_pass_a_pole_reaches_everything() {
        let from = LonLat::new(0.0, 89.0).expect("on the earth");
        assert!(planar_reach(from, 112_000.0).is_infinite());
        assert!(planar_reach(LonLat::new(0.0, 90.0).expect("on the earth"), 0.0).is_infinite());
    }
}
