//! The road graph of one city.

use urbis_model::FeatureId;
use urbis_snapshot::City;

use crate::{
    ArcId, ArcView, ChangedArcs, Incoming, Link, LinkId, NodeId, OnArc, Outgoing, RoadPosition,
    StateId, Travel, Turn, Word,
};

/// The roads of a city as a graph of junctions; immutable, cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    links: Vec<Link>,
}

impl Graph {
    /// Builds the graph of a city.
    pub fn build(city: &City) -> Self {
        let _ = city;
        Self::default()
    }

    /// The graph of `city`, where this one is that of `before`.
    #[must_use]
    pub fn follow(&self, before: &City, city: &City) -> (Self, ChangedArcs) {
        let _ = before;
        (Self::build(city), ChangedArcs::All)
    }

    /// Numbers of states are below it.
    pub const fn state_count(&self) -> usize {
        0
    }

    /// Numbers of arcs are below it.
    pub const fn arc_count(&self) -> usize {
        0
    }

    /// Numbers of links are below it.
    pub const fn link_count(&self) -> usize {
        self.links.len()
    }

    /// All ways to come to a state.
    #[inline]
    pub const fn incoming(&self, state: StateId) -> &[Incoming] {
        let _ = state;
        &[]
    }

    /// All ways to leave a state.
    #[inline]
    pub const fn outgoing(&self, state: StateId) -> &[Outgoing] {
        let _ = state;
        &[]
    }

    /// The states from which an arc can be entered.
    pub fn entries(&self, arc: ArcId) -> impl Iterator<Item = (StateId, Turn)> {
        let _ = arc;
        std::iter::empty()
    }

    /// The state at the end of an arc of a vehicle of which no more is known.
    pub const fn head_state(&self, arc: ArcId) -> StateId {
        StateId(arc.0)
    }

    /// Says whether an arc is in use.
    pub const fn is_arc(&self, arc: ArcId) -> bool {
        let _ = arc;
        false
    }

    /// One arc.
    pub const fn arc(&self, arc: ArcId) -> ArcView {
        let _ = arc;
        ArcView { length_mm: 0, tail: NodeId(0), head: NodeId(0), is_against_oneway: false }
    }

    /// The links of an arc in travel order.
    pub fn links(&self, arc: ArcId) -> impl Iterator<Item = (LinkId, Travel)> {
        let _ = arc;
        std::iter::empty()
    }

    /// One link.
    pub fn link(&self, link: LinkId) -> &Link {
        &self.links[link.index()]
    }

    /// The links of a segment, by part, then along it.
    pub const fn links_of(&self, segment: FeatureId) -> &[LinkId] {
        let _ = segment;
        &[]
    }

    /// The arc that runs along a link as it is drawn.
    pub fn edge_of(&self, link: LinkId) -> ArcId {
        self.link(link).arc
    }

    /// The words of a number; `None` for [`Word::NONE`].
    pub const fn word(&self, word: Word) -> Option<&str> {
        let _ = word;
        None
    }

    /// Where a position is on the graph; `None` where the segment is not, or is shorter.
    pub fn locate(&self, position: RoadPosition) -> Option<OnArc> {
        let _ = position;
        None
    }

    /// The position of a place on an arc; `None` where the arc is shorter.
    pub fn position(&self, place: OnArc) -> Option<RoadPosition> {
        let _ = place;
        None
    }
}
