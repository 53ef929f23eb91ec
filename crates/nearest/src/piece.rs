//! The place on one straight piece of a geometry that is nearest to a place.
//!
//! An edge is straight on the Mercator plane, as every map draws it and as [`crate::containing`]
//! cuts it. Against an edge that follows a geodesic (`geography` of PostGIS) it bends by at most
//! `L² tan φ / 8 R`: under 6 mm for an edge of 1 km at Da Nang's latitude.

use geo::{Bearing, Distance, Geodesic, Point};
use urbis_model::LonLat;

use crate::plane::{ECCENTRICITY_SQUARED, EQUATORIAL_RADIUS_M, PlaneXy, SIDE};

/// Longest piece, cells (39 km at the equator), so that the distance along it has one minimum.
const MAX_PIECE: f64 = (1_u32 << 22) as f64;

/// The nearest place is found to this many metres along the edge.
const ALONG_TOLERANCE_M: f64 = 1e-5;

/// Steps of the root search; it ends after three or four on a piece of a street.
const MAX_STEPS: u32 = 60;

/// A straight piece on the Mercator plane; both ends may be one place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    start: PlaneXy,
    end: PlaneXy,
}

/// A place and how far it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reached {
    pub distance_m: f64,
    pub place: LonLat,
}

impl Piece {
    /// One place alone.
    pub const fn at(place: PlaneXy) -> Self {
        Self { start: place, end: place }
    }

    /// The pieces of an edge, in order.
    pub fn along_edge(start: PlaneXy, end: PlaneXy) -> impl Iterator<Item = Self> {
        let count = (start.distance_squared(end).sqrt() / MAX_PIECE).ceil().max(1.0);
        let whole = Self { start, end };
        (0..count as u32).map(move |index| Self {
            start: whole.interpolate(f64::from(index) / count),
            end: whole.interpolate(f64::from(index + 1) / count),
        })
    }

    /// Squared distance on the plane from the piece to a place, cells squared.
    pub fn distance_squared(&self, from: PlaneXy) -> f64 {
        let (dx, dy) = (self.end.x - self.start.x, self.end.y - self.start.y);
        let length_squared = dx * dx + dy * dy;
        if length_squared == 0.0 {
            return self.start.distance_squared(from);
        }
        let along = (from.x - self.start.x) * dx + (from.y - self.start.y) * dy;
        let nearest = self.interpolate((along / length_squared).clamp(0.0, 1.0));
        nearest.distance_squared(from)
    }

    /// The nearest place on the piece by WGS 84 geodesic.
    ///
    /// Half the derivative of the squared distance is almost linear along a piece, whether the
    /// foot of the perpendicular is near or far, so a bracketed secant search (Illinois) finds
    /// its root in a few steps. Near the antipode the middle of a piece can be the farthest
    /// place: the ends are always candidates.
    pub fn reach_from(&self, from: LonLat) -> Reached {
        if self.start == self.end {
            let place = self.start.to_lonlat();
            return Reached { distance_m: distance_m(place, from), place };
        }
        let first = self.probe(from, 0.0);
        let last = self.probe(from, 1.0);
        let nearer_end = nearer(first.reached, last.reached);
        if first.slope >= 0.0 || last.slope <= 0.0 {
            return nearer_end;
        }
        nearer(self.find_foot(from, first.slope, last.slope), nearer_end)
    }

    /// Finds where the slope is zero between the ends, whose slopes differ in sign.
    fn find_foot(&self, from: LonLat, first_slope: f64, last_slope: f64) -> Reached {
        let tolerance = ALONG_TOLERANCE_M / self.length_m();
        let mut low = (0.0, first_slope);
        let mut high = (1.0, last_slope);
        let mut before = (f64::NAN, 0.0);
        let mut best = None;
        for _ in 0..MAX_STEPS {
            let at = low.0 - low.1 * (high.0 - low.0) / (high.1 - low.1);
            let probe = self.probe(from, at);
            best = Some(best.map_or(probe.reached, |best| nearer(best, probe.reached)));
            if probe.slope == 0.0 || (at - before.0).abs() < tolerance {
                break;
            }
            // The end that stays a second time is halved, or it would stay for ever.
            let same_side = probe.slope * before.1 > 0.0;
            let weight = if same_side { 0.5 } else { 1.0 };
            if probe.slope < 0.0 {
                low = (at, probe.slope);
                high.1 *= weight;
            } else {
                high = (at, probe.slope);
                low.1 *= weight;
            }
            before = (at, probe.slope);
        }
        best.expect("the search takes at least one step")
    }

