//! What a unit is doing.

use std::fmt;
use std::str::FromStr;

use crate::ModelError;

/// What a unit is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitStatus {
    /// It can be sent.
    Available,
    /// It was given an incident and has not left.
    Assigned,
    /// It drives to an incident.
    EnRoute,
    /// It works at an incident.
    OnScene,
    /// It brings somebody to a hospital.
    ToHospital,
    /// It drives back to its base.
    Returning,
    /// It cannot be sent: crew, vehicle or fuel.
    OutOfService,
}

impl UnitStatus {
    /// All of them, in the order of a run.
    pub const ALL: [Self; 7] = [
        Self::Available,
        Self::Assigned,
        Self::EnRoute,
        Self::OnScene,
        Self::ToHospital,
        Self::Returning,
        Self::OutOfService,
    ];

    /// The word as reports and answers spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Assigned => "assigned",
            Self::EnRoute => "en_route",
            Self::OnScene => "on_scene",
            Self::ToHospital => "to_hospital",
            Self::Returning => "returning",
            Self::OutOfService => "out_of_service",
        }
    }
}

impl fmt::Display for UnitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for UnitStatus {
    type Err = ModelError;

    fn from_str(word: &str) -> Result<Self, ModelError> {
        let known = Self::ALL.into_iter().find(|status| status.as_str() == word);
        known
            .ok_or_else(|| ModelError::UnitStatusUnknown { found: word.chars().take(80).collect() })
    }
}
