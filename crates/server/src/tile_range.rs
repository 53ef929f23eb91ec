//! Which tiles draw what: boxes of the world grid against the squares of tiles with their buffer.

use urbis_model::{TileAddress, TileRange, WorldBox};
use urbis_tiles::buffer_cells;

/// The tiles that draw something within a box: those that it meets with their buffer and what
/// rounds into it.
pub(crate) fn drawing(world_box: WorldBox, zoom: u8) -> TileRange {
    TileRange::meeting(world_box.grown(buffer_cells(zoom)), zoom)
}

/// The cells that a tile draws something of.
pub(crate) fn drawn_box(tile: TileAddress) -> WorldBox {
    tile.world_box(buffer_cells(tile.z()))
}

/// Zoom, column and row of the tile itself, or of the one above it at a zoom.
pub(crate) const fn at_most(tile: TileAddress, zoom: u8) -> (u8, u32, u32) {
    let up = tile.z().saturating_sub(zoom);
    (tile.z() - up, tile.x() >> up, tile.y() >> up)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cells that a tile draws, as the tile engine asks for them.
    fn query_box(zoom: u8, x: u32, y: u32) -> WorldBox {
        let buffer = (65_u32 << 20).div_ceil(1 << zoom);
        TileAddress::new(zoom.into(), x, y).unwrap().world_box(buffer)
    }

    fn meets(one: WorldBox, other: WorldBox) -> bool {
        one.min_x <= other.max_x
            && other.min_x <= one.max_x
            && one.min_y <= other.max_y
            && other.min_y <= one.max_y
    }

    #[test]
    fn a_range_holds_a_tile_if_and_only_if_the_tile_draws_the_box() {
        // On edges of tiles, one cell beside them, at the edge of the buffer and of the world.
        let buffer_16 = (65_u32 << 20) >> 16;
        let edge = 0x8000_0000_u32;
        let cells = [0, 1, edge - buffer_16 - 1, edge - buffer_16, edge - 1, edge, u32::MAX];
        for (min_x, max_x) in cells.iter().flat_map(|a| cells.iter().map(move |b| (*a, *b))) {
            if min_x > max_x {
                continue;
            }
            let world_box = WorldBox { min_x, max_x, min_y: edge, max_y: edge + 1 };
            for zoom in [0, 1, 3, 6, 16, 22] {
                let range = drawing(world_box, zoom);
                let last = u32::try_from((1_u64 << zoom) - 1).unwrap();
                let around = [range.min_x, range.max_x]
                    .into_iter()
                    .flat_map(|x| [x.saturating_sub(1), x, x.saturating_add(1).min(last)]);
                for x in around.map(|x| x.min(last)) {
                    for y in [range.min_y.saturating_sub(1), range.min_y, range.max_y] {
                        let expected = meets(world_box, query_box(zoom, x, y));
                        assert_eq!(
                            range.contains(zoom, x, y),
                            expected,
                            "{zoom}/{x}/{y} {world_box:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_deep_tile_draws_nothing_that_the_one_above_it_does_not() {
        for (zoom, x, y) in [(17, 105_000, 60_001), (18, 3, 5), (22, 3_500_001, 1_900_003)] {
            let tile = TileAddress::new(zoom, x, y).unwrap();
            let (up_zoom, up_x, up_y) = at_most(tile, 16);
            assert_eq!(up_zoom, 16);
            let inner = query_box(tile.z(), x, y);
            assert_eq!(inner.union(query_box(16, up_x, up_y)), query_box(16, up_x, up_y));
        }
        let tile = TileAddress::new(5, 7, 9).unwrap();
        assert_eq!(at_most(tile, 16), (5, 7, 9));
    }
}
