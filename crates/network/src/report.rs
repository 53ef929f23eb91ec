//! What a city's road network looks like, and what is probably wrong with it.
//!
//! Cost: the whole graph, some microseconds a junction; for a page that somebody opens, not for the
//! hot path.

mod parts;
mod touching;

use urbis_model::{FeatureId, LonLat, Metres};
use urbis_snapshot::City;

use crate::graph::{Roads, Rule, too_long};
use crate::{Graph, Link};

/// Most examples of each kind in a report.
pub const MAX_EXAMPLES: usize = 50;

/// A part of the network that no road joins to the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Island {
    /// Junctions.
    pub junctions: usize,
    /// One of them.
    pub place: LonLat,
}

/// Why nobody gets away from a junction, or to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrapKind {
    /// One-ways lead in and none leads out.
    CannotLeave,
    /// One-ways lead out and none leads in.
    CannotReach,
}

/// A junction of a connected part that one-ways cut off from most of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnewayTrap {
    /// Why.
    pub kind: TrapKind,
    /// Where.
    pub place: LonLat,
}

/// The end of a road that nearly touches another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearlyTouching {
    /// Whose end.
    pub segment: FeatureId,
    /// What it nearly touches.
    pub other: FeatureId,
    /// Where it ends.
    pub place: LonLat,
    /// How far from the other.
    pub gap: Metres,
}

/// What a city's road network looks like.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkReport {
    /// Joints where there is a choice or a road ends.
    pub junctions: usize,
    /// Places where segments join or end.
    pub joints: usize,
    /// Pieces of segments between joints.
    pub links: usize,
    /// Edges in one direction.
    pub arcs: usize,
    /// Parts that no road joins.
    pub islands: usize,
    /// The largest of them, the main part included, largest first.
    pub largest_islands: Vec<Island>,
    /// Junctions that one-ways cut off from most of their part.
    pub oneway_traps: usize,
    /// Some of them, in order of their places.
    pub some_oneway_traps: Vec<OnewayTrap>,
    /// Turn restrictions that the graph obeys.
    pub restrictions_used: usize,
    /// Restrictions that do not bind emergency vehicles.
    pub restrictions_exempt: usize,
    /// Restrictions whose roads or turn were not found.
    pub restrictions_not_understood: usize,
    /// Parts of segments longer than 4,294 km, which the graph leaves out.
    pub parts_too_long: usize,
    /// Ends of roads that nearly touch another one.
    pub nearly_touching: usize,
    /// Some of them, in order of their segments.
    pub some_nearly_touching: Vec<NearlyTouching>,
}

impl NetworkReport {
    /// Looks at the graph of a city. Islands and one-way traps are those of the links that
    /// `is_usable` admits, such as those that a vehicle may drive.
    pub fn new(city: &City, graph: &Graph, is_usable: impl Fn(&Link) -> bool) -> Self {
        let mut report = Self {
            junctions: graph.nodes().count(),
            joints: graph.joints().count(),
            links: graph.used_links().count(),
            arcs: graph.arcs().count(),
            ..Self::default()
        };
        for rule in graph.rules() {
            *match rule {
                Rule::Used(_) => &mut report.restrictions_used,
                Rule::Exempt => &mut report.restrictions_exempt,
                Rule::NotUnderstood => &mut report.restrictions_not_understood,
            } += 1;
        }
        if let Some(roads) = Roads::new(city) {
            let segments = roads.source.snapshot.features();
            let segments = segments.filter(|segment| segment.validity().contains(city.at()));
            report.parts_too_long = segments.map(too_long).sum();
        }
        parts::add_parts(&mut report, graph, is_usable);
        touching::add_nearly_touching(&mut report, city, graph);
        report
    }
}
