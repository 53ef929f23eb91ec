//! RoutingKit's customizable contraction hierarchies over the same junctions, without turns.

use std::collections::BTreeMap;
use std::time::Instant;

use routingkit_cch::{
    CCH, CCHManyToOne, CCHMetric, CCHMetricPartialUpdater, compute_order_inertial,
};
use serde_json::{Value, json};
use urbis_catalog::ProfileIndex;
use urbis_network::{ArcId, IMPASSABLE, LiveRoads, StateId, all_times};

use crate::cases::Cases;
use crate::spread::Spread;

/// What RoutingKit calls no way.
const NO_WAY: u32 = i32::MAX as u32;

/// Arcs that change at once.
const CHANGED: usize = 10;

/// How long the times of all units to each incident take, after an update of ten arcs each time, and
/// how many of them are not ours.
pub fn measure(live: &LiveRoads, cases: &Cases, profile: ProfileIndex) -> Value {
    let graph = live.graph();
    let arcs: Vec<ArcId> = graph.arcs().collect();
    let tail: Vec<u32> = arcs.iter().map(|arc| graph.arc(*arc).tail.0).collect();
    let head: Vec<u32> = arcs.iter().map(|arc| graph.arc(*arc).head.0).collect();
    let count = graph.state_count() as u32;
    let places = (0..count).map(|state| graph.place(StateId(state)));
    let (lat, lon): (Vec<f32>, Vec<f32>) = places
        .map(|place| place.map_or((0.0, 0.0), |place| (place.lat() as f32, place.lon() as f32)))
        .unzip();
    let start = Instant::now();
    let order = compute_order_inertial(count, &tail, &head, &lat, &lon);
    let cch = CCH::new(&order, &tail, &head, |_| {}, false);
    let order_ms = start.elapsed().as_secs_f64() * 1e3;
    let weights: Vec<u32> = arcs.iter().map(|arc| live.weight(profile, *arc).min(NO_WAY)).collect();
    let start = Instant::now();
    let mut metric = CCHMetric::new(&cch, weights.clone());
    let customise_ms = start.elapsed().as_secs_f64() * 1e3;
    let units: Vec<u32> = cases.units.iter().map(|unit| unit.node.0).collect();
    let mut updater = CCHMetricPartialUpdater::new(&cch);
    let (mut update_us, mut many_us) = (Spread::default(), Spread::default());
    let targets = cases.targets();
    let mut differ = 0;
    for (number, incident) in cases.incidents.iter().enumerate() {
        // The weights stay: what is timed is the work.
        let changed = (0..CHANGED).map(|step| (number * 7_919 + step * 104_729) % arcs.len());
        let changed: BTreeMap<u32, u32> = changed.map(|at| (at as u32, weights[at])).collect();
        update_us.time(|| updater.apply(&mut metric, &changed));
        let mut query = CCHManyToOne::new(&metric, &units);
        let theirs = many_us.time(|| query.distances_to(incident.node.0));
        let ours = all_times(live, profile, &incident.reach, &targets, IMPASSABLE - 1);
        differ += ours.iter().zip(&theirs).filter(|(ours, theirs)| ours != theirs).count();
    }
    json!({
        "order_ms": order_ms, "customise_ms": customise_ms, "update_10_us": update_us.to_json(),
        "many_us": many_us.to_json(), "pairs": cases.incidents.len() * cases.units.len(), "differ": differ,
    })
}
