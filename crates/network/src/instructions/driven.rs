//! A route as a list of road pieces, each with its street, its time and its bearings.

use urbis_catalog::ProfileIndex;
use urbis_model::{FeatureId, LonLat};
use urbis_snapshot::{City, SnapshotFeature, Value};

use super::street::Street;
use crate::length::{distance_m, offset_m};
use crate::line::{RoadLines, RoadPiece};
use crate::route::Route;
use crate::{ArcId, ArcStretch, Graph, LiveRoads, OnArc};

/// Bearings are taken over this length: shorter ones follow the splay of a kerb, longer ones the
/// next bend.
const BEARING_OVER_M: f64 = 20.0;

/// One piece of a route.
#[derive(Debug, Clone)]
pub(super) struct Driven {
    pub(super) piece: RoadPiece,
    pub(super) street: Street,
    /// It starts at a junction.
    pub(super) is_entered: bool,
    pub(super) time_ms: u32,
}

impl Driven {
    pub(super) const fn length_mm(&self) -> u64 {
        (self.piece.to_mm - self.piece.from_mm) as u64
    }
}

/// All pieces of a route, in the order of travel.
pub(super) fn pieces(
    city: &City,
    live: &LiveRoads,
    profile: ProfileIndex,
    route: &Route,
) -> Vec<Driven> {
    let Some(roads) = RoadLines::of(city) else { return Vec::new() };
    let names = Names::of(roads);
    let mut driven: Vec<Driven> = Vec::new();
    let mut before_ms = 0;
    for (stretch, end_ms) in route.stretches.iter().zip(&route.ends_ms) {
        // What the junction before costs is part of the first piece.
        let mut rest_ms = end_ms - before_ms;
        for piece in roads.pieces(live.graph(), *stretch) {
            let from = OnArc { arc: piece.arc, offset_mm: piece.to_mm };
            let after_ms = live.time(profile, from, OnArc { offset_mm: stretch.to_mm, ..from });
            driven.push(Driven {
                street: names.street(piece.segment),
                is_entered: piece.from_mm == 0 && !driven.is_empty(),
                time_ms: rest_ms.saturating_sub(after_ms),
                piece,
            });
            rest_ms = after_ms.min(rest_ms);
        }
        before_ms = *end_ms;
    }
    driven
}

/// The bearing with which the last of some pieces ends, degrees clockwise from north.
///
/// Not beyond the junction before: a turn there is no part of this one.
pub(super) fn bearing_at_end(pieces: &[Driven]) -> f64 {
    let Some(last) = pieces.last() else { return 0.0 };
    let same = pieces.iter().rev().take_while(|driven| driven.piece.arc == last.piece.arc);
    let places = same.flat_map(|driven| driven.piece.places.iter().rev().copied());
    // Seen from the end backwards, turned round.
    bearing(places) + 180.0
}

/// The bearing with which the first of some pieces begins, degrees clockwise from north; not
/// beyond the next junction.
pub(super) fn bearing_at_start(pieces: &[Driven]) -> f64 {
    let Some(first) = pieces.first() else { return 0.0 };
    let same = pieces.iter().take_while(|driven| driven.piece.arc == first.piece.arc);
    bearing(same.flat_map(|driven| driven.piece.places.iter().copied()))
}

/// The bearing with which an arc begins; `None` where the city does not hold its roads.
pub(super) fn bearing_of_arc(city: &City, graph: &Graph, arc: ArcId) -> Option<f64> {
    const START_MM: u32 = (BEARING_OVER_M * 1e3) as u32;
    let to_mm = graph.arc(arc).length_mm.min(START_MM);
    let pieces = RoadLines::of(city)?.pieces(graph, ArcStretch { arc, from_mm: 0, to_mm });
    Some(bearing(pieces.into_iter().flat_map(|piece| piece.places)))
}

/// From the first place to that which lies [`BEARING_OVER_M`] along, or to the last.
fn bearing(places: impl Iterator<Item = LonLat>) -> f64 {
    let mut places = places.peekable();
    let Some(first) = places.peek().copied() else { return 0.0 };
    let (mut last, mut along_m) = (first, 0.0);
    for place in places {
        along_m += distance_m(last, place);
        last = place;
        if along_m >= BEARING_OVER_M {
            break;
        }
    }
    bearing_between(first, last)
}

/// Degrees clockwise from north.
pub(super) fn bearing_between(from: LonLat, to: LonLat) -> f64 {
    let (east, north) = offset_m(from, to);
    east.atan2(north).to_degrees()
}

/// Where the roads layer has what instructions say; `None` where it has no such attribute.
#[derive(Debug)]
struct Names<'a> {
    roads: RoadLines<'a>,
    name: Option<usize>,
    name_en: Option<usize>,
    number: Option<usize>,
    class: Option<usize>,
    roundabout: Option<usize>,
    bridge: Option<usize>,
    tunnel: Option<usize>,
}

impl<'a> Names<'a> {
    fn of(roads: RoadLines<'a>) -> Self {
        let index = |name| roads.layer.attribute_index(name);
        Self {
            roads,
            name: index("name"),
            name_en: index("name_en"),
            number: index("ref"),
            class: index("class"),
            roundabout: index("roundabout"),
            bridge: index("bridge"),
            tunnel: index("tunnel"),
        }
    }

    fn street(&self, segment: FeatureId) -> Street {
        let Some(feature) = self.roads.snapshot().feature(segment) else {
            return Street::default();
        };
        let vi = text(feature, self.name).or_else(|| text(feature, self.number));
        Street {
            en: text(feature, self.name_en).or_else(|| vi.clone()),
            vi,
            is_roundabout: is_true(feature, self.roundabout),
            is_bridge: is_true(feature, self.bridge),
            is_tunnel: is_true(feature, self.tunnel),
            is_ferry: text(feature, self.class).as_deref() == Some("ferry"),
        }
    }
}

fn text(feature: SnapshotFeature<'_>, index: Option<usize>) -> Option<String> {
    match feature.attribute(index?) {
        Value::Text(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    }
}

fn is_true(feature: SnapshotFeature<'_>, index: Option<usize>) -> bool {
    index.is_some_and(|index| feature.attribute(index) == Value::Bool(true))
}
