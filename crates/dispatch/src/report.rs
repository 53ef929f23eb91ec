//! Reads what units report: NDJSON or one JSON object in, reports and refused lines out.
//!
//! Each line is taken or refused by itself: nothing is repaired, nothing is left out without a
//! line that says so. A line has
//!
//! - `id`: a UUID that the client draws, and sends again when it sends the report again; `unit_id`;
//!   `observed_at`: RFC 3339 with its zone;
//! - any of: `lon` and `lat` (degrees, EPSG:4326) with `accuracy_m`, `heading_deg` (clockwise from
//!   north) and `speed_kmh`; `status`; `unit`;
//! - in `unit`, which the first report of a unit must have: `title`, `agency` (`"112"` to `"115"`),
//!   `profile`, `capabilities` (a list of words), `openness`, `simulated`. The first three must be
//!   there; a unit is real unless it says otherwise; a real one is `internal`, a simulated one `open`
//!   unless it says otherwise.
//!
//! A field of value null is a field that is not there.

mod error;
mod fields;
mod line;
mod write;

use serde_json::Value;
use urbis_model::{Moment, UnitReport};

pub use error::{LineError, LineFault};
pub(crate) use fields::{Fields, invalid, moment_text};
pub(crate) use line::{Profiles, read_report};
pub(crate) use write::write_report;

/// Most lines of one body.
pub const MAX_LINES: usize = 10_000;

/// Longest id that is repeated to the client, characters.
const MAX_SHOWN: usize = 80;

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
pub fn read_reports(body: &[u8], rules: &ReportRules<'_>) -> Result<ReadReports, LineError> {
    let mut read = ReadReports::default();
    for (line, text) in lines(body)? {
        match read_line(text, rules) {
            Ok(report) => read.reports.push((line, report)),
            Err((id, error)) => read.faults.push(LineFault { line, id, error }),
        }
    }
    Ok(read)
}

/// The lines that hold something, with their numbers.
fn lines(body: &[u8]) -> Result<Vec<(usize, &[u8])>, LineError> {
    let numbered = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).enumerate();
    let filled = numbered.filter(|(_, text)| !text.is_empty()).map(|(at, text)| (at + 1, text));
    let lines: Vec<_> = filled.take(MAX_LINES + 1).collect();
    if lines.len() > MAX_LINES {
        return Err(LineError::TooManyLines { limit: MAX_LINES });
    }
    let is_value = |text| serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
    // A line of NDJSON is a value by itself; the first line of an object over several is not.
    match lines.first() {
        Some((at, first)) if lines.len() > 1 && !is_value(first) && is_value(body) => {
            Ok(vec![(*at, body)])
        }
        _ => Ok(lines),
    }
}

fn read_line(
    text: &[u8],
    rules: &ReportRules<'_>,
) -> Result<UnitReport, (Option<String>, LineError)> {
    let value: Value = serde_json::from_slice(text)
        .map_err(|error| (None, LineError::NotJson { detail: error.to_string() }))?;
    let id = value.get("id").and_then(Value::as_str);
    let id = id.map(|id| id.chars().take(MAX_SHOWN).collect());
    Fields::of(&value)
        .and_then(|fields| read_report(&fields, Profiles::OneOf(rules.profiles), rules.received_at))
        .map_err(|error| (id, error))
}

#[cfg(test)]
mod tests;