    /// The distance to one place of the piece, and how it grows there.
    fn probe(&self, from: LonLat, t: f64) -> Probe {
        let place = self.interpolate(t).to_lonlat();
        let distance_m = distance_m(place, from);
        let bearing = Geodesic.bearing(to_point(place), to_point(from)).to_radians();
        let (east_m, north_m) = self.step_m(place.lat());
        let slope = -distance_m * (east_m * bearing.sin() + north_m * bearing.cos());
        Probe { reached: Reached { distance_m, place }, slope }
    }

    /// The whole piece as metres east and north, by the radii of curvature at a latitude.
    fn step_m(&self, lat: f64) -> (f64, f64) {
        let (sin, cos) = lat.to_radians().sin_cos();
        let squeeze = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
        let prime_vertical_m = EQUATORIAL_RADIUS_M / squeeze.sqrt();
        let meridian_m = prime_vertical_m * (1.0 - ECCENTRICITY_SQUARED) / squeeze;
        let radians_per_cell = std::f64::consts::TAU / SIDE * cos;
        (
            (self.end.x - self.start.x) * radians_per_cell * prime_vertical_m,
            (self.start.y - self.end.y) * radians_per_cell * meridian_m,
        )
    }

    /// Length at the latitude of the start, metres.
    fn length_m(&self) -> f64 {
        let (east_m, north_m) = self.step_m(self.start.to_lonlat().lat());
        east_m.hypot(north_m)
    }

    fn interpolate(&self, t: f64) -> PlaneXy {
        // The far end exactly, so that pieces of one edge share their ends.
        if t == 1.0 {
            return self.end;
        }
        PlaneXy {
            x: self.start.x + (self.end.x - self.start.x) * t,
            y: self.start.y + (self.end.y - self.start.y) * t,
        }
    }
}

/// One look at the distance: its value, and half the derivative of its square.
struct Probe {
    reached: Reached,
    slope: f64,
}

/// WGS 84 geodesic between two places, solved for.
pub(crate) fn distance_m(here: LonLat, there: LonLat) -> f64 {
    Geodesic.distance(to_point(here), to_point(there))
}

fn to_point(place: LonLat) -> Point {
    Point::new(place.lon(), place.lat())
}

/// The nearer of two; the first where they are equal.
pub(crate) fn nearer(a: Reached, b: Reached) -> Reached {
    if b.distance_m < a.distance_m { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("on the earth")
    }

    fn piece(from: LonLat, to: LonLat) -> Piece {
        Piece { start: PlaneXy::from_lonlat(from), end: PlaneXy::from_lonlat(to) }
    }

    #[test]
    fn the_foot_is_no_farther_than_any_of_ten_thousand_places_of_the_piece() {
        let from = place(108.21, 16.07);
        for (lon, lat) in [(108.20, 16.00), (108.25, 16.20), (108.2101, 16.0699), (108.0, 16.07)] {
            let piece = piece(place(108.19, 16.05), place(lon, lat));
            let found = piece.reach_from(from).distance_m;
            let sampled = (0..=10_000)
                .map(|step| piece.probe(from, f64::from(step) / 10_000.0).reached.distance_m)
                .fold(f64::INFINITY, f64::min);
            assert!(found <= sampled + 1e-9, "{lon},{lat}: {found} > {sampled}");
        }
    }

    #[test]
    fn a_place_on_the_piece_is_within_a_hundredth_of_a_millimetre() {
        let piece = piece(place(108.1, 16.0), place(108.3, 16.1));
        for t in [0.0, 0.1, 0.5, 0.9, 1.0] {
            let from = piece.interpolate(t).to_lonlat();
            let found = piece.reach_from(from).distance_m;
            assert!(found < 1e-5, "{t}: {found}");
        }
    }

    #[test]
    fn a_long_edge_is_cut_without_gaps() {
        let (start, end) = (PlaneXy { x: 0.0, y: 1e9 }, PlaneXy { x: 3e9, y: 1e9 });
        let pieces: Vec<Piece> = Piece::along_edge(start, end).collect();
        assert_eq!(pieces.first().map(|piece| piece.start), Some(start));
        assert_eq!(pieces.last().map(|piece| piece.end), Some(end));
        assert!(pieces.windows(2).all(|pair| pair[0].end == pair[1].start));
    }
}
