//! How much each vertex of a chain matters.
//!
//! Source: Douglas and Peucker, "Algorithms for the reduction of the number of points required to
//! represent a digitized line or its caricature", Cartographica 10(2), 1973.

use urbis_model::WorldXy;

/// The squared tolerance, in cells, from which on each vertex is dropped; the ends never are.
///
/// For every tolerance the vertices above it are exactly those that Douglas and Peucker keep: a
/// vertex never outlives the one that split its part of the chain. Of equally far vertices the
/// first splits, so the answer depends on the direction of the chain.
///
/// Cost: O(n log n) for the chains of maps, O(n²) at worst; the stack is not the call stack.
pub(super) fn significance(chain: &[WorldXy]) -> Vec<f64> {
    weigh(chain, f64::INFINITY, None)
}

/// The same for a chain that ends where it starts: two more vertices are never dropped, the one
/// farthest from the start and the most significant of the others.
pub(super) fn significance_of_closed(chain: &[WorldXy]) -> Vec<f64> {
    let mut weights = weigh(chain, f64::INFINITY, Some(f64::INFINITY));
    let others = (0..chain.len()).filter(|index| weights[*index].is_finite());
    let third = others
        .max_by(|a, b| weights[*a].total_cmp(&weights[*b]).then_with(|| chain[*b].cmp(&chain[*a])));
    if let Some(third) = third {
        weights[third] = f64::INFINITY;
    }
    weights
}

/// Weighs all vertices; `first_split` is the weight of the first one, where it is not its own.
fn weigh(chain: &[WorldXy], ends: f64, mut first_split: Option<f64>) -> Vec<f64> {
    let mut weights = vec![0.0; chain.len()];
    let Some(last) = chain.len().checked_sub(1) else { return weights };
    (weights[0], weights[last]) = (ends, ends);
    let mut parts = vec![(0, last, ends)];
    while let Some((first, last, cap)) = parts.pop() {
        let Some((split, distance_squared)) = farthest(chain, first, last) else { continue };
        let weight = first_split.take().unwrap_or(distance_squared).min(cap);
        weights[split] = weight;
        parts.push((first, split, weight));
        parts.push((split, last, weight));
    }
    weights
}

/// The first of the vertices farthest from the chord between two others.
fn farthest(chain: &[WorldXy], first: usize, last: usize) -> Option<(usize, f64)> {
    let mut found = None;
    for index in first + 1..last {
        let distance = distance_squared(chain[index], chain[first], chain[last]);
        if found.is_none_or(|(_, farthest)| distance > farthest) {
            found = Some((index, distance));
        }
    }
    found
}

/// Squared distance from a cell to a segment, in cells.
fn distance_squared(cell: WorldXy, start: WorldXy, end: WorldXy) -> f64 {
    let minus = |a: u32, b: u32| f64::from(a) - f64::from(b);
    let (dx, dy) = (minus(end.x, start.x), minus(end.y, start.y));
    let (px, py) = (minus(cell.x, start.x), minus(cell.y, start.y));
    let length_squared = dx * dx + dy * dy;
    let along = if length_squared > 0.0 { (px * dx + py * dy) / length_squared } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    let (ex, ey) = (px - along * dx, py - along * dy);
    ex * ex + ey * ey
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(pairs: &[(u32, u32)]) -> Vec<WorldXy> {
        pairs.iter().map(|(x, y)| WorldXy { x: *x, y: *y }).collect()
    }

    /// The textbook recursion at one tolerance.
    fn textbook(chain: &[WorldXy], tolerance_squared: f64, keep: &mut [bool], offset: usize) {
        let last = chain.len() - 1;
        keep[offset] = true;
        keep[offset + last] = true;
        let Some((split, distance)) = farthest(chain, 0, last) else { return };
        if distance > tolerance_squared {
            textbook(&chain[..=split], tolerance_squared, keep, offset);
            textbook(&chain[split..], tolerance_squared, keep, offset + split);
        }
    }

    #[test]
    fn weights_keep_what_the_textbook_recursion_keeps_at_every_tolerance() {
        let mut seed = 7_u64;
        let mut next = |limit: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((seed >> 33) % limit) as u32
        };
        for _ in 0..50 {
            let chain: Vec<WorldXy> =
                (0..60).map(|i| WorldXy { x: i * 10 + next(40), y: next(200) }).collect();
            let weights = significance(&chain);
            for tolerance in [0.0, 1.0, 5.0, 30.0, 100.0, 1e9] {
                let mut keep = vec![false; chain.len()];
                textbook(&chain, tolerance, &mut keep, 0);
                let found: Vec<bool> = weights.iter().map(|weight| *weight > tolerance).collect();
                assert_eq!(found, keep, "tolerance {tolerance}");
            }
        }
    }

    #[test]
    fn a_closed_chain_keeps_three_corners() {
        let ring = cells(&[(0, 0), (1, 0), (9, 0), (9, 1), (9, 9), (0, 9), (0, 0)]);
        let weights = significance_of_closed(&ring);
        let kept = weights[..6].iter().filter(|weight| weight.is_infinite()).count();
        assert_eq!(kept, 3);
    }

    #[test]
    fn odd_chains_do_no_harm() {
        for chain in [&[][..], &[(1, 1)], &[(1, 1), (1, 1)], &[(1, 1), (2, 2), (1, 1)]] {
            assert_eq!(significance_of_closed(&cells(chain)).len(), chain.len());
        }
    }

    #[test]
    fn the_largest_distances_of_the_grid_are_finite() {
        let chain = cells(&[(0, 0), (u32::MAX, u32::MAX), (u32::MAX, 0), (0, 0)]);
        assert!(significance(&chain)[1].is_finite());
    }
}
