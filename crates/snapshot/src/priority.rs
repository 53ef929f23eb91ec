//! Which features go first where a tile has no room for all: a rule on the feature alone.

use urbis_catalog::Layer;
use urbis_model::{Feature, FeatureId, GeometryKind, WorldBox};

use crate::digest::mix;
use crate::first_zoom::class_zoom;

/// Steps within one class.
const STEPS: u8 = 8;

/// The priority of a feature; what is higher is drawn before.
///
/// Of lines and polygons it grows with the longer side of the box, of points each priority has
/// half of those that have one below or more, by chance, so that every place keeps the same share.
/// Where a class of lines or points has a first zoom, the class counts before that.
pub(crate) fn priority(layer: &Layer, feature: &Feature, world_box: Option<WorldBox>) -> u8 {
    let step = match layer.geometry {
        GeometryKind::Point => chance(feature.id),
        _ => world_box.map_or(0, size),
    };
    match (layer.geometry, class_zoom(layer, &feature.attributes)) {
        (GeometryKind::MultiPolygon, _) | (_, None) => step,
        (GeometryKind::Point, Some(zoom)) => rank(zoom) * STEPS + step.min(STEPS - 1),
        (GeometryKind::MultiLineString, Some(zoom)) => rank(zoom) * STEPS + coarse(step),
    }
}

/// Classes of low zooms are high.
const fn rank(class_zoom: u8) -> u8 {
    31_u8.saturating_sub(class_zoom)
}

/// The size in doubles, from some 2 m to some 600 m; what is beyond on either side is alike.
const fn coarse(size: u8) -> u8 {
    let doubles = size.saturating_sub(16) / 2;
    if doubles < STEPS { doubles } else { STEPS - 1 }
}

/// Twice the binary logarithm of the longer side in cells, so that two steps double it.
fn size(world_box: WorldBox) -> u8 {
    let side = u64::from(world_box.longer_side());
    let Some(bits) = side.checked_ilog2() else { return 0 };
    // The square tells the half steps: it is twice that of the power of two below.
    let is_upper = u128::from(side).pow(2) >= 1 << (2 * bits + 1);
    2 * bits as u8 + u8::from(is_upper)
}

fn chance(id: FeatureId) -> u8 {
    mix(id.value()).trailing_zeros() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_double_the_side() {
        let size = |side| size(WorldBox { min_x: 5, min_y: 5, max_x: 5 + side, max_y: 5 });
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 8, 12].map(size), [0, 0, 2, 3, 4, 4, 5, 6, 7]);
        assert_eq!(size(u32::MAX - 5), 63);
    }

    #[test]
    fn each_priority_of_points_has_half_of_those_above_the_one_below() {
        let ids = (1..=80_000).map(|id| FeatureId::new(id).expect("an id"));
        let chances: Vec<u8> = ids.map(chance).collect();
        for step in 1..8 {
            let share = chances.iter().filter(|chance| **chance >= step).count();
            let expected = 80_000 >> step;
            // Four standard deviations of a draw.
            let tolerance = 4.0 * f64::from(expected).sqrt();
            assert!((share as f64 - f64::from(expected)).abs() < tolerance, "{step}: {share}");
        }
    }
}
