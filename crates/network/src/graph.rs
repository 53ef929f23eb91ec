//! The road graph of one city.
//!
//! Tables in pages that versions share; ids stay valid where nothing changed. Which vertices join
//! is decided in [`joints`], which turns are banned in [`restriction`] and [`turns`]; [`draft`]
//! makes a graph from the one before and the segments that changed, of which a graph that is built
//! anew is the case where all did.
//!
//! A vehicle may turn round at every junction, unless a restriction bans it.

mod draft;
mod follow;
pub(crate) mod joints;
mod read;
mod restriction;
mod segments;
mod tables;
mod turns;

use std::sync::Arc;

use urbis_model::{FeatureId, LonLat};
use urbis_snapshot::City;

use crate::pages::{Lists, Pages};
use crate::{
    ArcId, ArcView, ChangedArcs, Incoming, Link, LinkId, NodeId, OnArc, Outgoing, RoadPosition,
    StateId, Travel, Turn, Word,
};

pub use joints::SNAP_TOLERANCE;
pub(crate) use read::{Roads, around, lines, too_long};
pub(crate) use turns::Rule;

use read::Words;
use segments::Segments;
use tables::{Drive, Edge, Joint, NONE, State};
use turns::Turns;

/// The roads of a city as a graph of junctions; immutable.
///
/// Numbers of things that are no more are free until others take them: they have no length, no
/// links and lead nowhere.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    links: Pages<Link>,
    joints: Pages<Joint>,
    /// Links that leave each joint.
    leaving: Lists<Drive>,
    edges: Pages<Edge>,
    /// Links of each edge in the direction of its first arc.
    drives: Lists<Drive>,
    states: Pages<State>,
    incoming: Lists<Incoming>,
    outgoing: Lists<Outgoing>,
    segments: Segments,
    words: Words,
    turns: Arc<Turns>,
    free: Free,
}

/// Numbers that are free.
#[derive(Debug, Clone, Default)]
struct Free {
    links: Vec<u32>,
    joints: Vec<u32>,
    edges: Vec<u32>,
    states: Vec<u32>,
}

impl Graph {
    /// Builds the graph of the roads, restrictions and barriers of a city that are valid now.
    ///
    /// Cost: a few microseconds a segment.
    pub fn build(city: &City) -> Self {
        draft::build(city)
    }

    /// The graph of `city`, where this one is that of `before`, and which arcs differ. It gives
    /// the same answers as one that is built anew; numbers may differ.
    ///
    /// Cost: what changed and what it touches; many changes, or another catalogue, build anew.
    #[must_use]
    pub fn follow(&self, before: &City, city: &City) -> (Self, ChangedArcs) {
        follow::follow(self, before, city)
    }

