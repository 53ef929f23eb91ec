//! All units at one epoch: an immutable value that a batch of reports turns into the next.
//!
//! - **In**: [`UnitReport`]s in the order in which they came, the roads, the moment.
//! - **Out**: the next [`Fleet`], and what became of each report.
//! - **Order does not matter**: of each part of a unit the report with the latest [`urbis_model::Stamp`] counts,
//!   so that a batch that is applied again, in part or in another order ends in the same state.
//!   Jumps are the exception: whether a place is one depends on what came before.
//!
//! Who may report, where reports are kept and who sees which unit is left to others.

mod apply;
mod counters;
mod jump;
mod recent;
mod roads;
mod unit;

use std::sync::Arc;

use urbis_model::{JudgedReport, Moment, Outcome, UnitId, UnitReport, UnitState};

pub use counters::Counters;
pub use roads::Streets;
pub use unit::{Fix, Snapped, Unit};

/// All units at one epoch; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    epoch: u64,
    units: Arc<Vec<Arc<Unit>>>,
    counters: Counters,
}

/// What a batch of reports made of a fleet.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The fleet afterwards.
    pub fleet: Fleet,
    /// What became of each report, in their order.
    pub outcomes: Vec<Outcome>,
}

impl Fleet {
    /// The fleet as it was kept; of several states with one id the last counts.
    pub fn restore(states: Vec<UnitState>, streets: Option<Streets<'_>>) -> Self {
        let mut fleet = Self::default();
        for state in states {
            fleet.put(Unit::from_state(state));
        }
        match streets {
            Some(streets) => fleet.on_streets(streets),
            None => fleet,
        }
    }

    /// The fleet with other states of units: epoch and counters go on, units that are as they were
    /// stay, and what a changed one sent before is still known. Units without a state stay.
    #[must_use]
    pub fn with_states(&self, states: Vec<UnitState>, streets: Option<Streets<'_>>) -> Self {
        let mut next = self.clone();
        for state in states {
            match self.unit(&state.id) {
                Some(known) if known.state() == state => {}
                Some(known) => next.put(known.with_state(state)),
                None => next.put(Unit::from_state(state)),
            }
        }
        next.epoch += 1;
        match streets {
            Some(streets) => next.on_streets(streets),
            None => next,
        }
    }

    /// The same fleet at an epoch later than another one.
    #[must_use]
    pub fn after(self, epoch: u64) -> Self {
        let epoch = if self.epoch > epoch { self.epoch } else { epoch + 1 };
        Self { epoch, ..self }
    }

    /// The number of this state; grows with every change.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// All units, in the order of their ids.
    pub fn units(&self) -> &[Arc<Unit>] {
        &self.units
    }

    /// One unit.
    pub fn unit(&self, id: &UnitId) -> Option<&Arc<Unit>> {
        self.find(id).ok().map(|at| &self.units[at])
    }

    /// How many parts of reports came to which end.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The fleet after a batch of reports, and what became of each.
    ///
    /// Without streets the fix of a unit that reported is on no road. Cost: a copy of the list of
    /// units, and a search for roads for each unit that moved.
    #[must_use]
    pub fn apply(
        &self,
        reports: &[UnitReport],
        streets: Option<Streets<'_>>,
        now: Moment,
    ) -> Applied {
        apply::apply(self, reports, streets, now)
    }

    /// The fleet after reports that were acknowledged before, as they were judged then, however long
    /// ago that is: what the spool holds when a node starts. Fixes of units that moved are on no road.
    #[must_use]
    pub fn replay(&self, judged: &[JudgedReport]) -> Self {
        apply::replay(self, judged)
    }

    /// The fleet on another state of the roads: fixes whose road is gone, and those on no road, are
    /// put on the roads again. The epoch grows where any moved.
    #[must_use]
    pub fn on_streets(&self, streets: Streets<'_>) -> Self {
        roads::resnap(self, streets)
    }

    fn find(&self, id: &UnitId) -> Result<usize, usize> {
        self.units.binary_search_by(|unit| unit.id.cmp(id))
    }

    /// Sets a unit, a new one at its place in the order.
    fn put(&mut self, unit: Unit) {
        let at = self.find(&unit.id);
        let units = Arc::make_mut(&mut self.units);
        match at {
            Ok(at) => units[at] = Arc::new(unit),
            Err(at) => units.insert(at, Arc::new(unit)),
        }
    }
}
