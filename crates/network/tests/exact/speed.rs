//! How long a search takes in a made-up city of 60,000 junctions, of which one in fifty has a rule:
//! `cargo test -p urbis-network --test exact -- --ignored --nocapture`, with `--release` or not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use urbis_catalog::ProfileIndex;
use urbis_model::Moment;
use urbis_network::{
    ArcId, IMPASSABLE, Limits, LiveRoads, OnArc, Roads, Target, all_times, first_arrivals,
};

use crate::brute::storm;
use crate::town::{NOW, Plan, Random, Town};

const QUERIES: usize = 1_000;
const AMBULANCE: ProfileIndex = ProfileIndex(0);

/// Time that this thread has had a processor for: others may be at work beside it.
pub fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Both directions of a place that the vehicle can drive to.
fn somewhere(live: &LiveRoads, arcs: &[ArcId], random: &mut Random) -> Vec<OnArc> {
    loop {
        let arc = arcs[random.below(arcs.len())];
        let length_mm = live.graph().arc(arc).length_mm;
        if live.weight(AMBULANCE, arc) != IMPASSABLE {
            let offset_mm = random.below(length_mm as usize + 1) as u32;
            let back = OnArc { arc: arc.reverse(), offset_mm: length_mm - offset_mm };
            return vec![OnArc { arc, offset_mm }, back];
        }
    }
}

#[expect(clippy::print_stdout, reason = "what it measures is read")]
pub fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    println!("{what}: {:?} p50, {:?} p99, {:?} worst, cpu", at(50), at(99), at(100));
}

#[test]
#[ignore = "measures"]
fn how_long_a_search_takes_among_60_000_junctions() {
    let plan = Plan { side: 285, rules: 1_200, barriers: 100, oneways: 12 };
    let town = Town::grow(1, plan);
    let city = town.city(Vec::new());
    let build = Instant::now();
    let mut live = LiveRoads::new(Arc::new(Roads::build(&city)));
    println!("graph and weights: {:?}", build.elapsed());
    let graph = live.graph();
    println!("{} junctions, {} states", graph.nodes().count(), graph.state_count());
    let arcs: Vec<ArcId> = graph.arcs().collect();
    let random = &mut Random::new(1);
    let (mut first, mut all, mut two, mut batches) = (vec![], vec![], vec![], vec![]);
    let mut settled = 0;
    for query in 0..QUERIES {
        let unit = |index| {
            let places = somewhere(&live, &arcs, random);
            Target { index, at: places.into_iter().map(|at| (at, 0)).collect() }
        };
        let units: Vec<Target> = (0..100).map(unit).collect();
        let incident = somewhere(&live, &arcs, random);
        let start = cpu();
        let arrivals = first_arrivals(&live, AMBULANCE, &incident, &units, Limits::first(5));
        first.push(cpu() - start);
        settled += arrivals.settled;
        if query % 10 == 0 {
            let start = cpu();
            let times = all_times(&live, AMBULANCE, &incident, &units, IMPASSABLE);
            all.push(cpu() - start);
            assert_eq!(times.len(), 100);
            let start = cpu();
            first_arrivals(&live, AMBULANCE, &incident, &units[..2], Limits::first(1));
            two.push(cpu() - start);
            let storm = storm(random, &town, 10);
            let start = cpu();
            live = live.with(&city, &storm, Moment(NOW.0 + query as i64)).0;
            batches.push(cpu() - start);
        }
    }
    tell("first 5 of 100 units", first);
    println!("states settled for them on average: {}", settled / QUERIES);
    tell("all 100 units", all);
    tell("first of 2 units", two);
    tell("a batch of 10 road states", batches);
}
