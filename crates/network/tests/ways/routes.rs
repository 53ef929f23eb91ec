//! The fastest route.

use urbis_model::LonLat;
use urbis_network::{OnArc, Route, Trip, geometry, route};

use crate::city::{PROFILE, Random, Street, Town, random_streets};
use crate::oracle::{Oracle, ROUNDING_MS, metres};

#[test]
fn routes_take_the_time_that_a_full_search_over_the_vertices_finds() {
    let mut reached = 0;
    for seed in 1..=4 {
        let town = Town::new(random_streets(7, seed));
        let oracle = Oracle::new(&town);
        let mut random = Random(seed + 100);
        for _ in 0..60 {
            let mut spot =
                || oracle.spot(random.below(oracle.len() as u64) as usize, random.share());
            let (start, end) = (spot(), spot());
            let stands = [start, end].map(|spot| town.stand_at(oracle.place(spot)).unwrap());
            let [from, to] = stands.map(|stand| stand.at);
            let trip = Trip { profile: PROFILE, from, to, alternatives: 0 };
            let found = route(&town.live, &trip);
            let expected = oracle.time(start, &oracle.from(start), end);
            match (found.first(), expected) {
                (None, None) => {}
                (Some(found), Some(expected)) => {
                    let error_ms = f64::from(found.time_ms()) - expected;
                    assert!(error_ms.abs() < ROUNDING_MS, "seed {seed}: {error_ms} of {expected}");
                    check(&town, found, [oracle.place(start), oracle.place(end)]);
                    reached += 1;
                }
                (found, expected) => panic!("seed {seed}: {found:?}, {expected:?}"),
            }
        }
    }
    assert!(reached > 150, "{reached}");
}

/// A route is one line from place to place, as long and as slow as it says.
fn check(town: &Town, route: &Route, ends: [LonLat; 2]) {
    let graph = town.live.graph();
    for pair in route.stretches.windows(2) {
        assert_eq!(graph.arc(pair[0].arc).head, graph.arc(pair[1].arc).tail);
        assert_eq!(pair[0].to_mm, graph.arc(pair[0].arc).length_mm);
        assert_eq!(pair[1].from_mm, 0);
    }
    let drives = route.stretches.iter().map(|stretch| {
        let at = |offset_mm| OnArc { arc: stretch.arc, offset_mm };
        town.live.time(PROFILE, at(stretch.from_mm), at(stretch.to_mm))
    });
    assert_eq!(drives.sum::<u32>(), route.time_ms());
    let line = geometry(&town.city, graph, &route.stretches);
    let places: Vec<LonLat> = line.coords().map(|at| LonLat::new(at.x, at.y).unwrap()).collect();
    // Two cells of the world grid.
    assert!(metres(places[0], ends[0]) < 0.02);
    assert!(metres(*places.last().unwrap(), ends[1]) < 0.02);
    let length_m: f64 = places.windows(2).map(|pair| metres(pair[0], pair[1])).sum();
    assert!((length_m - route.length_mm as f64 / 1e3).abs() < 0.02 + length_m * 1e-5);
}

#[test]
fn along_one_street_the_way_is_straight_and_back_goes_round_where_it_is_one_way() {
    let around = [(0.0, 0.0), (400.0, 0.0), (400.0, 300.0), (0.0, 300.0), (0.0, 0.0)];
    let streets = around.windows(2).map(|line| Street { oneway: "forward", ..Street::new(line) });
    let town = Town::new(streets.collect());
    let time = |from, to| route(&town.live, &town.trip(from, to, 0))[0].time_ms();
    let (west, east) = ((100.0, 0.0), (300.0, 0.0));
    // 200 m ahead, 1,200 m around: 10 m/s. The plan is a sphere: half a percent.
    assert!(time(west, east).abs_diff(20_000) < 100, "{}", time(west, east));
    assert!(time(east, west).abs_diff(120_000) < 600, "{}", time(east, west));
    let still = route(&town.live, &town.trip(west, west, 2));
    assert_eq!((still.len(), still[0].time_ms(), still[0].length_mm), (1, 0, 0));
    let line = geometry(&town.city, town.live.graph(), &still[0].stretches);
    assert_eq!(line.0.len(), 2);
    assert_eq!(line.0[0], line.0[1]);
}

#[test]
fn what_no_road_leads_to_has_no_route() {
    let island = Street::new(&[(900.0, 900.0), (1000.0, 900.0)]);
    let town = Town::new(vec![Street::new(&[(0.0, 0.0), (400.0, 0.0)]), island]);
    assert_eq!(route(&town.live, &town.trip((100.0, 0.0), (950.0, 900.0), 3)), []);
}

#[test]
fn a_vehicle_stands_on_the_nearest_road_that_it_can_drive() {
    let path = Street { class: "footway", ..Street::new(&[(0.0, 20.0), (400.0, 20.0)]) };
    let town = Town::new(vec![Street::new(&[(0.0, 0.0), (400.0, 0.0)]), path]);
    let stand = town.stand((100.0, 18.0));
    assert!((stand.gap.0 - 18.0).abs() < 0.2, "{stand:?}");
    assert_eq!(stand.at.len(), 2, "both directions");
    assert!(town.stand_at(crate::city::place((100.0, 400.0))).is_none());
}
