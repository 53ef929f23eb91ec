//! Places on roads: kept by segment, so that they outlive the graph, and found on arcs.

use urbis_model::FeatureId;

use crate::{ArcId, Travel};

/// A place on a segment and a direction of travel; means the same in every graph that has the
/// segment unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoadPosition {
    /// The feature of the roads layer.
    pub segment: FeatureId,
    /// Which part of its geometry.
    pub part: u16,
    /// From the part's first vertex, as drawn, mm.
    pub offset_mm: u32,
    /// Where it is headed.
    pub travel: Travel,
}

/// A place on an arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OnArc {
    /// The arc.
    pub arc: ArcId,
    /// From its tail, mm.
    pub offset_mm: u32,
}
