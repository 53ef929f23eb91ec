//! A set of features, in leaves by their key; immutable.
//!
//! ```text
//! leaves   [ key 0.. | base | delta ][ key 17.. | base ][ key 40.. | base | delta ]
//!            base     a chunk of some 6,000 rows
//!            delta    a small chunk of what changed since, and which rows of the base it hides
//! pages    id -> key, some hundred ids a page
//! ```
//!
//! A change makes new deltas in the leaves that it touches and shares all others. A delta that
//! grows too large is folded into its own leaf, which may split; nothing else is rebuilt.

use urbis_model::{FeatureId, Moment, WorldXy};

use crate::chunk::{Chunk, Scope};
use crate::feature::SnapshotFeature;
use crate::key::{Key, curve_of};
use crate::{LayerMemory, Visibility};

mod change;
mod leaf;
pub(crate) mod near;
mod pages;
mod since;
mod within;

pub(crate) use change::Entry;
use leaf::{Bits, Leaf};
use pages::Pages;
pub(crate) use within::Disc;

/// Rows of a leaf that is built at once; it grows to [`crate::rows::MAX_ROWS`] before it splits.
pub(crate) const LEAF_ROWS: usize = 6_000;

/// A set of features, each id once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaves {
    /// In order of their first keys; the first leaf takes all smaller keys too.
    leaves: Vec<Leaf>,
    pages: Pages,
    len: usize,
}

/// A row of a leaf: of its base or of its delta.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    leaf: usize,
    is_delta: bool,
    pub(crate) feature: SnapshotFeature<'a>,
}

impl Leaves {
    /// Takes finished chunks in order of their keys; no key of one is between keys of another.
    pub(crate) fn new(chunks: impl IntoIterator<Item = Chunk>) -> Self {
        let leaves: Vec<Leaf> = chunks.into_iter().filter_map(Leaf::new).collect();
        let pages = Pages::of(leaves.iter().flat_map(Leaf::features));
        Self { len: pages.len(), leaves, pages }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The feature of an id.
    pub(crate) fn find(&self, id: FeatureId) -> Option<Found<'_>> {
        let key = self.pages.get(id)?;
        let leaf = self.leaf_of(key);
        let (is_delta, feature) = self.leaves.get(leaf)?.find(key)?;
        Some(Found { leaf, is_delta, feature })
    }

    /// All features, in order of their keys.
    pub(crate) fn features(&self) -> impl Iterator<Item = SnapshotFeature<'_>> {
        self.leaves.iter().flat_map(Leaf::features)
    }

    /// Adds the features that a scope and a class admit to others, in order of their keys.
    pub(crate) fn search<'a>(
        &'a self,
        scope: Scope,
        visibility: Visibility,
        found: &mut Vec<SnapshotFeature<'a>>,
    ) {
        let mut bits = Bits::default();
        for leaf in self.leaves.iter().filter(|leaf| leaf.may_have(scope)) {
            leaf.search(scope, visibility, &mut bits, found);
        }
    }

    /// Adds the features that a scope and a class admit to others, by their turns, then in order of
    /// their keys.
    pub(crate) fn search_in_turn<'a>(
        &'a self,
        scope: Scope,
        visibility: Visibility,
        found: &mut Vec<SnapshotFeature<'a>>,
    ) {
        let leaves = self.leaves.iter().enumerate().filter(|(_, leaf)| leaf.may_have(scope));
        let mut turns: Vec<_> = leaves
            .flat_map(|(number, leaf)| leaf.turns(scope).map(move |turn| (turn, number)))
            .collect();
        turns.sort_unstable();
        turns.dedup();
        for (turn, number) in turns {
            self.leaves[number].search_turn(turn, scope.area, visibility, found);
        }
    }

    /// Calls with each feature that a scope admits, in no order.
    pub(crate) fn visit<'a>(&'a self, scope: Scope, mut found: impl FnMut(SnapshotFeature<'a>)) {
        for leaf in self.leaves.iter().filter(|leaf| leaf.may_have(scope)) {
            leaf.visit(scope, &mut found);
        }
    }

    /// Some features with a geometry: of the leaf that takes a cell, up to `count` before and as
    /// many after it along the curve.
    pub(crate) fn beside(
        &self,
        place: WorldXy,
        count: usize,
    ) -> impl Iterator<Item = SnapshotFeature<'_>> {
        let curve = curve_of(place);
        let after = self.leaves.partition_point(|leaf| leaf.first.curve <= curve);
        let leaf = self.leaves.get(after.saturating_sub(1));
        leaf.into_iter().flat_map(move |leaf| leaf.beside(curve, count))
    }

    /// Each start and each end of a validity after `after` and not after `until`, and whose it is;
    /// in no order.
    ///
    /// Cost: the leaves, and the rows of those in which there is one.
    pub(crate) fn changing(
        &self,
        after: Moment,
        until: Moment,
    ) -> impl Iterator<Item = (Moment, SnapshotFeature<'_>)> {
        let leaves = self.leaves.iter();
        let changing = leaves
            .filter(move |leaf| leaf.next_change(after).is_some_and(|moment| moment <= until));
        changing.flat_map(Leaf::features).flat_map(move |feature| {
            let ends = feature.validity().ends().filter(move |end| after < *end && *end <= until);
            ends.map(move |end| (end, feature))
        })
    }

    /// The first moment after another at which the validity of a feature starts or ends.
    pub(crate) fn next_change(&self, after: Moment) -> Option<Moment> {
        self.leaves.iter().filter_map(|leaf| leaf.next_change(after)).min()
    }

    pub(crate) fn add_memory(&self, memory: &mut LayerMemory) {
        memory.features += self.len;
        memory.ids += self.pages.bytes();
        memory.index += self.leaves.capacity() * size_of::<Leaf>();
        self.leaves.iter().for_each(|leaf| leaf.add_memory(memory));
    }

    /// The number of the leaf that takes a key.
    fn leaf_of(&self, key: Key) -> usize {
        self.leaves.partition_point(|leaf| leaf.first <= key).saturating_sub(1)
    }
}
