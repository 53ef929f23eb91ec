//! Names and numbers that identify things.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ModelError;

/// Longest layer id, so that derived names of tables and indexes fit PostgreSQL's 63 bytes.
const MAX_LAYER_ID_LEN: usize = 48;

/// The name of a layer: its file in `layers/`, its table, its `source-layer`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LayerId(Arc<str>);

impl LayerId {
    /// Takes a name of 1 to 48 letters a-z, digits and underscores, a letter first.
    ///
    /// # Errors
    ///
    /// [`ModelError::LayerIdInvalid`].
    pub fn new(name: &str) -> Result<Self, ModelError> {
        let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
        let rest_is_plain =
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if starts_well && rest_is_plain && name.len() <= MAX_LAYER_ID_LEN {
            return Ok(Self(name.into()));
        }
        Err(ModelError::LayerIdInvalid { found: name.chars().take(80).collect() })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LayerId {
    type Err = ModelError;

    fn from_str(name: &str) -> Result<Self, ModelError> {
        Self::new(name)
    }
}

impl TryFrom<String> for LayerId {
    type Error = ModelError;

    fn try_from(name: String) -> Result<Self, ModelError> {
        Self::new(&name)
    }
}

impl From<LayerId> for String {
    fn from(id: LayerId) -> Self {
        id.as_str().to_owned()
    }
}

/// The number of a feature, unique in the city; from 1 to 2^53 - 1, so that JSON readers keep it
/// exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FeatureId(u64);

impl FeatureId {
    /// Largest feature id.
    pub const MAX: u64 = (1 << 53) - 1;

    /// Takes a number as PostgreSQL's `bigint` gives it.
    ///
    /// # Errors
    ///
    /// [`ModelError::FeatureIdOutOfRange`].
    pub fn new(number: i64) -> Result<Self, ModelError> {
        match u64::try_from(number) {
            Ok(id) if (1..=Self::MAX).contains(&id) => Ok(Self(id)),
            _ => Err(ModelError::FeatureIdOutOfRange { found: number }),
        }
    }

    /// The number.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The number as PostgreSQL's `bigint` takes it.
    pub const fn to_i64(self) -> i64 {
        self.0 as i64
    }
}

impl fmt::Display for FeatureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A state of the city as one node holds it; grows with every change that the node applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An EPSG code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Srid(pub u32);

impl Srid {
    /// WGS 84, longitude and latitude in degrees.
    pub const WGS84: Self = Self(4326);
    /// VN-2000 / TM-3 zone 107°45', metres: the cadastral CRS of Da Nang.
    pub const VN2000_DA_NANG: Self = Self(5899);

    /// Decimals of a coordinate in texts: a centimetre in degrees, a millimetre in metres. Of the CRSs
    /// that answers and files come in, WGS 84 alone has degrees.
    pub const fn decimals(self) -> usize {
        if matches!(self, Self::WGS84) { 7 } else { 3 }
    }
}

impl fmt::Display for Srid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EPSG:{}", self.0)
    }
}
