//! Who may see a layer, an attribute or a feature.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ModelError;

/// Level of openness; a later level is stricter.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Openness {
    /// Everybody (mở).
    #[default]
    Open,
    /// City offices (dùng chung).
    Internal,
    /// Named offices only (dùng riêng).
    Restricted,
}

impl Openness {
    /// All levels, the openest first: the number of each (`as usize`) is its place here.
    pub const ALL: [Self; 3] = [Self::Open, Self::Internal, Self::Restricted];

    /// The word as files and answers spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Internal => "internal",
            Self::Restricted => "restricted",
        }
    }
}

impl fmt::Display for Openness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Openness {
    type Err = ModelError;

    fn from_str(word: &str) -> Result<Self, ModelError> {
        match word {
            "open" => Ok(Self::Open),
            "internal" => Ok(Self::Internal),
            "restricted" => Ok(Self::Restricted),
            _ => Err(ModelError::OpennessUnknown { found: word.chars().take(80).collect() }),
        }
    }
}
