//! The features of a layer that a vehicle gets to first, or from which it comes first.
//!
//! - **In**: a place, where it lies on the network, a profile, a layer.
//! - **Out**: at most so many features, by time, equal times in order of
//!   [`urbis_model::FeatureId`].
//! - **Where a feature is**: a point on the road that the vehicle can drive nearest to it, within
//!   [`FEATURE_WITHIN`]; a line or polygon at the middle of its box. Features farther from any such
//!   road are not among the answers.
//! - **Exact**: features come in order of their distance by line, which over the highest speed
//!   that the profile drives anywhere bounds the time of all that follow; the search ends where
//!   that bound passes the worst answer kept.
//! - **Cost**: one search as far as the worst answer, and a look for roads at each feature by line
//!   within the distance that is driven in that time.
//!
//! Source: Papadias, Zhang, Mamoulis and Tao, "Query Processing in Spatial Network Databases",
//! VLDB 2003 (incremental Euclidean restriction).

use std::collections::BTreeMap;

use urbis_catalog::{ProfileIndex, VehicleProfile};
use urbis_model::{FeatureId, LonLat, Metres, WorldXy};
use urbis_snapshot::{City, LayerSnapshot, Part, SnapshotFeature, Visibility};

use crate::stand::Stand;
use crate::wave::{Spread, Wave};
use crate::{LiveRoads, OnArc};

/// How far from a road a feature may be.
pub const FEATURE_WITHIN: Metres = Metres(300.0);

/// Most features that are looked at, the nearest by line: where few of many can be reached, a
/// search would look at all of them.
pub const MAX_LOOKED_AT: usize = 20_000;

/// How much longer a road may seem by line than it is, and how much faster a vehicle by the
/// rounding of milliseconds: bounds of time are lowered by it.
const BOUND_FACTOR: f64 = 0.9;

/// Cells along one side of the world grid.
const CELLS: f64 = 4_294_967_296.0;

/// Length of the earth's equator, metres, WGS 84.
const EQUATOR_M: f64 = std::f64::consts::TAU * 6_378_137.0;

/// What is asked.
#[derive(Debug, Clone)]
pub struct RoadAsk<'a> {
    /// The vehicle.
    pub profile: ProfileIndex,
    /// Whether it sets off at the place or is to reach it.
    pub spread: Spread,
    /// The place itself, and where it lies on the network.
    pub from: (LonLat, &'a Stand),
    /// Most answers.
    pub limit: usize,
    /// Longest time, milliseconds.
    pub cutoff_ms: u32,
    /// Which features there are.
    pub visibility: Visibility,
}

/// A feature, and the time by road.
#[derive(Debug, Clone, Copy)]
pub struct ByRoad<'a> {
    /// The feature.
    pub feature: SnapshotFeature<'a>,
    /// Milliseconds.
    pub time_ms: u32,
    /// By road, millimetres.
    pub length_mm: u64,
    /// Where the way starts or ends on the network.
    pub at: OnArc,
    /// The same place on the road.
    pub place: LonLat,
    /// From there to the feature by line.
    pub gap: Metres,
}

/// The answers, by time.
#[derive(Debug, Clone)]
pub struct FoundByRoad<'a> {
    /// At most as many as are asked for.
    pub features: Vec<ByRoad<'a>>,
    /// Whether these are surely the nearest: [`MAX_LOOKED_AT`] was enough.
    pub is_complete: bool,
}

