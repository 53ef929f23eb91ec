//! What is wrong on purpose: real data has faults, and what finds them must have some to find.

use super::learnt::FLAWED;
use crate::random::Random;

/// A feature that is wrong on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Id of the layer.
    pub layer: &'static str,
    /// The feature's key.
    pub key: String,
    /// What is wrong.
    pub kind: FlawKind,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlawKind {
    /// A corner lies in the neighbour.
    Overlap,
    /// A strip of some centimetres that no one needs.
    Sliver,
    /// The same geometry as another feature.
    Duplicate,
    /// The ring crosses itself.
    InvalidRing,
    /// A building that leaves its parcel.
    Outside,
    /// A stub of a street that goes beyond its junction.
    Dangle,
}

impl FlawKind {
    /// The name in lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::Sliver => "sliver",
            Self::Duplicate => "duplicate",
            Self::InvalidRing => "invalid_ring",
            Self::Outside => "outside_parcel",
            Self::Dangle => "dangle",
        }
    }

    /// Draws whether a feature gets a flaw, and which.
    pub(crate) fn draw(of: &[Self], random: &mut Random) -> Option<Self> {
        random.chance(FLAWED).then(|| *random.pick(of))
    }
}
