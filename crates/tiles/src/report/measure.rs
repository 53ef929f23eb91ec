//! The size of a feature on the world grid.

use urbis_model::WorldXy;
use urbis_snapshot::{Part, SnapshotFeature};

/// Length of a line in cells, area of a polygon in square cells, 0 of a point; planar, in Web
/// Mercator, as a map shows it.
pub(super) fn measure(feature: SnapshotFeature<'_>) -> f64 {
    let sizes = feature.parts().map(|part| match part {
        Part::Point(_) => 0.0,
        Part::Line(path) => length(path.vertices()),
        Part::Polygon(polygon) => {
            let holes: f64 = polygon.interiors().map(|hole| area(hole.vertices())).sum();
            area(polygon.exterior().vertices()) - holes
        }
    });
    sizes.sum()
}

fn length(line: &[WorldXy]) -> f64 {
    let step = |a: u32, b: u32| f64::from(b) - f64::from(a);
    line.windows(2).map(|ends| step(ends[0].x, ends[1].x).hypot(step(ends[0].y, ends[1].y))).sum()
}

fn area(ring: &[WorldXy]) -> f64 {
    let Some(origin) = ring.first().copied() else { return 0.0 };
    // From a vertex of its own, so that large coordinates do not eat small areas.
    let from = |cell: WorldXy| {
        (f64::from(cell.x) - f64::from(origin.x), f64::from(cell.y) - f64::from(origin.y))
    };
    let twice: f64 = ring
        .windows(2)
        .map(|ends| {
            let ((ax, ay), (bx, by)) = (from(ends[0]), from(ends[1]));
            ax * by - bx * ay
        })
        .sum();
    twice.abs() / 2.0
}
