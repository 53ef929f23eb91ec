//! Nearest features to a place, over one immutable snapshot.
//!
//! [`nearest()`] takes candidates in growing planar distance of their boxes, measures each on the
//! geodesic, and ends when no waiting candidate can beat the worst answer kept. Where all features
//! are asked for, neighbours on the curve that a layer is kept along bound the search beforehand.
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

use urbis_model::{FeatureId, LonLat, Metres, Openness, WorldBox, WorldXy};
use urbis_snapshot::{LayerSnapshot, SnapshotFeature, Visibility};

use crate::contain::cell_on_grid;
use crate::plane::{PlaneXy, SIDE, longest_m, planar_reach};
use crate::shape::{is_beyond, reach_feature};

/// Features on either side along the curve that bound a search, beside twice its limit.
const NEIGHBOURS: usize = 16;

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

/// The same among all features, where `looks` are enough to be sure; `None` where they are not.
///
/// Cost: a look is a vertex of a feature that is come to, seen by the class or not. Boxes are no
/// looks: those of all leaves are measured, some thousands of features each, and those of the nodes
/// that are near enough.
pub fn nearest_if_quick<'a>(
    layer: &'a LayerSnapshot,
    ask: &Ask,
    looks: usize,
) -> Option<Vec<Nearest<'a>>> {
    let mut search = Search { looks_left: looks, ..Search::new(ask, |_| true) };
    search.bound_by_neighbours(layer);
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

/// Squared distance on the plane from a cell to the farthest place of a box, cells squared.
fn farthest(cell: WorldXy, world_box: WorldBox) -> f64 {
    let axis = |at: u32, low: u32, high: u32| at.abs_diff(low).max(at.abs_diff(high));
    let x = axis(cell.x, world_box.min_x, world_box.max_x);
    let y = axis(cell.y, world_box.min_y, world_box.max_y);
    PlaneXy { x: 0.0, y: 0.0 }.distance_squared(PlaneXy { x: f64::from(x), y: f64::from(y) })
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
    /// Whether what is near can lie across an edge of the world.
    sees_across: bool,
    /// What was come to, where it can be from two views.
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
            sees_across: false,
            seen: HashSet::new(),
            reach: planar_reach(ask.from, ask.within.0),
            looks_left: usize::MAX,
        }
    }

    /// Bounds the search before it begins by features that are probably near, where they are
    /// enough: no answer is farther than the last of them. Right where all features are asked for.
    fn bound_by_neighbours(&mut self, layer: &LayerSnapshot) {
        let Ask { from, limit, visibility, .. } = self.ask;
        let Some(cell) = cell_on_grid(from).filter(|_| limit > 0) else { return };
        let beside = layer.beside(cell, limit * 2 + NEIGHBOURS);
        let seen = beside.filter(|feature| visibility.admits(*feature));
        let mut farthest: Vec<f64> =
            seen.filter_map(|feature| Some(farthest(cell, feature.world_box()?))).collect();
        if farthest.len() >= limit {
            let (_, last, _) = farthest.select_nth_unstable_by(limit - 1, f64::total_cmp);
            self.worst_m = self.worst_m.min(longest_m(from, last.sqrt()));
            self.reach = planar_reach(from, self.worst_m);
        }
    }

    /// Looks from the place, and then from each edge of the world; breaks off where no looks are
    /// left.
    fn run(&mut self, layer: &'a LayerSnapshot) -> ControlFlow<()> {
        let [here, edges @ ..] = views(self.ask.from);
        self.sees_across = edges.iter().any(|view| view.gap <= self.reach);
        self.walk(layer, &here)?;
        if self.reach.is_infinite() {
            // It came to all that there is.
            return ControlFlow::Continue(());
        }
        edges.iter().try_for_each(|view| self.walk(layer, view))
    }

    fn walk(&mut self, layer: &'a LayerSnapshot, view: &View) -> ControlFlow<()> {
        if self.ask.limit == 0 || view.gap > self.reach {
            return ControlFlow::Continue(());
        }
        // What the class may not see is passed over here, so that it counts as a look.
        let all = Visibility { class: Openness::Restricted, ..self.ask.visibility };
        let gap_squared = view.gap * view.gap;
        let mut near = layer.near_within(view.cell, all, self.reach * self.reach - gap_squared);
        while let Some((feature, _)) = near.next_within(self.reach * self.reach - gap_squared) {
            self.count_look(feature)?;
            if self.ask.visibility.admits(feature) && self.is_new(feature) {
                self.measure(feature);
            }
        }
        ControlFlow::Continue(())
    }

    /// Says whether no view came to a feature before.
    fn is_new(&mut self, feature: SnapshotFeature<'_>) -> bool {
        !self.sees_across || self.seen.insert(feature.id())
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
