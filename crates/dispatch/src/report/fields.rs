//! The fields of one JSON object, each checked as it is taken.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value};
use urbis_catalog::Nearest;
use urbis_model::Moment;

use super::LineError;

/// Most characters of a wrong value that an error repeats.
const MAX_SHOWN: usize = 80;

/// An object of which every field is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// Takes a value that is an object.
    pub(crate) fn of(value: &'a Value) -> Result<Self, LineError> {
        let found = match value {
            Value::Object(map) => return Ok(Self(map)),
            Value::Array(_) => "an array",
            Value::String(_) => "a text",
            Value::Number(_) => "a number",
            Value::Bool(_) => "a truth value",
            Value::Null => "null",
        };
        Err(LineError::NotObject { found })
    }

    /// Refuses an object with other fields than these.
    pub(crate) fn only(self, known: &[&'static str]) -> Result<(), LineError> {
        let mut fields = self.0.keys().filter(|field| !known.contains(&field.as_str()));
        let Some(field) = fields.next() else { return Ok(()) };
        let nearest = Nearest::find(field, known.iter().copied());
        Err(LineError::FieldUnknown { field: field.chars().take(MAX_SHOWN).collect(), nearest })
    }

    pub(crate) fn get(self, field: &str) -> Option<&'a Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    pub(crate) fn text(self, field: &'static str) -> Result<Option<&'a str>, LineError> {
        let Some(value) = self.get(field) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| invalid(field, value, "a text"))
    }

    pub(crate) fn required_text(self, field: &'static str) -> Result<&'a str, LineError> {
        self.text(field)?.ok_or(LineError::FieldMissing { field })
    }

    pub(crate) fn truth(self, field: &'static str) -> Result<Option<bool>, LineError> {
        let Some(value) = self.get(field) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| invalid(field, value, "true or false"))
    }

    pub(crate) fn number(self, field: &'static str) -> Result<Option<f64>, LineError> {
        let Some(value) = self.get(field) else { return Ok(None) };
        value.as_f64().map(Some).ok_or_else(|| invalid(field, value, "a number"))
    }

    /// A number from 0 to a limit; `wanted` says so.
    pub(crate) fn number_to(
        self,
        field: &'static str,
        limit: f64,
        wanted: &'static str,
    ) -> Result<Option<f64>, LineError> {
        match self.number(field)? {
            Some(number) if !(0.0..=limit).contains(&number) => {
                Err(invalid(field, &number.into(), wanted))
            }
            number => Ok(number),
        }
    }

    pub(crate) fn moment(self, field: &'static str) -> Result<Option<Moment>, LineError> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let moment = value.as_str().and_then(parse_moment);
        let wanted = "a moment such as 2026-11-22T05:00:00Z or 2026-11-22T12:00:00+07:00";
        moment.map(Some).ok_or_else(|| invalid(field, value, wanted))
    }

    pub(crate) fn required_moment(self, field: &'static str) -> Result<Moment, LineError> {
        self.moment(field)?.ok_or(LineError::FieldMissing { field })
    }
}

/// An error that shows what was found.
pub(crate) fn invalid(field: &'static str, found: &Value, wanted: &'static str) -> LineError {
    let found = found.to_string().chars().take(MAX_SHOWN).collect();
    LineError::FieldInvalid { field, found, wanted }
}

/// Reads RFC 3339 with its zone, to the microsecond.
pub(crate) fn parse_moment(text: &str) -> Option<Moment> {
    DateTime::parse_from_rfc3339(text).ok().map(|moment| Moment(moment.timestamp_micros()))
}

/// Writes RFC 3339 in UTC, to the microsecond. Of a moment that no calendar has, its number.
pub(crate) fn moment_text(moment: Moment) -> String {
    match DateTime::from_timestamp_micros(moment.0) {
        Some(shown) => shown.to_rfc3339_opts(SecondsFormat::Micros, true),
        None => moment.0.to_string(),
    }
}
