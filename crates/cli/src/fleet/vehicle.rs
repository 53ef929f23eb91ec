//! One made-up unit: it stands at its base, gets a run, drives there by road, works, and comes back.

use geo::Point;

use super::random::Random;
use super::roster::Member;
use super::way::{OnWay, Way, toward};

/// Seconds that a unit waits at its base, is getting ready, and works at an incident or a hospital:
/// about half of the fleet is available.
const WAITS_S: [f64; 2] = [60.0, 800.0];
const TURNOUT_S: [f64; 2] = [8.0, 40.0];
const WORKS_S: [f64; 2] = [40.0, 180.0];

/// Seconds until a unit that found no way tries another.
const TRIES_AGAIN_S: f64 = 15.0;

/// How far from its base an incident is, metres by line.
const INCIDENT_M: [f64; 2] = [500.0, 3_500.0];

/// One run in so many ends with a unit out of service for a while; one patient in two goes to a
/// hospital.
const OUT_OF_SERVICE_IN: f64 = 0.04;
const TO_HOSPITAL_IN: f64 = 0.5;

/// Places for an incident that are looked at before a unit waits for the next second chance; each
/// nearer to the base than the one before, since a city's roads may end close to it.
const SCENES_TRIED: i32 = 4;
const NEARER: f64 = 0.7;

/// Units of one base stand behind each other, so many metres apart.
const PARKING_M: f64 = 25.0;
const PARKING_PLACES: f64 = 12.0;

/// Share of the fleet that is on a run already when it is first seen.
const OUT_AT_FIRST: f64 = 0.4;

/// Finds ways and hospitals; what it cannot is `None`.
pub(super) trait Guide {
    /// The way by road from the first place to the second for a profile.
    fn way(&mut self, profile: &str, from: Point<f64>, to: Point<f64>) -> Option<Way>;
    /// Where patients near a place are brought.
    fn hospital(&mut self, near: Point<f64>) -> Option<Point<f64>>;
}

/// What a unit does; its status follows from it.
#[derive(Debug, Clone, PartialEq)]
enum Task {
    /// At the base, where it has not looked for its place on the road yet.
    Arrives {
        retry_at: f64,
    },
    Waits {
        until: f64,
    },
    /// The scene's way is known; the crew gets ready.
    TurnsOut {
        until: f64,
        way: Way,
    },
    Drives {
        since: f64,
        way: Way,
        errand: Errand,
    },
    Works {
        until: f64,
        at: Errand,
    },
    Rests {
        until: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    Scene,
    Hospital,
    Home,
}

/// A unit and what it does.
#[derive(Debug, Clone)]
pub(super) struct Vehicle {
    pub member: Member,
    random: Random,
    task: Task,
    /// On the road beside the base.
    home: Point<f64>,
    at: OnWay,
}

impl Vehicle {
    /// A unit at its base; the fleet does not set out at one second.
    pub fn new(member: Member, seed: u64) -> Self {
        let home = member.home;
        let random = Random::new(seed, &member.id);
        let at = OnWay { place: home, heading_deg: 0.0, speed_kmh: 0.0 };
        Self { member, random, task: Task::Arrives { retry_at: 0.0 }, home, at }
    }

    /// Its status in the words of the server.
    pub const fn status(&self) -> &'static str {
        match &self.task {
            Task::Arrives { .. } | Task::Waits { .. } => "available",
            Task::TurnsOut { .. } => "assigned",
            Task::Drives { errand: Errand::Scene, .. } => "en_route",
            Task::Drives { errand: Errand::Hospital, .. }
            | Task::Works { at: Errand::Hospital, .. } => "to_hospital",
            Task::Drives { errand: Errand::Home, .. } => "returning",
            Task::Works { .. } => "on_scene",
            Task::Rests { .. } => "out_of_service",
        }
    }

    /// Whether it stands where a report can say so; not before it has found its road.
    pub const fn is_placed(&self) -> bool {
        !matches!(self.task, Task::Arrives { .. })
    }

