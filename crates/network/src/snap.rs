//! Finds the roads at a place.
//!
//! The city's own search gives segments by the distance of their boxes; each part has one nearest
//! place. A cell of the world grid is a little shorter from north to south than from west to east,
//! as the grid takes the ellipsoid for a sphere; distances are compared with that put right.
//!
//! Cost: the segments whose boxes are nearer than the last answer, times their vertices.

use urbis_catalog::{NetworkRole, ProfileIndex};
use urbis_model::{FeatureId, LonLat, Metres, Openness, WorldXy};
use urbis_snapshot::{City, SnapshotFeature, Visibility};

use crate::graph::lines;
use crate::length::{cells, distance_m, flatness, offset_m, to_mm};
use crate::{Graph, RoadPosition, Roads, Travel};

/// How far the direction of travel may differ from the road's, degrees. Ours: a receiver's
/// heading is within some 30° in a bend, and roads that cross differ by more.
const MAX_TURN_DEG: f64 = 60.0;

/// Least length of a cell from north to south, of that from west to east: at the equator.
const FLATTEST: f64 = 0.993;

/// Which roads count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnapRules {
    /// How far a road may be.
    pub within: Metres,
    /// Direction of travel, degrees clockwise from north; `None` where it is not known. Roads and
    /// directions that differ by more than 60° do not count.
    pub heading_deg: Option<f64>,
    /// Most answers; each direction of a street is one.
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

/// The nearest places on roads, nearest first, at most one a part of a segment; those at one
/// distance in order of their segments, the direction of a one-way before the other.
///
/// Both directions of every road count, of one-ways too: what a vehicle may do there is its
/// profile's business.
pub fn snap(city: &City, graph: &Graph, place: LonLat, rules: &SnapRules) -> Vec<Snap> {
    find(city, graph, place, rules, None)
}

/// The same, of those places only that a vehicle can drive, conditions left aside; others do not
/// count to `rules.max`.
pub(crate) fn snap_drivable(
    city: &City,
    roads: &Roads,
    profile: ProfileIndex,
    place: LonLat,
    rules: &SnapRules,
) -> Vec<Snap> {
    find(city, roads.graph(), place, rules, Some(Vehicle { roads, profile }))
}

fn find(
    city: &City,
    graph: &Graph,
    place: LonLat,
    rules: &SnapRules,
    vehicle: Option<Vehicle<'_>>,
) -> Vec<Snap> {
    let layer = city.catalog().network_layer(NetworkRole::Roads);
    let roads = layer.and_then(|layer| city.layer(&layer.id));
    let Some(roads) = roads.filter(|_| rules.max > 0) else { return Vec::new() };
    let cell = WorldXy::from_lonlat(place);
    let flatness = flatness(place);
    let mut limit = cells(cell, rules.within.0) * 1.001 + 2.0;
    let mut found: Vec<Near<'_>> = Vec::new();
    for (segment, squared) in roads.near(cell, Visibility::now(Openness::Restricted)) {
        if squared * FLATTEST * FLATTEST > limit * limit {
            break;
        }
        if !is_known(graph, segment) || !vehicle.is_none_or(|one| one.drives_on(segment)) {
            continue;
        }
        for (part, line) in lines(segment) {
            let near = Near::new((segment.id(), part), line, (cell, flatness));
            let is_wanted = || match vehicle {
                Some(one) => near.snaps(graph, place, rules).iter().any(|snap| one.drives_at(snap)),
                None => near.has_way(rules),
            };
            if near.squared <= limit * limit && is_wanted() {
                found.push(near);
            }
        }
        found.sort_by(Near::compare);
        found.truncate(rules.max);
        if let Some(last) = found.get(rules.max - 1) {
            // A box may be off by the rounding of its cells.
            limit = limit.min(last.squared.sqrt() + 2.0);
        }
    }
    let mut snaps: Vec<Snap> =
        found.iter().flat_map(|near| near.snaps(graph, place, rules)).collect();
    snaps.retain(|snap| {
        snap.gap.0 <= rules.within.0 && vehicle.is_none_or(|one| one.drives_at(snap))
    });
    // Where two are equal to the cell.
    snaps.sort_by(|one, other| one.gap.0.total_cmp(&other.gap.0));
    snaps.truncate(rules.max);
    snaps
}

/// Who is to drive there.
#[derive(Debug, Clone, Copy)]
struct Vehicle<'a> {
    roads: &'a Roads,
    profile: ProfileIndex,
}

impl Vehicle<'_> {
    fn drives_on(self, segment: SnapshotFeature<'_>) -> bool {
        self.roads.is_drivable_segment(self.profile, segment.id())
    }

    fn drives_at(self, snap: &Snap) -> bool {
        let at = self.roads.graph().locate(snap.position);
        at.is_some_and(|at| self.roads.is_drivable(self.profile, at))
    }
}

