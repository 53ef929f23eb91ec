//! Other routes beside the fastest.

use std::collections::{BTreeMap, BTreeSet};

use urbis_network::{ArcId, MAX_SHARED, MAX_STRETCH, Route, Trip, route};

use crate::city::{PROFILE, Random, Street, Town, random_streets};
use crate::oracle::Oracle;

const WANTED: usize = 3;

#[test]
fn alternatives_keep_their_limits_in_random_cities() {
    let mut asked = 0;
    let mut found = 0;
    for seed in 11..=14 {
        let town = Town::new(random_streets(9, seed));
        let oracle = Oracle::new(&town);
        let mut random = Random(seed);
        for _ in 0..40 {
            let mut spot = || {
                let piece = random.below(oracle.len() as u64) as usize;
                town.stand_at(oracle.place(oracle.spot(piece, random.share()))).unwrap().at
            };
            let (from, to) = (spot(), spot());
            let trip = Trip { profile: PROFILE, from, to, alternatives: WANTED };
            let routes = route(&town.live, &trip);
            let alone = route(&town.live, &Trip { alternatives: 0, ..trip });
            assert_eq!(routes.first(), alone.first(), "the fastest stays the fastest");
            assert!(routes.len() <= 1 + WANTED);
            check(&town, &routes);
            asked += alone.len();
            found += routes.len().saturating_sub(1);
        }
    }
    // A third of the streets here are one-way or missing, and many trips are a block or two.
    assert!(asked > 100 && found * 3 > asked, "{found} for {asked}");
}

fn check(town: &Town, routes: &[Route]) {
    let Some(best) = routes.first() else { return };
    for (index, route) in routes.iter().enumerate().skip(1) {
        assert!(route.time_ms() >= best.time_ms());
        assert!(f64::from(route.time_ms()) <= f64::from(best.time_ms()) * MAX_STRETCH);
        let heads = route.stretches.split_last().unwrap().1.iter();
        let heads: Vec<_> = heads.map(|stretch| town.live.graph().arc(stretch.arc).head).collect();
        let once: BTreeSet<_> = heads.iter().collect();
        assert_eq!(once.len(), heads.len(), "a junction is passed twice");
        for earlier in &routes[..index] {
            let shared = shared_mm(earlier, route) as f64;
            let least = earlier.length_mm.min(route.length_mm) as f64;
            assert!(shared <= least * MAX_SHARED + 1.0, "{shared} of {least}");
        }
    }
}

/// By marking each metre of both.
fn shared_mm(one: &Route, other: &Route) -> u64 {
    let metres = |route: &Route| {
        let mut driven: BTreeMap<(ArcId, u32), u32> = BTreeMap::new();
        for stretch in &route.stretches {
            for metre in stretch.from_mm / 1000..=stretch.to_mm / 1000 {
                let (from, to) = (metre * 1000, metre * 1000 + 1000);
                let length = stretch.to_mm.min(to).saturating_sub(stretch.from_mm.max(from));
                *driven.entry((stretch.arc, metre)).or_default() += length;
            }
        }
        driven
    };
    let (one, other) = (metres(one), metres(other));
    let both =
        one.iter().filter_map(|(metre, length)| Some(u64::from(*length.min(other.get(metre)?))));
    both.sum()
}

#[test]
fn a_second_street_that_is_nearly_as_fast_is_the_alternative_and_a_far_one_is_not() {
    let by = |north: f64| Street::new(&[(0.0, 0.0), (100.0, north), (900.0, north), (1000.0, 0.0)]);
    let ends =
        [Street::new(&[(-200.0, 0.0), (0.0, 0.0)]), Street::new(&[(1000.0, 0.0), (1200.0, 0.0)])];
    let streets = [by(100.0), by(-150.0), by(-900.0)].into_iter().chain(ends).collect();
    let town = Town::new(streets);
    let routes = route(&town.live, &town.trip((-150.0, 0.0), (1150.0, 0.0), WANTED));
    assert_eq!(routes.len(), 2, "{routes:?}");
}
