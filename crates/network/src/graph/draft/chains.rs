//! Makes edges of loose links: chains between junctions.

use super::Draft;
use crate::graph::tables::{Drive, Edge, NONE, State};
use crate::pages::ListEdit;
use crate::{ArcId, Link, LinkId, RoadTraits, Travel};

/// `kind` of a barrier that nobody need turn round at.
const LEVEL_CROSSING: &str = "level_crossing";

impl Draft<'_> {
    /// Makes edges of all links that are without one; gives the joints of these links, in order.
    pub(super) fn make_edges(&mut self) -> Vec<u32> {
        let mut joints: Vec<u32> = std::mem::take(&mut self.touched).into_iter().collect();
        for joint in &joints {
            // At a junction that stays one, edges of other links stay too.
            if self.is_node(*joint) && self.is_junction(*joint) {
                continue;
            }
            for at in 0..self.graph.leaving.get(*joint).len() {
                let link = self.graph.leaving.get(*joint)[at].link();
                self.dissolve(self.graph.links.get(link.0).arc);
            }
        }
        self.loose.sort_unstable();
        self.loose.dedup();
        for link in &self.loose {
            let Link { from_joint, to_joint, .. } = *self.graph.links.get(link.0);
            joints.extend([from_joint, to_joint]);
        }
        joints.sort_unstable();
        joints.dedup();
        joints.iter().for_each(|joint| self.set_junction(*joint));
        self.chain_all();
        joints
    }

    /// Makes a joint a junction, or no more.
    fn set_junction(&mut self, joint: u32) {
        let node = self.graph.joints.get(joint).node;
        if self.graph.leaving.get(joint).is_empty() {
            self.freed.joints.push(joint);
        }
        match (self.is_junction(joint), node) {
            (true, NONE) => self.add_node(joint),
            (false, node) if node != NONE => {
                *self.graph.states.get_mut(node) = State::UNUSED;
                self.graph.joints.get_mut(joint).node = NONE;
                self.freed.states.push(node);
            }
            _ => {}
        }
    }

    fn add_node(&mut self, joint: u32) {
        let node = self.add_state(joint);
        self.graph.joints.get_mut(joint).node = node;
    }

    pub(super) fn add_state(&mut self, joint: u32) -> u32 {
        let state = State { joint, next: NONE };
        match self.graph.free.states.pop() {
            Some(free) => {
                *self.graph.states.get_mut(free) = state;
                free
            }
            None => self.graph.states.push(state),
        }
    }

    /// Says whether a vehicle may do something else at a joint than to drive on.
    ///
    /// Where the one-way, the class, the right of access or a limit changes there is a choice even
    /// between two links: a vehicle that may not drive on, or does not fit, turns round.
    fn is_junction(&self, joint: u32) -> bool {
        match self.graph.leaving.get(joint) {
            [] => false,
            [one, other] => {
                self.graph.turns.forced.contains(&joint) || !self.goes_on(one.reverse(), *other)
            }
            _ => true,
        }
    }

    fn goes_on(&self, from: Drive, to: Drive) -> bool {
        let [a, b] = [from, to].map(|drive| self.graph.links.get(drive.link().0));
        let forbids = |drive: Drive, link: &Link| link.traits.oneway.forbids(drive.travel());
        a.traits.class == b.traits.class
            && a.traits.closed_to == b.traits.closed_to
            && limits(&a.traits) == limits(&b.traits)
            && forbids(from, a) == forbids(to, b)
            && forbids(from.reverse(), a) == forbids(to.reverse(), b)
            && !self.may_stop(a)
            && !self.may_stop(b)
    }

    fn may_stop(&self, link: &Link) -> bool {
        link.barrier.is_some_and(|barrier| {
            let is_crossing = self.graph.words.get(barrier.kind) == Some(LEVEL_CROSSING);
            !is_crossing || barrier.passable_width_cm > 0
        })
    }

    fn chain_all(&mut self) {
        let mut loose = std::mem::take(&mut self.loose);
        // Joints lie in memory as they do on the ground, and so will arcs.
        loose.sort_by_key(|link| {
            let Link { from_joint, to_joint, .. } = *self.graph.links.get(link.0);
            (from_joint.min(to_joint), *link)
        });
        let mut chains: Vec<(u32, Vec<Drive>)> = Vec::new();
        for link in &loose {
            for travel in [Travel::Forward, Travel::Backward] {
                let drive = Drive::new(*link, travel);
                if self.is_loose(*link) && self.is_node(self.start(drive)) {
                    chains.push(self.chain(drive));
                }
            }
        }
        for link in &loose {
            if self.is_loose(*link) {
                let drive = self.ring_start(Drive::new(*link, Travel::Forward));
                self.add_node(self.start(drive));
                chains.push(self.chain(drive));
            }
        }
        let made = chains.iter().map(|(edge, _)| *edge);
        self.changed.extend(made);
        chains.extend(self.freed.edges.iter().map(|edge| (*edge, Vec::new())));
        chains.sort_unstable_by_key(|(edge, _)| *edge);
        let mut edit = ListEdit::default();
        chains.into_iter().for_each(|(edge, drives)| edit.set(edge, drives));
        self.graph.drives.apply(&edit);
    }

    fn is_loose(&self, link: LinkId) -> bool {
        self.graph.links.get(link.0).arc.0 == NONE
    }

    fn is_node(&self, joint: u32) -> bool {
        self.graph.joints.get(joint).node != NONE
    }

    fn start(&self, drive: Drive) -> u32 {
        let link = self.graph.links.get(drive.link().0);
        match drive.travel() {
            Travel::Forward => link.from_joint,
            Travel::Backward => link.to_joint,
        }
    }

    fn end(&self, drive: Drive) -> u32 {
        self.start(drive.reverse())
    }

    /// What follows a drive at a joint of two links.
    fn next(&self, drive: Drive) -> Option<Drive> {
        let leaving = self.graph.leaving.get(self.end(drive));
        leaving.iter().copied().find(|other| *other != drive.reverse())
    }

    /// Makes an edge that starts with a drive at a junction.
    fn chain(&mut self, first: Drive) -> (u32, Vec<Drive>) {
        let mut drives = vec![first];
        let mut last = first;
        while !self.is_node(self.end(last)) {
            let Some(next) = self.next(last) else { break };
            drives.push(next);
            last = next;
        }
        let mut edge = Edge {
            tail: self.graph.joints.get(self.start(first)).node,
            head: self.graph.joints.get(self.end(last)).node,
            is_against_oneway: [false; 2],
            ..Edge::UNUSED
        };
        for drive in &drives {
            let link = self.graph.links.get(drive.link().0);
            edge.length_mm = edge.length_mm.saturating_add(link.length_mm);
            edge.is_against_oneway[0] |= link.traits.oneway.forbids(drive.travel());
            edge.is_against_oneway[1] |= link.traits.oneway.forbids(drive.travel().reverse());
        }
        let id = match self.graph.free.edges.pop() {
            Some(free) => {
                *self.graph.edges.get_mut(free) = edge;
                free
            }
            None => self.graph.edges.push(edge),
        };
        for drive in &drives {
            let arc = ArcId(id * 2 + u32::from(drive.travel() == Travel::Backward));
            self.graph.links.get_mut(drive.link().0).arc = arc;
        }
        (id, drives)
    }

    /// The drive of a ring without a junction that starts at its first joint: by place, then by the
    /// links there, so that it does not depend on their numbers.
    fn ring_start(&self, first: Drive) -> Drive {
        let ring = std::iter::successors(Some(first), |drive| {
            self.next(*drive).filter(|next| next.link() != first.link())
        });
        ring.min_by_key(|drive| self.order(self.start(*drive))).unwrap_or(first)
    }

    fn order(&self, joint: u32) -> impl Ord + use<> {
        let place = self.graph.joints.get(joint).place;
        let links = self.graph.leaving.get(joint).iter().map(|drive| {
            let link = self.graph.links.get(drive.link().0);
            (link.segment, link.part, link.from_vertex, link.to_vertex, drive.travel())
        });
        (place, links.min())
    }
}

/// What a vehicle must be no larger and no heavier than. A limit of weight means another one on a
/// bridge than on the ground.
const fn limits(traits: &RoadTraits) -> (u16, u16, u16, bool) {
    let is_on_deck = traits.is_bridge && traits.max_weight_10kg > 0;
    (traits.width_cm, traits.max_height_cm, traits.max_weight_10kg, is_on_deck)
}
