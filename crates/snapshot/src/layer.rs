//! One layer in memory: a base and the runs of changes since, newest last.
//!
//! ```text
//! runs   [ base: all features as of the last fold ][ changes ][ changes ]
//!          a newer run hides what an older one holds under the same id
//! ```
//!
//! A change adds a run. Runs of like size are merged, so that there are few (logarithmically
//! many); when together they outgrow a share of the base, all are folded into a new base.

use std::sync::Arc;

use urbis_catalog::Layer;
use urbis_model::{Feature, FeatureId, Openness, WorldBox, WorldXy};

use crate::feature::Unranked;
use crate::intern::Interner;
use crate::rank::rank_all;
use crate::run::{Entry, Run, Tombstones};
use crate::{SnapshotFeature, Visibility};

mod change;

/// Changes that a base always bears before it is folded.
const MIN_CHANGES_TO_FOLD: usize = 1024;

/// Above this share of the base (1 / n), changes are folded into it.
const BASE_PARTS_TO_FOLD: usize = 20;

/// All features of one layer; immutable.
#[derive(Debug, Clone)]
pub struct LayerSnapshot {
    /// Oldest first; the first is the base and has no tombstones.
    runs: Vec<Arc<Run>>,
    len: usize,
}

impl LayerSnapshot {
    /// Ranks and indexes all features of a layer; of several with one id the last counts.
    pub(crate) fn build(layer: &Layer, features: Vec<Feature>) -> Self {
        let mut interner = Interner::default();
        let mut unranked: Vec<Unranked> = features
            .into_iter()
            .rev()
            .map(|feature| Unranked::new(layer, feature, &mut interner))
            .collect();
        unranked.sort_by_key(Unranked::id);
        unranked.dedup_by_key(|feature| feature.id());
        let entries: Vec<Entry> = rank_all(layer, unranked)
            .into_iter()
            .map(|feature| (feature.id(), Some(Arc::new(feature))))
            .collect();
        Self { len: entries.len(), runs: vec![Arc::new(Run::new(entries))] }
    }

    /// Number of features, those without a geometry included.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Number of features that are valid now and visible to a class.
    pub fn count(&self, class: Openness) -> usize {
        self.features().filter(|feature| feature.openness() <= class).count()
    }

    /// Says whether there is no feature.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The feature of an id.
    pub fn feature(&self, id: FeatureId) -> Option<&SnapshotFeature> {
        self.shared(id).map(Arc::as_ref)
    }

    /// All features, in order of their ids.
    pub fn features(&self) -> impl Iterator<Item = &SnapshotFeature> {
        let mut rests: Vec<&[Entry]> = self.runs.iter().map(|run| run.entries()).collect();
        std::iter::from_fn(move || next_entry(&mut rests))
            .filter_map(|(_, feature)| feature.as_deref())
    }

    /// Features whose box meets a box and that are drawn at `zoom`, in order of their ids.
    ///
    /// Those without a geometry are never among them; with [`urbis_model::TileAddress::MAX_ZOOM`]
    /// all others are.
    pub fn in_box(
        &self,
        world_box: WorldBox,
        zoom: u8,
        visibility: Visibility,
    ) -> Vec<&SnapshotFeature> {
        let found = self.visible(world_box, zoom).map(Arc::as_ref);
        let mut found: Vec<_> = found.filter(|feature| visibility.admits(feature)).collect();
        found.sort_unstable_by_key(|feature| feature.id());
        found
    }

    /// All features with a geometry and the squared distance from a cell to their boxes, in cells
    /// of the planar world grid, in growing order of that distance.
    ///
    /// Cost: lazy; each step opens a few tree nodes.
    pub fn near(
        &self,
        place: WorldXy,
        visibility: Visibility,
    ) -> impl Iterator<Item = (&SnapshotFeature, f64)> {
        let mut sources: Vec<_> = self
            .runs
            .iter()
            .enumerate()
            .flat_map(|(age, run)| {
                run.near(place).map(move |near| {
                    near.filter(move |(feature, _)| self.is_current(feature.id(), age)).peekable()
                })
            })
            .collect();
        std::iter::from_fn(move || {
            let distance = |source: &mut std::iter::Peekable<_>| -> Option<f64> {
                source.peek().map(|(_, distance): &(&SnapshotFeature, f64)| *distance)
            };
            let nearest = sources
                .iter_mut()
                .enumerate()
                .filter_map(|(index, source)| Some((distance(source)?, index)))
                .min_by(|a, b| a.0.total_cmp(&b.0))?;
            sources[nearest.1].next()
        })
        .filter(move |(feature, _)| visibility.admits(feature))
    }

