//! What is wrong with a filter.

use crate::{MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_VERTICES};

/// Most characters of a filter that an error repeats.
const MAX_SHOWN: usize = 120;

/// A filter that cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// It is no CQL2.
    #[error("the filter is no CQL2: {detail}")]
    Syntax {
        /// What the parser said.
        detail: String,
    },

    /// A property that the layer does not have for this caller.
    #[error("no property '{name}', known: {known}")]
    PropertyUnknown {
        /// The property as it came.
        name: String,
        /// Those that there are.
        known: String,
    },

    /// An operator or function that is not answered.
    #[error("'{name}' is not supported here")]
    Unsupported {
        /// The operator or function.
        name: String,
    },

    /// An operation with other operands than it takes.
    #[error("'{operator}' takes {wanted}, found {found}")]
    Operand {
        /// The operator.
        operator: String,
        /// What it takes.
        wanted: &'static str,
        /// What came.
        found: &'static str,
    },

    /// A value that the property never has.
    #[error("property '{name}' is {wanted}, found {found}")]
    Type {
        /// The property.
        name: String,
        /// Its kind.
        wanted: &'static str,
        /// The kind of the value.
        found: &'static str,
    },

    /// A geometry that cannot be read, or lies outside of the earth.
    #[error("the geometry is not valid: {detail}")]
    Geometry {
        /// What is wrong.
        detail: String,
    },

    /// More bytes than [`MAX_BYTES`].
    #[error("the filter has {bytes} bytes, at most {MAX_BYTES} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
    },

    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the filter is nested deeper than {MAX_DEPTH}")]
    TooDeep,

    /// More nodes than [`MAX_NODES`] or vertices than [`MAX_VERTICES`].
    #[error("the filter has more than {MAX_NODES} parts or {MAX_VERTICES} vertices")]
    TooLarge,

    /// Not the filter's fault: there is no thread to read a long one on.
    #[error("there is no room to read a long filter now")]
    NoRoom,
}

impl FilterError {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "filter_syntax",
            Self::PropertyUnknown { .. } => "filter_property_unknown",
            Self::Unsupported { .. } => "filter_unsupported",
            Self::Operand { .. } => "filter_operand_invalid",
            Self::Type { .. } => "filter_type_mismatch",
            Self::Geometry { .. } => "filter_geometry_invalid",
            Self::TooLong { .. } | Self::TooDeep | Self::TooLarge => "filter_too_large",
            Self::NoRoom => "filter_no_room",
        }
    }

    /// From what the parser says: its first lines, in one.
    pub(crate) fn syntax(error: impl std::fmt::Display) -> Self {
        let text = error.to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        Self::Syntax { detail: shown(&words.join(" ")) }
    }
}

/// The start of a text that came from outside.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(MAX_SHOWN).collect()
}
