//! The words of live state: units, what they report, what became of a report.

mod agency;
mod id;
mod report;
mod status;
mod verdict;

pub use agency::Agency;
pub use id::{ReportId, UnitId};
pub use report::{
    JudgedReport, PositionReport, RoadStateReport, Stamp, UnitDescription, UnitReport, UnitState,
};
pub use status::UnitStatus;
pub use verdict::{Outcome, Verdict};