    /// A digest of the features that [`Self::in_box`] finds: changes when what a tile can show of
    /// one of them to `class` changes, or one comes or goes; does not depend on how the layer came
    /// to hold them.
    pub fn area_version(&self, world_box: WorldBox, zoom: u8, class: Openness) -> u64 {
        self.visible(world_box, zoom)
            .filter(|feature| feature.openness() <= class)
            .map(|feature| mix(feature.drawn_version(class)))
            .fold(0, u64::wrapping_add)
    }

    fn visible(
        &self,
        world_box: WorldBox,
        zoom: u8,
    ) -> impl Iterator<Item = &Arc<SnapshotFeature>> {
        self.runs.iter().enumerate().flat_map(move |(age, run)| {
            run.in_box(world_box, zoom).filter(move |feature| self.is_current(feature.id(), age))
        })
    }

    fn shared(&self, id: FeatureId) -> Option<&Arc<SnapshotFeature>> {
        self.runs
            .iter()
            .rev()
            .find_map(|run| run.find(id))
            .and_then(|(_, feature)| feature.as_ref())
    }

    /// Says whether no newer run has a word on the feature.
    fn is_current(&self, id: FeatureId, age: usize) -> bool {
        self.runs[age + 1..].iter().all(|run| run.find(id).is_none())
    }

    /// The layer with some entries more; each differs from what the layer holds.
    fn with_entries(&self, entries: Vec<Entry>) -> Self {
        if entries.is_empty() {
            return self.clone();
        }
        let before = entries.iter().filter(|(id, _)| self.shared(*id).is_some()).count();
        let after = entries.iter().filter(|(_, feature)| feature.is_some()).count();
        let mut runs = self.runs.clone();
        runs.push(Arc::new(Run::new(entries)));
        merge_runs(&mut runs);
        Self { len: self.len + after - before, runs }
    }
}

/// Keeps the runs few and, together, small against the base.
fn merge_runs(runs: &mut Vec<Arc<Run>>) {
    let base = runs[0].entries().len();
    let changes: usize = runs[1..].iter().map(|run| run.entries().len()).sum();
    if changes > MIN_CHANGES_TO_FOLD.max(base / BASE_PARTS_TO_FOLD) {
        *runs = vec![Arc::new(Run::merge(runs, Tombstones::Drop))];
        return;
    }
    // A run is merged with the next older one until that is more than twice its size; the merge
    // is done once, over all of them.
    let mut first = runs.len() - 1;
    let mut size = runs[first].entries().len();
    while first > 1 && runs[first - 1].entries().len() <= 2 * size {
        first -= 1;
        size += runs[first].entries().len();
    }
    if first < runs.len() - 1 {
        let merged = Run::merge(&runs[first..], Tombstones::Keep);
        runs.truncate(first);
        runs.push(Arc::new(merged));
    }
}

/// Takes the entry of the smallest id from the newest run that has it, and steps all over it.
fn next_entry<'a>(rests: &mut [&'a [Entry]]) -> Option<&'a Entry> {
    let smallest = rests.iter().filter_map(|rest| rest.first()).map(|(id, _)| *id).min()?;
    let mut newest = None;
    for rest in rests {
        if let Some((entry, others)) = rest.split_first().filter(|(entry, _)| entry.0 == smallest) {
            newest = Some(entry);
            *rest = others;
        }
    }
    newest
}

/// Spreads a hash, so that a sum of them is a digest (the finaliser of `SplitMix64`).
const fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
