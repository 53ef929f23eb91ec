//! Makes the states of junctions and the ways in and out of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Draft;
use crate::graph::restriction::banned;
use crate::graph::tables::{NONE, State};
use crate::graph::turns::{Bound, ChangedTurns, Rule, Sequence, Turns};
use crate::pages::ListEdit;
use crate::{ArcId, Incoming, Outgoing, StateId, Travel};

impl Draft<'_> {
    /// Makes the states and ways of the junctions among some joints, and of those that they
    /// change.
    pub(super) fn make_states(&mut self, joints: &[u32]) {
        let mut nodes: BTreeSet<u32> = BTreeSet::new();
        let mut touched: Vec<u32> =
            joints.iter().map(|joint| self.graph.joints.get(*joint).node).collect();
        touched.retain(|node| *node != NONE);
        self.make_histories(joints, &mut nodes);
        nodes.extend(touched);
        let nodes: Vec<u32> = nodes.into_iter().collect();
        self.set_head_states(&nodes);
        self.set_outgoing(&nodes);
        self.set_incoming(&nodes);
    }

    /// Makes states of the histories of turns that are banned; adds the junctions whose ways that
    /// changes.
    fn make_histories(&mut self, joints: &[u32], nodes: &mut BTreeSet<u32>) {
        // A path that was looked at again has no sequence yet, though its arcs may be as before.
        let is_stale = |path: &Bound| {
            let is_touched = |joint: &u32| joints.binary_search(joint).is_ok();
            path.banned.is_empty() || path.joints.iter().any(is_touched)
        };
        if !self.has_other_rules && !self.graph.turns.bound().any(is_stale) {
            return;
        }
        let mut turns = Turns::clone(&self.graph.turns);
        for restriction in turns.restrictions.values_mut() {
            let Rule::Used(paths) = &mut restriction.rule else { continue };
            for path in paths.iter_mut().filter(|path| is_stale(path)) {
                path.banned = banned(&self.graph, path);
            }
        }
        let ChangedTurns { paths, new, gone } = turns.set_banned();
        paths.iter().for_each(|path| self.add_ends(path, nodes));
        for (path, state) in gone {
            *self.graph.states.get_mut(state.0) = State::UNUSED;
            self.freed.states.push(state.0);
            self.add_ends(&path, nodes);
        }
        for path in new {
            self.add_ends(&path, nodes);
            let head = self.graph.arc(path[path.len() - 1]).head;
            let joint = self.graph.states.get(head.0).joint;
            let state = StateId(self.add_state(joint));
            turns.add_history(path, state);
        }
        self.graph.turns = Arc::new(turns);
        self.list_states(joints, nodes);
    }

    /// Adds the junctions at which the last arc of a history starts and ends.
    fn add_ends(&self, path: &Sequence, nodes: &mut BTreeSet<u32>) {
        let last = path[path.len() - 1];
        if self.graph.is_arc(last) {
            let view = self.graph.arc(last);
            nodes.extend([view.tail.0, view.head.0]);
        }
    }

    /// Lists at each junction the states that it has beside the first.
    fn list_states(&mut self, joints: &[u32], nodes: &BTreeSet<u32>) {
        let mut states: HashMap<u32, Vec<u32>> = HashMap::new();
        for state in self.graph.turns.states() {
            let joint = self.graph.states.get(state.0).joint;
            states.entry(self.graph.joints.get(joint).node).or_default().push(state.0);
        }
        let here = joints.iter().map(|joint| self.graph.joints.get(*joint).node);
        for node in here.chain(nodes.iter().copied()).filter(|node| *node != NONE) {
            let mut others = states.get(&node).cloned().unwrap_or_default();
            others.sort_unstable();
            let mut last = node;
            for other in others {
                self.graph.states.get_mut(last).next = other;
                last = other;
            }
            self.graph.states.get_mut(last).next = NONE;
        }
    }

    /// The arcs that leave a junction.
    fn leaving(&self, node: u32) -> impl Iterator<Item = ArcId> {
        let joint = self.graph.states.get(node).joint;
        self.graph.leaving.get(joint).iter().map(|drive| {
            let arc = self.graph.links.get(drive.link().0).arc;
            if drive.travel() == Travel::Forward { arc } else { arc.reverse() }
        })
    }

    fn set_head_states(&mut self, nodes: &[u32]) {
        for node in nodes {
            let arriving: Vec<ArcId> = self.leaving(*node).map(ArcId::reverse).collect();
            for arc in arriving {
                let state = self.graph.turns.after_one(arc).unwrap_or(StateId(*node));
                let edge = self.graph.edges.get_mut(arc.0 >> 1);
                edge.head_states[arc.index() & 1] = state;
            }
        }
    }

    fn set_outgoing(&mut self, nodes: &[u32]) {
        let mut states = self.states_of(nodes.iter().copied());
        states.extend(self.freed.states.iter().map(|state| (*state, NONE)));
        states.sort_unstable();
        let mut edit = ListEdit::default();
        for (state, node) in states {
            if node == NONE {
                edit.set(state, []);
                continue;
            }
            let ways = self.leaving(node).map(|arc| {
                let (turn, history) = self.graph.turns.step(StateId(state), arc);
                let to = history.unwrap_or_else(|| self.graph.arc(arc).head.state());
                Outgoing::new(arc, turn, to)
            });
            edit.set(state, ways);
        }
        self.graph.outgoing.apply(&edit);
    }

    /// The states of some junctions, with the junction.
    fn states_of(&self, nodes: impl Iterator<Item = u32>) -> Vec<(u32, u32)> {
        let states = nodes.flat_map(|node| {
            self.graph.states_at(crate::NodeId(node)).map(move |state| (state.0, node))
        });
        states.collect()
    }

    /// Mirrors the ways out of some junctions at the junctions that they lead to, and the ways that
    /// lead to them.
    fn set_incoming(&mut self, nodes: &[u32]) {
        let mut all: Vec<u32> = nodes.to_vec();
        for node in nodes {
            all.extend(self.leaving(*node).map(|arc| self.graph.arc(arc).head.0));
        }
        all.sort_unstable();
        all.dedup();
        let mut ways: Vec<(u32, Incoming)> = Vec::with_capacity(all.len() * 4);
        for node in &all {
            for arc in self.leaving(*node).map(ArcId::reverse) {
                let tail = self.graph.arc(arc).tail;
                for from in self.graph.states_at(tail) {
                    let here = self.graph.outgoing.get(from.0).iter();
                    let here = here.filter(|way| way.arc() == arc);
                    ways.extend(here.map(|way| (way.to.0, Incoming::new(arc, way.turn(), from))));
                }
            }
        }
        ways.sort_by_key(|(state, _)| *state);
        let mut states: Vec<u32> =
            self.states_of(all.into_iter()).into_iter().map(|(state, _)| state).collect();
        states.extend(&self.freed.states);
        states.sort_unstable();
        let mut edit = ListEdit::default();
        let mut ways = ways.into_iter().peekable();
        for state in states {
            let here = std::iter::from_fn(|| ways.next_if(|(to, _)| *to == state));
            edit.set(state, here.map(|(_, way)| way));
        }
        self.graph.incoming.apply(&edit);
    }
}
