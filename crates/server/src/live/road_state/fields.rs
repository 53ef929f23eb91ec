//! The fields of one report of a road: known names, each of its kind.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use urbis_catalog::{Nearest, UtcOffset};
use urbis_model::{Moment, Openness};

use crate::moment::parse_moment;
use crate::problem::echo;

/// Why a report of a road was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum RoadFault {
    #[error("the line is no JSON object")]
    NotObject,
    #[error("the line has {found} bytes, at most {limit} are taken")]
    LineTooLong { found: usize, limit: usize },
    #[error("field '{field}' is not known{nearest}")]
    Unknown { field: String, nearest: Nearest },
    #[error("field '{field}' is missing")]
    Missing { field: &'static str },
    #[error("field '{field}' is not {wanted}")]
    Invalid { field: &'static str, wanted: &'static str },
    #[error("both '{one}' and '{other}' are there, wanted one of them")]
    Both { one: &'static str, other: &'static str },
    #[error("wanted one of closed: true, depth_m, speed_factor, speed_kmh")]
    NotOneEffect,
    #[error("the geometry {fault}")]
    Geometry { fault: &'static str },
    #[error("the key's level is {level}, it cannot report a state above it")]
    AboveKey { level: Openness },
}

impl RoadFault {
    /// A field that must be there is not.
    pub const fn missing(field: &'static str) -> Self {
        Self::Missing { field }
    }

    /// Stable code; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotObject => "line_not_object",
            Self::LineTooLong { .. } => "line_too_long",
            Self::Unknown { .. } => "field_unknown",
            Self::Missing { .. } => "field_missing",
            Self::Invalid { .. } => "field_invalid",
            Self::Both { .. } => "fields_contradict",
            Self::NotOneEffect => "not_one_effect",
            Self::Geometry { .. } => "geometry_invalid",
            Self::AboveKey { .. } => "openness_above_key",
        }
    }
}

/// The fields of one object. Null is absent.
#[derive(Debug)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// Refuses a name that is not known, with the nearest that is.
    pub fn of(object: &'a Map<String, Value>, known: &[&str]) -> Result<Self, RoadFault> {
        match object.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(Self(object)),
            Some(name) => {
                let nearest = Nearest::find(name, known.iter().copied());
                Err(RoadFault::Unknown { field: echo(name), nearest })
            }
        }
    }

    pub fn get(&self, field: &str) -> Option<&'a Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub fn text(&self, field: &'static str, max_len: usize) -> Result<Option<&'a str>, RoadFault> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let is_good = |text: &&str| {
            (1..=max_len).contains(&text.len()) && !text.chars().any(char::is_control)
        };
        let wanted = "a short text without control characters";
        let text = value.as_str().filter(is_good);
        text.map(Some).ok_or(RoadFault::Invalid { field, wanted })
    }

    pub fn truth(&self, field: &'static str) -> Result<Option<bool>, RoadFault> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let invalid = RoadFault::Invalid { field, wanted: "true or false" };
        value.as_bool().map(Some).ok_or(invalid)
    }

    pub fn number(
        &self,
        field: &'static str,
        range: RangeInclusive<f64>,
        wanted: &'static str,
    ) -> Result<Option<f64>, RoadFault> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let number = value.as_f64().filter(|number| range.contains(number));
        number.map(Some).ok_or(RoadFault::Invalid { field, wanted })
    }

    /// A moment of RFC 3339; a day alone is none, for it has no zone.
    pub fn moment(&self, field: &'static str) -> Result<Option<Moment>, RoadFault> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let text = value.as_str().filter(|text| text.contains('T'));
        let moment = text.and_then(|text| parse_moment(text, UtcOffset::default()));
        let wanted = "a moment such as 2026-11-22T05:00:00Z or 2026-11-22T12:00:00+07:00";
        moment.map(Some).ok_or(RoadFault::Invalid { field, wanted })
    }
}
