//! Who gets there first by road as it is now, and why the nearer ones do not.
//!
//! - **In**: one city, the live state of its roads, the fleet, the moment ([`View`]); a place and
//!   what is needed there ([`Ask`]).
//! - **Out**: an [`Answer`]: units by time of arrival, ties by unit id; the nearer ones that are
//!   not among them, each with a [`Reason`](crate::Reason) that a second search has proved.
//! - **Who may go**: a unit that the asker may see, that is available, of the service and the
//!   kind asked for, with the equipment asked for, whose position is at most
//!   [`Limits::position_age_s`] old and on a road that its vehicle can drive.
//! - **Where to**: the nearest place on a road that the vehicle could drive if there were no
//!   conditions. Kinds of vehicles may differ in it; [`Candidate::remaining_m`] says what is left.
//! - **Exactness**: times are those of the reverse search in whole milliseconds; one search a
//!   kind of vehicle, merged. Nothing is cut but what takes longer than [`Limits::cutoff_s`].
//! - **Certainty**: see [`Answer::first_unit_is_certain`].
//!
//! Without roads, with roads that are too old, and where no position is fresh the answer falls
//! back to the straight line and says so.

mod answer;
mod certainty;
mod compose;
mod crew;
mod destination;
mod fallback;
mod race;

use urbis_catalog::{ProfileIndex, UtcOffset};
use urbis_model::{Agency, LonLat, Metres, Moment, Openness};
use urbis_network::LiveRoads;
use urbis_snapshot::City;

use crate::Fleet;
use crate::language::Clock;

pub(crate) use answer::lon_lat;
pub use answer::{
    Answer, Basis, Beyond, Candidate, ConditionSummary, CutOff, EffectSummary, Estimate, Fallback,
    FallbackCode, FirstElsewhere, Incident, LineString, OpenedBy, Rejected, Told, UnitSummary,
};
pub(crate) use compose::{Scene, candidate, summaries, unit_summary};
pub use compose::{candidates, timed_candidates};
pub(crate) use crew::{Bar, Crew, Member};
pub(crate) use destination::{Destination, Spot};
pub(crate) use race::{Outcome, Race, Runner, Standing, profiles};

/// Units that an answer rejects with a reason, at most.
pub const MAX_REJECTED: usize = 20;

/// Candidates that can be asked for at once.
pub const MAX_CANDIDATES: usize = 100;

/// All that an answer is made from; of one moment.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The city.
    pub city: &'a City,
    /// Its roads and what slows or closes them now.
    pub live: &'a LiveRoads,
    /// The units.
    pub fleet: &'a Fleet,
    /// The moment of the question: ages count back from it.
    pub now: Moment,
    /// The moment whose roads are in `live`: `now`, or another one that was asked about.
    pub at: Moment,
    /// How far the city is behind the database.
    pub city_age_s: f64,
    /// The city's clock, for sentences and moments in the answer.
    pub offset: UtcOffset,
}

impl View<'_> {
    /// The moment on the city's clock.
    pub(crate) const fn clock(&self) -> Clock {
        Clock { now: self.now, offset: self.offset }
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where the incident is.
    pub place: LonLat,
    /// How far from there it may be; 0 where the place is exact.
    pub accuracy: Metres,
    /// Only units of this service; all services where `None`.
    pub service: Option<Agency>,
    /// Only this kind of vehicle; all kinds where `None`.
    pub profile: Option<ProfileIndex>,
    /// Only units that have all of these.
    pub capabilities: Vec<String>,
    /// Candidates wanted, from 1 to [`MAX_CANDIDATES`]; others are taken as the nearer of these.
    pub limit: usize,
    /// What the asker may see.
    pub class: Openness,
    /// What is too old or too far.
    pub limits: Limits,
}

impl Ask {
    /// Candidates wanted, as many as can be.
    pub(crate) fn wanted(&self) -> usize {
        self.limit.clamp(1, MAX_CANDIDATES)
    }
}

/// What is too old or too far to count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Age of a position with which a unit may still be sent.
    pub position_age_s: f64,
    /// Age of the city in memory with which its roads still count.
    pub city_age_s: f64,
    /// Longest drive.
    pub cutoff_s: u32,
}

impl Default for Limits {
    /// Five minutes: a unit that reports once a minute may miss four. A day: roads an hour old are
    /// worth more than the straight line. An hour's drive.
    ///
    /// All three are choices of ours, not of a standard.
    fn default() -> Self {
        Self { position_age_s: 300.0, city_age_s: 86_400.0, cutoff_s: 3_600 }
    }
}
