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

use std::collections::BTreeSet;
use std::sync::OnceLock;

use urbis_catalog::Layer;
use urbis_model::{Feature, FeatureId, Moment, Openness, TileAddress, Validity, WorldBox, WorldXy};

use crate::budget::Budget;
use crate::chunk::Scope;
use crate::leaves::near::NearFeatures;
use crate::leaves::{Disc, Leaves};
use crate::rows::Rows;
use crate::{AreaDigest, LayerMemory, SnapshotFeature, Tally, Visibility};

mod cells;
mod change;
mod count;
mod draft;

use count::Counts;
pub(crate) use draft::Draft;

/// All features of one layer; immutable.
#[derive(Debug)]
pub struct LayerSnapshot {
    now: Leaves,
    elsewhen: Leaves,
    /// Of the features that are valid now.
    counts: Counts,
    /// Of the features that are valid now.
    budget: Budget,
    next_change: Option<Moment>,
    /// By class, once somebody has asked.
    validities: [OnceLock<Validity>; Openness::ALL.len()],
}

impl LayerSnapshot {
    /// Ranks and indexes all features of a layer; of several with one id the last counts.
    pub(crate) fn build(layer: &Layer, came: Vec<Rows>, at: Moment) -> Self {
        let [now, elsewhen] = draft::build(layer, came, at).map(Leaves::new);
        let counts = Counts::of(now.features());
        let mut budget = Budget::new(layer);
        now.features().for_each(|feature| budget.add(layer, feature));
        budget.settle();
        Self::new(now, elsewhen, counts, budget, at)
    }

    /// The same of features that are at hand.
    pub(crate) fn of(layer: &Layer, features: &[Feature], at: Moment) -> Self {
        Self::build(layer, Draft::of(layer, features).finish(), at)
    }

    fn new(now: Leaves, elsewhen: Leaves, counts: Counts, budget: Budget, at: Moment) -> Self {
        let next_changes = [now.next_change(at), elsewhen.next_change(at)];
        Self {
            now,
            elsewhen,
            counts,
            budget,
            next_change: next_changes.into_iter().flatten().min(),
            validities: Default::default(),
        }
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

    /// From the first start to the last end of all features that a class may see, valid now or not;
    /// an end is absent where one of them has none, and both where there are none.
    ///
    /// Cost: the first time, all features of a layer of which each has a start or each has an end,
    /// else few; then none.
    pub fn validity(&self, class: Openness) -> Validity {
        *self.validities[class as usize].get_or_init(|| self.find_validity(class))
    }

    fn find_validity(&self, class: Openness) -> Validity {
        let all = self.now.features().chain(self.elsewhen.features());
        let mut seen = all.filter(|feature| feature.openness() <= class);
        let mut around = seen.next().map_or(Validity::ALWAYS, |first| first.validity());
        while around != Validity::ALWAYS
            && let Some(feature) = seen.next()
        {
            around = around.around(feature.validity());
        }
        around
    }

    /// The first moment after the city's at which a feature becomes valid or ends.
    pub(crate) const fn next_change(&self) -> Option<Moment> {
        self.next_change
    }

    /// The feature of an id, valid now or not, visible to whomever.
    pub fn feature(&self, id: FeatureId) -> Option<SnapshotFeature<'_>> {
        let found = self.now.find(id).or_else(|| self.elsewhen.find(id));
        found.map(|found| found.feature)
    }

