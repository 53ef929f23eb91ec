//! Areas reached within minutes.

use geo::{Area, Contains, Validation, Winding};
use geo_types::{MultiPolygon, Point};
use urbis_model::LonLat;
use urbis_network::{ReachArea, ReachAsk, Spread, reach};

use crate::city::{PROFILE, Random, Street, Town, random_streets};
use crate::oracle::{Oracle, ROUNDING_MS, Spot, metres};

const LIMITS_MS: [u32; 3] = [20_000, 40_000, 60_000];

fn areas(town: &Town, from: LonLat, spread: Spread) -> Vec<ReachArea> {
    let at = town.stand_at(from).unwrap().at;
    let ask = ReachAsk { profile: PROFILE, spread, at, limits_ms: LIMITS_MS.to_vec() };
    reach(&town.city, &town.live, &ask)
}

fn holds(area: &MultiPolygon<f64>, place: LonLat) -> bool {
    area.contains(&Point::new(place.lon(), place.lat()))
}

/// Between two places at which an oracle asks, metres.
const STEP_M: f64 = 10.0;

#[test]
fn areas_hold_every_place_reached_in_time_and_none_that_is_far_from_all_of_them() {
    let (mut inside, mut outside, mut late) = (0, 0, 0);
    for seed in 21..=22 {
        let town = Town::new(random_streets(9, seed));
        let oracle = Oracle::new(&town);
        let start = oracle.spot(Random(seed).below(oracle.len() as u64) as usize, 0.3);
        let places = oracle.every(STEP_M);
        for spread in [Spread::From, Spread::To] {
            let times = times(&oracle, start, &places, spread);
            for reached in areas(&town, oracle.place(start), spread) {
                let limit_ms = f64::from(reached.limit_ms);
                let all = places.iter().map(|spot| oracle.place(*spot)).zip(&times);
                let in_time = all.clone().filter(|(_, time)| **time < limit_ms + ROUNDING_MS);
                let in_time: Vec<LonLat> = in_time.map(|(place, _)| place).collect();
                let gap = |place: LonLat| {
                    let gaps = in_time.iter().map(|reached| metres(*reached, place));
                    gaps.fold(f64::INFINITY, f64::min)
                };
                for (place, time) in all {
                    let is_inside = holds(&reached.area, place);
                    if *time < limit_ms - ROUNDING_MS {
                        assert!(is_inside, "seed {seed}: {time} of {limit_ms}");
                        inside += 1;
                    } else if gap(place) > reached.margin_m + STEP_M {
                        assert!(!is_inside, "seed {seed}: {time} of {limit_ms}");
                        outside += 1;
                    } else {
                        late += 1;
                    }
                }
            }
        }
    }
    assert!(inside > 2_000 && outside > 1_000 && late > 200, "{inside} {outside} {late}");
}

fn times(oracle: &Oracle, start: Spot, places: &[Spot], spread: Spread) -> Vec<f64> {
    let reversed = oracle.reversed();
    let oracle = match spread {
        Spread::From => oracle,
        Spread::To => &reversed,
    };
    let from = oracle.from(start);
    let time = |place: &Spot| oracle.time(start, &from, *place).unwrap_or(f64::INFINITY);
    places.iter().map(time).collect()
}

#[test]
fn areas_are_valid_wound_as_geojson_asks_and_lie_in_one_another() {
    let town = Town::new(random_streets(12, 31));
    let oracle = Oracle::new(&town);
    for share in [0.1, 0.5, 0.9] {
        for spread in [Spread::From, Spread::To] {
            let areas = areas(&town, oracle.place(oracle.spot(oracle.len() / 2, share)), spread);
            for reached in &areas {
                assert!(reached.area.is_valid(), "{:?}", reached.area.validation_errors());
                for polygon in &reached.area {
                    assert!(polygon.exterior().is_ccw());
                    assert!(polygon.interiors().iter().all(Winding::is_cw));
                }
            }
            for pair in areas.windows(2) {
                assert!(pair[0].area.unsigned_area() < pair[1].area.unsigned_area());
                let vertices = pair[0].area.iter().flat_map(|polygon| polygon.exterior().points());
                // A vertex of both lies on the border, which `contains` leaves out.
                let out = vertices.filter(|vertex| {
                    !pair[1].area.contains(vertex) && !on_border(&pair[1].area, *vertex)
                });
                assert_eq!(out.count(), 0);
            }
        }
    }
}

fn on_border(area: &MultiPolygon<f64>, at: Point<f64>) -> bool {
    let rings = area
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    // A cell of the world grid.
    rings.flat_map(|ring| ring.lines()).any(|line| {
        let (start, end) = (line.start_point(), line.end_point());
        let (dx, dy) = (end.x() - start.x(), end.y() - start.y());
        let along = ((at.x() - start.x()) * dx + (at.y() - start.y()) * dy) / (dx * dx + dy * dy);
        let along = along.clamp(0.0, 1.0);
        let (x, y) = (start.x() + dx * along, start.y() + dy * along);
        (at.x() - x).hypot(at.y() - y) < 1e-7
    })
}

#[test]
fn along_one_street_the_area_is_as_long_as_the_time_lasts() {
    let town = Town::new(vec![Street::new(&[(0.0, 0.0), (3000.0, 0.0)])]);
    let at = |east: f64| crate::city::place((east, 0.0));
    for spread in [Spread::From, Spread::To] {
        let areas = areas(&town, at(1500.0), spread);
        for (reached, driven_m) in areas.iter().zip([200.0, 400.0, 600.0]) {
            // 10 m/s both ways; the plan is a sphere: half a percent.
            assert!((reached.length_mm as f64 / 2e3 - driven_m).abs() < driven_m * 0.006);
            for side in [-1.0, 1.0] {
                assert!(holds(&reached.area, at(1500.0 + side * (driven_m * 0.99))));
                let beyond = driven_m * 1.01 + reached.margin_m;
                assert!(!holds(&reached.area, at(1500.0 + side * beyond)));
            }
        }
    }
}

#[test]
fn a_one_way_street_is_reached_ahead_and_reaches_from_behind() {
    let line = [(0.0, 0.0), (3000.0, 0.0)];
    let town = Town::new(vec![Street { oneway: "forward", ..Street::new(&line) }]);
    let at = |east: f64| crate::city::place((east, 0.0));
    let from = &areas(&town, at(1500.0), Spread::From)[1].area;
    assert!(holds(from, at(1880.0)) && !holds(from, at(1300.0)));
    let to = &areas(&town, at(1500.0), Spread::To)[1].area;
    assert!(holds(to, at(1100.0)) && !holds(to, at(1700.0)));
}
