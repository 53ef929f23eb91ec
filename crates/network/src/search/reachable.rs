//! The place that units can still get to when an incident is cut off.
//!
//! Everything that some unit can reach is marked, forward from where the units are; then the roads
//! around the incident are looked at, nearest first, until none that is left can be nearer.

use std::collections::BTreeMap;

use urbis_catalog::{NetworkRole, ProfileIndex};
use urbis_model::{LonLat, Metres, Openness, WorldXy};
use urbis_snapshot::{City, Visibility};

use super::Target;
use crate::conditions::{Line, Xy};
use crate::length::distance_m;
use crate::{ArcId, IMPASSABLE, LinkId, LiveRoads, OnArc, StateId, Travel, Turn};

/// A place on a road that some unit can get to.
#[derive(Debug, Clone, PartialEq)]
pub struct Reachable {
    /// The place on every arc on which units come to it, in order; at least one.
    pub at: Vec<OnArc>,
    /// The place, EPSG:4326.
    pub place: LonLat,
    /// From there to the incident by line on the WGS 84 ellipsoid.
    pub gap: Metres,
}

/// Finds the place nearest by line to an incident that one of the units can drive to as the roads
/// are now: the edge of the water, the last joint before a closure. `None` where no unit is on a
/// road that it can drive.
///
/// `city` must be that of the roads. Nearest is by the plane of the grid, whose error is far below
/// that of an incident's place.
///
/// Cost: all states that the units reach, once.
pub fn nearest_reachable(
    city: &City,
    live: &LiveRoads,
    profile: ProfileIndex,
    incident: LonLat,
    units: &[Target],
) -> Option<Reachable> {
    let roads = city.layer(&city.catalog().network_layer(NetworkRole::Roads)?.id)?;
    let reached = Reached::from(live, profile, units);
    let from = WorldXy::from_lonlat(incident);
    let mut best: Vec<Nearest> = Vec::new();
    for (segment, squared) in roads.near(from, Visibility::now(Openness::Restricted)) {
        if best.first().is_some_and(|best| squared > best.squared) {
            break;
        }
        for link in live.graph().links_of(segment.id()) {
            let line = Line::of(segment, live.graph(), *link);
            for found in reached.nearest_on(*link, &line, from.into()) {
                if best.first().is_some_and(|best| found.squared < best.squared) {
                    best.clear();
                }
                if best.first().is_none_or(|best| found.squared == best.squared) {
                    best.push(found);
                }
            }
        }
    }
    // Of two places that are as near one is taken, whatever the numbers of their arcs.
    let order = |one: &Nearest, other: &Nearest| {
        one.place.x.total_cmp(&other.place.x).then(one.place.y.total_cmp(&other.place.y))
    };
    let place = best.iter().min_by(|one, other| order(one, other))?.place;
    best.retain(|found| found.place == place);
    let mut at: Vec<OnArc> = best.iter().map(|found| found.at).collect();
    at.sort_unstable();
    at.dedup();
    let place = place.to_lonlat();
    Some(Reachable { at, place, gap: Metres(distance_m(place, incident)) })
}

/// The nearest place of a link on one of its arcs.
struct Nearest {
    /// Distance to the incident in cells, squared.
    squared: f64,
    at: OnArc,
    place: Xy,
}

/// All that some unit can get to.
struct Reached<'a> {
    live: &'a LiveRoads,
    profile: ProfileIndex,
    turns: bool,
    states: Vec<bool>,
    /// Where units are, millimetres from the tail of their arcs.
    starts: BTreeMap<ArcId, Vec<u32>>,
}

impl<'a> Reached<'a> {
    fn from(live: &'a LiveRoads, profile: ProfileIndex, units: &[Target]) -> Self {
        let mut reached = Self {
            live,
            profile,
            turns: live.turn_ms(profile) != IMPASSABLE,
            states: vec![false; live.graph().state_count()],
            starts: BTreeMap::new(),
        };
        let mut waiting = Vec::new();
        for (at, _) in units.iter().flat_map(|unit| &unit.at) {
            reached.starts.entry(at.arc).or_default().push(at.offset_mm);
            if live.time_to_head(profile, *at) != IMPASSABLE {
                waiting.push(live.graph().head_state(at.arc));
            }
        }
        reached.spread(waiting);
        reached
    }

    fn spread(&mut self, mut waiting: Vec<StateId>) {
        while let Some(state) = waiting.pop() {
            if std::mem::replace(&mut self.states[state.index()], true) {
                continue;
            }
            for outgoing in self.live.graph().outgoing(state) {
                let is_open = self.live.weight(self.profile, outgoing.arc()) != IMPASSABLE;
                if is_open && self.allows(outgoing.turn()) && !self.states[outgoing.to.index()] {
                    waiting.push(outgoing.to);
                }
            }
        }
    }

    const fn allows(&self, turn: Turn) -> bool {
        matches!(turn, Turn::Free) || self.turns
    }

    /// The stretches of an arc that units can get to, millimetres from its tail.
    fn stretches(&self, arc: ArcId) -> Vec<(u32, u32)> {
        let mut entries = self.live.graph().entries(arc);
        let is_entered =
            entries.any(|(state, turn)| self.states[state.index()] && self.allows(turn));
        let starts = self.starts.get(&arc).into_iter().flatten().copied();
        let from = is_entered.then_some(0).into_iter().chain(starts);
        let farthest = |from| {
            let at = OnArc { arc, offset_mm: from };
            (from, self.live.farthest(self.profile, at))
        };
        from.map(farthest).collect()
    }

    /// The places of a link that are nearest to `from` on what units get to of its arcs.
    fn nearest_on(&self, link: LinkId, line: &Line, from: Xy) -> Vec<Nearest> {
        let along = self.live.graph().edge_of(link);
        let length = self.live.graph().link(link).length_mm;
        let mut found = Vec::new();
        for arc in [along, along.reverse()] {
            let Some((start, travel)) = self.place_of(link, arc) else { continue };
            for (low, high) in self.stretches(arc) {
                let (low, high) = (low.max(start), high.min(start + length));
                if low > high {
                    continue;
                }
                let drawn = |offset: u32| match travel {
                    Travel::Forward => offset - start,
                    Travel::Backward => start + length - offset,
                };
                let range = (drawn(low).min(drawn(high)), drawn(low).max(drawn(high)));
                let Some((squared, at, place)) = line.nearest(range, length, from) else {
                    continue;
                };
                let offset_mm = match travel {
                    Travel::Forward => start + at,
                    Travel::Backward => start + length - at,
                };
                found.push(Nearest { squared, at: OnArc { arc, offset_mm }, place });
            }
        }
        found
    }

    /// Where a link starts on an arc, and which way it is driven there.
    fn place_of(&self, link: LinkId, arc: ArcId) -> Option<(u32, Travel)> {
        let mut start = 0_u32;
        for (other, travel) in self.live.graph().links(arc) {
            if other == link {
                return Some((start, travel));
            }
            start = start.saturating_add(self.live.graph().link(other).length_mm);
        }
        None
    }
}
