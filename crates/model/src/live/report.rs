//! What a unit reports of itself, and what somebody reports of a road.

use crate::{Agency, LonLat, Moment, Openness, Outcome, ReportId, UnitId, UnitStatus};

/// One report of one unit: any of where it is, what it does, what it is; at least one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitReport {
    /// Given by the client; the same in every repetition.
    pub id: ReportId,
    /// The unit.
    pub unit: UnitId,
    /// When it was so, by the clock of the unit.
    pub observed_at: Moment,
    /// When it came to us, by our clock.
    pub received_at: Moment,
    /// Where the unit was.
    pub position: Option<PositionReport>,
    /// What it did.
    pub status: Option<UnitStatus>,
    /// What it is.
    pub description: Option<UnitDescription>,
}

/// Where a unit is, as its receiver says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionReport {
    /// The place.
    pub place: LonLat,
    /// Radius of the error, metres, 0 or more; how likely it holds is the receiver's business.
    pub accuracy_m: Option<f64>,
    /// Direction of travel, degrees clockwise from true north, 0 <= heading < 360.
    pub heading_deg: Option<f64>,
    /// Speed over ground, 0 or more.
    pub speed_kmh: Option<f64>,
}

/// What a unit is. The first report of a unit has one; a later one replaces it whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitDescription {
    /// For people, such as `Cấp cứu 115 số 3`.
    pub title: String,
    /// Whose it is.
    pub agency: Agency,
    /// Id of its vehicle profile.
    pub profile: String,
    /// What its crew and its equipment can do, such as `als`; in order, each once.
    pub capabilities: Vec<String>,
    /// Who may see it.
    pub openness: Openness,
    /// Whether a simulator moves it. A real unit never becomes a simulated one, nor the other way
    /// round.
    pub is_simulated: bool,
}

/// A report and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedReport {
    /// The report.
    pub report: UnitReport,
    /// What became of its parts.
    pub outcome: Outcome,
}

/// Which of two reports of one thing is later: the moment decides, and where two are of one moment
/// the larger id, so that the order in which they come never matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// When it was so, by the clock of the unit.
    pub observed_at: Moment,
    /// The report that says so.
    pub report: ReportId,
}

/// The last state of a unit as it is kept: of each part the latest report.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitState {
    /// The unit.
    pub id: UnitId,
    /// What it is.
    pub description: UnitDescription,
    /// Who said what it is.
    pub described: Stamp,
    /// What it does and since when, and the last report that said so.
    pub status: Option<(UnitStatus, Moment, Stamp)>,
    /// Where it is, who said so, and when that came to us.
    pub position: Option<(PositionReport, Stamp, Moment)>,
}

/// The last state of a stretch of road, as it was reported; what it means is the network's
/// business.
#[derive(Debug, Clone, PartialEq)]
pub struct RoadStateReport {
    /// Given by the client: a later report of the same id replaces this one.
    pub id: String,
    /// When it was so.
    pub observed_at: Moment,
    /// When it came to us.
    pub received_at: Moment,
    /// First moment at which it holds no more; `None` where no end is known.
    pub expires_at: Option<Moment>,
    /// Whether the report ends the state.
    pub is_cleared: bool,
    /// The report as it came: one JSON object.
    pub body: String,
}
