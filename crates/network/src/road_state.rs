//! What somebody reports of a road: it is under water, closed, slow, or free again.

use std::sync::Arc;

use urbis_model::{Moment, Openness};

use crate::{Direction, Effect, Reach};

/// One report. A later one of the same key replaces it.
#[derive(Debug, Clone, PartialEq)]
pub struct RoadStateUpdate {
    /// Given by the reporter.
    pub key: Arc<str>,
    /// When it was so.
    pub observed_at: Moment,
    /// What was so; `None` ends the state.
    pub state: Option<RoadState>,
}

/// What is so on a stretch of road.
#[derive(Debug, Clone, PartialEq)]
pub struct RoadState {
    /// Where.
    pub reach: Reach,
    /// For which direction of travel; of areas and circles always both.
    pub direction: Direction,
    /// What it does.
    pub effect: Effect,
    /// Why.
    pub cause: Option<Arc<str>>,
    /// What people call the place, such as the road's name.
    pub title: Option<Arc<str>>,
    /// First moment at which it holds no more; `None` where no end is known.
    pub until: Option<Moment>,
    /// Who may be told of it.
    pub openness: Openness,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoadStateOutcome {
    /// It holds on so many stretches of links.
    Applied {
        /// Stretches.
        links: usize,
    },
    /// It is known, and lies on no road.
    OnNoRoad,
    /// The state of its key is over.
    Cleared,
    /// It was over before it came.
    Over,
    /// Something later is known of its key: it changed nothing.
    OutOfOrder,
}

impl RoadStateOutcome {
    /// Stable code for answers and counters; never reworded, never reused.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Applied { .. } => "applied",
            Self::OnNoRoad => "on_no_road",
            Self::Cleared => "cleared",
            Self::Over => "over",
            Self::OutOfOrder => "out_of_order",
        }
    }
}
