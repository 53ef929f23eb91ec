//! Few ranges of tiles instead of many.

use urbis_model::TileRange;

/// The same tiles of one zoom in few ranges that share none, from north to south and from west to
/// east.
///
/// Where more than `limit` would be left, or more than that many different ones are given, one
/// range around all. Depends on the tiles alone where it tells them apart.
///
/// Cost: the square of `limit` at most.
pub(super) fn collapse(mut ranges: Vec<TileRange>, limit: usize) -> Vec<TileRange> {
    ranges.sort_unstable_by_key(|r| (r.min_x, r.min_y, r.max_x, r.max_y));
    ranges.dedup();
    if ranges.len() <= limit {
        let apart = disjoint(&ranges);
        if apart.len() <= limit {
            return apart;
        }
    }
    ranges.into_iter().reduce(union).into_iter().collect()
}

/// The smallest range around both.
fn union(one: TileRange, other: TileRange) -> TileRange {
    TileRange {
        zoom: one.zoom,
        min_x: one.min_x.min(other.min_x),
        min_y: one.min_y.min(other.min_y),
        max_x: one.max_x.max(other.max_x),
        max_y: one.max_y.max(other.max_y),
    }
}

/// Cuts the union into bands of rows with the same columns:
///
/// ```text
/// aaaa             1111
/// aaaabbb    →     2222222
///    cbbb             3333
/// ```
fn disjoint(ranges: &[TileRange]) -> Vec<TileRange> {
    // Rows at which the columns that are covered can change; a row below the last is 2^22 at most.
    let mut edges: Vec<u32> = ranges.iter().flat_map(|r| [r.min_y, r.max_y + 1]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut finished = Vec::new();
    let mut band: Vec<TileRange> = Vec::new();
    for edge in edges.windows(2) {
        let (min_y, max_y) = (edge[0], edge[1] - 1);
        let columns = columns_of(ranges, min_y);
        let same = |(range, columns): (&TileRange, &(u32, u32))| {
            (range.min_x, range.max_x) == *columns && range.max_y + 1 == min_y
        };
        if band.len() == columns.len() && band.iter().zip(&columns).all(same) {
            band.iter_mut().for_each(|range| range.max_y = max_y);
            continue;
        }
        finished.append(&mut band);
        let zoom = ranges[0].zoom;
        let range = |(min_x, max_x)| TileRange { zoom, min_x, min_y, max_x, max_y };
        band = columns.into_iter().map(range).collect();
    }
    finished.append(&mut band);
    finished
}

/// The columns that are covered in a row, in growing runs that do not touch.
fn columns_of(ranges: &[TileRange], row: u32) -> Vec<(u32, u32)> {
    let met = ranges.iter().filter(|range| range.min_y <= row && row <= range.max_y);
    let mut columns: Vec<(u32, u32)> = Vec::new();
    // In growing order, since the ranges are.
    for range in met {
        match columns.last_mut() {
            Some(last) if range.min_x <= last.1 + 1 => last.1 = last.1.max(range.max_x),
            _ => columns.push((range.min_x, range.max_x)),
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::test_support::Random;

    const LIMIT: usize = 64;

    impl Random {
        fn range(&mut self, side: u64, longest: u64) -> TileRange {
            let (min_x, min_y) = (self.below(side) as u32, self.below(side) as u32);
            let last = side as u32 - 1;
            TileRange {
                zoom: 5,
                min_x,
                min_y,
                max_x: (min_x + self.below(longest) as u32).min(last),
                max_y: (min_y + self.below(longest) as u32).min(last),
            }
        }
    }

    fn tiles(ranges: &[TileRange]) -> Vec<(u32, u32)> {
        let rows = |range: &TileRange| range.min_y..=range.max_y;
        let all = ranges.iter().flat_map(|range| {
            rows(range).flat_map(|y| (range.min_x..=range.max_x).map(move |x| (x, y)))
        });
        all.collect()
    }

    #[test]
    fn few_ranges_hold_the_same_tiles_as_many_and_each_tile_once() {
        let mut random = Random(21);
        let mut seen = [0; 2];
        for round in 0..400 {
            let count = 1 + random.below(if round % 4 == 0 { 90 } else { 12 });
            let given: Vec<TileRange> = (0..count).map(|_| random.range(24, 9)).collect();
            let before: BTreeSet<(u32, u32)> = tiles(&given).into_iter().collect();
            let few = collapse(given.clone(), LIMIT);
            let after = tiles(&few);
            let once: BTreeSet<(u32, u32)> = after.iter().copied().collect();
            assert_eq!(once.len(), after.len(), "{given:?}: a tile is there twice");
            if few.len() == 1 {
                assert!(once.is_superset(&before), "{given:?}");
            } else {
                assert_eq!(once, before, "{given:?}");
            }
            assert!(few.len() <= LIMIT);
            let mut turned = given.clone();
            turned.reverse();
            turned.extend(given);
            assert_eq!(collapse(turned, LIMIT), few, "order and repetition count for nothing");
            seen[usize::from(few.len() == 1)] += 1;
        }
        assert!(seen[0] > 200, "most are told apart: {seen:?}");
    }

    #[test]
    fn a_rectangle_of_single_tiles_is_one_range() {
        let single = |x, y| TileRange { zoom: 5, min_x: x, min_y: y, max_x: x, max_y: y };
        let parts = (5..9).flat_map(|x| (2..7).map(move |y| single(x, y))).collect();
        let whole = TileRange { zoom: 5, min_x: 5, min_y: 2, max_x: 8, max_y: 6 };
        assert_eq!(collapse(parts, LIMIT), [whole]);
        assert_eq!(collapse(vec![], LIMIT), []);
    }

    #[test]
    fn beyond_the_limit_one_range_holds_all() {
        let single = |n| TileRange { zoom: 5, min_x: 2 * n, min_y: n, max_x: 2 * n, max_y: n };
        let limit = u32::try_from(LIMIT).unwrap();
        assert_eq!(collapse((0..limit).map(single).collect(), LIMIT).len(), LIMIT);
        let enclosing = TileRange { zoom: 5, min_x: 0, min_y: 0, max_x: 2 * limit, max_y: limit };
        assert_eq!(collapse((0..=limit).map(single).collect(), LIMIT), [enclosing]);
    }
}
