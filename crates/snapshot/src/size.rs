//! How large a feature is on the map, in steps: what a tile has no room for goes by it, the
//! smallest first.

use urbis_model::{FeatureId, GeometryKind, WorldBox};

use crate::digest::mix;
use crate::rows::Pick;

/// The step of a row; a rule on the feature alone.
///
/// Of lines and polygons, twice the binary logarithm of the longer side of the box in cells, so
/// that two steps double it. Of points, a number that each step halves the points of: those of a
/// step are spread as evenly as all are, and at each place the share that is kept is the same.
pub(crate) fn size_of_pick(pick: Pick<'_>) -> u8 {
    match (pick.rows.kind, pick.world_box()) {
        (GeometryKind::Point, _) => priority(pick.id()),
        (_, Some(world_box)) => size(world_box),
        (_, None) => 0,
    }
}

fn size(world_box: WorldBox) -> u8 {
    let side = u64::from(world_box.longer_side());
    let Some(bits) = side.checked_ilog2() else { return 0 };
    // The square has the half steps: √2 of the power below it.
    let upper_half = side * side >= 1 << (2 * bits + 1);
    2 * bits as u8 + u8::from(upper_half)
}

fn priority(id: FeatureId) -> u8 {
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
}
