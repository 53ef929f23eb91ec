//! The place on the roads to which the times are, and where units stand on them.

use urbis_catalog::ProfileIndex;
use urbis_model::{LonLat, Metres};
use urbis_network::{LiveRoads, OnArc, Stand};
use urbis_snapshot::City;

use super::View;
use crate::Fix;

/// How far from the incident a road is looked for, nearer ones first; metres.
const REACHES_M: [f64; 4] = [60.0, 250.0, 1_000.0, 5_000.0];

/// How far from a unit a road that it can drive may be; metres. Farther, it is off the road.
const OFF_ROAD_M: f64 = 60.0;

/// Where each kind of vehicle is to go.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    spots: Vec<Spot>,
}

/// A place on the roads that one kind of vehicle can drive to.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub profile: ProfileIndex,
    /// The same place on every arc that passes it.
    pub positions: Vec<OnArc>,
    /// The place on the road.
    pub place: LonLat,
    /// From there to the incident by line.
    pub gap_m: f64,
}

impl Destination {
    /// The nearest place that each kind can drive to, conditions left aside. A kind without such a
    /// place within five kilometres has none.
    pub fn find(city: &City, live: &LiveRoads, place: LonLat, kinds: &[ProfileIndex]) -> Self {
        let find = |profile: ProfileIndex| {
            let stand = |within| Stand::find(city, live, profile, place, Metres(within));
            let Stand { at, place, gap } = REACHES_M.into_iter().find_map(stand)?;
            Some(Spot { profile, positions: at, place, gap_m: gap.0 })
        };
        Self { spots: kinds.iter().copied().filter_map(find).collect() }
    }

    /// Places that were found otherwise, at most one a kind.
    pub const fn at(spots: Vec<Spot>) -> Self {
        Self { spots }
    }

    /// Where a kind is to go.
    pub fn on(&self, profile: ProfileIndex) -> Option<&Spot> {
        self.spots.iter().find(|spot| spot.profile == profile)
    }

    /// The place nearest to the incident.
    pub fn nearest(&self) -> Option<&Spot> {
        self.spots.iter().min_by(|a, b| a.gap_m.total_cmp(&b.gap_m))
    }
}

/// Where a unit may be that the fleet found on no road that its vehicle can drive.
pub(crate) fn starts_near(view: &View<'_>, fix: &Fix, profile: ProfileIndex) -> Vec<(OnArc, u32)> {
    let stand = Stand::find(view.city, view.live, profile, fix.place, Metres(OFF_ROAD_M));
    stand.map(|stand| stand.at.into_iter().map(|at| (at, 0)).collect()).unwrap_or_default()
}
