//! Nearest features among all, where a few are looked at: no queue, one pass over what is near.
//!
//! Neighbours on the curve that a layer is kept along say how far the answers are at most. What
//! lies within that is taken at once, put in order of its distance on the plane and measured until
//! the plane rules out the rest.

use urbis_model::{Metres, WorldBox, WorldXy};
use urbis_snapshot::{LayerSnapshot, SnapshotFeature};

use crate::contain::cell_on_grid;
use crate::nearest::{Ask, Nearest, nearest_within_looks};
use crate::origin::Origin;
use crate::plane::{SIDE, longest_m, planar_reach};
use crate::shape::{is_beyond, reach_feature};

/// Features on either side along the curve that bound a search, beside its limit.
const NEIGHBOURS: usize = 11;

/// The same as [`crate::nearest()`] among all features, where `looks` are enough to be sure; `None`
/// where they are not.
///
/// Cost: a look is a vertex of a feature that is come to, seen by the class or not. Boxes are no
/// looks: those of all leaves are measured, some thousands of features each, and those of the nodes
/// that are near enough.
pub fn nearest_if_quick<'a>(
    layer: &'a LayerSnapshot,
    ask: &Ask,
    looks: usize,
) -> Option<Vec<Nearest<'a>>> {
    let bound_m = bound_of_neighbours(layer, ask);
    let reach = planar_reach(ask.from, bound_m);
    let cell = cell_on_grid(ask.from);
    // Beyond an edge of the world is another view, and elsewhen another set.
    let is_inland = |cell: &WorldXy| reach < f64::from(cell.x).min(SIDE - f64::from(cell.x));
    let Some(cell) = cell.filter(|cell| ask.visibility.on.is_none() && is_inland(cell)) else {
        return nearest_within_looks(layer, ask, bound_m, looks);
    };
    let mut found = layer.within(cell, reach * reach, looks)?;
    if found.iter().map(|(feature, _)| feature.vertex_count().max(1)).sum::<usize>() > looks {
        return None;
    }
    found.retain(|(feature, _)| ask.visibility.admits(*feature));
    found.sort_unstable_by(|(_, one), (_, other)| one.total_cmp(other));
    Some(measure(ask, found, reach))
}

/// The nearest of some features in order of the squared distances of their boxes on the plane.
fn measure<'a>(
    ask: &Ask,
    found: Vec<(SnapshotFeature<'a>, f64)>,
    mut reach: f64,
) -> Vec<Nearest<'a>> {
    let origin = Origin::new(ask.from);
    let mut worst_m = ask.within.0;
    let mut kept: Vec<Nearest<'a>> = Vec::with_capacity(ask.limit.min(found.len()) + 1);
    for (feature, squared) in found {
        if ask.limit == 0 || squared > reach * reach {
            break;
        }
        let is_far = feature.world_box().is_none_or(|b| is_beyond(b, ask.from, worst_m));
        let reached = if is_far { None } else { reach_feature(feature, &origin) };
        let Some(reached) = reached.filter(|reached| reached.distance_m <= worst_m) else {
            continue;
        };
        let (distance, place) = (Metres(reached.distance_m), reached.place);
        let rank = (distance.0, feature.id());
        let at = kept.partition_point(|one| (one.distance.0, one.feature.id()) < rank);
        kept.insert(at, Nearest { feature, distance, place });
        kept.truncate(ask.limit);
        if let Some(last) = kept.last().filter(|_| kept.len() == ask.limit)
            && last.distance.0 < worst_m
        {
            worst_m = last.distance.0;
            reach = reach.min(planar_reach(ask.from, worst_m));
        }
    }
    kept
}

/// No answer is farther than this, metres: `within`, or less where enough features that are
/// probably near bound it.
fn bound_of_neighbours(layer: &LayerSnapshot, ask: &Ask) -> f64 {
    let Ask { from, limit, within, visibility } = *ask;
    let Some(cell) = cell_on_grid(from).filter(|_| limit > 0) else { return within.0 };
    let beside = layer.beside(cell, limit + NEIGHBOURS);
    let seen = beside.filter(|feature| visibility.admits(*feature));
    let boxes = seen.filter_map(|feature| feature.world_box());
    let mut farthest: Vec<f64> = boxes.map(|world_box| farthest(cell, world_box)).collect();
    if farthest.len() < limit {
        return within.0;
    }
    let (_, last, _) = farthest.select_nth_unstable_by(limit - 1, f64::total_cmp);
    within.0.min(longest_m(from, last.sqrt()))
}

/// Squared distance on the plane from a cell to the farthest place of a box, cells squared.
fn farthest(cell: WorldXy, world_box: WorldBox) -> f64 {
    let axis = |at: u32, low: u32, high: u32| f64::from(at.abs_diff(low).max(at.abs_diff(high)));
    let x = axis(cell.x, world_box.min_x, world_box.max_x);
    let y = axis(cell.y, world_box.min_y, world_box.max_y);
    x * x + y * y
}
