//! What a dispatcher is answered; as JSON, the body of `GET /dispatch/candidates`.
//!
//! Places are `[lon, lat]`, EPSG:4326; lengths metres, spans of time seconds, moments RFC 3339 in
//! the city's time. A rank counts from 1; ranks of road vehicles and boats are in one order.

use serde::Serialize;
use urbis_model::{LonLat, Moment, Revision};

use crate::Sentence;
use crate::reasons::Reason;

/// Who gets there first, and why the nearer ones do not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Units by time of arrival, ties by id; at most as many as were asked for.
    ///
    /// In a fallback they are in order of the straight line and have no time.
    pub candidates: Vec<Candidate>,
    /// Units that are nearer by line than the last candidate and are not among them, nearest
    /// first; where fewer units than asked for get there, of all others. At most
    /// [`crate::MAX_REJECTED`]: rather those that the roads keep back than those that may not go.
    pub rejected: Vec<Rejected>,
    /// Says that the first unit is the same wherever within the accuracy the incident lies; `None`
    /// where that was not found out: in a fallback, without a candidate, and over water.
    pub first_unit_is_certain: Option<bool>,
    /// The other units that are first somewhere within the accuracy, with one such place each.
    pub first_elsewhere: Vec<FirstElsewhere>,
    /// Where no unit gets to the incident by road: how near, and what would open the way.
    pub cut_off: Option<CutOff>,
    /// Says that the order is only that of the straight line.
    pub is_fallback: bool,
    /// Why it is.
    pub fallback: Option<Fallback>,
    /// What was asked about, as it was understood.
    pub incident: Incident,
    /// What the answer rests on and how old that is.
    pub basis: Basis,
}

/// One unit that can go.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The unit.
    #[serde(flatten)]
    pub unit: UnitSummary,
    /// Place in the order of arrival, from 1.
    pub rank: usize,
    /// Time to drive; `None` in a fallback.
    pub eta_s: Option<f64>,
    /// Length of the way; in a fallback that of the line.
    pub distance_m: f64,
    /// From the end of the way to the incident by line: what no vehicle of its kind can drive.
    pub remaining_m: f64,
    /// The way as a GeoJSON `LineString`; null in a fallback.
    pub geometry: Option<LineString>,
    /// The time is an estimate: a part of the way has no road.
    pub is_estimate: bool,
    /// The parts of an estimate.
    pub estimate: Option<Estimate>,
    /// Why it is not before those that are farther by line; `None` where nobody such is before it,
    /// and of all but the first ten of which that is so.
    pub reason: Option<Told>,
}

/// One unit that is not sent although it is near.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rejected {
    /// The unit.
    #[serde(flatten)]
    pub unit: UnitSummary,
    /// Its place among the units that may go, as things are; `None` for one that may not or
    /// cannot, or is later than all that were looked at.
    pub rank: Option<usize>,
    /// Time to drive from where it is, whether it may go or not; `None` where it cannot get there,
    /// or is later than all that were looked at.
    pub eta_s: Option<f64>,
    /// Of one that is later than all that were looked at.
    pub beyond: Option<Beyond>,
    /// All that bars it from going, in fixed words; the reason tells of the first. Empty for one
    /// that may go.
    pub bars: Vec<&'static str>,
    /// Why.
    #[serde(flatten)]
    pub told: Told,
}

/// Of a unit that had not arrived when enough others had: nobody looked farther.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Beyond {
    /// It takes at least so long.
    pub eta_s: f64,
    /// That many who may go are before it.
    pub rank: usize,
}

/// A reason and the sentence for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// In fields.
    pub reason: Reason,
    /// In words.
    pub sentence: Sentence,
}

/// What an answer says of every unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitSummary {
    /// Its id.
    pub unit_id: String,
    /// What it is called on the radio.
    pub title: String,
    /// Whose it is: `113`, `114`, `115`, `112`.
    pub agency: String,
    /// Its vehicle profile.
    pub profile: String,
    /// Its status in the words of the fleet.
    pub status: String,
    /// Made up, not a real vehicle.
    pub is_simulated: bool,
    /// Where it was seen last.
    pub position: [f64; 2],
    /// How long ago.
    pub position_age_s: f64,
    /// How exactly, as its device says.
    pub position_accuracy_m: Option<f64>,
    /// From there to the incident by line.
    pub line_m: f64,
}

/// The parts of the way of a boat.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// By road to the water's edge.
    pub road_s: f64,
    /// From there over water, in a straight line.
    pub water_m: f64,
    /// The time for that.
    pub water_s: f64,
    /// The place where it goes into the water.
    pub launch: [f64; 2],
}

/// A unit that is first where the incident lies elsewhere within its accuracy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FirstElsewhere {
    /// The unit.
    pub unit_id: String,
    /// What it is called.
    pub title: String,
    /// The place on the road where it is first.
    pub place: Option<[f64; 2]>,
    /// Its time to there.
    pub eta_s: f64,
    /// The time of the answer's first unit to there; `None` where it cannot get there.
    pub first_eta_s: Option<f64>,
}

