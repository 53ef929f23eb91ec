//! What is acknowledged, as a record of the spool: one JSON object.

use serde_json::{Value, json};
use urbis_model::{JudgedReport, Outcome, RoadStateReport, Verdict};

use crate::LineError;
use crate::report::{Fields, Profiles, invalid, moment_text, read_report, write_report};

/// What was acknowledged, and waits to be kept in the database.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveRecord {
    /// A report of a unit, and what became of it.
    Unit(JudgedReport),
    /// A state of a road.
    Road(RoadStateReport),
}

impl LiveRecord {
    /// The record as [`crate::Spool::append`] takes it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let value = match self {
            Self::Unit(judged) => write_unit(judged),
            Self::Road(road) => write_road(road),
        };
        value.to_string().into_bytes()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// [`LineError`] for what it did not write: a bug, or another version of the program.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LineError> {
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| LineError::NotJson { detail: error.to_string() })?;
        let fields = Fields::of(&value)?;
        match fields.required_text("kind")? {
            "unit" => read_unit(fields).map(Self::Unit),
            "road" => read_road(fields).map(Self::Road),
            kind => Err(invalid("kind", &kind.into(), "unit or road")),
        }
    }
}

fn write_unit(judged: &JudgedReport) -> Value {
    let code = |verdict: Option<Verdict>| verdict.map(Verdict::code);
    json!({
        "kind": "unit",
        "received_at": moment_text(judged.report.received_at),
        "report": write_report(&judged.report),
        "position": code(judged.outcome.position),
        "status": code(judged.outcome.status),
        "description": code(judged.outcome.description),
    })
}

fn read_unit(fields: Fields<'_>) -> Result<JudgedReport, LineError> {
    let received_at = fields.required_moment("received_at")?;
    let report = fields.get("report").ok_or(LineError::FieldMissing { field: "report" })?;
    Ok(JudgedReport {
        report: read_report(&Fields::of(report)?, Profiles::Any, received_at)?,
        outcome: Outcome {
            position: read_verdict(fields, "position")?,
            status: read_verdict(fields, "status")?,
            description: read_verdict(fields, "description")?,
        },
    })
}

fn read_verdict(fields: Fields<'_>, part: &'static str) -> Result<Option<Verdict>, LineError> {
    let Some(code) = fields.text(part)? else { return Ok(None) };
    let verdict = Verdict::from_code(code);
    verdict.map(Some).ok_or_else(|| invalid(part, &code.into(), "the code of a verdict"))
}

fn write_road(road: &RoadStateReport) -> Value {
    json!({
        "kind": "road",
        "id": road.id,
        "observed_at": moment_text(road.observed_at),
        "received_at": moment_text(road.received_at),
        "expires_at": road.expires_at.map(moment_text),
        "cleared": road.is_cleared,
        // As a text: it is kept as it came.
        "body": road.body,
    })
}

fn read_road(fields: Fields<'_>) -> Result<RoadStateReport, LineError> {
    Ok(RoadStateReport {
        id: fields.required_text("id")?.to_owned(),
        observed_at: fields.required_moment("observed_at")?,
        received_at: fields.required_moment("received_at")?,
        expires_at: fields.moment("expires_at")?,
        is_cleared: fields.truth("cleared")?.unwrap_or(false),
        body: fields.required_text("body")?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use urbis_model::Moment;

    use super::*;

    #[test]
    fn a_state_of_a_road_is_read_as_it_was_written() {
        let road = RoadStateReport {
            id: "sensor-12/Hàm Nghi".into(),
            observed_at: Moment(1_790_000_000_123_456),
            received_at: Moment(1_790_000_001_000_000),
            expires_at: Some(Moment(1_790_000_900_000_000)),
            is_cleared: false,
            body: r#"{"id": "sensor-12/Hàm Nghi", "depth_m": 0.40}"#.into(),
        };
        let record = LiveRecord::Road(road);
        assert_eq!(LiveRecord::from_bytes(&record.to_bytes()), Ok(record));
    }

    #[test]
    fn what_no_record_is_is_refused() {
        for text in ["", "[]", "{}", r#"{"kind":"boat"}"#, r#"{"kind":"unit"}"#] {
            assert!(LiveRecord::from_bytes(text.as_bytes()).is_err(), "{text}");
        }
    }
}
