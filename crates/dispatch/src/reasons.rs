//! Why a unit that is near is not the one that is sent.
//!
//! A reason is a statement that a search has proved: take its cause away, search again, and the
//! unit has the rank that the reason names. Both ranks are in it; they count those that come by
//! road. The age of a proof is that of its answer: all its searches use one state of the roads.

mod blame;
mod prove;
mod sentence;
mod tell;
mod trial;

use serde::Serialize;

use crate::candidates::ConditionSummary;

pub(crate) use blame::Blamed;
pub(crate) use sentence::{Telling, list_of};
pub(crate) use tell::{Explained, bars_by_line, explain};

/// Why a unit is not sent, or not before those that are farther by line.
///
/// `rank` is the unit's place among those that may go, as things are; `rank_without` its place
/// if the cause were not, all else equal. `None`: it does not get there, or is later than all that
/// were [looked at](crate::Beyond).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// Its status does not let it go.
    Unavailable {
        /// In the words of the fleet.
        status: String,
        /// Since when.
        since: String,
        /// If nothing barred it.
        rank_without: Option<usize>,
    },
    /// It is another service's.
    OtherService {
        /// Whose it is.
        agency: String,
        /// If nothing barred it.
        rank_without: Option<usize>,
    },
    /// It is another kind of vehicle than the one that was asked for.
    OtherProfile {
        /// What it is.
        profile: String,
        /// If nothing barred it.
        rank_without: Option<usize>,
    },
    /// The catalogue has no such kind of vehicle, so nobody knows where it can drive.
    UnknownProfile {
        /// What it is said to be.
        profile: String,
    },
    /// It lacks what the incident needs.
    LacksCapability {
        /// What it lacks, of what was asked for.
        missing: Vec<String>,
        /// If nothing barred it.
        rank_without: Option<usize>,
    },
    /// Nobody knows where it is now.
    PositionTooOld {
        /// Age of its last position.
        age_s: f64,
        /// The greatest age with which it would count.
        limit_s: f64,
        /// If it were still there and nothing barred it.
        rank_without: Option<usize>,
    },
    /// It is near no road that it can drive.
    OffRoad,
    /// Conditions keep it from getting there at all.
    CutOff {
        /// Without all of these it would get there; those alone that stop it, where these are
        /// enough. None where it would be later than all that were looked at even if there were
        /// no condition anywhere.
        conditions: Vec<ConditionSummary>,
        /// If these were not.
        rank_without: Option<usize>,
        /// Its time then.
        eta_s_without: Option<f64>,
        /// Of one without such conditions: how many at least would be before it if there were no
        /// condition anywhere.
        behind_without: Option<usize>,
    },
    /// There is no way for this vehicle within the longest drive, with or without conditions.
    NoWay,
    /// Conditions keep it from being before others.
    SlowerBecause {
        /// Without all of these it would be faster; those that stop it come first, then those that
        /// cost it the most time.
        conditions: Vec<ConditionSummary>,
        /// As things are.
        rank: Option<usize>,
        /// If these were not.
        rank_without: usize,
        /// Its time as things are.
        eta_s: Option<f64>,
        /// Its time without these.
        eta_s_without: f64,
    },
    /// Its way is longer, or slower, than that of those before it; no condition is to blame.
    SlowerByRoad {
        /// Its time.
        eta_s: Option<f64>,
        /// As things are.
        rank: Option<usize>,
        /// With no condition anywhere.
        rank_without: Option<usize>,
        /// How much later than the first unit.
        behind_first_s: Option<f64>,
    },
}