/// Finds the features that are nearest by travel time, among those that `is_asked_for` admits;
/// others neither show nor count to any limit.
pub fn nearest_by_road<'a>(
    city: &City,
    live: &LiveRoads,
    layer: &'a LayerSnapshot,
    ask: &RoadAsk<'_>,
    is_asked_for: impl Fn(SnapshotFeature<'a>) -> bool,
) -> FoundByRoad<'a> {
    let (from, stand) = ask.from;
    let mut wave = Wave::new(live, ask.profile, ask.spread, stand.at.clone());
    let bound = Bound::of(city, ask);
    let mut kept: BTreeMap<(u32, FeatureId), ByRoad<'a>> = BTreeMap::new();
    let mut is_complete = true;
    let mut looked_at = 0;
    for (feature, squared) in layer.near(WorldXy::from_lonlat(from), ask.visibility) {
        let last = kept.last_key_value().map(|((time_ms, _), _)| *time_ms);
        let worst_ms = last.filter(|_| kept.len() >= ask.limit).unwrap_or(ask.cutoff_ms);
        if ask.limit == 0 || bound.least_ms(squared.sqrt()) > f64::from(worst_ms) {
            break;
        }
        if !is_asked_for(feature) {
            continue;
        }
        if looked_at == MAX_LOOKED_AT {
            is_complete = false;
            break;
        }
        looked_at += 1;
        let stands = middles(feature)
            .into_iter()
            .filter_map(|place| Stand::find(city, live, ask.profile, place, FEATURE_WITHIN));
        let reached = stands.filter_map(|stand| {
            let arrived = wave.settle(&stand.at, worst_ms)?;
            let Stand { place, gap, .. } = stand;
            let length_mm = wave.length_mm(arrived);
            let (time_ms, at) = (arrived.time_ms, arrived.end);
            Some(ByRoad { feature, time_ms, length_mm, at, place, gap })
        });
        let Some(reached) = reached.min_by_key(|by_road| by_road.time_ms) else { continue };
        kept.insert((reached.time_ms, feature.id()), reached);
        if kept.len() > ask.limit {
            kept.pop_last();
        }
    }
    FoundByRoad { features: kept.into_values().collect(), is_complete }
}

/// What turns a distance by line on the plane of the world grid into a time that no drive beats.
#[derive(Debug, Clone, Copy)]
struct Bound {
    from: LonLat,
    /// What of a way by line the gaps at both ends may be.
    gaps_m: f64,
    metres_per_ms: f64,
}

impl Bound {
    fn of(city: &City, ask: &RoadAsk<'_>) -> Self {
        let profile = city.catalog().profiles().get(ask.profile.index());
        let fastest_kmh = profile.map_or(0.0, |profile| fastest_kmh(profile));
        let (from, stand) = ask.from;
        let gaps_m = stand.gap.0 + FEATURE_WITHIN.0;
        Self { from, gaps_m, metres_per_ms: fastest_kmh / 3_600.0 / BOUND_FACTOR }
    }

    /// Of all features whose boxes are so many cells away.
    fn least_ms(self, cells: f64) -> f64 {
        // The scale is smallest where the way may come nearest to a pole.
        let degrees = cells / CELLS * 360.0;
        let lat = (self.from.lat().abs() + degrees).min(90.0);
        let metres = cells / CELLS * EQUATOR_M * lat.to_radians().cos();
        (metres - self.gaps_m).max(0.0) / self.metres_per_ms
    }
}

/// The highest speed that a profile drives anywhere; limits, water and closures only lower it.
fn fastest_kmh(profile: &VehicleProfile) -> f64 {
    let speeds = profile.speeds_kmh.values().copied().chain(profile.otherwise_kmh);
    speeds.fold(0.0, f64::max) * profile.lights.map_or(1.0, |lights| lights.factor)
}

/// The points of a feature, or the middle of its box.
fn middles(feature: SnapshotFeature<'_>) -> Vec<LonLat> {
    let points: Vec<LonLat> = feature
        .parts()
        .filter_map(|part| match part {
            Part::Point(at) => Some(at.to_lonlat()),
            _ => None,
        })
        .collect();
    if !points.is_empty() {
        return points;
    }
    let middle = |min: u32, max: u32| min + (max - min) / 2;
    let place = feature.world_box().map(|area| WorldXy {
        x: middle(area.min_x, area.max_x),
        y: middle(area.min_y, area.max_y),
    });
    place.into_iter().map(WorldXy::to_lonlat).collect()
}
