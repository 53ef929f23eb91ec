//! Boats: by road to the water's edge, then straight over the water. An estimate, marked as one.
//!
//! Asked only where the incident is in the water: inside a polygon of the layer of water, or at a
//! place on a road that a condition has under water. The edge is the place that the boat's trailer
//! can reach which is nearest to the incident by line. Nobody looks at what stands in the water
//! between the two: fences, houses and current are for the crew to judge, and so is the launch
//! itself, for which no time is added.

use urbis_catalog::{Boat, NetworkRole};
use urbis_model::Metres;
use urbis_nearest::{Ask, nearest};
use urbis_network::{Effect, OnArc};
use urbis_snapshot::Visibility;

use crate::candidates::{Candidate, Estimate, Race, Runner, Scene, Spot, candidate, lon_lat};
use crate::cut_off;

/// Longest way over water, metres. A choice of ours: beyond it a boat is launched elsewhere.
const MAX_WATER_M: f64 = 3_000.0;

/// Adds the boats that may go and do not get there by road, each at its place in the order.
pub(crate) fn join(scene: &Scene<'_>, found: &mut Vec<(usize, Candidate)>) {
    let by_water: Vec<&Runner> = scene
        .eligible()
        .into_iter()
        .filter(|runner| boat(scene, runner).is_some())
        .filter(|runner| found.iter().all(|(number, _)| *number != runner.number))
        .collect();
    if by_water.is_empty() || !is_in_water(scene) {
        return;
    }
    let edge = cut_off::reachable(scene, &by_water);
    let race = Race::start(scene.view.live, &edge, &by_water, scene.cutoff_ms());
    let race = race.until_count(by_water.len());
    for finish in race.leaders() {
        let launch = scene
            .runner(finish.number)
            .and_then(|runner| Some((boat(scene, runner)?, edge.on(runner.profile)?)));
        let Some((boat, spot)) = launch.filter(|(_, spot)| spot.gap_m <= MAX_WATER_M) else {
            continue;
        };
        let by_road = candidate(scene, &race, finish, 0.0);
        found.push((finish.number, over_water(by_road, boat, spot)));
    }
    let eta = |one: &Candidate| one.eta_s.unwrap_or(f64::INFINITY);
    found.sort_by(|(a, one), (b, other)| eta(one).total_cmp(&eta(other)).then(a.cmp(b)));
    for (rank, (_, candidate)) in (1..).zip(found) {
        candidate.rank = rank;
    }
}

fn boat(scene: &Scene<'_>, runner: &Runner) -> Option<Boat> {
    let profiles = scene.view.city.catalog().profiles();
    profiles.get(runner.profile.index())?.boat
}

/// Goes on from the water's edge.
fn over_water(by_road: Candidate, boat: Boat, launch: &Spot) -> Candidate {
    const METRES_A_SECOND: f64 = 1.0 / 3.6;
    let road_s = by_road.eta_s.unwrap_or_default();
    let water_m = launch.gap_m;
    let water_s = (water_m / (boat.speed_kmh * METRES_A_SECOND) * 1_000.0).round() / 1_000.0;
    Candidate {
        eta_s: Some(road_s + water_s),
        distance_m: by_road.distance_m + water_m,
        is_estimate: true,
        estimate: Some(Estimate { road_s, water_m, water_s, launch: lon_lat(launch.place) }),
        ..by_road
    }
}

fn is_in_water(scene: &Scene<'_>) -> bool {
    let (view, place) = (scene.view, scene.ask.place);
    let layer = view.city.catalog().network_layer(NetworkRole::Water);
    let water = layer.and_then(|layer| view.city.layer(&layer.id));
    let visibility = Visibility::now(scene.ask.class);
    let ask = Ask { from: place, limit: 1, within: Metres(0.0), visibility };
    let inside = water.is_some_and(|water| !nearest(water, &ask, |_| true).is_empty());
    inside || is_on_flooded_road(scene)
}

fn is_on_flooded_road(scene: &Scene<'_>) -> bool {
    let Some(spot) = scene.destination.nearest() else { return false };
    spot.positions.iter().any(|at| is_under_water(scene, *at))
}

fn is_under_water(scene: &Scene<'_>, at: OnArc) -> bool {
    let (from_mm, to_mm) = (at.offset_mm.saturating_sub(1), at.offset_mm.saturating_add(1));
    let here = scene.view.live.conditions_between(at.arc, from_mm, to_mm);
    here.iter().any(|condition| matches!(condition.effect, Effect::Depth(1..)))
}
