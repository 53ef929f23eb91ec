//! How long a whole answer takes; run with `cargo test --release -p urbis-dispatch --test candidates
//! -- --ignored --nocapture`.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use urbis_dispatch::{Agency, Answer, Ask};
use urbis_model::Metres;

use crate::by_hand::{answer, ask};
use crate::dice::Random;
use crate::town::{Crew, Plan, Street, Town, ambulance};

/// Junctions are its square: 62,500.
const SIDE: u64 = 250;
const BLOCK_M: f64 = 120.0;
const UNITS: u64 = 100;
const ASKS: usize = 1_000;

fn street_class(number: u64) -> &'static str {
    match number {
        n if n % 25 == 0 => "primary",
        n if n % 5 == 0 => "tertiary",
        _ => "residential",
    }
}

/// A grid of streets, some of them one-way, with water on some blocks.
fn grid(random: &mut Random, closures: u64) -> Plan {
    let mut plan = Plan::default();
    let along = |number: u64| number as f64 * BLOCK_M;
    for number in 0..SIDE {
        let class = street_class(number);
        let oneway = class == "residential" && random.is(20);
        let street = Street { name: "", class, oneway };
        let row: Vec<(f64, f64)> = (0..SIDE).map(|x| (along(x), along(number))).collect();
        let mut column: Vec<(f64, f64)> = row.iter().map(|(x, y)| (*y, *x)).collect();
        if random.is(50) {
            column.reverse();
        }
        plan = plan.street(street, &row).street(street, &column);
    }
    for _ in 0..closures {
        let (x, y) = (along(random.below(SIDE - 1)), along(random.below(SIDE)));
        let depth = random.of(&[Some(0.2), Some(0.5), Some(1.2)]);
        plan = plan.closure("Đường", depth, &[(x + 20.0, y), (x + 90.0, y)]);
    }
    plan
}

fn with_units(random: &mut Random, town: Town) -> Town {
    (0..UNITS).fold(town, |town, number| {
        let crew = match number % 3 {
            0 => Crew {
                profile: "pumper",
                agency: Agency::Fire114,
                ..ambulance(&format!("u{number:03}"))
            },
            _ => ambulance(&format!("u{number:03}")),
        };
        let x = random.below(SIDE * 120) as f64;
        town.unit(&crew, (x, random.below(SIDE) as f64 * BLOCK_M))
    })
}

/// Time that this thread has run: what others do on the machine is not in it.
fn on_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).expect("below a second"))
}

fn percentiles(mut times: Vec<Duration>) -> [Duration; 3] {
    times.sort_unstable();
    [50, 99, 100].map(|percent| times[(times.len() - 1) * percent / 100])
}

#[test]
#[ignore = "a measurement"]
fn a_whole_answer_takes_a_few_milliseconds() {
    let mut random = Random(9);
    let town = grid(&mut random, 300).build();
    let town = with_units(&mut random, town);
    let variants = [
        (0.0, None),
        (20.0, None),
        (0.0, Some(Agency::Medical115)),
        (20.0, Some(Agency::Medical115)),
    ];
    for (accuracy_m, service) in variants {
        let mut random = Random(10);
        let (mut times, mut told) = (Vec::new(), 0);
        for _ in 0..ASKS {
            let mut along = || random.below(SIDE * 120) as f64;
            let place = (along(), along());
            let ask = Ask { limit: 5, accuracy: Metres(accuracy_m), service, ..ask(place) };
            let start = on_cpu();
            let answer: Answer = answer(&town, &ask);
            times.push(on_cpu() - start);
            told += answer.rejected.len();
        }
        let [p50, p99, max] = percentiles(times);
        println!(
            "k=5, {accuracy_m} m, {service:?}: cpu p50 {p50:?}, p99 {p99:?}, max {max:?}; {told} rejected in {ASKS}"
        );
    }
}
