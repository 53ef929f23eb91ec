//! Sequences of arcs that must not be driven, and the histories that tell whether one is.
//!
//! A restriction is some paths of arcs that are banned: of "no left turn" the two arcs, of "only
//! straight on" one path for each other way out, of one over via ways longer paths. A history is
//! the beginning of such a path that was driven last; it is a state of its own, so that the search
//! knows at the end of a path where it began. The state after an arc is the longest history that
//! fits, as in the matching of many words in one pass.
//!
//! Source: Aho and Corasick, "Efficient string matching", Communications of the ACM 18(6), 1975.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use urbis_model::FeatureId;

use super::tables::Drive;
use crate::{ArcId, StateId, Turn};

/// Arcs that follow each other.
pub(crate) type Sequence = Arc<[ArcId]>;

/// What became of a restriction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It binds; several paths where it names several roads.
    Used(Vec<Bound>),
    /// It does not bind emergency vehicles.
    Exempt,
    /// Its roads or its kind were not found.
    NotUnderstood,
}

impl Rule {
    /// The paths that bind.
    pub fn bound(&self) -> &[Bound] {
        match self {
            Self::Used(bound) => bound,
            _ => &[],
        }
    }
}

/// A path of a restriction that binds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Bound {
    /// Joints at which its path begins and ends to bend: they must be junctions.
    pub forced: Vec<u32>,
    /// Joints between the links of its path.
    pub joints: Vec<u32>,
    /// The path, link by link.
    pub drives: Vec<Drive>,
    pub is_only: bool,
    pub banned: Vec<Sequence>,
}

/// One restriction.
#[derive(Debug, Clone)]
pub(crate) struct Restriction {
    /// The roads that it names, by their OSM ids.
    pub roads: Arc<[Arc<str>]>,
    pub rule: Rule,
}

/// What changes when restrictions do.
#[derive(Debug)]
pub(crate) struct ChangedTurns {
    /// Paths that are banned now or no more, in no order.
    pub paths: Vec<Sequence>,
    /// Histories that need a state, in order.
    pub new: Vec<Sequence>,
    /// Histories that need none any more, in order.
    pub gone: Vec<(Sequence, StateId)>,
}

/// All restrictions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns {
    pub restrictions: BTreeMap<FeatureId, Restriction>,
    pub forced: HashSet<u32>,
    banned: HashSet<Sequence>,
    states: HashMap<Sequence, StateId>,
    histories: HashMap<StateId, Sequence>,
}

impl Turns {
    /// The joints that must be junctions.
    pub fn set_forced(&mut self) {
        self.forced = self.bound().flat_map(|bound| bound.forced.iter().copied()).collect();
    }

    /// The paths of all restrictions that bind.
    pub fn bound(&self) -> impl Iterator<Item = &Bound> {
        self.restrictions.values().flat_map(|restriction| restriction.rule.bound())
    }

    /// Takes the banned paths of the restrictions, and says what that changes.
    pub fn set_banned(&mut self) -> ChangedTurns {
        let banned = self.bound().flat_map(|bound| bound.banned.iter().cloned()).collect();
        let before = std::mem::replace(&mut self.banned, banned);
        let paths = before.symmetric_difference(&self.banned).cloned().collect();
        let beginnings =
            self.banned.iter().flat_map(|path| (1..path.len()).map(|end| &path[..end]));
        let beginnings: BTreeSet<&[ArcId]> = beginnings.collect();
        let new = beginnings.iter().filter(|path| !self.states.contains_key(**path));
        let new: Vec<Sequence> = new.map(|path| (*path).into()).collect();
        let gone = self.states.iter().filter(|(path, _)| !beginnings.contains(path.as_ref()));
        let mut gone: Vec<_> = gone.map(|(path, state)| (Arc::clone(path), *state)).collect();
        gone.sort_unstable();
        for (path, state) in &gone {
            self.states.remove(path);
            self.histories.remove(state);
        }
        ChangedTurns { paths, new, gone }
    }

    pub fn add_history(&mut self, path: Sequence, state: StateId) {
        self.histories.insert(state, Arc::clone(&path));
        self.states.insert(path, state);
    }

    /// All states with a history, in no order.
    pub fn states(&self) -> impl Iterator<Item = StateId> {
        self.histories.keys().copied()
    }

    /// The state after one arc; `None` where it has none of its own.
    pub fn after_one(&self, arc: ArcId) -> Option<StateId> {
        self.states.get(&[arc][..]).copied()
    }

    /// Whether a state may turn into an arc, and the state afterwards; `None` where that has no
    /// history.
    pub fn step(&self, state: StateId, arc: ArcId) -> (Turn, Option<StateId>) {
        let Some(history) = self.histories.get(&state) else {
            return (Turn::Free, self.after_one(arc));
        };
        let mut path = history.to_vec();
        path.push(arc);
        let ends = || (0..path.len()).map(|start| &path[start..]);
        let is_banned = ends().any(|end| self.banned.contains(end));
        let turn = if is_banned { Turn::Banned } else { Turn::Free };
        (turn, ends().find_map(|end| self.states.get(end).copied()))
    }
}
