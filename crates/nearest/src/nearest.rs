//! Nearest features to a place, over one immutable snapshot.
//!
//! [`nearest()`] takes candidates in growing planar distance of their boxes, measures each on the
//! geodesic, and ends when no waiting candidate can beat the worst answer kept.
//!
//! - **In**: a [`LonLat`] (EPSG:4326; x = longitude, y = latitude), a result limit, a radius in
//!   [`Metres`].
//! - **Out**: at most `limit` features, each within the radius, nearest first; equal distances in
//!   order of [`urbis_model::FeatureId`].
//! - **Distance**: WGS 84 geodesic to the feature's geometry, in metres (crate `geo`); 0 inside a
//!   polygon, and a hole is outside. The plane gives only lower bounds. It is not a travel distance.
//! - **Cost**: few candidates are measured for a small limit; far from all features, or near a
//!   pole, up to all of them.
//!
//! The world grid ends at ±180°, the earth does not: features across that line are found too.
//! A feature that itself crosses it must be cut there, as RFC 7946 asks (3.1.9).
//!
//! Source: Hjaltason and Samet, "Distance Browsing in Spatial Databases",
//! ACM Transactions on Database Systems 24(2), 1999.

use std::collections::{BTreeMap, HashSet};

use urbis_model::{FeatureId, LonLat, Metres, WorldXy};
use urbis_snapshot::{LayerSnapshot, SnapshotFeature, Visibility};

use crate::plane::{SIDE, planar_reach};
use crate::shape::{distance_floor, reach_feature};

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

/// Finds the features of a layer nearest to a place.
///
/// At most `limit` features whose geodesic distance is at most `within`, nearest first, ties in
/// order of their ids. Features without a geometry are never among them; those that `visibility`
/// does not admit are not there: they neither show nor count to the limit.
pub fn nearest(
    layer: &LayerSnapshot,
    from: LonLat,
    limit: usize,
    within: Metres,
    visibility: Visibility,
) -> Vec<Nearest<'_>> {
    let mut search = Search::new(from, limit, within);
    for view in views(from) {
        search.walk(layer, view, visibility);
    }
    search.kept.into_values().collect()
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
struct Search<'a> {
    from: LonLat,
    limit: usize,
    /// No place farther than this can be an answer.
    worst_m: f64,
    /// By distance and id: the last is the worst. Distances are never NaN and never negative, so
    /// the order of their bits is their order.
    kept: BTreeMap<(u64, FeatureId), Nearest<'a>>,
    measured: HashSet<FeatureId>,
    /// The same on the plane, in cells.
    reach: f64,
}

impl<'a> Search<'a> {
    fn new(from: LonLat, limit: usize, within: Metres) -> Self {
        Self {
            from,
            limit,
            worst_m: within.0,
            kept: BTreeMap::new(),
            measured: HashSet::new(),
            reach: planar_reach(from, within.0),
        }
    }

    fn walk(&mut self, layer: &'a LayerSnapshot, view: View, visibility: Visibility) {
        if self.limit == 0 || view.gap > self.reach {
            return;
        }
        for (feature, squared) in layer.near(view.cell, visibility) {
            if squared + view.gap * view.gap > self.reach * self.reach {
                return;
            }
            if self.measured.insert(feature.id()) {
                self.measure(feature);
            }
        }
    }

    fn measure(&mut self, feature: SnapshotFeature<'a>) {
        if feature.world_box().is_none_or(|found| distance_floor(found, self.from) > self.worst_m) {
            return;
        }
        let Some(reached) = reach_feature(feature, self.from) else { return };
        if reached.distance_m > self.worst_m {
            return;
        }
        let answer =
            Nearest { feature, distance: Metres(reached.distance_m), place: reached.place };
        self.kept.insert((reached.distance_m.to_bits(), feature.id()), answer);
        if self.kept.len() > self.limit {
            self.kept.pop_last();
        }
        if let Some(((worst, _), _)) = self.kept.last_key_value()
            && self.kept.len() == self.limit
        {
            self.worst_m = f64::from_bits(*worst);
            self.reach = planar_reach(self.from, self.worst_m);
        }
    }
}
