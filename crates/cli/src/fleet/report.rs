//! What a unit tells the server: one line of NDJSON.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use urbis_model::ReportId;

use super::random::Random;
use super::vehicle::Vehicle;
use super::way::{to_lon_lat, toward};

/// What a receiver in a street says of itself, and how far it is off, metres.
const ACCURACY_M: f64 = 6.0;
const NOISE_M: f64 = 2.0;

/// The error of a receiver drifts: so much of it stays from second to second.
const NOISE_STAYS: f64 = 0.85;

/// A unit that moves reports every second, one that stands this often.
const STANDING_EVERY_S: f64 = 10.0;

/// How a unit tells what it tells: what was told already, and how its receiver errs.
#[derive(Debug, Clone)]
pub(super) struct Reporter {
    /// Of this run of the program: reports of two runs are never one.
    ids: Random,
    noise: Random,
    /// East and north, metres.
    error: [f64; 2],
    told_at: Option<f64>,
    told_status: Option<&'static str>,
    /// The server knows what the unit is.
    is_described: bool,
}

impl Reporter {
    /// A unit of which nothing was told; `run` tells this run of the program from all others.
    pub fn new(vehicle: &Vehicle, seed: u64, run: u64) -> Self {
        let name = &vehicle.member.id;
        Self {
            ids: Random::new(run, name),
            noise: Random::new(seed, &format!("{name} noise")),
            error: [0.0; 2],
            told_at: None,
            told_status: None,
            is_described: false,
        }
    }

    /// Tells everything anew: the server may have forgotten it.
    pub fn forget(&mut self) {
        (self.told_at, self.told_status, self.is_described) = (None, None, false);
    }

    /// The report that is due at a second of the fleet's clock.
    pub fn report(&mut self, vehicle: &Vehicle, now: f64, at: DateTime<Utc>) -> Option<Value> {
        if !vehicle.is_placed() || !self.is_due(vehicle, now) {
            return None;
        }
        let on_way = vehicle.at();
        let is_moving = on_way.speed_kmh > 0.0;
        if is_moving {
            self.error = self.error.map(|off| off * NOISE_STAYS + self.noise.around_zero(NOISE_M));
        }
        let [east, north] = self.error;
        let place = to_lon_lat(toward(toward(on_way.place, 90.0, east), 0.0, north))?;
        let mut report = json!({
            "id": self.uuid().to_string(),
            "unit_id": vehicle.member.id,
            "observed_at": at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "lon": rounded(place.lon(), 7),
            "lat": rounded(place.lat(), 7),
            "accuracy_m": ACCURACY_M,
            "speed_kmh": rounded(on_way.speed_kmh, 1),
            "status": vehicle.status(),
        });
        // A receiver that stands knows no direction.
        if is_moving {
            report["heading_deg"] = rounded(on_way.heading_deg, 1).into();
        }
        if !self.is_described {
            report["unit"] = vehicle.member.description();
        }
        self.told_at = Some(now);
        self.told_status = Some(vehicle.status());
        self.is_described = true;
        Some(report)
    }

    fn is_due(&self, vehicle: &Vehicle, now: f64) -> bool {
        let is_overdue = self.told_at.is_none_or(|told| now - told >= STANDING_EVERY_S);
        is_overdue || vehicle.at().speed_kmh > 0.0 || self.told_status != Some(vehicle.status())
    }

    /// A UUID of version 4 (RFC 9562, section 5.4).
    fn uuid(&mut self) -> ReportId {
        const VERSION_AND_VARIANT: u128 = 0xf000 << 64 | 0b11 << 62;
        const OF_VERSION_4: u128 = 0x4000 << 64 | 0b10 << 62;
        let drawn = u128::from(self.ids.next()) << 64 | u128::from(self.ids.next());
        ReportId(drawn & !VERSION_AND_VARIANT | OF_VERSION_4)
    }
}

fn rounded(value: f64, decimals: i32) -> f64 {
    let factor = 10_f64.powi(decimals);
    (value * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use geo::{Distance, Haversine, Point};

    use super::*;
    use crate::fleet::roster::{Base, draw_up};
    use crate::fleet::vehicle::Guide;
    use crate::fleet::way::Way;

    struct Plain;

    impl Guide for Plain {
        fn way(&mut self, _: &str, from: Point<f64>, to: Point<f64>) -> Option<Way> {
            let metres = Haversine.distance(from, to);
            Way::paced(&[[from.x(), from.y()], [to.x(), to.y()]], &[(metres, metres / 10.0)])
        }

        fn hospital(&mut self, _: Point<f64>) -> Option<Point<f64>> {
            None
        }
    }

    fn vehicle() -> Vehicle {
        let base = Base { agency: "115", place: Point::new(108.22, 16.06) };
        Vehicle::new(draw_up(&[base], 40, 3).remove(0), 3)
    }

    /// What a unit tells in so many seconds, and where it was then.
    fn told(seconds: u32, run: u64) -> Vec<(Value, Point<f64>)> {
        let mut vehicle = vehicle();
        let mut reporter = Reporter::new(&vehicle, 3, run);
        let lines = (0..seconds).filter_map(|second| {
            let now = f64::from(second);
            vehicle.step(now, &mut Plain);
            let at = DateTime::from_timestamp(i64::from(second), 0).unwrap();
            reporter.report(&vehicle, now, at).map(|report| (report, vehicle.at().place))
        });
        lines.collect()
    }

    #[test]
    fn the_first_report_says_what_the_unit_is_and_the_others_do_not() {
        let told = told(2_000, 1);
        let described = told.iter().filter(|(report, _)| report.get("unit").is_some()).count();
        assert_eq!((told[0].0["unit"]["simulated"].as_bool(), described), (Some(true), 1));
    }

    #[test]
    fn a_report_is_a_few_metres_off_and_no_more() {
        for (report, place) in told(3_000, 1) {
            let said = Point::new(report["lon"].as_f64().unwrap(), report["lat"].as_f64().unwrap());
            let metres = Haversine.distance(said, place);
            // 2 m a second with 0.85 of it kept is 3.8 m a direction: five times that in both.
            assert!(metres < 27.0, "{metres}");
        }
    }

    #[test]
    fn no_two_reports_have_one_id_in_one_run_or_two() {
        let reports = [told(1_000, 1), told(1_000, 2)].concat();
        let ids: std::collections::BTreeSet<String> =
            reports.iter().map(|(report, _)| report["id"].to_string()).collect();
        assert_eq!(ids.len(), reports.len());
        assert!(ids.iter().all(|id| id.len() == 38 && &id[15..16] == "4"), "{ids:?}");
        assert!(ids.iter().all(|id| "89ab".contains(&id[20..21])), "{ids:?}");
    }

    #[test]
    fn a_unit_that_stands_reports_now_and_then() {
        let standing = told(4_000, 1);
        let pairs = standing
            .windows(2)
            .filter(|pair| pair.iter().all(|(report, _)| report["status"] == "available"));
        let at = |report: &Value| {
            report["observed_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap()
        };
        let gaps: Vec<i64> =
            pairs.map(|pair| (at(&pair[1].0) - at(&pair[0].0)).num_seconds()).collect();
        assert!(!gaps.is_empty() && gaps.iter().all(|gap| *gap == 10), "{gaps:?}");
    }
}
