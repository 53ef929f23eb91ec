//! A set of features after some of them changed.

use std::collections::BTreeMap;

use urbis_catalog::Layer;
use urbis_model::FeatureId;

use super::leaf::{Delta, Leaf};
use super::{LEAF_ROWS, Leaves};
use crate::chunk::Chunk;
use crate::feature::SnapshotFeature;
use crate::rows::{MAX_ROWS, MAX_VERTICES, runs};

/// Most rows of a delta, and most that it hides: a change copies the delta of its leaf, and a fold
/// the whole leaf. Near the square root of twice a leaf's rows both cost the same in the long run.
const MAX_DELTA: usize = 128;

/// Most vertices of a delta: each change of its leaf copies them.
const MAX_DELTA_VERTICES: usize = 1 << 16;

/// A leaf that an edit leaves with fewer rows than this joins the one before, where that is not
/// large.
const MIN_LEAF_ROWS: usize = 1_000;

/// A feature in a new state; `None` where it is gone.
pub(crate) type Entry<'a> = (FeatureId, Option<SnapshotFeature<'a>>);

/// What happens to one leaf.
#[derive(Debug, Default)]
struct Edit<'a> {
    /// Places of its base.
    hidden: Vec<u16>,
    /// Rows of its delta.
    dropped: Vec<u32>,
    added: Vec<(&'a Chunk, u32)>,
}

impl Leaves {
    /// Says whether an entry would change anything.
    pub(crate) fn differs(&self, (id, after): &Entry<'_>) -> bool {
        match (self.find(*id), after) {
            (Some(before), Some(after)) => before.feature != *after,
            (before, after) => before.is_some() != after.is_some(),
        }
    }

    /// The set with some features in a new state.
    ///
    /// Cost: the deltas of the leaves that they leave and join, now and then a fold of such a leaf.
    pub(crate) fn with(&self, layer: &Layer, entries: &[Entry<'_>]) -> Self {
        if entries.is_empty() {
            return self.clone();
        }
        let mut edits: BTreeMap<usize, Edit<'_>> = BTreeMap::new();
        let mut moved = BTreeMap::new();
        for (id, after) in entries {
            let before = self.find(*id);
            let places = [before.map(|found| found.feature), *after];
            let [old, new] = places.map(|feature| feature.map(|feature| feature.key().curve));
            if old != new {
                moved.insert(*id, new);
            }
            if let Some(found) = before {
                let edit = edits.entry(found.leaf).or_default();
                let (chunk, row) = found.feature.place();
                if found.is_delta {
                    edit.dropped.push(row);
                } else {
                    edit.hidden.push(chunk.place_of(row));
                }
            }
            if let Some(after) = after {
                edits.entry(self.leaf_of(after.key())).or_default().added.push(after.place());
            }
        }
        let pages = if moved.is_empty() { self.pages.clone() } else { self.pages.with(&moved) };
        Self { len: pages.len(), leaves: edit_leaves(layer, &self.leaves, edits), pages }
    }
}

fn edit_leaves(layer: &Layer, before: &[Leaf], mut edits: BTreeMap<usize, Edit<'_>>) -> Vec<Leaf> {
    if before.is_empty() {
        let added = edits.into_values().flat_map(|edit| edit.added).collect();
        return fold(layer, added);
    }
    let mut leaves: Vec<Leaf> = Vec::with_capacity(before.len() + 1);
    for (index, leaf) in before.iter().enumerate() {
        let Some(edit) = edits.remove(&index) else {
            leaves.push(leaf.clone());
            continue;
        };
        let edited = leaf.edited(layer, edit);
        let is_small = edited.len() == 1 && edited[0].len() < MIN_LEAF_ROWS;
        match leaves.last_mut().filter(|last| is_small && have_room(last, &edited[0])) {
            Some(last) => *last = join(layer, last, &edited[0]),
            None => leaves.extend(edited),
        }
    }
    leaves
}

/// Says whether a leaf can take another one of few rows.
fn have_room(leaf: &Leaf, other: &Leaf) -> bool {
    leaf.len() <= LEAF_ROWS && leaf.vertices() + other.vertices() <= MAX_VERTICES
}

/// One leaf of two.
fn join(layer: &Layer, one: &Leaf, other: &Leaf) -> Leaf {
    let features = one.features().chain(other.features());
    let rows: Vec<(&Chunk, u32)> = features.map(SnapshotFeature::place).collect();
    Leaf::with_delta(one.first, Chunk::copy(layer, &rows).into(), None)
}

/// New leaves of some rows, which are in no order.
fn fold(layer: &Layer, mut rows: Vec<(&Chunk, u32)>) -> Vec<Leaf> {
    let key = |(chunk, row): &(&Chunk, u32)| chunk.rows.pick(*row).key();
    rows.sort_by_cached_key(key);
    let size = if rows.len() <= MAX_ROWS { MAX_ROWS } else { LEAF_ROWS };
    let leaves = runs(&rows, size, vertices);
    leaves.filter_map(|rows| Leaf::new(Chunk::copy(layer, rows))).collect()
}

fn vertices((chunk, row): &(&Chunk, u32)) -> usize {
    chunk.rows.span(*row).len()
}

impl Leaf {
    /// The leaf after an edit: none, itself, or several where it grew too large.
    fn edited(&self, layer: &Layer, edit: Edit<'_>) -> Vec<Self> {
        let mut hidden = [self.hidden(), &edit.hidden].concat();
        hidden.sort_unstable();
        let old = self.new_rows().into_iter().flat_map(|chunk| {
            let rows = 0..chunk.len() as u32;
            rows.filter(|row| !edit.dropped.contains(row)).map(move |row| (chunk, row))
        });
        let mut new: Vec<(&Chunk, u32)> = old.chain(edit.added.iter().copied()).collect();
        let is_large = hidden.len().max(new.len()) > MAX_DELTA.min(self.base.len() / 4);
        if is_large || new.iter().map(vertices).sum::<usize>() > MAX_DELTA_VERTICES {
            let places = 0..self.base.len() as u16;
            let shown = places.filter(|place| hidden.binary_search(place).is_err());
            new.extend(shown.map(|place| (self.base.as_ref(), self.base.at_place(place))));
            let mut leaves = fold(layer, new);
            if let Some(first) = leaves.first_mut() {
                first.first = first.first.min(self.first);
            }
            return leaves;
        }
        let chunk = (!new.is_empty()).then(|| Chunk::copy(layer, &new));
        let is_changed = chunk.is_some() || !hidden.is_empty();
        let delta = is_changed.then(|| Delta { hidden: hidden.into(), chunk });
        let first = self.delta_first(delta.as_ref());
        vec![Self::with_delta(first, self.base.clone(), delta)]
    }

    /// The first key, which the first leaf of a set may get a smaller one than.
    fn delta_first(&self, delta: Option<&Delta>) -> crate::key::Key {
        let new = delta.and_then(|delta| delta.chunk.as_ref()).and_then(Chunk::first_key);
        new.map_or(self.first, |new| new.min(self.first))
    }
}
