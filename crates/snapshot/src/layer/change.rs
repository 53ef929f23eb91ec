//! How a change of rows becomes the entries of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use urbis_catalog::Layer;
use urbis_model::{FeatureId, LayerChange, TileAddress, WorldBox};

use crate::feature::Unranked;
use crate::intern::Interner;
use crate::rank::Ranker;
use crate::run::Entry;
use crate::{LayerSnapshot, SnapshotFeature};

/// The new state of each feature that a change names; `None` where it is gone.
type Named = BTreeMap<FeatureId, Option<Unranked>>;

impl LayerSnapshot {
    /// The layer after a change.
    pub(crate) fn apply(&self, layer: &Layer, change: LayerChange) -> Self {
        let (upserted, removed) = match change {
            LayerChange::Reset(features) => return Self::build(layer, features),
            LayerChange::Rows { upserted, removed } => (upserted, removed),
        };
        let mut interner = Interner::default();
        let mut named: Named = removed.into_iter().map(|id| (id, None)).collect();
        for feature in upserted {
            let feature = Unranked::new(layer, feature, &mut interner);
            named.insert(feature.id(), Some(feature));
        }
        let entries = if layer.coverage {
            self.rank_with_neighbours(layer, named)
        } else {
            rank_entries(layer, &Ranker::new(layer, std::iter::empty()), named)
        };
        self.with_entries(entries.into_iter().filter(|entry| self.differs(entry)).collect())
    }

    fn differs(&self, (id, feature): &Entry) -> bool {
        let version = |feature: &Arc<SnapshotFeature>| feature.version();
        self.shared(*id).map(version) != feature.as_ref().map(version)
    }

    /// Ranks what changed and, again, every feature whose box a change touches: a vertex's rank
    /// depends on all features that share it.
    fn rank_with_neighbours(&self, layer: &Layer, named: Named) -> Vec<Entry> {
        let dirty = self.dirty_boxes(&named);
        let mut affected: Named = self
            .unchanged_in(dirty.into_iter(), &named)
            .map(|feature| (feature.id(), Some(feature.to_unranked())))
            .collect();
        let changed_boxes = boxes(&named).collect::<Vec<_>>();
        let affected_boxes = boxes(&affected).chain(changed_boxes).collect::<Vec<_>>();

        let mut context: BTreeMap<FeatureId, &SnapshotFeature> = BTreeMap::new();
        for feature in self.unchanged_in(affected_boxes.into_iter(), &named) {
            context.insert(feature.id(), feature);
        }
        let changed_shapes = named.values().flatten().map(|feature| &feature.shape);
        let ranker = Ranker::new(
            layer,
            context.values().map(|feature| feature.shape()).chain(changed_shapes),
        );
        affected.extend(named);
        rank_entries(layer, &ranker, affected)
    }

    /// The boxes of all that changes, before and after.
    fn dirty_boxes(&self, named: &Named) -> Vec<WorldBox> {
        let before = named.keys().filter_map(|id| self.feature(*id)?.world_box());
        before.chain(boxes(named)).collect()
    }

    fn unchanged_in<'a>(
        &'a self,
        boxes: impl Iterator<Item = WorldBox>,
        named: &Named,
    ) -> impl Iterator<Item = &'a SnapshotFeature> {
        boxes
            .flat_map(|dirty| self.visible(dirty, TileAddress::MAX_ZOOM))
            .filter(|feature| !named.contains_key(&feature.id()))
            .map(Arc::as_ref)
    }
}

fn boxes(named: &Named) -> impl Iterator<Item = WorldBox> {
    named.values().flatten().filter_map(|feature| feature.world_box)
}

fn rank_entries(layer: &Layer, ranker: &Ranker, named: Named) -> Vec<Entry> {
    let finish = |feature: Unranked| Arc::new(ranker.finish(layer, feature));
    named.into_iter().map(|(id, feature)| (id, feature.map(finish))).collect()
}
