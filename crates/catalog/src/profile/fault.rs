//! What can be wrong with a profile that is good TOML.

use crate::Nearest;

/// A contradiction within one profile, or between it and the layers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileFault {
    /// The name cannot stand in an address.
    #[error("its name is not 1 to 48 of a-z, 0-9 and _, a letter first")]
    Name,

    /// Two profiles have one name.
    #[error("it is defined twice")]
    Duplicate,

    /// More profiles than a [`crate::ProfileIndex`] can count.
    #[error("it is one too many, at most {most} profiles are allowed")]
    TooMany {
        /// The limit.
        most: usize,
    },

    /// A number that no vehicle has.
    #[error("{place} is {found}, wanted {low} to {high}")]
    Number {
        /// The key in the file.
        place: String,
        /// The number in the file.
        found: f64,
        /// Smallest allowed.
        low: f64,
        /// Largest allowed.
        high: f64,
    },

    /// No road can be driven.
    #[error("speeds_kmh names no class")]
    NoSpeeds,

    /// A class that no road of the layers has.
    #[error("speeds_kmh names '{found}', which no road's class is{nearest}")]
    Class {
        /// The word in the file.
        found: String,
        /// A class that looks like it.
        nearest: Nearest,
    },

    /// An attribute that no road has, or that is no code.
    #[error("access.read names '{found}', which is no attribute of roads with a list{nearest}")]
    AccessAttribute {
        /// The word in the file.
        found: String,
        /// An attribute that looks like it.
        nearest: Nearest,
    },

    /// A value that no road has.
    #[error("access.closed names '{found}', which no road's '{attribute}' is{nearest}")]
    AccessValue {
        /// The attribute.
        attribute: String,
        /// The word in the file.
        found: String,
        /// A value that looks like it.
        nearest: Nearest,
    },

    /// A kind that no barrier of the layers has.
    #[error("barriers_s names '{found}', which no barrier's kind is{nearest}")]
    Barrier {
        /// The word in the file.
        found: String,
        /// A kind that looks like it.
        nearest: Nearest,
    },

    /// The line from depth to speed goes back, up, or ends before the wading depth.
    #[error("depth_speed must have rising depths, the last 1, and speeds that never rise")]
    DepthSpeed,
}

impl ProfileFault {
    /// Stable code for logs, reports and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Name => "profile_name",
            Self::Duplicate => "profile_duplicate",
            Self::TooMany { .. } => "profile_count",
            Self::Number { .. } => "profile_number",
            Self::NoSpeeds => "profile_no_speeds",
            Self::Class { .. } => "profile_class",
            Self::AccessAttribute { .. } => "profile_access_attribute",
            Self::AccessValue { .. } => "profile_access_value",
            Self::Barrier { .. } => "profile_barrier",
            Self::DepthSpeed => "profile_depth_speed",
        }
    }
}
