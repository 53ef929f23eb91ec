//! How a change of rows, or of the city's moment, becomes new states of features.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use urbis_catalog::Layer;
use urbis_model::{FeatureId, LayerChange, Moment, Openness, TileAddress, WorldXy};

use super::cells::Cells;
use super::{Draft, LayerSnapshot};
use crate::budget::Budget;
use crate::chunk::{Chunk, Scope, gather};
use crate::feature::SnapshotFeature;
use crate::leaves::{Entry, LEAF_ROWS, Leaves};
use crate::rank::Ranker;
use crate::rows::{Pick, Rows, runs};
use crate::{ChangedArea, LayerChanges};

/// The new state of each feature that a change names; `None` where it is gone.
type Named<'a> = BTreeMap<FeatureId, Option<Pick<'a>>>;

impl LayerSnapshot {
    /// The layer after a change, at the city's moment, and where it is drawn otherwise.
    pub(crate) fn apply(
        &self,
        layer: &Layer,
        change: LayerChange,
        at: Moment,
    ) -> (Self, LayerChanges) {
        let (upserted, removed) = match change {
            LayerChange::Reset(features) => {
                return (Self::of(layer, &features, at), LayerChanges::everywhere());
            }
            LayerChange::Rows { upserted, removed } => (upserted, removed),
        };
        let came = Draft::of(layer, &upserted).finish();
        let mut named: Named<'_> = removed.into_iter().map(|id| (id, None)).collect();
        let picks = came.iter().flat_map(Rows::picks);
        named.extend(picks.map(|pick| (pick.id(), Some(pick))));
        self.with_named(layer, named, at)
    }

