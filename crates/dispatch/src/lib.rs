//! Who can be sent, and who gets there first: the fleet, what its units report, the spool that
//! keeps it, and the candidates for an incident with the reasons why others are none.
//!
//! Synchronous; the [`Spool`] alone does I/O.

mod boat;
mod candidates;
mod cut_off;
mod fleet;
mod language;
mod reasons;
mod record;
mod report;
mod spool;

pub use candidates::{
    Answer, Ask, Basis, Beyond, Candidate, ConditionSummary, CutOff, EffectSummary, Estimate,
    Fallback, FallbackCode, FirstElsewhere, Incident, Limits, LineString, MAX_CANDIDATES,
    MAX_REJECTED, OpenedBy, Rejected, Told, UnitSummary, View, candidates, timed_candidates,
};
pub use fleet::{Applied, Counters, Fix, Fleet, Snapped, Streets, Unit};
pub use language::Sentence;
pub use reasons::Reason;
pub use record::LiveRecord;
pub use report::{LineError, LineFault, MAX_LINES, ReadReports, ReportRules, read_reports};
pub use spool::{
    Damage, MAX_RECORD_BYTES, Recovery, Spool, SpoolBatch, SpoolError, SpoolLimits, SpoolMark,
};
pub use urbis_model::{
    Agency, JudgedReport, Outcome, PositionReport, ReportId, RoadStateReport, Stamp,
    UnitDescription, UnitId, UnitReport, UnitState, UnitStatus, Verdict,
};
pub use urbis_network::Language;
