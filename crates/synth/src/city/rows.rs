//! Plots and alleys of one block.
//!
//! Rows of plots lie back to back; where a block is deeper than two rows, alleys (kiệt) lie between
//! each two, and side alleys (hẻm) go on between the plots behind:
//!
//! ```text
//! t=1 ─────────────────────  street
//!     ┌─┬─┬─┬─┬─┬─┬─┬─┬─┬─┐
//!     ├─┴┬┴┬┴─┴┬┴┬┴┬┴─┴┬┴─┤  shared backs: both rows have all corners of it
//!     └──┴─┴───┘ └─┴───┴──┘
//!  s=0 ═════════════════      alley from the street at s = 0, dead at its end
//!     ┌─┬──┬──┬─┐ ┌─┬──┬─┬┐
//!     ├─┴┬─┴┬─┴┬┴─┴┬┴──┴┬┴┤
//!     └──┴──┴──┴───┴────┴─┘
//! t=0 ─────────────────────  street
//! ```

use super::learnt::{Rule, THROUGH};
use super::projection::Place;
use super::quad::Quad;
use crate::random::Random;

/// A plot with its front between corners 0 and 1.
#[derive(Debug, Clone)]
pub(crate) struct Plot {
    /// All corners, those that neighbours have on its sides too.
    pub(crate) ring: Vec<Place>,
    /// Front left and right, back right and left.
    pub(crate) quad: Quad,
    /// Where it is reached from.
    pub(crate) access: Access,
    /// Position in its row.
    pub(crate) number: usize,
}

/// Where a plot is reached from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The street at t = 0 or t = 1.
    Street { is_far: bool },
    /// An alley of the block, by its number, and its side alley.
    Alley { alley: usize, side_alley: Option<usize> },
}

/// An alley with its side alleys.
#[derive(Debug, Clone)]
pub(crate) struct Alley {
    /// Its axis at s = 0 and s = 1, to find the street that it comes from.
    pub(crate) axis: (Place, Place),
    /// How far it goes, as a share of the axis.
    pub(crate) end: f64,
    /// It goes on to the street at s = 1, where there is one.
    pub(crate) is_through: bool,
    pub(crate) width_m: f64,
    /// Shares of the axis at which side alleys begin, in order, and where they end.
    pub(crate) sides: Vec<(f64, Place)>,
}

/// What a block is cut into.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub(crate) plots: Vec<Plot>,
    pub(crate) alleys: Vec<Alley>,
}

/// Half of the width of a side alley, metres.
const SIDE_ALLEY_HALF_M: f64 = 0.9;

/// One row of plots.
struct Row {
    /// Low and high limit as shares of the block.
    t: (f64, f64),
    fronts_low: bool,
    alley: Option<usize>,
    /// Plots as shares of the block.
    spans: Vec<(f64, f64)>,
    /// Positions in `spans` after which a side alley lies.
    gaps: Vec<usize>,
}

/// Cuts a block; `has_alleys` says whether there is a street that alleys can come from.
pub(crate) fn cut(block: &Quad, rule: Rule, has_alleys: bool, random: &mut Random) -> Rows {
    let depth_m = random.between(rule.depth_m.0, rule.depth_m.1);
    let alley_m = random.between(rule.alley_m.0, rule.alley_m.1);
    let width_m = block.width_m();
    let alleys = if has_alleys {
        ((width_m - 2.0 * depth_m) / (2.0 * depth_m + alley_m)).round().max(0.0) as usize
    } else {
        0
    };
    let mut rows = row_limits(width_m, depth_m, alleys, alley_m);
    for row in &mut rows {
        lay(row, block, rule, random);
    }
    let mut out = Rows { plots: plots(block, &rows), alleys: Vec::new() };
    for alley in 0..alleys {
        out.alleys.push(alley_of(block, &rows, alley, alley_m, random));
    }
    out
}

/// Where rows and alleys lie across the block.
fn row_limits(width_m: f64, depth_m: f64, alleys: usize, alley_m: f64) -> Vec<Row> {
    let row = |low_m: f64, high_m: f64, fronts_low: bool, alley: Option<usize>| Row {
        t: (low_m / width_m, high_m / width_m),
        fronts_low,
        alley,
        spans: Vec::new(),
        gaps: Vec::new(),
    };
    if alleys == 0 && width_m < 1.5 * depth_m {
        return vec![row(0.0, width_m, true, None)];
    }
    let count = 2 * (alleys + 1);
    let deep_m = (width_m - alleys as f64 * alley_m) / count as f64;
    let mut rows = Vec::with_capacity(count);
    for pair in 0..=alleys {
        let low_m = pair as f64 * (2.0 * deep_m + alley_m);
        let (middle_m, high_m) = (low_m + deep_m, low_m + 2.0 * deep_m);
        // The first row of the block fronts its street, the last one the other.
        rows.push(row(low_m, middle_m, true, pair.checked_sub(1)));
        let far = if pair == alleys { width_m } else { high_m };
        rows.push(row(middle_m, far, false, (pair < alleys).then_some(pair)));
    }
    rows
}