/// How near one gets to an incident that no unit reaches by road.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CutOff {
    /// The place on the units' side that is nearest to the incident by line.
    pub place: [f64; 2],
    /// From there to the incident by line.
    pub gap_m: f64,
    /// Who gets to that place first, as far as asked for.
    pub candidates: Vec<Candidate>,
    /// What would open the way; `None` where there is no way for these vehicles even without
    /// any condition.
    pub opened_by: Option<OpenedBy>,
    /// In words.
    pub sentence: Sentence,
}

/// What would open the way to a cut-off incident: proved by a search without it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenedBy {
    /// All of these together; those that close the way, where these are enough.
    pub conditions: Vec<ConditionSummary>,
    /// None of these can be left out; `false` where there are too many to try each.
    pub is_minimal: bool,
    /// Who would be first then.
    pub unit_id: String,
    /// In this time.
    pub eta_s: f64,
}

/// A condition on the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConditionSummary {
    /// Name of the road, or what the report calls it.
    pub title: String,
    /// Why: `flood`, `works`, ...
    pub cause: String,
    /// What it does.
    #[serde(flatten)]
    pub effect: EffectSummary,
    /// Since when.
    pub since: Option<String>,
    /// Until when, where that is known.
    pub until: Option<String>,
    /// `layer` for a feature of the closures layer, `live` for a report, `hidden` where the asker
    /// may not know.
    pub source: &'static str,
    /// Id of the feature or key of the report.
    pub source_id: String,
    /// Age of the last report.
    pub reported_age_s: Option<f64>,
    /// [`Self::since`] as a moment, for sentences.
    #[serde(skip)]
    pub since_at: Option<Moment>,
}

impl ConditionSummary {
    /// A condition that the asker may not know: that there is one, and no more.
    pub(crate) const fn hidden() -> Self {
        Self {
            title: String::new(),
            cause: String::new(),
            effect: EffectSummary::Hidden,
            since: None,
            until: None,
            source: "hidden",
            source_id: String::new(),
            reported_age_s: None,
            since_at: None,
        }
    }
}

/// What a condition does to those who drive through.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum EffectSummary {
    /// The asker may not know; title, cause and source are empty.
    Hidden,
    /// Closed to all.
    Closed,
    /// Water; closes the road to those who cannot wade so deep, slows the others.
    Depth {
        /// In metres.
        depth_m: f64,
    },
    /// Slowed by a factor.
    SpeedFactor {
        /// Share of the speed that is left.
        speed_factor: f64,
    },
    /// Slowed to a speed.
    Speed {
        /// The speed.
        speed_kmh: f64,
    },
}

/// What was asked about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Incident {
    /// The place that was given.
    pub place: [f64; 2],
    /// How exact it is.
    pub accuracy_m: f64,
    /// The place on a road to which the times are; `None` where no road is near.
    pub road_place: Option<[f64; 2]>,
    /// From that to the place given, by line.
    pub road_gap_m: Option<f64>,
}

/// Why only the straight line could be offered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fallback {
    /// Stable word.
    pub code: FallbackCode,
    /// In words.
    pub sentence: Sentence,
}

/// Why only the straight line could be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FallbackCode {
    /// The city has no roads, or the catalogue names no layer of them.
    NoRoads,
    /// The roads in memory are older than allowed.
    RoadsStale,
    /// No road that any eligible vehicle could use is near the incident.
    NoRoadNear,
    /// Units could go, but no position of theirs is fresh.
    PositionsStale,
}

/// What the answer rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Basis {
    /// Of the city: roads, closures, turn restrictions.
    pub revision: Revision,
    /// Of the live conditions.
    pub epoch: u64,
    /// Of the units.
    pub fleet_epoch: u64,
    /// The moment whose roads were searched.
    pub at: String,
    /// How far the city in memory is behind the database.
    pub city_age_s: f64,
    /// Age of the last live report of the state of roads; `None` where there was none.
    pub road_state_age_s: Option<f64>,
    /// Conditions in force that the asker may know.
    pub condition_count: usize,
    /// Units that the asker may see.
    pub unit_count: usize,
    /// Of these, units that may go: their status, agency, equipment and position allow it.
    pub eligible_count: usize,
}

/// A GeoJSON `LineString`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type")]
pub struct LineString {
    /// `[lon, lat]`, EPSG:4326, from the unit to the incident.
    pub coordinates: Vec<[f64; 2]>,
}

impl LineString {
    pub(crate) fn of(line: &geo::LineString<f64>) -> Self {
        Self {
            coordinates: line.coords().map(|place| [degrees(place.x), degrees(place.y)]).collect(),
        }
    }
}

/// A place as JSON has it.
pub(crate) fn lon_lat(place: LonLat) -> [f64; 2] {
    [degrees(place.lon()), degrees(place.lat())]
}

/// Seven decimals, about a centimetre: more say nothing, and are a third of a long answer.
fn degrees(exact: f64) -> f64 {
    (exact * 1e7).round() / 1e7
}