    /// The layer at another moment of the city, earlier or later, and where it is drawn otherwise;
    /// `None` where no validity starts or ends in between.
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
        let crosses = |feature: &SnapshotFeature<'_>| {
            feature.validity().contains(from) != feature.validity().contains(to)
        };
        let crossing = changing.filter(crosses);
        let named = crossing.map(|feature| (feature.id(), Some(feature.pick()))).collect();
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
    fn changing(
        &self,
        one: Moment,
        other: Moment,
    ) -> impl Iterator<Item = (Moment, SnapshotFeature<'_>)> {
        let (after, until) = (one.min(other), one.max(other));
        let sets = [&self.now, &self.elsewhen].into_iter();
        sets.flat_map(move |leaves| leaves.changing(after, until))
    }

    /// The layer with features in a new state, each where its validity puts it.
    fn with_named(&self, layer: &Layer, named: Named<'_>, at: Moment) -> (Self, LayerChanges) {
        let (now, elsewhen) = split(named, at);
        let ranked_now = if layer.coverage {
            self.rank_with_neighbours(layer, &now)
        } else {
            rank(layer, present(&now), &Ranker::alone(layer))
        };
        let ranked_elsewhen = rank(layer, present(&elsewhen), &Ranker::alone(layer));
        let now = self.now.entries(&now, &ranked_now);
        let elsewhen = self.elsewhen.entries(&elsewhen, &ranked_elsewhen);

        let counts = self.counts.after(&self.now, &now);
        let budget = self.budget_after(layer, &now);
        let zooms = budget.moved(&self.budget);
        let mut areas = self.now.areas(&now);
        areas.extend(self.elsewhen.areas(&elsewhen));
        let (now, elsewhen) = (self.now.with(layer, &now), self.elsewhen.with(layer, &elsewhen));
        (Self::new(now, elsewhen, counts, budget, at), LayerChanges { areas, zooms })
    }

    fn budget_after(&self, layer: &Layer, entries: &[Entry<'_>]) -> Budget {
        let mut budget = self.budget.clone();
        for (id, after) in entries {
            if let Some(before) = self.now.find(*id) {
                budget.remove(layer, before.feature);
            }
            if let Some(after) = after {
                budget.add(layer, *after);
            }
        }
        budget.settle();
        budget
    }

    /// Ranks what changed and, again, every feature that shares a vertex with it before or after:
    /// a vertex's rank depends on all features that have it.
    fn rank_with_neighbours(&self, layer: &Layer, named: &Named<'_>) -> Vec<Chunk> {
        let before = named.keys().filter_map(|id| Some(self.now.find(*id)?.feature.pick()));
        let changed: Vec<Pick<'_>> = before.chain(present(named)).collect();
        let vertices: HashSet<WorldXy> =
            changed.iter().flat_map(|pick| pick.vertices()).copied().collect();
        let mut ranked: BTreeMap<FeatureId, Pick<'_>> = BTreeMap::new();
        self.visit_around(&changed, named, |pick| {
            if pick.vertices().iter().any(|vertex| vertices.contains(vertex)) {
                ranked.insert(pick.id(), pick);
            }
        });
        let affected: BTreeSet<FeatureId> = ranked.keys().copied().collect();
        let ranked: Vec<Pick<'_>> = ranked.into_values().chain(present(named)).collect();
        let mut ranker = Ranker::together(layer, ranked.iter().copied());
        self.visit_around(&ranked, named, |pick| {
            if !affected.contains(&pick.id()) {
                ranker.meet(pick);
            }
        });
        rank(layer, ranked.into_iter(), &ranker)
    }

    /// Calls with each feature that may share a vertex with some others, now and then more than
    /// once; not with those that a change names.
    fn visit_around<'a>(
        &'a self,
        others: &[Pick<'_>],
        named: &Named<'_>,
        mut found: impl FnMut(Pick<'a>),
    ) {
        let mut cells = Cells::default();
        others.iter().for_each(|pick| cells.add(pick.vertices()));
        for area in cells.boxes() {
            let scope = Scope { area, zoom: TileAddress::MAX_ZOOM, cut: 0 };
            self.now.visit(scope, |feature| {
                if !named.contains_key(&feature.id()) {
                    found(feature.pick());
                }
            });
        }
    }
}

impl Leaves {
    /// What changes in the set: features that are gone, and those of `ranked` that differ.
    fn entries<'a>(&self, named: &Named<'_>, ranked: &'a [Chunk]) -> Vec<Entry<'a>> {
        let gone = named.iter().filter(|(_, state)| state.is_none()).map(|(id, _)| (*id, None));
        let there = ranked.iter().flat_map(|chunk| {
            let features = (0..chunk.len() as u32).map(|row| SnapshotFeature::new(chunk, row));
            features.map(|feature| (feature.id(), Some(feature)))
        });
        gone.chain(there).filter(|entry| self.differs(entry)).collect()
    }

    /// The places at which entries draw otherwise than what the set holds under their ids.
    fn areas(&self, entries: &[Entry<'_>]) -> Vec<ChangedArea> {
        let mut areas = Vec::new();
        for (id, after) in entries {
            let before = self.find(*id).map(|found| found.feature);
            areas.extend(before.and_then(|before| before.area_unlike(*after)));
            areas.extend(after.and_then(|after| after.area_unlike(before)));
        }
        areas
    }
}

/// What becomes of the features that are valid now, and of those that are not: a feature that is
/// in one is gone from the other.
fn split(named: Named<'_>, at: Moment) -> (Named<'_>, Named<'_>) {
    let (mut now, mut elsewhen) = (Named::new(), Named::new());
    for (id, state) in named {
        let is_now = state.is_some_and(|pick| pick.validity().contains(at));
        let (there, gone) =
            if is_now { (&mut now, &mut elsewhen) } else { (&mut elsewhen, &mut now) };
        there.insert(id, state);
        gone.insert(id, None);
    }
    (now, elsewhen)
}

fn present<'a>(named: &Named<'a>) -> impl Iterator<Item = Pick<'a>> {
    named.values().flatten().copied()
}

fn rank<'a>(layer: &Layer, picks: impl Iterator<Item = Pick<'a>>, ranker: &Ranker) -> Vec<Chunk> {
    let mut picks: Vec<Pick<'a>> = picks.collect();
    picks.sort_by_cached_key(|pick| pick.key());
    let finish = |picks: &[Pick<'_>]| {
        let rows = gather(layer, picks.to_vec());
        let ranks = ranker.rank(&rows);
        Chunk::new(layer, rows, ranks)
    };
    runs(&picks, LEAF_ROWS, |pick| pick.vertices().len()).map(finish).collect()
}
