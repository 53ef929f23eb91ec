//! The area that a vehicle reaches within minutes, or from which it reaches a place.
//!
//! - **In**: weights of one epoch, a profile, where the place lies on the network, the minutes.
//! - **Out**: for each time limit a MultiPolygon, degrees, EPSG:4326, x = longitude, valid, wound
//!   as RFC 7946 asks; that of a shorter limit lies in that of a longer one.
//! - **Method**: a search over states up to the longest limit; each arc is driven as far as the
//!   time lasts, to the millimetre. The area is what lies within [`RADIUS_M`] of a road driven so,
//!   outlined on a grid: a place beside the road counts as reached from it.
//! - **Exact** to this: every place on a road reached in time is inside; every place inside is
//!   within [`ReachArea::margin_m`] of one, by line. So a road that is not reached in time but
//!   lies nearer than that to one that is, such as under a bridge, is inside too.
//! - **Cost**: linear in the states within the limit and in the nodes of the grid, about a million
//!   at most.

use geo_types::MultiPolygon;
use urbis_catalog::ProfileIndex;
use urbis_model::{WorldBox, WorldXy};
use urbis_snapshot::City;

use crate::line::RoadLines;
use crate::wave::Spread;
use crate::{ArcStretch, LiveRoads, OnArc};

mod contour;
mod field;
mod reached;

use field::Field;
use reached::Reached;

/// What lies so near to a road counts as reached from it, metres; more where the area is so large
/// that its grid is coarse.
pub const RADIUS_M: f64 = 60.0;

/// Where a vehicle is or is to be, and how long it may take.
#[derive(Debug, Clone)]
pub struct ReachAsk {
    /// The vehicle.
    pub profile: ProfileIndex,
    /// Whether it sets off at the place or is to reach it.
    pub spread: Spread,
    /// Where the place lies on the network: one of these.
    pub at: Vec<OnArc>,
    /// Time limits in milliseconds, in growing order.
    pub limits_ms: Vec<u32>,
}

/// The area within one time limit.
#[derive(Debug, Clone, PartialEq)]
pub struct ReachArea {
    /// The limit.
    pub limit_ms: u32,
    /// What is reached; empty where there is no road from the place.
    pub area: MultiPolygon<f64>,
    /// How far a place inside may be from a road that is reached in time, metres.
    pub margin_m: f64,
    /// Length of the roads that are reached, a street with two directions once for each that is
    /// driven, millimetres.
    pub length_mm: u64,
}

/// Finds the areas within time limits, in their order.
pub fn reach(city: &City, live: &LiveRoads, ask: &ReachAsk) -> Vec<ReachArea> {
    let reached = Reached::search(live, ask);
    let Some(roads) = RoadLines::of(city) else { return Vec::new() };
    let rings = |limit_ms: &u32| (*limit_ms, reached.stretches(*limit_ms));
    let driven: Vec<(u32, Vec<ArcStretch>)> = ask.limits_ms.iter().map(rings).collect();
    let line = |stretch: &ArcStretch| -> Vec<WorldXy> {
        let places =
            roads.pieces(live.graph(), *stretch).into_iter().flat_map(|piece| piece.places);
        places.map(WorldXy::from_lonlat).collect()
    };
    let longest = driven.last().into_iter().flat_map(|(_, stretches)| stretches);
    let Some(area) = WorldBox::around(longest.flat_map(line)) else {
        return driven.into_iter().map(|(limit_ms, _)| ReachArea::nothing(limit_ms)).collect();
    };
    let mut field = Field::around(area, RADIUS_M);
    let mut areas = Vec::new();
    for (limit_ms, stretches) in driven {
        // The roads of a shorter limit are in the field already and stay there.
        for stretch in &stretches {
            let line = line(stretch);
            line.windows(2).for_each(|piece| field.add(piece[0], piece[1]));
            line.first().into_iter().for_each(|place| field.add(*place, *place));
        }
        let lengths = stretches.iter().map(|stretch| u64::from(stretch.to_mm - stretch.from_mm));
        areas.push(ReachArea {
            limit_ms,
            area: contour::outline(&field),
            margin_m: field.radius_m() + field.tolerance_m(),
            length_mm: lengths.sum(),
        });
    }
    areas
}

impl ReachArea {
    const fn nothing(limit_ms: u32) -> Self {
        let area = MultiPolygon(Vec::new());
        Self { limit_ms, area, margin_m: RADIUS_M, length_mm: 0 }
    }
}