    /// Where it is, as of the last step.
    pub const fn at(&self) -> &OnWay {
        &self.at
    }

    /// Goes on to a second of the fleet's clock.
    pub fn step(&mut self, now: f64, guide: &mut impl Guide) {
        if let Task::Drives { since, way, .. } = &self.task {
            self.at = way.at(now - since);
        }
        if let Some(task) = self.next(now, guide) {
            self.task = task;
        }
    }

    /// What it does next, where what it does is done.
    fn next(&mut self, now: f64, guide: &mut impl Guide) -> Option<Task> {
        match &self.task {
            Task::Arrives { retry_at } => (now >= *retry_at).then(|| self.park(now, guide)),
            Task::Waits { until } => (now >= *until).then(|| self.get_run(now, guide)),
            Task::Rests { until } => (now >= *until).then(|| self.wait(now)),
            Task::TurnsOut { until, way } if now >= *until => {
                Some(Task::Drives { since: now, way: way.clone(), errand: Errand::Scene })
            }
            Task::Drives { since, way, errand } if now - since >= way.duration_s() => {
                let errand = *errand;
                Some(match errand {
                    Errand::Home => self.come_home(now),
                    Errand::Scene | Errand::Hospital => {
                        Task::Works { until: now + self.draw(WORKS_S), at: errand }
                    }
                })
            }
            Task::Works { until, at } if now >= *until => {
                let at = *at;
                Some(self.leave(now, at, guide))
            }
            _ => None,
        }
    }

    /// Finds its place on the road: where some way from the base begins, behind the others, or on it.
    fn park(&mut self, now: f64, guide: &mut impl Guide) -> Task {
        let Some(way) = self.way_to_incident(self.member.home, guide) else {
            return Task::Arrives { retry_at: now + TRIES_AGAIN_S };
        };
        let metres = PARKING_M * (self.random.share() * PARKING_PLACES).floor();
        self.home = along(&way, metres);
        if self.random.share() < OUT_AT_FIRST {
            let since = now - self.random.share() * way.duration_s();
            self.at = way.at(now - since);
            return Task::Drives { since, way, errand: Errand::Scene };
        }
        self.at = OnWay { place: self.home, speed_kmh: 0.0, ..way.at(0.0) };
        let [_, longest] = WAITS_S;
        Task::Waits { until: now + self.random.between(0.0, longest) }
    }

    fn get_run(&mut self, now: f64, guide: &mut impl Guide) -> Task {
        match self.way_to_incident(self.at.place, guide) {
            Some(way) => Task::TurnsOut { until: now + self.draw(TURNOUT_S), way },
            None => Task::Waits { until: now + TRIES_AGAIN_S },
        }
    }

    /// Leaves a scene or a hospital.
    fn leave(&mut self, now: f64, at: Errand, guide: &mut impl Guide) -> Task {
        let is_medical = self.member.agency == "115";
        if at == Errand::Scene && is_medical && self.random.share() < TO_HOSPITAL_IN {
            let hospital = guide.hospital(self.at.place);
            let way = hospital.and_then(|to| guide.way(self.member.profile, self.at.place, to));
            if let Some(way) = way {
                return Task::Drives { since: now, way, errand: Errand::Hospital };
            }
        }
        match guide.way(self.member.profile, self.at.place, self.home) {
            Some(way) => Task::Drives { since: now, way, errand: Errand::Home },
            None => Task::Works { until: now + TRIES_AGAIN_S, at },
        }
    }

    fn come_home(&mut self, now: f64) -> Task {
        if self.random.share() < OUT_OF_SERVICE_IN {
            return Task::Rests { until: now + 2.0 * self.draw(WAITS_S) };
        }
        self.wait(now)
    }

    fn wait(&mut self, now: f64) -> Task {
        Task::Waits { until: now + self.draw(WAITS_S) }
    }

