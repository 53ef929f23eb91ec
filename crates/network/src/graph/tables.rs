//! The rows of the graph's tables.

use urbis_model::WorldXy;

use crate::{ArcId, LinkId, NodeId, StateId, Travel};

/// No row.
pub(crate) const NONE: u32 = u32::MAX;

/// A place where links join.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Joint {
    pub place: WorldXy,
    /// The junction that it is; [`NONE`] inside of an edge.
    pub node: u32,
}

/// A link in a direction of travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Drive(u32);

impl Drive {
    pub const fn new(link: LinkId, travel: Travel) -> Self {
        Self(link.0 << 1 | matches!(travel, Travel::Backward) as u32)
    }

    #[inline]
    pub const fn link(self) -> LinkId {
        LinkId(self.0 >> 1)
    }

    #[inline]
    pub const fn travel(self) -> Travel {
        if self.0 & 1 == 0 { Travel::Forward } else { Travel::Backward }
    }

    pub const fn reverse(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// An edge: a chain of links between two junctions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    /// Junction at which its first arc starts; [`NONE`] where the edge is not in use.
    pub tail: u32,
    pub head: u32,
    pub length_mm: u32,
    /// After each of its two arcs, without history.
    pub head_states: [StateId; 2],
    /// Of each of its two arcs.
    pub is_against_oneway: [bool; 2],
}

impl Edge {
    pub const UNUSED: Self = Self {
        tail: NONE,
        head: NONE,
        length_mm: 0,
        head_states: [StateId(NONE); 2],
        is_against_oneway: [true; 2],
    };

    /// The junctions at which one of its arcs starts and ends.
    pub const fn ends(&self, arc: ArcId) -> (NodeId, NodeId) {
        match arc.0 & 1 {
            0 => (NodeId(self.tail), NodeId(self.head)),
            _ => (NodeId(self.head), NodeId(self.tail)),
        }
    }
}

/// A state: the first one of a junction is the junction, those with history follow in a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    /// Where it is; [`NONE`] where the state is not in use.
    pub joint: u32,
    /// The next state of the junction.
    pub next: u32,
}

impl State {
    pub const UNUSED: Self = Self { joint: NONE, next: NONE };
}
