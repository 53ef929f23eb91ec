//! One unit as the fleet knows it.

use std::sync::Arc;

use urbis_model::{
    LonLat, Metres, Moment, Openness, PositionReport, Stamp, UnitDescription, UnitId, UnitState,
    UnitStatus,
};
use urbis_network::RoadPosition;

use super::recent::Recent;

/// One unit: what it is, what it does, where it is; immutable.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its name; ties of arrival times go by it.
    pub id: UnitId,
    /// Title, agency, profile, capabilities, openness, and whether it is simulated.
    pub description: Arc<UnitDescription>,
    /// What it does; [`UnitStatus::OutOfService`] until it has said something.
    pub status: UnitStatus,
    /// Since when it does that, by its own clock.
    pub status_since: Moment,
    /// Where it is, as far as is known.
    pub fix: Option<Fix>,
    /// A position that it could not have reached, until the next one confirms it.
    pub(super) held: Option<Fix>,
    pub(super) described: Stamp,
    pub(super) status_stamp: Option<Stamp>,
    pub(super) recent: Recent,
}

/// A place of a unit, and where on the roads that may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// The place as reported.
    pub place: LonLat,
    /// When the unit was there, by its own clock.
    pub observed_at: Moment,
    /// When that came to us.
    pub received_at: Moment,
    /// Radius of the error, metres.
    pub accuracy_m: Option<f64>,
    /// Direction of travel, degrees clockwise from north.
    pub heading_deg: Option<f64>,
    /// Speed over ground.
    pub speed_kmh: Option<f64>,
    /// Where on the roads it may be, nearest first; empty where no road is near.
    pub positions: Vec<Snapped>,
    pub(super) stamp: Stamp,
}

/// A place on a road where a unit may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapped {
    /// The place on the road.
    pub position: RoadPosition,
    /// Distance from the reported place.
    pub gap: Metres,
    /// What the search adds to the time from here, because another road is nearer.
    pub penalty_ms: u32,
}

impl Unit {
    /// A unit of which only what it is is known.
    pub(super) fn new(id: UnitId, description: UnitDescription, described: Stamp) -> Self {
        Self {
            id,
            description: Arc::new(description),
            status: UnitStatus::OutOfService,
            status_since: described.observed_at,
            fix: None,
            held: None,
            described,
            status_stamp: None,
            recent: Recent::default(),
        }
    }

    /// A unit as it was kept, on no road yet.
    pub(super) fn from_state(state: UnitState) -> Self {
        let mut unit = Self::new(state.id, state.description, state.described);
        unit.recent.push(state.described.report);
        if let Some((status, since, stamp)) = state.status {
            (unit.status, unit.status_since) = (status, since);
            unit.status_stamp = Some(stamp);
            unit.recent.push(stamp.report);
        }
        if let Some((position, stamp, received_at)) = state.position {
            unit.fix = Some(Fix::new(&position, stamp, received_at));
            unit.recent.push(stamp.report);
        }
        unit
    }

    /// The unit in another state, on no road yet; what it sent before is still known.
    pub(super) fn with_state(&self, state: UnitState) -> Self {
        let mut unit = Self::from_state(state);
        let said = unit.recent;
        unit.recent = self.recent.clone();
        said.ids().for_each(|id| unit.recent.push(id));
        Self { held: self.held.clone(), ..unit }
    }

    /// The class from which on it is known: what it said, but a real unit is never everybody's.
    pub fn openness(&self) -> Openness {
        let said = self.description.openness;
        if self.description.is_simulated { said } else { said.max(Openness::Internal) }
    }

    /// The state as it is to be kept.
    pub fn state(&self) -> UnitState {
        let fix = self.fix.as_ref();
        UnitState {
            id: self.id.clone(),
            description: UnitDescription::clone(&self.description),
            described: self.described,
            status: self.status_stamp.map(|stamp| (self.status, self.status_since, stamp)),
            position: fix.map(|fix| (fix.report(), fix.stamp, fix.received_at)),
        }
    }
}

impl Fix {
    /// A reported place, on no road yet.
    pub(super) fn new(position: &PositionReport, stamp: Stamp, received_at: Moment) -> Self {
        Self {
            place: position.place,
            observed_at: stamp.observed_at,
            received_at,
            accuracy_m: position.accuracy_m,
            heading_deg: position.heading_deg,
            speed_kmh: position.speed_kmh,
            positions: Vec::new(),
            stamp,
        }
    }

    /// What the unit's receiver said.
    pub fn report(&self) -> PositionReport {
        PositionReport {
            place: self.place,
            accuracy_m: self.accuracy_m,
            heading_deg: self.heading_deg,
            speed_kmh: self.speed_kmh,
        }
    }

    /// Whole milliseconds since the unit was there; 0 where its clock is ahead of ours.
    pub fn age_ms(&self, now: Moment) -> u64 {
        u64::try_from(now.0.saturating_sub(self.observed_at.0) / 1_000).unwrap_or(0)
    }
}
