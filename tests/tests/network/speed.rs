//! How long a search takes in each city: run with `--release` or not, and with `--nocapture`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use urbis_catalog::ProfileIndex;
use urbis_network::{
    Graph, IMPASSABLE, Limits, LiveRoads, OnArc, Roads, Target, all_times, first_arrivals,
};

use crate::city::{Random, networks};

const QUERIES: usize = 1_000;

/// Time that this thread has had a processor for: others may be at work beside it.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Places that the vehicle can drive to.
fn somewhere(live: &LiveRoads, arcs: &[urbis_network::ArcId], random: &mut Random) -> OnArc {
    loop {
        let arc = arcs[random.below(arcs.len())];
        let length_mm = live.graph().arc(arc).length_mm;
        if live.weight(ProfileIndex(0), arc) != IMPASSABLE {
            return OnArc { arc, offset_mm: random.below(length_mm as usize + 1) as u32 };
        }
    }
}

/// Both directions, as a place on a two-way street has.
fn both(graph: &Graph, at: OnArc) -> [OnArc; 2] {
    let length_mm = graph.arc(at.arc).length_mm;
    [at, OnArc { arc: at.arc.reverse(), offset_mm: length_mm - at.offset_mm }]
}

fn units(live: &LiveRoads, arcs: &[urbis_network::ArcId], random: &mut Random) -> Vec<Target> {
    let unit = |index| {
        let at = both(live.graph(), somewhere(live, arcs, random));
        Target { index, at: at.map(|at| (at, 0)).to_vec() }
    };
    (0..100).map(unit).collect()
}

fn percentiles(mut times: Vec<Duration>) -> [f64; 3] {
    times.sort_unstable();
    [50, 99, 100].map(|p| times[(times.len() * p / 100).min(times.len() - 1)].as_secs_f64() * 1e3)
}

#[test]
#[ignore = "measures; make bench-dispatch runs it"]
fn how_long_a_search_takes() {
    for network in networks() {
        let city = network.city();
        let start = Instant::now();
        let graph = Graph::build(&city);
        let graph_s = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let live = LiveRoads::new(Arc::new(Roads::build(&city)));
        let roads_s = start.elapsed().as_secs_f64();
        println!(
            "{}: {} junctions, {} states, {} arcs; graph {graph_s:.2} s, roads {roads_s:.2} s",
            network.name,
            graph.nodes().count(),
            graph.state_count(),
            graph.arc_count(),
        );
        let arcs: Vec<_> = live.graph().arcs().collect();
        let random = &mut Random::new(1);
        let (mut first, mut all, mut settled) = (Vec::new(), Vec::new(), 0);
        for _ in 0..QUERIES {
            let units = units(&live, &arcs, random);
            let incident = both(live.graph(), somewhere(&live, &arcs, random));
            let start = cpu();
            let arrivals =
                first_arrivals(&live, ProfileIndex(0), &incident, &units, Limits::first(5));
            first.push(cpu() - start);
            settled += arrivals.settled;
            let start = cpu();
            let times = all_times(&live, ProfileIndex(0), &incident, &units, IMPASSABLE);
            all.push(cpu() - start);
            assert_eq!(times.len(), 100);
        }
        println!(
            "  k=5 of 100: {:.3} ms cpu p50, {:.3} p99, {:.3} worst; {} states settled on average",
            percentiles(first.clone())[0],
            percentiles(first.clone())[1],
            percentiles(first)[2],
            settled / QUERIES,
        );
        let [p50, p99, worst] = percentiles(all);
        println!("  all 100:    {p50:.3} ms cpu p50, {p99:.3} p99, {worst:.3} worst");
    }
}
