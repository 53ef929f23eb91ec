//! Which features differ between two states of a set.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use urbis_model::FeatureId;

use super::Leaves;
use super::leaf::{Delta, Leaf};
use crate::chunk::Chunk;
use crate::feature::SnapshotFeature;

impl Leaves {
    /// Adds the ids of features that came, went or are otherwise than in a state before.
    ///
    /// Leaves that both share are passed over, of those with a shared base only the deltas are
    /// read.
    pub(crate) fn changed_since(&self, before: &Self, changed: &mut BTreeSet<FeatureId>) {
        let mut old: HashMap<*const Chunk, &Leaf> =
            before.leaves.iter().map(|leaf| (Arc::as_ptr(&leaf.base), leaf)).collect();
        let mut maybe = BTreeSet::new();
        for leaf in &self.leaves {
            match old.remove(&Arc::as_ptr(&leaf.base)) {
                Some(before) => leaf.deltas_unlike(before, &mut maybe),
                None => maybe.extend(leaf.features().map(SnapshotFeature::id)),
            }
        }
        for leaf in old.into_values() {
            maybe.extend(leaf.features().map(SnapshotFeature::id));
        }
        changed.extend(maybe.into_iter().filter(|id| {
            let states = [self, before].map(|set| set.find(*id).map(|found| found.feature));
            states[0] != states[1]
        }));
    }
}

impl Leaf {
    /// Adds the ids of what the deltas over one base hide or add, where they are not the same.
    fn deltas_unlike(&self, before: &Self, maybe: &mut BTreeSet<FeatureId>) {
        let address = |delta: &Option<Arc<Delta>>| delta.as_ref().map(Arc::as_ptr);
        if address(&self.delta) == address(&before.delta) {
            return;
        }
        for (one, other) in [(self, before), (before, self)] {
            let hidden = one.hidden().iter();
            let only = hidden.filter(|place| other.hidden().binary_search(place).is_err());
            maybe.extend(
                only.map(|place| SnapshotFeature::new(&self.base, self.base.at_place(*place)).id()),
            );
            maybe.extend(one.new_rows().into_iter().flat_map(|chunk| {
                (0..chunk.len() as u32).map(|row| SnapshotFeature::new(chunk, row).id())
            }));
        }
    }
}
