//! The order in which a layer keeps its features.

use urbis_model::{FeatureId, WorldBox, WorldXy};

/// Orders features by the middle of their box along a Z-curve, then by id; those without a
/// geometry come last.
///
/// Neighbours on the map are mostly neighbours in the order. It depends on the feature alone.
///
/// Source: Morton, "A Computer Oriented Geodetic Data Base and a New Technique in File
/// Sequencing", IBM, 1966.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) curve: u64,
    pub(crate) id: FeatureId,
}

impl Key {
    pub(crate) fn new(world_box: Option<WorldBox>, id: FeatureId) -> Self {
        Self { curve: world_box.map_or(u64::MAX, curve), id }
    }
}

/// Where a cell is on the curve.
pub(crate) fn curve_of(place: WorldXy) -> u64 {
    curve(WorldBox::from_cell(place))
}

/// The bits of the middle's row and column, in turn.
fn curve(world_box: WorldBox) -> u64 {
    let middle = |low: u32, high: u32| low + (high - low) / 2;
    let x = middle(world_box.min_x, world_box.max_x);
    let y = middle(world_box.min_y, world_box.max_y);
    spread(x) | spread(y) << 1
}

/// Puts a zero before each bit.
const fn spread(bits: u32) -> u64 {
    let mut bits = bits as u64;
    bits = (bits | bits << 16) & 0x0000_ffff_0000_ffff;
    bits = (bits | bits << 8) & 0x00ff_00ff_00ff_00ff;
    bits = (bits | bits << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    bits = (bits | bits << 2) & 0x3333_3333_3333_3333;
    (bits | bits << 1) & 0x5555_5555_5555_5555
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_visits_a_square_before_the_next_one() {
        let curve = |x, y| curve(WorldBox::from_cell(WorldXy { x, y }));
        assert_eq!(
            [curve(0, 0), curve(1, 0), curve(0, 1), curve(1, 1), curve(2, 0)],
            [0, 1, 2, 3, 4]
        );
        assert_eq!(curve(u32::MAX, u32::MAX), u64::MAX);
        assert_eq!(curve(u32::MAX, 0), 0x5555_5555_5555_5555);
    }
}
