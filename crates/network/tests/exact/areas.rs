//! How long it takes to find the roads of the worst area that a report may have:
//! `cargo test -p urbis-network --test exact areas -- --ignored --nocapture`, with `--release` or
//! not.

use std::sync::Arc;

use urbis_model::{Moment, Openness, WorldXy};
use urbis_network::{
    Direction, Effect, LiveRoads, Reach, RoadState, RoadStateOutcome, RoadStateUpdate, Roads,
};

use crate::speed::{cpu, tell};
use crate::town::{NOW, Plan, Town};

/// As large as the server takes one, degrees.
const SIDE: f64 = 0.045;

/// As many vertices as it takes.
const VERTICES: u32 = 2_000;

/// A saw of an area: every road from west to east crosses all of its teeth.
fn saw() -> Reach {
    let teeth = (0..VERTICES - 2).map(|number| {
        let x = SIDE * f64::from(number) / f64::from(VERTICES - 3);
        (x, if number % 2 == 0 { SIDE } else { SIDE * 0.05 })
    });
    let ring = [(SIDE, 0.0), (0.0, 0.0)].into_iter();
    area(&teeth.chain(ring).collect::<Vec<_>>())
}

fn square() -> Reach {
    area(&[(0.0, 0.0), (SIDE, 0.0), (SIDE, SIDE), (0.0, SIDE)])
}

fn area(ring: &[(f64, f64)]) -> Reach {
    let at = |(x, y): &(f64, f64)| urbis_model::LonLat::new(108.3 + x, 16.1 + y).unwrap();
    let ring: Vec<WorldXy> = ring.iter().map(|place| WorldXy::from_lonlat(at(place))).collect();
    Reach::Area(Arc::new([ring.into()]))
}

#[test]
#[ignore = "measures"]
fn how_long_the_roads_of_an_area_take_to_find_among_60_000_junctions() {
    let town = Town::grow(1, Plan { side: 285, rules: 0, barriers: 0, oneways: 12 });
    let city = town.city(Vec::new());
    let live = LiveRoads::new(Arc::new(Roads::build(&city)));
    for (what, reach) in [("a square", square()), ("a saw", saw())] {
        let update = |number: usize| RoadStateUpdate {
            key: number.to_string().into(),
            observed_at: NOW,
            state: Some(RoadState {
                reach: reach.clone(),
                direction: Direction::Both,
                effect: Effect::Closed,
                cause: None,
                title: None,
                until: None,
                openness: Openness::Open,
            }),
        };
        let mut times = Vec::new();
        for number in 0..5 {
            let start = cpu();
            let (_, outcomes) = live.with(&city, &[update(number)], Moment(NOW.0));
            times.push(cpu() - start);
            let [RoadStateOutcome::Applied { links }] = *outcomes else { panic!("{outcomes:?}") };
            assert!(links > 1_000, "{links}");
        }
        tell(what, times);
    }
}
