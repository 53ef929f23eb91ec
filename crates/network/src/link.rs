//! Links, and what the roads and barriers layers say of them.

use urbis_catalog::ProfileIndex;
use urbis_model::FeatureId;

use crate::ArcId;

/// A direction of travel relative to how a segment is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Travel {
    /// As it is drawn.
    Forward,
    /// Against the drawing.
    Backward,
}

impl Travel {
    /// The other direction.
    #[must_use]
    pub const fn reverse(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
        }
    }
}

/// In which directions traffic may go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Oneway {
    /// Both; also where the direction changes by the hour.
    #[default]
    No,
    /// As the segment is drawn.
    Forward,
    /// Against the drawing.
    Backward,
}

impl Oneway {
    /// Says whether travelling so is against the one-way.
    pub const fn forbids(self, travel: Travel) -> bool {
        matches!(
            (self, travel),
            (Self::Forward, Travel::Backward) | (Self::Backward, Travel::Forward)
        )
    }
}

/// A word of the layers, such as a road class, as [`crate::Graph::word`] spells it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub u8);

impl Word {
    /// No word: the layer says nothing.
    pub const NONE: Self = Self(0);
}

/// What stands on a road; the link that has it has no length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Barrier {
    /// `kind` of the barriers layer.
    pub kind: Word,
    /// `access` of the barriers layer.
    pub access: Word,
    /// Room to pass in centimetres; 0 where it is not known.
    pub passable_width_cm: u16,
}

/// What the layers say of a link and a search reads.
///
/// Limits are 0 where there is none or it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RoadTraits {
    /// `class`.
    pub class: Word,
    /// Speed limit, km/h.
    pub maxspeed_kmh: u16,
    /// Width that a vehicle has, cm.
    pub width_cm: u16,
    /// Height limit, cm.
    pub max_height_cm: u16,
    /// Weight limit in units of 10 kg.
    pub max_weight_10kg: u16,
    /// Above (positive) or below what it crosses.
    pub level: i8,
    /// In which directions traffic may go.
    pub oneway: Oneway,
    /// Whether it is on a bridge.
    pub is_bridge: bool,
    /// Whether it is in a tunnel.
    pub is_tunnel: bool,
    /// Whether it is part of a roundabout.
    pub is_roundabout: bool,
    /// One bit a vehicle profile of the catalogue, set where the road is closed to it by right;
    /// of the first 32 profiles.
    pub closed_to: u32,
}

impl RoadTraits {
    /// Says whether the road is closed to a profile by right.
    pub const fn is_closed_to(&self, profile: ProfileIndex) -> bool {
        profile.0 < u32::BITS as u8 && self.closed_to >> profile.0 & 1 == 1
    }
}

/// A piece of one part of a segment between two consecutive joints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The feature of the roads layer.
    pub segment: FeatureId,
    /// Which part of its geometry.
    pub part: u16,
    /// Vertex of the part at which it starts, as drawn.
    pub from_vertex: u32,
    /// Vertex at which it ends; that at which it starts where it is a barrier.
    pub to_vertex: u32,
    /// Where it starts along the part, mm.
    pub start_mm: u32,
    /// Its length, mm.
    pub length_mm: u32,
    /// What the layers say of it; of a barrier only `closed_to` and the class.
    pub traits: RoadTraits,
    /// What stands there, where it is a barrier.
    pub barrier: Option<Barrier>,
    pub(crate) from_joint: u32,
    pub(crate) to_joint: u32,
    /// The arc that runs along it as it is drawn.
    pub(crate) arc: ArcId,
}

impl Link {
    /// Where it ends along the part, mm.
    pub const fn end_mm(&self) -> u32 {
        self.start_mm + self.length_mm
    }
}
