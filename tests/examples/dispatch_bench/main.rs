//! Who arrives first over the roads of an OSM file, timed in process, beside contraction hierarchies:
//! what `make bench-dispatch` compares other servers with.
//!
//! `dispatch_bench ROADS.osm.pbf PROFILE_FOLDER OUT_FOLDER [UNITS [INCIDENTS]]`
//!
//! Units and incidents stand on junctions, so that every peer means the same places. Writes
//! `cases.json` (the places), `arcs.csv` (the junction graph: id, source, target, seconds), `free.csv`
//! (longitude and latitude of the junctions where every turn is free) and `ours.json` (times in ms of the first five and of all, how long each search took). Contraction
//! hierarchies and pgRouting know no turns: they are compared, pair by pair, on the same roads without
//! restrictions; for pgRouting `points.json` has places inside of streets with our times between them,
//! `chains.csv` the streets.

#![expect(clippy::print_stdout, reason = "a program that prints what it found")]

mod cases;
mod flood;
mod hierarchy;
mod points;
mod spread;

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use urbis_catalog::{Catalog, NetworkRole, ProfileIndex};
use urbis_model::{ChangeBatch, LayerChange, Revision};
use urbis_network::{
    ArcId, Graph, IMPASSABLE, Limits, LiveRoads, NodeId, Roads, all_times, first_arrivals,
};
use urbis_snapshot::City;
use urbis_tests::{ROOT, city_of_osm};

use crate::cases::Cases;
use crate::spread::Spread;

/// The one profile of the folder.
const PROFILE: ProfileIndex = ProfileIndex(0);

/// Units that are wanted at once.
const K: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [roads, profiles, out, counts @ ..] = words.as_slice() else {
        return Err("ROADS.osm.pbf PROFILE_FOLDER OUT_FOLDER [UNITS [INCIDENTS]]".into());
    };
    let count = |at: usize, otherwise| counts.get(at).map_or(Ok(otherwise), |word| word.parse());
    let (units, incidents) = (count(0, 100)?, count(1, 1_000)?);
    let catalog = Catalog::load(&ROOT.join("layers"))?.load_profiles(Path::new(profiles))?;
    let city = city_of_osm(Path::new(roads), Arc::new(catalog));
    let start = Instant::now();
    let live = LiveRoads::new(Arc::new(Roads::build(&city)));
    let built_ms = start.elapsed().as_millis();
    let cases = Cases::draw(&live, PROFILE, units, incidents);
    let out = Path::new(out);
    std::fs::create_dir_all(out)?;
    std::fs::write(out.join("cases.json"), cases.to_json().to_string())?;
    std::fs::write(out.join("arcs.csv"), arcs(&live))?;
    std::fs::write(out.join("free.csv"), free_junctions(live.graph()))?;
    let mut ours = search(&live, &cases);
    ours["graph"] = describe(&live, built_ms);
    let wet = flood::flooded(&live, &city, &cases);
    ours["flooded_share"] = json!(flood::closed_share(&live, &wet, PROFILE));
    ours["all_flooded"] = search(&wet, &cases)["all"].take();
    let free = LiveRoads::new(Arc::new(Roads::build(&without_restrictions(&city))));
    ours["hierarchy"] =
        hierarchy::measure(&free, &Cases::draw(&free, PROFILE, units, incidents), PROFILE);
    std::fs::write(out.join("ours.json"), ours.to_string())?;
    std::fs::write(out.join("points.json"), points::measure(&free, PROFILE).to_string())?;
    std::fs::write(out.join("chains.csv"), points::chains(&free, PROFILE))?;
    println!(
        "{}",
        json!({ "graph": ours["graph"], "first_us": ours["first_us"], "all_us": ours["all_us"], "hierarchy": ours["hierarchy"] })
    );
    Ok(())
}

/// The same city where every turn is free, as contraction hierarchies know no turns.
fn without_restrictions(city: &City) -> City {
    let mut batch = ChangeBatch::default();
    if let Some(layer) = city.catalog().network_layer(NetworkRole::TurnRestrictions) {
        batch.layers.insert(layer.id.clone(), LayerChange::Reset(Vec::new()));
    }
    city.apply(Revision(2), batch).0
}

/// Every arc that can be driven, with its time.
fn arcs(live: &LiveRoads) -> String {
    let mut rows = "id,source,target,cost\n".to_owned();
    for arc in live.graph().arcs() {
        let (ms, view) = (live.weight(PROFILE, arc), live.graph().arc(arc));
        if ms != IMPASSABLE {
            let seconds = f64::from(ms) / 1000.0;
            writeln!(rows, "{},{},{},{seconds}", arc.0, view.tail.0, view.head.0)
                .expect("writing to a string cannot fail");
        }
    }
    rows
}

/// The junctions where somebody may not turn as he likes.
fn restricted(graph: &Graph) -> BTreeSet<NodeId> {
    let is_restricted = |arc: &ArcId| graph.head_state(*arc).0 != graph.arc(*arc).head.0;
    graph.arcs().filter(is_restricted).map(|arc| graph.arc(arc).head).collect()
}

/// The others.
fn free_junctions(graph: &Graph) -> String {
    let restricted = restricted(graph);
    let mut rows = "lon,lat\n".to_owned();
    for node in graph.nodes().filter(|node| !restricted.contains(node)) {
        if let Some(place) = graph.place(node.state()) {
            writeln!(rows, "{:.7},{:.7}", place.lon(), place.lat())
                .expect("writing to a string cannot fail");
        }
    }
    rows
}

fn describe(live: &LiveRoads, built_ms: u128) -> serde_json::Value {
    let graph = live.graph();
    json!({
        "junctions": graph.nodes().count(), "restricted_junctions": restricted(graph).len(),
        "arcs": graph.arcs().count(), "states": graph.state_count(), "bytes": graph.memory(),
        "built_ms": u64::try_from(built_ms).unwrap_or(u64::MAX),
    })
}

/// The first five, and all, for each incident.
fn search(live: &LiveRoads, cases: &Cases) -> serde_json::Value {
    let targets = cases.targets();
    let (mut first_us, mut all_us) = (Spread::default(), Spread::default());
    let (mut first, mut all) = (Vec::new(), Vec::new());
    for incident in &cases.incidents {
        let found = first_us
            .time(|| first_arrivals(live, PROFILE, &incident.reach, &targets, Limits::first(K)));
        let found = found.found.iter().map(|arrival| json!([arrival.target, arrival.eta_ms]));
        first.push(found.collect::<Vec<_>>());
        all.push(
            all_us.time(|| all_times(live, PROFILE, &incident.reach, &targets, IMPASSABLE - 1)),
        );
    }
    json!({ "first": first, "all": all, "first_us": first_us.to_json(), "all_us": all_us.to_json() })
}
