//! Nearest features to a place, over one immutable snapshot.
//!
//! [`nearest()`] takes candidates in growing planar distance of their boxes, measures each on the
//! geodesic, and ends when no waiting candidate can beat the worst answer kept.
//!
//! - **In**: an [`Ask`]: a [`LonLat`] (EPSG:4326; x = longitude, y = latitude), a result limit, a
//!   radius in [`Metres`]; and which features are asked for.
//! - **Out**: at most `limit` features, each within the radius, nearest first; equal distances in
//!   order of [`urbis_model::FeatureId`].
//! - **Distance**: WGS 84 geodesic to the feature's geometry, in metres (crate `geo`); 0 inside a
//!   polygon, and a hole is outside. The plane gives only lower bounds. It is not a travel distance.
//! - **Cost**: few candidates are measured for a small limit; far from all features, near a pole,
//!   or where few are asked for, up to all of them. [`nearest_if_quick()`] gives up instead.
//!
//! The world grid ends at ±180°, the earth does not: features across that line are found too.
//! A feature that itself crosses it must be cut there, as RFC 7946 asks (3.1.9).
//!
//! Source: Hjaltason and Samet, "Distance Browsing in Spatial Databases",
//! ACM Transactions on Database Systems 24(2), 1999.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use urbis_model::{FeatureId, LonLat, Metres, Openness, WorldXy};
use urbis_snapshot::{LayerSnapshot, SnapshotFeature, Visibility};

use crate::plane::{SIDE, planar_reach};
use crate::shape::{is_beyond, reach_feature};

/// One answer of [`nearest()`].
#[derive(Debug, Clone, Copy)]
pub struct Nearest<'a> {
    /// The feature.
    pub feature: SnapshotFeature<'a>,
    /// WGS 84 geodesic to its nearest place; 0 inside a polygon.
    pub distance: Metres,
    /// The nearest place of its geometry; where `distance` is 0, the place that was asked for.
    pub place: LonLat,
}

/// What is asked of a layer.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// The place.
    pub from: LonLat,
    /// Most answers.
    pub limit: usize,
    /// Greatest distance of an answer.
    pub within: Metres,
    /// Which features there are: others neither show nor count to the limit.
    pub visibility: Visibility,
}

/// Finds the features of a layer nearest to a place, among those that `is_asked_for` admits.
///
/// At most `limit` features whose geodesic distance is at most `within`, nearest first, ties in
/// order of their ids. Features without a geometry are never among them; those that are not
/// visible or not asked for neither show nor count to the limit.
///
/// Cost: `is_asked_for` is called for those candidates alone whose boxes are near enough.
pub fn nearest<'a>(
    layer: &'a LayerSnapshot,
    ask: &Ask,
    is_asked_for: impl Fn(SnapshotFeature<'a>) -> bool,
) -> Vec<Nearest<'a>> {
    let mut search = Search::new(ask, is_asked_for);
    // With no end of looks a search comes to its own.
    let _: ControlFlow<()> = search.run(layer);
    search.kept.into_values().collect()
}

/// The same among all features, where looking at `looks` of them is enough to be sure; `None`
/// where it is not.
///
/// A look at a feature counts its vertices, so `looks` bounds the time that is taken.
pub fn nearest_if_quick<'a>(
    layer: &'a LayerSnapshot,
    ask: &Ask,
    looks: usize,
) -> Option<Vec<Nearest<'a>>> {
    let mut search = Search { looks_left: looks, ..Search::new(ask, |_| true) };
    match search.run(layer) {
        ControlFlow::Continue(()) => Some(search.kept.into_values().collect()),
        ControlFlow::Break(()) => None,
    }
}

/// A cell from which to see the plane, and how far the place itself lies beyond it.
///
/// ```text
///   ·  ·  ·|· o                      |·  ·  o'
///   180° E | the place at 179° W     | what lies west of it is seen from the east edge
/// ```
///
/// Every way from the copy `o'` to a box of the plane goes `gap` cells in x to the edge; so its
/// squared length is at least `gap²` plus that from the edge.
struct View {
    cell: WorldXy,
    gap: f64,
}

/// The place itself, then the two edges of the world across which it can see.
fn views(from: LonLat) -> [View; 3] {
    let cell = WorldXy::from_lonlat(from);
    let x = f64::from(cell.x);
    [
        View { cell, gap: 0.0 },
        View { cell: WorldXy { x: 0, y: cell.y }, gap: SIDE - x },
        View { cell: WorldXy { x: u32::MAX, y: cell.y }, gap: x },
    ]
}

/// The answers kept so far.
struct Search<'a, F> {
    ask: Ask,
    is_asked_for: F,
    /// No place farther than this can be an answer.
    worst_m: f64,
    /// By distance and id: the last is the worst. Distances are never NaN and never negative, so
    /// the order of their bits is their order.
    kept: BTreeMap<(u64, FeatureId), Nearest<'a>>,
    seen: HashSet<FeatureId>,
    /// The same as `worst_m` on the plane, in cells.
    reach: f64,
    /// Vertices that may still be looked at.
    looks_left: usize,
}

impl<'a, F: Fn(SnapshotFeature<'a>) -> bool> Search<'a, F> {
    fn new(ask: &Ask, is_asked_for: F) -> Self {
        Self {
            ask: *ask,
            is_asked_for,
            worst_m: ask.within.0,
            kept: BTreeMap::new(),
            seen: HashSet::new(),
            reach: planar_reach(ask.from, ask.within.0),
            looks_left: usize::MAX,
        }
    }

    /// Looks from the place, and then from each edge of the world; breaks off where no looks are
    /// left.
    fn run(&mut self, layer: &'a LayerSnapshot) -> ControlFlow<()> {
        views(self.ask.from).into_iter().try_for_each(|view| self.walk(layer, &view))
    }

    fn walk(&mut self, layer: &'a LayerSnapshot, view: &View) -> ControlFlow<()> {
        if self.ask.limit == 0 || view.gap > self.reach {
            return ControlFlow::Continue(());
        }
        // What the class may not see is passed over here, so that it counts as a look.
        let all = Visibility { class: Openness::Restricted, ..self.ask.visibility };
        for (feature, squared) in layer.near(view.cell, all) {
            if squared + view.gap * view.gap > self.reach * self.reach {
                break;
            }
            self.count_look(feature)?;
            if self.ask.visibility.admits(feature) && self.seen.insert(feature.id()) {
                self.measure(feature);
            }
        }
        ControlFlow::Continue(())
    }

    fn count_look(&mut self, feature: SnapshotFeature<'_>) -> ControlFlow<()> {
        match self.looks_left.checked_sub(feature.vertex_count().max(1)) {
            Some(left) => {
                self.looks_left = left;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        }
    }

    fn measure(&mut self, feature: SnapshotFeature<'a>) {
        let from = self.ask.from;
        if feature.world_box().is_none_or(|found| is_beyond(found, from, self.worst_m))
            || !(self.is_asked_for)(feature)
        {
            return;
        }
        let Some(reached) = reach_feature(feature, from) else { return };
        if reached.distance_m > self.worst_m {
            return;
        }
        let answer =
            Nearest { feature, distance: Metres(reached.distance_m), place: reached.place };
        self.kept.insert((reached.distance_m.to_bits(), feature.id()), answer);
        if self.kept.len() > self.ask.limit {
            self.kept.pop_last();
        }
        if let Some(((worst, _), _)) = self.kept.last_key_value()
            && self.kept.len() == self.ask.limit
        {
            self.worst_m = f64::from_bits(*worst);
            self.reach = planar_reach(from, self.worst_m);
        }
    }
}
