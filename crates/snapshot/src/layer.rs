//! One layer in memory.
//!
//! ```text
//! now        what is valid at the city's moment: drawn, counted, searched
//! elsewhen   what was or will be: searched only where a question names its moment
//! ```
//!
//! An id is in one of the two at most. Features cross over when the city's moment passes the
//! start or the end of their validity; those elsewhen are ranked alone, since a coverage fits
//! together at one moment only.

use urbis_catalog::Layer;
use urbis_model::{Feature, FeatureId, Moment, Openness, TileAddress, Validity, WorldBox, WorldXy};

use crate::intern::Interner;
use crate::rank::{Ranker, rank_all};
use crate::runs::Runs;
use crate::stored::{Stored, Unranked};
use crate::{AreaDigest, LayerMemory, SnapshotFeature, Tally, Visibility};

mod change;
mod count;

use count::Counts;

/// All features of one layer; immutable.
#[derive(Debug, Clone)]
pub struct LayerSnapshot {
    now: Runs,
    elsewhen: Runs,
    /// Of the features that are valid now.
    counts: Counts,
    next_change: Option<Moment>,
}

impl LayerSnapshot {
    /// Ranks and indexes all features of a layer; of several with one id the last counts.
    pub(crate) fn build(layer: &Layer, features: Vec<Feature>, at: Moment) -> Self {
        let mut interner = Interner::default();
        let mut unranked: Vec<Unranked> = features
            .into_iter()
            .rev()
            .map(|feature| Unranked::new(layer, feature, &mut interner))
            .collect();
        unranked.sort_by_key(Unranked::id);
        unranked.dedup_by_key(|feature| feature.id());
        let (now, elsewhen): (Vec<_>, Vec<_>) =
            unranked.into_iter().partition(|feature| feature.validity().contains(at));
        let now = rank_all(layer, now);
        let counts = Counts::of(&now);
        Self::new(Runs::new(now), Runs::new(rank_each(layer, elsewhen)), counts, at)
    }

    fn new(now: Runs, elsewhen: Runs, counts: Counts, at: Moment) -> Self {
        let next_changes = [now.next_change(at), elsewhen.next_change(at)];
        Self { now, elsewhen, counts, next_change: next_changes.into_iter().flatten().min() }
    }

    /// Number of all features: valid now or not, visible to whomever, with a geometry or not.
    pub const fn len(&self) -> usize {
        self.now.len() + self.elsewhen.len()
    }

    /// Says whether there is no feature.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of features that are valid at the city's moment and visible to a class, those
    /// without a geometry included.
    pub fn count(&self, class: Openness) -> usize {
        self.counts.up_to(class)
    }

    /// Number of the features that [`Self::count`] counts which nobody observed: a generator made
    /// them up.
    pub fn synthetic_count(&self, class: Openness) -> usize {
        self.counts.synthetic_up_to(class)
    }

    /// The first moment after the city's at which a feature becomes valid or ends.
    pub(crate) const fn next_change(&self) -> Option<Moment> {
        self.next_change
    }

