//! Where on the roads a vehicle stands that is to be at a place.

use urbis_catalog::ProfileIndex;
use urbis_model::{LonLat, Metres};
use urbis_snapshot::City;

use crate::snap::snap_drivable;
use crate::{LiveRoads, OnArc, Snap, SnapRules};

/// Places on roads that are looked at: more than roads meet in one place, in both directions.
const MAX_SNAPS: usize = 48;

/// Places at one distance, such as both directions of a street, are one place; metres.
const SAME_GAP_M: f64 = 0.01;

/// A place on the roads.
#[derive(Debug, Clone, PartialEq)]
pub struct Stand {
    /// The same place on every arc that passes it; at least one.
    pub at: Vec<OnArc>,
    /// The place on the road, EPSG:4326.
    pub place: LonLat,
    /// From there to the place that was asked for, by line.
    pub gap: Metres,
}

impl Stand {
    /// The place nearest to another one that a vehicle can drive to, conditions left aside: a
    /// flooded street is where the place is, not a reason to look for it elsewhere. `None` where
    /// there is none within a distance.
    pub fn find(
        city: &City,
        live: &LiveRoads,
        profile: ProfileIndex,
        place: LonLat,
        within: Metres,
    ) -> Option<Self> {
        let rules = SnapRules { within, heading_deg: None, max: MAX_SNAPS };
        let snaps = snap_drivable(city, live.roads(), profile, place, &rules);
        let first = snaps.first()?;
        let same = snaps.iter().filter(|snap| (snap.gap.0 - first.gap.0).abs() <= SAME_GAP_M);
        let on_arc = |snap: &Snap| live.graph().locate(snap.position);
        Some(Self { at: same.filter_map(on_arc).collect(), place: first.place, gap: first.gap })
    }
}