    /// The way to some place around the base.
    fn way_to_incident(&mut self, from: Point<f64>, guide: &mut impl Guide) -> Option<Way> {
        (0..SCENES_TRIED).find_map(|tried| {
            let heading_deg = self.random.between(0.0, 360.0);
            let metres = self.draw(INCIDENT_M) * NEARER.powi(tried);
            let scene = toward(self.member.home, heading_deg, metres);
            guide.way(self.member.profile, from, scene)
        })
    }

    fn draw(&mut self, [low, high]: [f64; 2]) -> f64 {
        self.random.between(low, high)
    }
}

/// The place so many metres along a way, or its end.
fn along(way: &Way, metres: f64) -> Point<f64> {
    use geo::{Distance, Haversine};
    let mut second = 0.0;
    let mut left = metres;
    let mut before = way.start();
    while left > 0.0 && second < way.duration_s() {
        second += 0.5;
        let place = way.at(second).place;
        left -= Haversine.distance(before, place);
        before = place;
    }
    before
}

#[cfg(test)]
mod tests {
    use geo::{Distance, Haversine};

    use super::*;
    use crate::fleet::roster::{Base, draw_up};

    /// Roads everywhere, in straight lines at 36 km/h.
    struct Plain {
        asked: usize,
    }

    impl Guide for Plain {
        fn way(&mut self, _: &str, from: Point<f64>, to: Point<f64>) -> Option<Way> {
            self.asked += 1;
            let metres = Haversine.distance(from, to);
            Way::paced(&[[from.x(), from.y()], [to.x(), to.y()]], &[(metres, metres / 10.0)])
        }

        fn hospital(&mut self, near: Point<f64>) -> Option<Point<f64>> {
            Some(toward(near, 90.0, 800.0))
        }
    }

    /// No road anywhere.
    struct Nowhere;

    impl Guide for Nowhere {
        fn way(&mut self, _: &str, _: Point<f64>, _: Point<f64>) -> Option<Way> {
            None
        }

        fn hospital(&mut self, _: Point<f64>) -> Option<Point<f64>> {
            None
        }
    }

    fn vehicle() -> Vehicle {
        let base = Base { agency: "115", place: Point::new(108.22, 16.06) };
        Vehicle::new(draw_up(&[base], 40, 3).remove(0), 3)
    }

    #[test]
    fn a_unit_goes_through_a_run_in_order_and_comes_back() {
        let (mut vehicle, mut guide) = (vehicle(), Plain { asked: 0 });
        let mut seen: Vec<&str> = Vec::new();
        for second in 0..40_000 {
            vehicle.step(f64::from(second), &mut guide);
            if seen.last() != Some(&vehicle.status()) {
                seen.push(vehicle.status());
            }
        }
        let may_follow = [
            ("available", "assigned"),
            ("assigned", "en_route"),
            ("en_route", "on_scene"),
            ("on_scene", "to_hospital"),
            ("on_scene", "returning"),
            ("to_hospital", "returning"),
            ("returning", "available"),
            ("returning", "out_of_service"),
            ("out_of_service", "available"),
        ];
        for pair in seen.windows(2) {
            assert!(may_follow.contains(&(pair[0], pair[1])), "{pair:?}");
        }
        for (_, status) in may_follow {
            assert!(seen.contains(&status), "{status} in {} changes", seen.len());
        }
    }

    #[test]
    fn a_unit_never_leaps() {
        let (mut vehicle, mut guide) = (vehicle(), Plain { asked: 0 });
        vehicle.step(0.0, &mut guide);
        let mut before = vehicle.at().place;
        for second in 1..20_000 {
            vehicle.step(f64::from(second), &mut guide);
            let metres = Haversine.distance(before, vehicle.at().place);
            assert!(metres < 10.5, "{metres} m in second {second}, {}", vehicle.status());
            before = vehicle.at().place;
        }
    }

    #[test]
    fn a_unit_without_roads_is_on_no_map() {
        let mut vehicle = vehicle();
        for second in 0..600 {
            vehicle.step(f64::from(second), &mut Nowhere);
            assert!(!vehicle.is_placed());
        }
    }
}
