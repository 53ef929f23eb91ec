//! The same roads under water: round floods around incidents drawn by their number.

use urbis_catalog::ProfileIndex;
use urbis_model::{Moment, Openness, WorldXy};
use urbis_network::{Direction, Effect, IMPASSABLE, LiveRoads, Reach, RoadState, RoadStateUpdate};
use urbis_snapshot::City;

use crate::cases::Cases;

/// Floods, and the radius of the smallest and the largest, metres.
const FLOODS: usize = 15;
const RADII_M: [f64; 2] = [150.0, 900.0];

/// Deeper than any car wades.
const DEPTH_CM: u32 = 80;

/// The roads with all floods.
pub fn flooded(live: &LiveRoads, city: &City, cases: &Cases) -> LiveRoads {
    let now = Moment::now();
    let step = (cases.incidents.len() / FLOODS).max(1);
    let floods = cases.incidents.iter().step_by(step).take(FLOODS).enumerate();
    let updates: Vec<RoadStateUpdate> = floods
        .map(|(number, incident)| {
            let share = number as f64 / FLOODS as f64;
            let radius_m = RADII_M[0] + share * (RADII_M[1] - RADII_M[0]);
            RoadStateUpdate {
                key: format!("flood {number}").into(),
                observed_at: now,
                state: Some(RoadState {
                    reach: Reach::Circle(WorldXy::from_lonlat(incident.at), radius_m),
                    direction: Direction::Both,
                    effect: Effect::Depth(DEPTH_CM),
                    cause: None,
                    title: None,
                    until: None,
                    openness: Openness::Open,
                }),
            }
        })
        .collect();
    live.with(city, &updates, now).0
}

/// Share of the arcs that were open and are closed.
pub fn closed_share(dry: &LiveRoads, wet: &LiveRoads, profile: ProfileIndex) -> f64 {
    let is_open = |arc: &_| dry.weight(profile, *arc) != IMPASSABLE;
    let open: Vec<_> = dry.graph().arcs().filter(is_open).collect();
    let closed = open.iter().filter(|arc| wet.weight(profile, **arc) == IMPASSABLE).count();
    closed as f64 / open.len() as f64
}
