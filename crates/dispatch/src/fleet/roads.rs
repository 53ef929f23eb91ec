//! Puts fixes on the roads, and on them again where their road is gone.

use urbis_model::Metres;
use urbis_network::{Graph, Snap, SnapRules, snap};
use urbis_snapshot::City;

use super::{Fix, Fleet, Snapped, Unit};

/// From this speed on the direction of travel is known well enough to tell two carriageways apart.
const HEADING_FROM_KMH: f64 = 5.0;

/// How far a road may be from a fix, metres; more where the receiver says that it is less accurate.
/// Ours: a vehicle in its yard is still on its street.
const WITHIN_M: f64 = 100.0;

/// How far it may be at most.
const WITHIN_AT_MOST_M: f64 = 300.0;

/// Most places on roads for one fix: three streets in both directions.
const MOST_PLACES: usize = 6;

/// A road that is farther than the nearest by more is none of the fix's, metres; more where the
/// receiver says that it is less accurate. Ours: a GNSS receiver between houses.
const FARTHER_BY_M: f64 = 30.0;

/// What each metre costs by which a road is farther than the nearest one. Ours: small against a way
/// round, large against an equal choice.
const PENALTY_MS_PER_M: f64 = 1_000.0;

/// The roads that fixes are put on: one city and the graph of its roads.
#[derive(Debug, Clone, Copy)]
pub struct Streets<'a> {
    /// The city.
    pub city: &'a City,
    /// The graph that was built from it.
    pub graph: &'a Graph,
}

impl Streets<'_> {
    /// Puts a fix on the roads; leaves it on none where none is near.
    ///
    /// Above [`HEADING_FROM_KMH`] only in the direction of travel, where any road goes there.
    pub(super) fn snap(self, fix: &mut Fix) {
        let is_moving = fix.speed_kmh.is_some_and(|speed| speed > HEADING_FROM_KMH);
        let heading_deg = fix.heading_deg.filter(|_| is_moving);
        let mut snaps = self.find(fix, heading_deg);
        if snaps.is_empty() && heading_deg.is_some() {
            snaps = self.find(fix, None);
        }
        fix.positions = weigh(&snaps, fix.accuracy_m.unwrap_or(0.0));
    }

    fn find(self, fix: &Fix, heading_deg: Option<f64>) -> Vec<Snap> {
        let within = fix.accuracy_m.unwrap_or(0.0).clamp(WITHIN_M, WITHIN_AT_MOST_M);
        let rules = SnapRules { within: Metres(within), heading_deg, max: MOST_PLACES };
        let mut snaps = snap(self.city, self.graph, fix.place, &rules);
        // Some vehicles may drive against a one-way, but none is taken to do so where it may as well
        // be on a road that goes its way.
        if snaps.iter().any(|snap| !self.is_against_oneway(snap)) {
            snaps.retain(|snap| !self.is_against_oneway(snap));
        }
        snaps
    }

    fn is_against_oneway(self, snap: &Snap) -> bool {
        let on_arc = self.graph.locate(snap.position);
        on_arc.is_some_and(|place| self.graph.arc(place.arc).is_against_oneway)
    }

    /// Says whether a fix has to be put on the roads again.
    fn is_lost(self, fix: &Fix) -> bool {
        fix.positions.is_empty()
            || fix.positions.iter().any(|at| self.graph.locate(at.position).is_none())
    }
}

/// Leaves out what is too far, and says what the others cost; the nearest come first.
fn weigh(snaps: &[Snap], accuracy_m: f64) -> Vec<Snapped> {
    let Some(nearest) = snaps.first() else { return Vec::new() };
    let farther_by = |snap: &Snap| snap.gap.0 - nearest.gap.0;
    let near = snaps.iter().filter(|snap| farther_by(snap) <= FARTHER_BY_M.max(accuracy_m));
    let weighed = near.map(|snap| Snapped {
        position: snap.position,
        gap: snap.gap,
        penalty_ms: (farther_by(snap).max(0.0) * PENALTY_MS_PER_M).round() as u32,
    });
    weighed.collect()
}

/// Puts the fixes on the roads again that are on none, or on one that is gone.
pub(super) fn resnap(fleet: &Fleet, streets: Streets<'_>) -> Fleet {
    let mut next = fleet.clone();
    let mut moved = false;
    for unit in fleet.units() {
        let Some(fix) = unit.fix.as_ref().filter(|fix| streets.is_lost(fix)) else { continue };
        let mut found = fix.clone();
        streets.snap(&mut found);
        if found.positions != fix.positions {
            moved = true;
            next.put(Unit { fix: Some(found), ..Unit::clone(unit) });
        }
    }
    next.epoch += u64::from(moved);
    next
}

#[cfg(test)]
mod tests {
    use urbis_model::{FeatureId, LonLat};
    use urbis_network::{RoadPosition, Travel};

    use super::*;

    fn at(segment: i64, gap_m: f64) -> Snap {
        let segment = FeatureId::new(segment).expect("a small number");
        Snap {
            position: RoadPosition { segment, part: 0, offset_mm: 0, travel: Travel::Forward },
            gap: Metres(gap_m),
            place: LonLat::new(108.2, 16.0).expect("on the earth"),
        }
    }

    fn penalties(snaps: &[Snap], accuracy_m: f64) -> Vec<u32> {
        weigh(snaps, accuracy_m).iter().map(|at| at.penalty_ms).collect()
    }

    #[test]
    fn a_road_costs_what_it_is_farther_than_the_nearest() {
        let snaps = [at(1, 5.0), at(1, 5.0), at(2, 12.5), at(3, 40.0)];
        assert_eq!(penalties(&snaps, 0.0), [0, 0, 7_500]);
        assert_eq!(penalties(&snaps, 50.0), [0, 0, 7_500, 35_000]);
        assert_eq!(penalties(&[], 50.0), [0; 0]);
    }
}
