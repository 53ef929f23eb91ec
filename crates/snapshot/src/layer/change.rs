//! How a change of rows, or of the city's moment, becomes the entries of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use urbis_catalog::Layer;
use urbis_model::{FeatureId, LayerChange, Moment, Openness, TileAddress, WorldBox};

use super::LayerSnapshot;
use crate::intern::Interner;
use crate::rank::Ranker;
use crate::run::Entry;
use crate::runs::Runs;
use crate::stored::Stored;
use crate::stored::Unranked;
use crate::{ChangedArea, LayerChanges};

/// The new state of each feature that a change names; `None` where it is gone.
type Named = BTreeMap<FeatureId, Option<Unranked>>;

impl LayerSnapshot {
    /// The layer after a change, at the city's moment.
    pub(crate) fn apply(
        &self,
        layer: &Layer,
        change: LayerChange,
        at: Moment,
    ) -> (Self, LayerChanges) {
        let (upserted, removed) = match change {
            LayerChange::Reset(features) => {
                return (Self::build(layer, features, at), LayerChanges::everywhere());
            }
            LayerChange::Rows { upserted, removed } => (upserted, removed),
        };
        let mut interner = Interner::default();
        let mut named: Named = removed.into_iter().map(|id| (id, None)).collect();
        for feature in upserted {
            let feature = Unranked::new(layer, feature, &mut interner);
            named.insert(feature.id(), Some(feature));
        }
        self.with_named(layer, named, at)
    }

    /// The layer at another moment of the city, earlier or later; `None` where no validity starts
    /// or ends in between.
    ///
    /// Cost: what starts or ends in between, and in a coverage its neighbours.
    pub(crate) fn advance(
        &self,
        layer: &Layer,
        from: Moment,
        to: Moment,
    ) -> Option<(Self, LayerChanges)> {
        let mut changing = self.changing(from, to).map(|(_, feature)| feature).peekable();
        changing.peek()?;
        let crosses = |feature: &&Stored| {
            feature.validity().contains(from) != feature.validity().contains(to)
        };
        let crossing = changing.filter(crosses);
        let named = crossing.map(|feature| (feature.id(), Some(feature.to_unranked()))).collect();
        Some(self.with_named(layer, named, to))
    }

    /// The last moment after the earlier of two moments and not after the later at which a
    /// feature that `class` may see becomes valid or ends.
    pub(crate) fn last_change(
        &self,
        one: Moment,
        other: Moment,
        class: Openness,
    ) -> Option<Moment> {
        let seen = self.changing(one, other).filter(|(_, feature)| feature.openness() <= class);
        seen.map(|(moment, _)| moment).max()
    }

    /// Each start and each end of a validity between two moments, and whose it is.
    fn changing(&self, one: Moment, other: Moment) -> impl Iterator<Item = (Moment, &Stored)> {
        let (after, until) = (one.min(other), one.max(other));
        let sets = [&self.now, &self.elsewhen].into_iter();
        sets.flat_map(move |runs| runs.changing(after, until))
    }

    /// The layer with features in a new state, each where its validity puts it.
    fn with_named(&self, layer: &Layer, named: Named, at: Moment) -> (Self, LayerChanges) {
        let (now, elsewhen) = split(named, at);
        let mut now = if layer.coverage {
            self.rank_with_neighbours(layer, now)
        } else {
            rank_entries(layer, &Ranker::alone(layer), now)
        };
        let mut elsewhen = rank_entries(layer, &Ranker::alone(layer), elsewhen);
        now.retain(|entry| self.now.differs(entry));
        elsewhen.retain(|entry| self.elsewhen.differs(entry));
        let counts = self.counts.after(&self.now, &now);
        let areas = areas(&self.now, &now).chain(areas(&self.elsewhen, &elsewhen)).collect();
        let (now, elsewhen) = (self.now.with_entries(now), self.elsewhen.with_entries(elsewhen));
        (Self::new(now, elsewhen, counts, at), LayerChanges { areas, zooms: None })
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

        let mut context: BTreeMap<FeatureId, &Stored> = BTreeMap::new();
        for feature in self.unchanged_in(affected_boxes.into_iter(), &named) {
            context.insert(feature.id(), feature);
        }
        let unchanged = context.values().map(|feature| (feature.shape(), feature.openness()));
        let changed = named.values().flatten().map(|feature| (&feature.shape, feature.openness()));
        let ranker = Ranker::new(layer, unchanged.chain(changed));
        affected.extend(named);
        rank_entries(layer, &ranker, affected)
    }

    /// The boxes of all that changes, before and after.
    fn dirty_boxes(&self, named: &Named) -> Vec<WorldBox> {
        let before = named.keys().filter_map(|id| self.now.find(*id)?.world_box());
        before.chain(boxes(named)).collect()
    }

    fn unchanged_in<'a>(
        &'a self,
        boxes: impl Iterator<Item = WorldBox>,
        named: &Named,
    ) -> impl Iterator<Item = &'a Stored> {
        boxes
            .flat_map(|dirty| self.now.in_box(dirty, TileAddress::MAX_ZOOM))
            .filter(|feature| !named.contains_key(&feature.id()))
    }
}

/// What becomes of the features that are valid now, and of those that are not: a feature that is
/// in one is gone from the other.
fn split(named: Named, at: Moment) -> (Named, Named) {
    let (mut now, mut elsewhen) = (Named::new(), Named::new());
    for (id, feature) in named {
        let is_now = feature.as_ref().is_some_and(|feature| feature.validity().contains(at));
        let (there, gone) =
            if is_now { (&mut now, &mut elsewhen) } else { (&mut elsewhen, &mut now) };
        there.insert(id, feature);
        gone.insert(id, None);
    }
    (now, elsewhen)
}

/// The places at which entries draw otherwise than what a set holds under their ids.
fn areas<'a>(before: &'a Runs, entries: &'a [Entry]) -> impl Iterator<Item = ChangedArea> + 'a {
    entries.iter().flat_map(|(id, after)| {
        let (before, after) = (before.find(*id), after.as_ref());
        let states = [(before, after), (after, before)].into_iter();
        states.filter_map(|(state, other)| state?.area_unlike(other.map(AsRef::as_ref)))
    })
}

fn boxes(named: &Named) -> impl Iterator<Item = WorldBox> {
    named.values().flatten().filter_map(|feature| feature.world_box)
}

fn rank_entries(layer: &Layer, ranker: &Ranker, named: Named) -> Vec<Entry> {
    let finish = |feature: Unranked| Arc::new(ranker.finish(layer, feature));
    named.into_iter().map(|(id, feature)| (id, feature.map(finish))).collect()
}