/// Cuts a row into plots.
fn lay(row: &mut Row, block: &Quad, rule: Rule, random: &mut Random) {
    let length_m = block.length_m();
    let mean_m = random.between(rule.width_m.0, rule.width_m.1);
    let count = ((length_m / mean_m).round() as usize).max(1);
    let cut = |number: usize, random: &mut Random| match number {
        0 => 0.0,
        _ if number == count => 1.0,
        _ => (number as f64 + random.between(-0.18, 0.18)) / count as f64,
    };
    let cuts: Vec<f64> = (0..=count).map(|number| cut(number, random)).collect();
    row.spans = cuts.windows(2).map(|pair| (pair[0], pair[1])).collect();
    if row.alley.is_none() {
        return;
    }
    let half = SIDE_ALLEY_HALF_M / length_m;
    let wanted = (length_m / rule.passage_every_m) as usize;
    for number in 1..=wanted {
        // Not across from the side alleys of the other row: they meet the alley one by one.
        let after = number * count / (wanted + 1) + usize::from(row.fronts_low);
        // Every side alley has a plot on each side.
        if after > 0 && after < count && !row.gaps.contains(&(after - 1)) && random.chance(0.8) {
            row.spans[after - 1].1 -= half;
            row.spans[after].0 += half;
            row.gaps.push(after - 1);
        }
    }
}

fn plots(block: &Quad, rows: &[Row]) -> Vec<Plot> {
    let mut plots = Vec::new();
    for (position, row) in rows.iter().enumerate() {
        // Rows come in pairs that share their backs.
        let partner =
            rows.get(if row.fronts_low { position + 1 } else { position.wrapping_sub(1) });
        let shared: Vec<f64> = partner
            .iter()
            .flat_map(|other| other.spans.iter().flat_map(|span| [span.0, span.1]))
            .collect();
        let (front, back) = if row.fronts_low { row.t } else { (row.t.1, row.t.0) };
        for (number, (from, to)) in row.spans.iter().copied().enumerate() {
            let mut behind: Vec<f64> =
                shared.iter().copied().filter(|s| *s > from && *s < to).collect();
            behind.sort_by(|one, other| other.total_cmp(one));
            behind.dedup();
            let mut ring = vec![block.at(from, front), block.at(to, front), block.at(to, back)];
            ring.extend(behind.iter().map(|s| block.at(*s, back)));
            ring.push(block.at(from, back));
            let corner = |s, t| block.at(s, t);
            let corners =
                [corner(from, front), corner(to, front), corner(to, back), corner(from, back)];
            let side_alley = row.gaps.iter().position(|gap| number == *gap || number == gap + 1);
            let access = match row.alley {
                None => Access::Street { is_far: !row.fronts_low },
                Some(alley) => Access::Alley { alley, side_alley },
            };
            plots.push(Plot { ring, quad: Quad { corners }, access, number });
        }
    }
    plots
}

/// The alley of a number: between rows `2 n + 1` and `2 n + 2`.
fn alley_of(block: &Quad, rows: &[Row], number: usize, width_m: f64, random: &mut Random) -> Alley {
    let (below, above) = (&rows[2 * number + 1], &rows[2 * number + 2]);
    let middle = f64::midpoint(below.t.1, above.t.0);
    let mut sides: Vec<(f64, Place)> = Vec::new();
    for (row, back) in [(below, below.t.0), (above, above.t.1)] {
        let front = if row.fronts_low { row.t.0 } else { row.t.1 };
        for gap in &row.gaps {
            let s = f64::midpoint(row.spans[*gap].1, row.spans[gap + 1].0);
            sides.push((s, block.at(s, front + (back - front) * 0.92)));
        }
    }
    sides.sort_by(|one, other| one.0.total_cmp(&other.0));
    let last = sides.last().map_or(0.0, |side| side.0);
    let end = random.between(0.72, 0.97).max(last);
    Alley {
        axis: (block.at(0.0, middle), block.at(1.0, middle)),
        end,
        is_through: random.chance(THROUGH),
        width_m,
        sides,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::learnt::BlockKind;
    use crate::ring::area_m2;

    fn block(length_m: f64, width_m: f64) -> Quad {
        let corner = |x: f64, y: f64| Place { x: 1000.0 + x, y: y + 0.03 * x };
        let corners = [
            corner(0.0, 0.0),
            corner(length_m, 0.0),
            corner(length_m * 0.97, width_m),
            corner(2.0, width_m),
        ];
        Quad { corners }
    }

    #[test]
    fn plots_and_alleys_fill_their_block() {
        let block = block(110.0, 75.0);
        let rows = cut(&block, BlockKind::Town.rule(), true, &mut Random::of(3, "fill"));
        assert_eq!(rows.alleys.len(), 1);
        let plots: f64 = rows.plots.iter().map(|plot| area_m2(&plot.ring).abs()).sum();
        let whole = area_m2(&block.corners);
        let alley = rows.alleys[0].width_m * 110.0;
        let sides = rows.alleys[0].sides.len() as f64 * 2.0 * SIDE_ALLEY_HALF_M * 18.0;
        assert!((whole - alley - sides - plots).abs() < 0.02 * whole, "{whole} {plots}");
    }

    #[test]
    fn a_shallow_block_is_one_row() {
        let rows = cut(&block(60.0, 14.0), BlockKind::Town.rule(), true, &mut Random::of(3, "one"));
        assert!(rows.plots.iter().all(|plot| plot.access == Access::Street { is_far: false }));
    }
}
