//! Whose a unit is.

use std::fmt;
use std::str::FromStr;

use crate::ModelError;

/// Who a unit belongs to, by the number that people call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agency {
    /// 112: natural disasters and other incidents, search and rescue.
    Rescue112,
    /// 113: police.
    Police113,
    /// 114: fire service.
    Fire114,
    /// 115: ambulances.
    Medical115,
}

impl Agency {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Rescue112, Self::Police113, Self::Fire114, Self::Medical115];

    /// The number as texts spell it, such as `115`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rescue112 => "112",
            Self::Police113 => "113",
            Self::Fire114 => "114",
            Self::Medical115 => "115",
        }
    }
}

impl fmt::Display for Agency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Agency {
    type Err = ModelError;

    fn from_str(number: &str) -> Result<Self, ModelError> {
        let known = Self::ALL.into_iter().find(|agency| agency.as_str() == number);
        known.ok_or_else(|| ModelError::AgencyUnknown { found: number.chars().take(80).collect() })
    }
}