    /// Says whether the rules of turning are those of another version: a rule that changed alone
    /// changes no arc.
    pub(crate) fn shares_turns(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.turns, &other.turns)
    }

    /// Numbers of states are below it.
    pub const fn state_count(&self) -> usize {
        self.states.len()
    }

    /// Numbers of arcs are below it.
    pub const fn arc_count(&self) -> usize {
        self.edges.len() * 2
    }

    /// Numbers of links are below it.
    pub const fn link_count(&self) -> usize {
        self.links.len()
    }

    /// All ways to come to a state, each of an arc and a state before it once.
    #[inline]
    pub fn incoming(&self, state: StateId) -> &[Incoming] {
        self.incoming.get(state.0)
    }

    /// All ways to leave a state.
    #[inline]
    pub fn outgoing(&self, state: StateId) -> &[Outgoing] {
        self.outgoing.get(state.0)
    }

    /// The states from which an arc can be entered, and whether the turn is allowed.
    pub fn entries(&self, arc: ArcId) -> impl Iterator<Item = (StateId, Turn)> {
        self.ways_onto(arc).map(|(state, way)| (state, way.turn()))
    }

    /// The ways onto an arc, each with the state that it leaves.
    pub(crate) fn ways_onto(&self, arc: ArcId) -> impl Iterator<Item = (StateId, &Outgoing)> {
        let tail = self.is_arc(arc).then(|| self.arc(arc).tail);
        let states = tail.into_iter().flat_map(|tail| self.states_at(tail));
        states.filter_map(move |state| {
            let way = self.outgoing(state).iter().find(|way| way.arc() == arc)?;
            Some((state, way))
        })
    }

    /// The states of a junction: without history first.
    pub fn states_at(&self, node: NodeId) -> impl Iterator<Item = StateId> {
        let first = Some(node.0);
        let next = |state: &u32| Some(self.states.get(*state).next).filter(|next| *next != NONE);
        std::iter::successors(first, next).map(StateId)
    }

    /// The state at the end of an arc of a vehicle of which no more is known.
    #[inline]
    pub fn head_state(&self, arc: ArcId) -> StateId {
        self.edges.get(arc.0 >> 1).head_states[arc.index() & 1]
    }

    /// Says whether an arc is in use.
    pub fn is_arc(&self, arc: ArcId) -> bool {
        arc.index() < self.arc_count() && self.edges.get(arc.0 >> 1).tail != NONE
    }

    /// One arc.
    #[inline]
    pub fn arc(&self, arc: ArcId) -> ArcView {
        let edge = self.edges.get(arc.0 >> 1);
        let (tail, head) = edge.ends(arc);
        let is_against_oneway = edge.is_against_oneway[arc.index() & 1];
        ArcView { length_mm: edge.length_mm, tail, head, is_against_oneway }
    }

    /// The links of an arc in travel order.
    pub fn links(&self, arc: ArcId) -> impl DoubleEndedIterator<Item = (LinkId, Travel)> {
        let drives = self.drives.get(arc.0 >> 1);
        let is_reverse = arc.0 & 1 == 1;
        (0..drives.len()).map(move |at| {
            let drive = match is_reverse {
                false => drives[at],
                true => drives[drives.len() - 1 - at].reverse(),
            };
            (drive.link(), drive.travel())
        })
    }

    /// One link.
    #[inline]
    pub fn link(&self, link: LinkId) -> &Link {
        self.links.get(link.0)
    }

    /// The links of a segment, by part, then along it; none where the graph has no such segment.
    pub fn links_of(&self, segment: FeatureId) -> &[LinkId] {
        self.segments.get(segment)
    }

    /// The arc that runs along a link as it is drawn.
    pub fn edge_of(&self, link: LinkId) -> ArcId {
        self.link(link).arc
    }

    /// The words of a number; `None` for [`Word::NONE`].
    pub fn word(&self, word: Word) -> Option<&str> {
        self.words.get(word)
    }

    /// Where a state is.
    pub fn place(&self, state: StateId) -> Option<LonLat> {
        let joint = self.states.get(state.0).joint;
        (joint != NONE).then(|| self.joints.get(joint).place.to_lonlat())
    }

    /// All junctions.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        let states = 0..self.states.len() as u32;
        let is_node = |state: &u32| {
            let joint = self.states.get(*state).joint;
            joint != NONE && self.joints.get(joint).node == *state
        };
        states.filter(is_node).map(NodeId)
    }

    /// All arcs, both of each edge.
    pub fn arcs(&self) -> impl Iterator<Item = ArcId> {
        (0..self.arc_count() as u32).map(ArcId).filter(|arc| self.is_arc(*arc))
    }

    /// Where a position is on the graph; `None` where the segment is not, or is shorter.
    ///
    /// At a joint it is on the link before it as drawn, unless it is the first of its part.
    pub fn locate(&self, position: RoadPosition) -> Option<OnArc> {
        let RoadPosition { segment, part, offset_mm, travel } = position;
        let links = self.links_of(segment).iter().map(|link| (*link, self.link(*link)));
        let mut links = links.filter(|(_, link)| link.part == part && link.barrier.is_none());
        let (id, link) = links.find(|(_, link)| offset_mm <= link.end_mm())?;
        let along = offset_mm.checked_sub(link.start_mm)?;
        let (arc, in_link) = match travel {
            Travel::Forward => (link.arc, along),
            Travel::Backward => (link.arc.reverse(), link.length_mm - along),
        };
        Some(OnArc { arc, offset_mm: self.start_on(arc, id) + in_link })
    }

    /// Where a link starts on an arc that it is part of, mm from the tail.
    pub fn start_on(&self, arc: ArcId, link: LinkId) -> u32 {
        let before = self.links(arc).take_while(|(other, _)| *other != link);
        let lengths = before.map(|(other, _)| self.link(other).length_mm);
        lengths.fold(0, u32::saturating_add)
    }

    /// The position of a place on an arc, where it can be on a road rather than on a barrier;
    /// `None` where the arc is shorter.
    pub fn position(&self, place: OnArc) -> Option<RoadPosition> {
        let mut rest = place.offset_mm;
        let mut found = None;
        for (id, travel) in self.links(place.arc) {
            let link = self.link(id);
            if rest > link.length_mm {
                rest -= link.length_mm;
                continue;
            }
            let along = match travel {
                Travel::Forward => rest,
                Travel::Backward => link.length_mm - rest,
            };
            let Link { segment, part, .. } = *link;
            let offset_mm = link.start_mm + along;
            found = Some(RoadPosition { segment, part, offset_mm, travel });
            if link.barrier.is_none() {
                break;
            }
        }
        found
    }

    /// Bytes of its tables.
    pub fn memory(&self) -> usize {
        self.links.bytes()
            + self.joints.bytes()
            + self.leaving.bytes()
            + self.edges.bytes()
            + self.drives.bytes()
            + self.states.bytes()
            + self.incoming.bytes()
            + self.outgoing.bytes()
            + self.segments.bytes()
    }

    /// Rules of turning, each by its feature.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.turns.restrictions.values().map(|restriction| &restriction.rule)
    }

    /// Joints in use, and how many links leave each.
    pub(crate) fn joints(&self) -> impl Iterator<Item = (urbis_model::WorldXy, &[Drive])> {
        let all = (0..self.joints.len() as u32).map(|joint| (joint, self.leaving.get(joint)));
        let used = all.filter(|(_, leaving)| !leaving.is_empty());
        used.map(|(joint, leaving)| (self.joints.get(joint).place, leaving))
    }

    pub(crate) fn used_links(&self) -> impl Iterator<Item = LinkId> {
        self.segments.ids().flat_map(|segment| self.links_of(segment).iter().copied())
    }
}
