//! What a search reads of arcs and states.

use crate::{ArcId, NodeId, StateId};

/// Whether a turn is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// It is.
    Free,
    /// A restriction forbids it.
    Banned,
}

/// An arc and, in the highest bit, whether the turn into it is banned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct ArcTurn(u32);

const BANNED: u32 = 1 << 31;

impl ArcTurn {
    const fn new(arc: ArcId, turn: Turn) -> Self {
        match turn {
            Turn::Free => Self(arc.0),
            Turn::Banned => Self(arc.0 | BANNED),
        }
    }

    #[inline]
    const fn arc(self) -> ArcId {
        ArcId(self.0 & !BANNED)
    }

    #[inline]
    const fn turn(self) -> Turn {
        if self.0 & BANNED == 0 { Turn::Free } else { Turn::Banned }
    }
}

/// One way to come to a state: to drive [`Self::arc`] from the state [`Self::from`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Incoming {
    arc: ArcTurn,
    /// The state before.
    pub from: StateId,
}

impl Incoming {
    pub(crate) const fn new(arc: ArcId, turn: Turn, from: StateId) -> Self {
        Self { arc: ArcTurn::new(arc, turn), from }
    }

    /// The arc that is driven.
    #[inline]
    pub const fn arc(self) -> ArcId {
        self.arc.arc()
    }

    /// Whether one may turn from the state before into the arc.
    #[inline]
    pub const fn turn(self) -> Turn {
        self.arc.turn()
    }
}

/// One way to leave a state: to drive [`Self::arc`] to the state [`Self::to`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Outgoing {
    arc: ArcTurn,
    /// The state after.
    pub to: StateId,
}

impl Outgoing {
    pub(crate) const fn new(arc: ArcId, turn: Turn, to: StateId) -> Self {
        Self { arc: ArcTurn::new(arc, turn), to }
    }

    /// The arc that is driven.
    #[inline]
    pub const fn arc(self) -> ArcId {
        self.arc.arc()
    }

    /// Whether one may turn into the arc.
    #[inline]
    pub const fn turn(self) -> Turn {
        self.arc.turn()
    }
}

/// One arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArcView {
    /// Its length, mm.
    pub length_mm: u32,
    /// The junction at which it starts.
    pub tail: NodeId,
    /// The junction at which it ends.
    pub head: NodeId,
    /// Whether a link of it is a one-way in the other direction.
    pub is_against_oneway: bool,
}

/// Which arcs differ between a graph and the one that it followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangedArcs {
    /// It was built anew: no number of the other means anything.
    All,
    /// These came, went or are others now, both directions of each edge; in order, each once.
    Some(Vec<ArcId>),
}