    /// All features, valid now or not, visible to whomever, in order of their keys.
    pub fn features(&self) -> impl Iterator<Item = SnapshotFeature<'_>> {
        let mut now = self.now.features().peekable();
        let mut elsewhen = self.elsewhen.features().peekable();
        std::iter::from_fn(move || {
            let Some(next) = elsewhen.peek().copied() else { return now.next() };
            now.next_if(|feature| feature.key() < next.key()).or_else(|| elsewhen.next())
        })
    }

    /// Features that `visibility` admits, whose box meets a box and that are drawn at `zoom`, in
    /// order of their keys: along a Z-curve through the middles of their boxes, then by id. The
    /// order depends on these features alone.
    ///
    /// Those without a geometry are never among them; with [`urbis_model::TileAddress::MAX_ZOOM`]
    /// all others are.
    pub fn in_box(
        &self,
        area: WorldBox,
        zoom: u8,
        visibility: Visibility,
    ) -> Vec<SnapshotFeature<'_>> {
        self.search(self.scope(area, zoom), visibility, Leaves::search, |feature| feature.key())
    }

    /// The same features in drawing order: those that more zooms draw go first, then those of
    /// higher [priority](Self::cut), then by their keys. So what is large lies below what is small,
    /// and labels of what matters are placed first.
    ///
    /// What is drawn together lies together in memory in this order.
    pub fn to_draw(
        &self,
        area: WorldBox,
        zoom: u8,
        visibility: Visibility,
    ) -> Vec<SnapshotFeature<'_>> {
        let order = |feature: &SnapshotFeature<'_>| (feature.turn(), feature.key());
        self.search(self.scope(area, zoom), visibility, Leaves::search_in_turn, order)
    }

    /// What is found now, and elsewhen where `visibility` names a moment, in order.
    fn search<'a, K: Ord>(
        &'a self,
        scope: Scope,
        visibility: Visibility,
        search: impl Fn(&'a Leaves, Scope, Visibility, &mut Vec<SnapshotFeature<'a>>),
        order: impl FnMut(&SnapshotFeature<'a>) -> K,
    ) -> Vec<SnapshotFeature<'a>> {
        let mut found = Vec::new();
        search(&self.now, scope, visibility, &mut found);
        if visibility.on.is_some() {
            let now = found.len();
            search(&self.elsewhen, scope, visibility, &mut found);
            if now < found.len() {
                found.sort_by_cached_key(order);
            }
        }
        found
    }

    /// All features with a geometry that `visibility` admits, whatever zooms draw them, by the
    /// distance of their boxes from a cell.
    ///
    /// What `visibility` does not admit is passed over, not spared.
    pub fn near(&self, place: WorldXy, visibility: Visibility) -> NearFeatures<'_> {
        self.near_within(place, visibility, f64::INFINITY)
    }

    /// The same where what is farther than the root of `reach_squared` cells is not wanted.
    pub fn near_within(
        &self,
        place: WorldXy,
        visibility: Visibility,
        reach_squared: f64,
    ) -> NearFeatures<'_> {
        let elsewhen = visibility.on.map(|_| &self.elsewhen);
        NearFeatures::new([Some(&self.now), elsewhen], place, visibility, reach_squared)
    }

    /// All features with a geometry that are valid at the city's moment, visible to whomever, whose
    /// boxes are no farther from a cell than the root of `reach_squared` cells, with the square of
    /// that distance; in no order. `None` where there are more than `most`.
    ///
    /// Cost: the boxes of all leaves, and what lies in those that are near enough.
    pub fn within(
        &self,
        place: WorldXy,
        reach_squared: f64,
        most: usize,
    ) -> Option<Vec<(SnapshotFeature<'_>, f64)>> {
        self.now.within(Disc { place, reach_squared }, most)
    }

    /// Some features with a geometry that are valid at the city's moment: up to `count` before and
    /// as many after about a cell along a Z-curve through the middles of their boxes.
    ///
    /// They are mostly near the cell, and found at once; nothing is said of those that are not
    /// among them.
    pub fn beside(
        &self,
        place: WorldXy,
        count: usize,
    ) -> impl Iterator<Item = SnapshotFeature<'_>> {
        self.now.beside(place, count)
    }

    /// The lowest priority that is drawn at a zoom, so that by an estimate no tile of the zoom
    /// takes more than `tiles.budget_kb`; from the layer's `minzoom` on it never grows. 0, which
    /// leaves out nothing, at zooms that are not the layer's and beyond 15.
    ///
    /// Of polygons the largest go first, whatever their class. Of lines and points a class that
    /// `zoom_by` shows at a lower zoom goes before the others; within a class the longest lines go
    /// first, and of points each priority has a random half of those of the one below. The highest
    /// priority of a tile is drawn even where it takes more.
    ///
    /// Depends on what all who see the layer see of it now, without what meets more than 64 tiles
    /// of the zoom, and on nothing else.
    pub fn cut(&self, zoom: u8) -> u8 {
        self.budget.cut(zoom)
    }

    /// A span around a moment in which [`Self::in_box`] finds the same features for a class, all
    /// in the same state: up to the next start or end of one of them on either side.
    pub fn steady(&self, area: WorldBox, zoom: u8, class: Openness, on: Moment) -> Validity {
        let mut span = Validity::ALWAYS;
        let mut narrow = |feature: SnapshotFeature<'_>| {
            for moment in feature.validity().ends().filter(|_| feature.openness() <= class) {
                if moment <= on {
                    span.from = span.from.max(Some(moment));
                } else {
                    span.to = Some(span.to.map_or(moment, |to| to.min(moment)));
                }
            }
        };
        let scope = self.scope(area, zoom);
        self.now.visit(scope, &mut narrow);
        self.elsewhen.visit(scope, &mut narrow);
        span
    }

    /// What becomes of each feature whose box meets a box, for a report on a tile.
    pub fn tally(&self, area: WorldBox, zoom: u8, visibility: Visibility) -> Tally {
        let mut tally = Tally::default();
        let everything = Scope { area, zoom: TileAddress::MAX_ZOOM, cut: 0 };
        let cut = self.cut(zoom);
        let mut count = |feature: SnapshotFeature<'_>, is_now: bool| {
            let is_valid = visibility.on.map_or(is_now, |on| feature.validity().contains(on));
            tally.candidates += 1;
            *match () {
                () if feature.openness() > visibility.class => &mut tally.hidden,
                () if !is_valid => &mut tally.not_valid,
                () if feature.first_zoom() > zoom => &mut tally.not_yet,
                () if feature.priority() < cut => &mut tally.by_budget,
                () => &mut tally.shown,
            } += 1;
        };
        self.now.visit(everything, |feature| count(feature, true));
        self.elsewhen.visit(everything, |feature| count(feature, false));
        tally
    }

    /// The ids of features that came, went, or are otherwise than in another state of the layer,
    /// in order; also of those that became valid or ended in between.
    ///
    /// Cost: what the states do not share: after a change, the leaves that it touched.
    pub fn changed_since(&self, before: &Self) -> Vec<FeatureId> {
        let mut changed = BTreeSet::new();
        self.now.changed_since(&before.now, &mut changed);
        self.elsewhen.changed_since(&before.elsewhen, &mut changed);
        changed.into_iter().collect()
    }

    /// What its features take of memory.
    pub fn memory(&self) -> LayerMemory {
        let mut memory = LayerMemory::default();
        self.now.add_memory(&mut memory);
        self.elsewhen.add_memory(&mut memory);
        memory.index += self.budget.bytes();
        memory
    }

    /// A digest of the features that [`Self::in_box`] finds for a class at the city's moment:
    /// changes when what a tile can show of one of them to `class` changes, or one comes or goes;
    /// does not depend on how the layer came to hold them, nor on what the class may not see.
    pub fn area_version(&self, area: WorldBox, zoom: u8, class: Openness) -> u64 {
        let mut digest = AreaDigest::new(self.cut(zoom));
        self.now.visit(self.scope(area, zoom), |feature| {
            if feature.openness() <= class {
                digest.add(feature.drawn_version(class));
            }
        });
        digest.value()
    }

    fn scope(&self, area: WorldBox, zoom: u8) -> Scope {
        Scope { area, zoom, cut: self.cut(zoom) }
    }
}
