//! Ends of roads that nearly touch another road: probably meant to join it.

use urbis_model::{Metres, WorldXy};
use urbis_snapshot::{City, SnapshotFeature};

use super::{MAX_EXAMPLES, NearlyTouching, NetworkReport};
use crate::Graph;
use crate::graph::{Roads, around, lines};
use crate::length::cells;

/// How near is nearly, metres. Ours: beyond it a drawing has a gap on purpose.
const NEARLY_M: f64 = 2.0;

/// Adds the dead ends within [`NEARLY_M`] of a road that they do not join.
pub(super) fn add_nearly_touching(report: &mut NetworkReport, city: &City, graph: &Graph) {
    let Some(roads) = Roads::new(city) else { return };
    let mut found: Vec<NearlyTouching> = Vec::new();
    for (place, leaving) in graph.joints() {
        let [only] = leaving else { continue };
        let segment = graph.link(only.link()).segment;
        let near = roads.source.in_box(around(place, NEARLY_M)).into_iter();
        let others = near.filter(|other| other.id() != segment);
        let nearest = others.map(|other| (distance(place, other), other.id()));
        let Some((gap, other)) = nearest.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        else {
            continue;
        };
        let gap = gap / cells(place, 1.0);
        if gap <= NEARLY_M {
            let (gap, place) = (Metres(gap), place.to_lonlat());
            found.push(NearlyTouching { segment, other, place, gap });
        }
    }
    found.sort_by_key(|one| (one.segment, one.other));
    report.nearly_touching = found.len();
    found.truncate(MAX_EXAMPLES);
    report.some_nearly_touching = found;
}

/// Cells from a place to a segment.
fn distance(place: WorldXy, segment: SnapshotFeature<'_>) -> f64 {
    let to = |cell: WorldXy| {
        (f64::from(cell.x) - f64::from(place.x), f64::from(cell.y) - f64::from(place.y))
    };
    let pieces = lines(segment).flat_map(|(_, line)| line.windows(2));
    let distances = pieces.map(|ends| {
        let [(ax, ay), (bx, by)] = [ends[0], ends[1]].map(to);
        let (dx, dy) = (bx - ax, by - ay);
        let share = (-(ax * dx + ay * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        share.mul_add(dx, ax).hypot(share.mul_add(dy, ay))
    });
    distances.fold(f64::INFINITY, f64::min)
}
