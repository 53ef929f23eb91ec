//! Numbers of the graph's things; each is an index, valid in one graph and, where nothing changed,
//! in those that followed it.

/// A junction: a joint where there is a choice, or where a road ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// What a search labels: a junction, or a junction with what was driven last where turns from there
/// are restricted. The state of a junction has the junction's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateId(pub u32);

/// An edge in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArcId(pub u32);

/// A piece of a segment's part between two consecutive joints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

impl NodeId {
    /// The state of a vehicle that is there and may turn as it likes.
    pub const fn state(self) -> StateId {
        StateId(self.0)
    }

    /// The number as an index of slices.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl StateId {
    /// The number as an index of slices, below [`crate::Graph::state_count`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl ArcId {
    /// The same edge in the other direction; it is always there.
    #[must_use]
    pub const fn reverse(self) -> Self {
        Self(self.0 ^ 1)
    }

    /// The number as an index of slices, below [`crate::Graph::arc_count`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl LinkId {
    /// The number as an index of slices, below [`crate::Graph::link_count`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
