//! Who can be sent: the fleet, what its units report, and the spool that keeps it.
//!
//! Synchronous; the [`Spool`] alone does I/O.

mod fleet;
mod record;
mod report;
mod spool;

pub use fleet::{Applied, Counters, Fix, Fleet, Snapped, Streets, Unit};
pub use record::LiveRecord;
pub use report::{LineError, LineFault, MAX_LINES, ReadReports, ReportRules, read_reports};
pub use spool::{
    Damage, MAX_RECORD_BYTES, Recovery, Spool, SpoolBatch, SpoolError, SpoolLimits, SpoolMark,
};
pub use urbis_model::{
    Agency, JudgedReport, Outcome, PositionReport, ReportId, RoadStateReport, Stamp,
    UnitDescription, UnitId, UnitReport, UnitState, UnitStatus, Verdict,
};
