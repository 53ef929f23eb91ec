//! Reads what units report: NDJSON or one JSON object in, reports and refused lines out.
//!
//! Each line is taken or refused by itself: nothing is repaired, nothing is left out without a
//! line that says so.

mod error;

use urbis_model::{Moment, UnitReport};

pub use error::{LineError, LineFault};

/// Most lines of one body.
pub const MAX_LINES: usize = 10_000;

/// What a report is checked against.
#[derive(Debug, Clone, Copy)]
pub struct ReportRules<'a> {
    /// Ids of the vehicle profiles that there are.
    pub profiles: &'a [&'a str],
    /// When the body came.
    pub received_at: Moment,
}

/// A body as it was read.
#[derive(Debug, Clone, Default)]
pub struct ReadReports {
    /// Reports with the number of their line, from 1.
    pub reports: Vec<(usize, UnitReport)>,
    /// Refused lines, in order.
    pub faults: Vec<LineFault>,
}

/// Reads a body of NDJSON; one JSON object over several lines is read as one line. Empty lines
/// are no lines.
///
/// # Errors
///
/// [`LineError::TooManyLines`]; then nothing is taken.
pub fn read_reports(_body: &[u8], _rules: &ReportRules<'_>) -> Result<ReadReports, LineError> {
    Ok(ReadReports::default())
}
