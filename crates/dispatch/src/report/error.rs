//! Why a line was refused.

use urbis_catalog::Nearest;
use urbis_model::ModelError;

/// A refused line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineFault {
    /// Number of the line, from 1.
    pub line: usize,
    /// Id of the report as it came, where it has one that can be read.
    pub id: Option<String>,
    /// Why.
    pub error: LineError,
}

/// Why a line was refused, or the whole body.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The body has too many lines; nothing of it was taken.
    #[error("the body has more than {limit} lines, send several")]
    TooManyLines {
        /// Most lines.
        limit: usize,
    },

    /// The line is no JSON, or not in UTF-8.
    #[error("the line is no JSON: {detail}")]
    NotJson {
        /// What the parser said.
        detail: String,
    },

    /// The line is JSON, but no object.
    #[error("the line is {found}, wanted a JSON object")]
    NotObject {
        /// What it is, such as `an array`.
        found: &'static str,
    },

    /// A field that no report has.
    #[error("field '{field}' is not known{nearest}")]
    FieldUnknown {
        /// The field as it came, cut short.
        field: String,
        /// The known one that was probably meant.
        nearest: Nearest,
    },

    /// A field that must be there is not.
    #[error("field '{field}' is missing")]
    FieldMissing {
        /// The field.
        field: &'static str,
    },

    /// A field has a value of another kind.
    #[error("field '{field}' is {found}, wanted {wanted}")]
    FieldInvalid {
        /// The field.
        field: &'static str,
        /// The value as it came, cut short.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },

    /// A report of nothing.
    #[error("the report says nothing, wanted lon and lat, or a status, or a unit")]
    Empty,

    /// A vehicle profile that there is not.
    #[error("profile '{found}' is not known, wanted one of {known}")]
    ProfileUnknown {
        /// The profile as it came.
        found: String,
        /// All profiles.
        known: String,
    },

    /// A real unit cannot be shown to everybody.
    #[error("a unit that is not simulated cannot be open, wanted internal or restricted")]
    OpennessTooOpen,

    /// A value that one of the words of the model refuses.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl LineError {
    /// Stable code for answers, logs and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooManyLines { .. } => "lines_too_many",
            Self::NotJson { .. } => "line_not_json",
            Self::NotObject { .. } => "line_not_object",
            Self::FieldUnknown { .. } => "field_unknown",
            Self::FieldMissing { .. } => "field_missing",
            Self::FieldInvalid { .. } => "field_invalid",
            Self::Empty => "report_empty",
            Self::ProfileUnknown { .. } => "profile_unknown",
            Self::OpennessTooOpen => "openness_too_open",
            Self::Model(error) => error.code(),
        }
    }
}
