//! A way along the roads: where a vehicle is, how fast and in which direction, at each second of it.

use geo::{Bearing, Distance, Haversine, InterpolatePoint, Point};
use urbis_model::LonLat;

/// A way with the second at which each of its points is passed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Way {
    points: Vec<Point<f64>>,
    /// Of each point, from 0, never less than that of the one before.
    seconds: Vec<f64>,
}

/// A vehicle on a way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OnWay {
    /// Where.
    pub place: Point<f64>,
    /// Degrees clockwise from north.
    pub heading_deg: f64,
    pub speed_kmh: f64,
}

const MS_TO_KMH: f64 = 3.6;

impl Way {
    /// A way through places, longitude first, at the pace of its parts: so many metres in so many
    /// seconds, one after another. Where the parts are not as long together as the way, they are
    /// stretched. `None` for less than two places, or no length or time.
    pub fn paced(places: &[[f64; 2]], parts: &[(f64, f64)]) -> Option<Self> {
        let points: Vec<Point<f64>> =
            places.iter().map(|[lon, lat]| Point::new(*lon, *lat)).collect();
        let steps = points.windows(2).map(|pair| Haversine.distance(pair[0], pair[1]));
        let along = running_sums(steps);
        let (passed_m, passed_s): (Vec<f64>, Vec<f64>) = (
            running_sums(parts.iter().map(|(metres, _)| *metres)),
            running_sums(parts.iter().map(|(_, seconds)| *seconds)),
        );
        let (length, told, time) = (along.last()?, passed_m.last()?, passed_s.last()?);
        if points.len() < 2 || !(*length > 0.0 && *told > 0.0 && *time > 0.0) {
            return None;
        }
        let stretch = told / length;
        let seconds = along.iter().map(|metres| read_off(&passed_m, &passed_s, metres * stretch));
        Some(Self { seconds: seconds.collect(), points })
    }

    /// How long it takes.
    pub fn duration_s(&self) -> f64 {
        self.seconds.last().copied().unwrap_or_default()
    }

    /// Where it begins.
    pub fn start(&self) -> Point<f64> {
        self.points[0]
    }

    /// The vehicle after so many seconds; at the end it stands.
    pub fn at(&self, second: f64) -> OnWay {
        let last = self.points.len() - 1;
        let next = self.seconds.partition_point(|passed| *passed <= second);
        let (from, to) = (next.saturating_sub(1).min(last - 1), next.clamp(1, last));
        let (a, b) = (self.points[from], self.points[to]);
        let span = self.seconds[to] - self.seconds[from];
        let part =
            if span > 0.0 { ((second - self.seconds[from]) / span).clamp(0.0, 1.0) } else { 1.0 };
        let is_under_way = span > 0.0 && second < self.duration_s();
        let speed_ms = if is_under_way { Haversine.distance(a, b) / span } else { 0.0 };
        OnWay {
            place: Haversine.point_at_ratio_between(a, b, part),
            heading_deg: Haversine.bearing(a, b).rem_euclid(360.0),
            speed_kmh: speed_ms * MS_TO_KMH,
        }
    }
}

/// 0, then the sum of the first, of the first two, and so on.
fn running_sums(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let sums = values.scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum)
    });
    std::iter::once(0.0).chain(sums).collect()
}

/// The value of a broken line at `x`; `xs` in order, as many as `ys`.
fn read_off(xs: &[f64], ys: &[f64], x: f64) -> f64 {
    let last = xs.len() - 1;
    let to = xs.partition_point(|known| *known < x).clamp(1, last);
    let (low, high) = (xs[to - 1], xs[to]);
    let part = if high > low { ((x - low) / (high - low)).clamp(0.0, 1.0) } else { 1.0 };
    ys[to - 1] + part * (ys[to] - ys[to - 1])
}

/// A place so far in a direction, degrees clockwise from north.
pub(super) fn toward(from: Point<f64>, heading_deg: f64, metres: f64) -> Point<f64> {
    use geo::Destination;
    Haversine.destination(from, heading_deg, metres)
}

/// A point as the model has it.
pub(super) fn to_lon_lat(point: Point<f64>) -> Option<LonLat> {
    LonLat::new(point.x(), point.y()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A degree of the equator is 111.195 km on the sphere of `geo`'s haversine.
    const DEGREE_M: f64 = 111_195.0;

    #[test]
    fn a_vehicle_is_half_way_at_half_time_and_stands_at_the_end() {
        let way =
            Way::paced(&[[0.0, 0.0], [0.0, 0.01], [0.01, 0.01]], &[(2_223.9, 200.0)]).unwrap();
        let corner = way.at(100.0);
        assert!((corner.place.y() - 0.01).abs() < 1e-6 && corner.place.x().abs() < 1e-6);
        let (north, east) = (way.at(50.0), way.at(150.0));
        assert!(north.heading_deg < 0.1 && (east.heading_deg - 90.0).abs() < 0.1);
        let expected = 0.02 * DEGREE_M / 200.0 * 3.6;
        assert!((north.speed_kmh - expected).abs() < 0.1, "{}", north.speed_kmh);
        for second in [200.0, 1e9] {
            let end = way.at(second);
            assert_eq!((end.place, end.speed_kmh), (Point::new(0.01, 0.01), 0.0));
        }
        assert_eq!(way.at(-5.0).place, way.start());
    }

    #[test]
    fn a_way_without_length_or_time_is_none() {
        let kilometre = &[(1_000.0, 5.0)][..];
        assert_eq!(Way::paced(&[], kilometre), None);
        assert_eq!(Way::paced(&[[1.0, 1.0]], kilometre), None);
        assert_eq!(Way::paced(&[[1.0, 1.0], [1.0, 1.0]], kilometre), None);
        assert_eq!(Way::paced(&[[1.0, 1.0], [1.0, 2.0]], &[]), None);
        assert_eq!(Way::paced(&[[1.0, 1.0], [1.0, 2.0]], &[(1_000.0, 0.0)]), None);
    }

    #[test]
    fn each_part_of_a_way_has_its_own_pace() {
        // Two parts that are said to be twice as long as they are: the first is slow.
        let parts = [(222.39, 60.0), (222.39, 10.0)];
        let way = Way::paced(&[[0.0, 0.0], [0.001, 0.0], [0.002, 0.0]], &parts).unwrap();
        assert!((way.duration_s() - 70.0).abs() < 1e-9);
        assert!((way.at(60.0).place.x() - 0.001).abs() < 1e-6);
        assert!((way.at(65.0).place.x() - 0.001_5).abs() < 1e-6);
        assert!(way.at(65.0).speed_kmh > 5.0 * way.at(30.0).speed_kmh);
    }
}