fn is_known(graph: &Graph, segment: SnapshotFeature<'_>) -> bool {
    !graph.links_of(segment.id()).is_empty()
}

/// The nearest place of a part.
#[derive(Debug)]
struct Near<'a> {
    part: (FeatureId, u16),
    line: &'a [WorldXy],
    /// From the place that was asked for, in cells from west to east.
    squared: f64,
    /// On which piece of the line, and its share of the piece.
    piece: usize,
    share: f64,
}

impl<'a> Near<'a> {
    fn new(part: (FeatureId, u16), line: &'a [WorldXy], from: (WorldXy, f64)) -> Self {
        let mut near = Self { part, line, squared: f64::INFINITY, piece: 0, share: 0.0 };
        for (piece, ends) in line.windows(2).enumerate() {
            let [(ax, ay), (bx, by)] = [ends[0], ends[1]].map(|end| delta(from, end));
            let (dx, dy) = (bx - ax, by - ay);
            let share = (-(ax * dx + ay * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            let (x, y) = (share.mul_add(dx, ax), share.mul_add(dy, ay));
            let squared = x * x + y * y;
            if squared < near.squared {
                near = Self { squared, piece, share, ..near };
            }
        }
        near
    }

    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        self.squared.total_cmp(&other.squared).then(self.part.cmp(&other.part))
    }

    fn ends(&self) -> [LonLat; 2] {
        [self.line[self.piece].to_lonlat(), self.line[self.piece + 1].to_lonlat()]
    }

    /// The directions of travel that the rules allow.
    fn ways(&self, rules: &SnapRules) -> impl Iterator<Item = Travel> + use<> {
        let turn = rules.heading_deg.map(|heading| {
            let [from, to] = self.ends();
            let (east, north) = offset_m(from, to);
            let turn = (east.atan2(north).to_degrees() - heading).rem_euclid(360.0);
            turn.min(360.0 - turn)
        });
        [Travel::Forward, Travel::Backward].into_iter().filter(move |travel| {
            turn.is_none_or(|turn| match travel {
                Travel::Forward => turn <= MAX_TURN_DEG,
                Travel::Backward => 180.0 - turn <= MAX_TURN_DEG,
            })
        })
    }

    fn has_way(&self, rules: &SnapRules) -> bool {
        self.ways(rules).next().is_some()
    }

    fn snaps(&self, graph: &Graph, asked: LonLat, rules: &SnapRules) -> Vec<Snap> {
        let Some(place) = self.place() else { return Vec::new() };
        let (segment, part) = self.part;
        let links = graph.links_of(segment).iter().map(|link| graph.link(*link));
        let end_mm = links.filter(|link| link.part == part).map(|link| link.end_mm()).max();
        let offset_mm = self.offset_mm(place).min(end_mm.unwrap_or_default());
        let gap = Metres(distance_m(asked, place));
        let ways = self.ways(rules).filter_map(|travel| {
            let position = RoadPosition { segment, part, offset_mm, travel };
            let arc = graph.locate(position)?.arc;
            Some((graph.arc(arc).is_against_oneway, Snap { position, gap, place }))
        });
        let mut ways: Vec<(bool, Snap)> = ways.collect();
        ways.sort_by_key(|(is_against, _)| *is_against);
        ways.into_iter().map(|(_, snap)| snap).collect()
    }

    fn place(&self) -> Option<LonLat> {
        let [from, to] = self.ends();
        let mix = |a: f64, b: f64| self.share.mul_add(b - a, a);
        LonLat::new(mix(from.lon(), to.lon()), mix(from.lat(), to.lat())).ok()
    }

    /// From the part's first vertex to the place.
    fn offset_mm(&self, place: LonLat) -> u32 {
        let places = self.line[..=self.piece].iter().map(|cell| cell.to_lonlat());
        let places: Vec<LonLat> = places.collect();
        let whole: f64 = places.windows(2).map(|ends| distance_m(ends[0], ends[1])).sum();
        let rest = distance_m(places[places.len() - 1], place);
        let [from, to] = self.ends();
        // The end of a piece is the same vertex as the start of the next one.
        let rest = if self.share >= 1.0 { distance_m(from, to) } else { rest };
        to_mm(whole + rest)
    }
}

/// How far a cell is from another, in cells from west to east.
fn delta((from, flatness): (WorldXy, f64), to: WorldXy) -> (f64, f64) {
    let (x, y) = (f64::from(to.x) - f64::from(from.x), f64::from(to.y) - f64::from(from.y));
    (x, y * flatness)
}
