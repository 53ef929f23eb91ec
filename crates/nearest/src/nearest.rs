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
//!   polygon, and a hole is outside; to a point within ten nanometres. The plane gives only lower bounds. It is not a travel distance.
//! - **Cost**: few candidates are measured for a small limit; far from all features, near a pole,
//!   or where few are asked for, up to all of them. [`crate::nearest_if_quick()`] gives up instead,
//!   and [`nearest_until()`] where it is told to.
//!
//! The world grid ends at ±180°, the earth does not: features across that line are found too.
//! A feature that itself crosses it must be cut there, as RFC 7946 asks (3.1.9).
//!
//! Source: Hjaltason and Samet, "Distance Browsing in Spatial Databases",
//! ACM Transactions on Database Systems 24(2), 1999.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use urbis_model::{FeatureId, LonLat, Metres, Openness, WorldXy};
use urbis_snapshot::{LayerSnapshot, SnapshotFeature, Visibility};

use crate::origin::Origin;
use crate::plane::{SIDE, planar_reach, shortest_m};
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

/// What a search found that may give up.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The nearest, in their order; those alone that are surely the nearest.
    pub features: Vec<Nearest<'a>>,
    /// How far the search surely came to everything; `None` where nothing is missing.
    pub searched: Option<Metres>,
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
    mut is_asked_for: impl FnMut(SnapshotFeature<'a>) -> bool,
) -> Vec<Nearest<'a>> {
    nearest_until(layer, ask, |feature| ControlFlow::Continue(is_asked_for(feature))).features
}

/// The same, where `is_asked_for` may end the search: then only what is no farther than the search
/// had come is among the answers.
pub fn nearest_until<'a>(
    layer: &'a LayerSnapshot,
    ask: &Ask,
    is_asked_for: impl FnMut(SnapshotFeature<'a>) -> ControlFlow<(), bool>,
) -> Found<'a> {
    let mut search = Search::new(ask, is_asked_for);
    let outcome = search.run(layer);
    search.finish(outcome)
}

/// The same among all features, none of them farther than `bound_m`, where `looks` are enough to be
/// sure; `None` where they are not.
pub(crate) fn nearest_within_looks<'a>(
    layer: &'a LayerSnapshot,
    ask: &Ask,
    bound_m: f64,
    looks: usize,
) -> Option<Vec<Nearest<'a>>> {
    let bounded = Ask { within: Metres(bound_m), ..*ask };
    let all = |_| ControlFlow::Continue(true);
    let mut search = Search { looks_left: looks, ..Search::new(&bounded, all) };
    match search.run(layer) {
        ControlFlow::Continue(()) => Some(search.kept.into_values().collect()),
        ControlFlow::Break(_) => None,
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

/// A search ended before it had come to everything within so many cells of the plane.
struct GaveUp(f64);

/// The answers kept so far.
struct Search<'a, F> {
    ask: Ask,
    origin: Origin,
    is_asked_for: F,
    /// No place farther than this can be an answer.
    worst_m: f64,
    /// By distance and id: the last is the worst. Distances are never NaN and never negative, so
    /// the order of their bits is their order. What is come to from two views is kept once.
    kept: BTreeMap<(u64, FeatureId), Nearest<'a>>,
    /// The same as `worst_m` on the plane, in cells.
    reach: f64,
    /// Vertices that may still be looked at.
    looks_left: usize,
}

impl<'a, F: FnMut(SnapshotFeature<'a>) -> ControlFlow<(), bool>> Search<'a, F> {
    fn new(ask: &Ask, is_asked_for: F) -> Self {
        Self {
            ask: *ask,
            origin: Origin::new(ask.from),
            is_asked_for,
            worst_m: ask.within.0,
            kept: BTreeMap::new(),
            reach: planar_reach(ask.from, ask.within.0),
            looks_left: usize::MAX,
        }
    }

    fn finish(self, outcome: ControlFlow<GaveUp>) -> Found<'a> {
        let mut features: Vec<Nearest<'_>> = self.kept.into_values().collect();
        let ControlFlow::Break(GaveUp(distance)) = outcome else {
            return Found { features, searched: None };
        };
        let searched_m = shortest_m(self.ask.from, distance);
        features.retain(|answer| answer.distance.0 <= searched_m);
        Found { features, searched: Some(Metres(searched_m)) }
    }

    /// Looks from the place, and then from each edge of the world.
    fn run(&mut self, layer: &'a LayerSnapshot) -> ControlFlow<GaveUp> {
        let [here, east, west] = views(self.ask.from);
        self.walk(layer, &here, east.gap.min(west.gap))?;
        if self.reach.is_infinite() {
            // It came to all that there is.
            return ControlFlow::Continue(());
        }
        self.walk(layer, &east, west.gap)?;
        self.walk(layer, &west, f64::INFINITY)
    }

    /// Looks from one view; `next_gap` is that of the nearest one that is still to come.
    fn walk(
        &mut self,
        layer: &'a LayerSnapshot,
        view: &View,
        next_gap: f64,
    ) -> ControlFlow<GaveUp> {
        if self.ask.limit == 0 || view.gap > self.reach {
            return ControlFlow::Continue(());
        }
        // What the class may not see is passed over here, so that it counts as a look.
        let all = Visibility { class: Openness::Restricted, ..self.ask.visibility };
        let gap_squared = view.gap * view.gap;
        let mut near = layer.near_within(view.cell, all, self.reach * self.reach - gap_squared);
        while let Some((feature, squared)) = near.next_within(self.reach * self.reach - gap_squared)
        {
            if self.look_at(feature).is_break() {
                let distance = (squared + gap_squared).sqrt();
                return ControlFlow::Break(GaveUp(distance.min(next_gap)));
            }
        }
        ControlFlow::Continue(())
    }

    fn look_at(&mut self, feature: SnapshotFeature<'a>) -> ControlFlow<()> {
        let Some(left) = self.looks_left.checked_sub(feature.vertex_count().max(1)) else {
            return ControlFlow::Break(());
        };
        self.looks_left = left;
        let is_near = |found| !is_beyond(found, self.ask.from, self.worst_m);
        if self.ask.visibility.admits(feature)
            && feature.world_box().is_some_and(is_near)
            && (self.is_asked_for)(feature)?
        {
            self.measure(feature);
        }
        ControlFlow::Continue(())
    }

    fn measure(&mut self, feature: SnapshotFeature<'a>) {
        let from = self.ask.from;
        let Some(reached) = reach_feature(feature, &self.origin) else { return };
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