    /// The feature of an id, valid now or not, visible to whomever.
    pub fn feature(&self, id: FeatureId) -> Option<SnapshotFeature<'_>> {
        let found = self.now.find(id).or_else(|| self.elsewhen.find(id));
        found.map(|stored| SnapshotFeature::new(stored))
    }

    /// All features, valid now or not, visible to whomever, in drawing order.
    pub fn features(&self) -> impl Iterator<Item = SnapshotFeature<'_>> {
        let mut all: Vec<&Stored> = self.now.features().chain(self.elsewhen.features()).collect();
        all.sort_unstable_by_key(|stored| stored.key());
        all.into_iter().map(SnapshotFeature::new)
    }

    /// Features that `visibility` admits, whose box meets a box and that are drawn at `zoom`, in
    /// drawing order: along a Z-curve through the middles of their boxes, then by id. The order
    /// depends on these features alone.
    ///
    /// Those without a geometry are never among them; with [`urbis_model::TileAddress::MAX_ZOOM`]
    /// all others are.
    pub fn in_box(
        &self,
        area: WorldBox,
        zoom: u8,
        visibility: Visibility,
    ) -> Vec<SnapshotFeature<'_>> {
        let searched = self.searched(visibility);
        let met = searched.flat_map(|runs| runs.in_box(area, zoom));
        let mut found: Vec<&Stored> =
            met.filter(|stored| visibility.admits(SnapshotFeature::new(stored))).collect();
        found.sort_unstable_by_key(|stored| stored.key());
        found.into_iter().map(SnapshotFeature::new).collect()
    }

    /// All features with a geometry that `visibility` admits, and the squared distance from a cell
    /// to their boxes, in cells of the planar world grid, in growing order of that distance.
    ///
    /// Cost: lazy; each step opens a few tree nodes.
    pub fn near(
        &self,
        place: WorldXy,
        visibility: Visibility,
    ) -> impl Iterator<Item = (SnapshotFeature<'_>, f64)> {
        let searched = self.searched(visibility);
        let mut sources: Vec<_> =
            searched.flat_map(|runs| runs.near(place)).map(Iterator::peekable).collect();
        let nearer = std::iter::from_fn(move || {
            let distance = |source: &mut std::iter::Peekable<_>| -> Option<f64> {
                source.peek().map(|(_, distance): &(&Stored, f64)| *distance)
            };
            let nearest = sources
                .iter_mut()
                .enumerate()
                .filter_map(|(index, source)| Some((distance(source)?, index)))
                .min_by(|a, b| a.0.total_cmp(&b.0))?;
            sources[nearest.1].next()
        });
        let handles = nearer.map(|(stored, distance)| (SnapshotFeature::new(stored), distance));
        handles.filter(move |(feature, _)| visibility.admits(*feature))
    }

    /// The smallest size of line or polygon, and the lowest priority of point, that is drawn at a
    /// zoom: 0 where all are.
    pub const fn cut(&self, _zoom: u8) -> u8 {
        0
    }

    /// The widest span around a moment in which [`Self::in_box`] finds the same features for a
    /// class, all in the same state.
    pub fn steady(&self, area: WorldBox, zoom: u8, class: Openness, on: Moment) -> Validity {
        let anybody = Visibility { class, on: None };
        let met = [&self.now, &self.elsewhen].into_iter().flat_map(|runs| runs.in_box(area, zoom));
        let seen = met.filter(|stored| anybody.admits(SnapshotFeature::new(stored)));
        let mut span = Validity::ALWAYS;
        for moment in seen.flat_map(|stored| stored.validity().ends()) {
            if moment <= on {
                span.from = span.from.max(Some(moment));
            } else {
                span.to = Some(span.to.map_or(moment, |to| to.min(moment)));
            }
        }
        span
    }

    /// What becomes of each feature whose box meets a box, for a report on a tile.
    pub fn tally(&self, area: WorldBox, zoom: u8, visibility: Visibility) -> Tally {
        let mut tally = Tally::default();
        let now = self.now.in_box(area, TileAddress::MAX_ZOOM).map(|stored| (stored, true));
        let elsewhen = self.elsewhen.in_box(area, TileAddress::MAX_ZOOM);
        for (stored, is_now) in now.chain(elsewhen.map(|stored| (stored, false))) {
            let is_valid = visibility.on.map_or(is_now, |on| stored.validity().contains(on));
            tally.candidates += 1;
            *match () {
                () if stored.openness() > visibility.class => &mut tally.hidden,
                () if !is_valid => &mut tally.not_valid,
                () if stored.first_zoom() > zoom => &mut tally.not_yet,
                () => &mut tally.shown,
            } += 1;
        }
        tally
    }

    /// What its features take of memory.
    pub fn memory(&self) -> LayerMemory {
        LayerMemory { features: self.len(), ..LayerMemory::default() }
    }

    /// A digest of the features that [`Self::in_box`] finds for a class at the city's moment:
    /// changes when what a tile can show of one of them to `class` changes, or one comes or goes;
    /// does not depend on how the layer came to hold them, nor on what the class may not see.
    pub fn area_version(&self, world_box: WorldBox, zoom: u8, class: Openness) -> u64 {
        let anybody = Visibility::now(class);
        let met = self.now.in_box(world_box, zoom);
        let mut digest = AreaDigest::new(self.cut(zoom));
        met.filter(|stored| anybody.admits(SnapshotFeature::new(stored)))
            .for_each(|stored| digest.add(stored.drawn_version(class)));
        digest.value()
    }

    /// What is valid now; what is not, too, where a question names its moment.
    fn searched(&self, visibility: Visibility) -> impl Iterator<Item = &Runs> {
        std::iter::once(&self.now).chain(visibility.on.map(|_| &self.elsewhen))
    }
}

/// Ranks each feature as if it were alone.
fn rank_each(layer: &Layer, features: Vec<Unranked>) -> Vec<Stored> {
    let ranker = Ranker::alone(layer);
    features.into_iter().map(|feature| ranker.finish(layer, feature)).collect()
}
