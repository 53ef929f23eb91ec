//! Cuts the ground of a block into lots, as Vietnamese streets have them.
//!
//! A block falls into strips that are two rows of houses deep, with an alley (kiệt) between two
//! strips; a strip falls into two rows back to back, a row into narrow houses beside each other:
//!
//! ```text
//! street ──────────────────────
//! ┌─┬─┬──┬─┬─┬─┬─┬────┬─┬─┬─┐
//! │ │ │  │ │ │ │ │    │ │ │ │   row
//! ├─┴┬┴┬─┴┬┴┬┴─┴┬┴─┬──┴┬┴┬┴─┤
//! │  │ │  │ │   │  │   │ │  │   row
//! └──┴─┴──┴─┴───┴──┴───┴─┴──┘
//!   alley
//! ```

use geo::{BooleanOps, Centroid, Coord, LineString, Polygon};

use crate::plane::Xy;
use crate::random::Random;
use crate::ring::{Cut, Frame, Halves, Ring, area_m2, cut, exterior, left};

/// Width of an alley, metres.
const ALLEY_M: f64 = 3.0;

/// Cuts of one block that follow from each other at most.
const DEPTH: usize = 14;

/// Beyond every block, metres.
const BEYOND_M: f64 = 20_000.0;

/// What a lot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LotKind {
    /// For one house.
    House,
    /// An alley between houses.
    Alley,
    /// For something larger.
    Site,
}

/// A piece of a block.
#[derive(Debug, Clone)]
pub(crate) struct Lot {
    /// Its corners on the plane.
    pub(crate) ring: Ring,
    /// What it is.
    pub(crate) kind: LotKind,
}

/// How the houses of a block are cut.
#[derive(Debug, Clone, Copy)]
struct Rule {
    width_m: f64,
    depth_m: f64,
}

/// Cuts a block for houses.
pub(crate) fn houses(ground: &Polygon, random: &mut Random) -> Vec<Lot> {
    let rule = Rule { width_m: random.between(4.4, 6.0), depth_m: random.between(15.0, 21.0) };
    let mut lots = Vec::new();
    for ring in without_holes(ground.clone()) {
        strips(ring, rule, DEPTH, random, &mut lots);
    }
    lots
}

/// Cuts a block into few lots of at most `largest_m2`.
pub(crate) fn sites(ground: &Polygon, largest_m2: f64) -> Vec<Lot> {
    let mut lots = Vec::new();
    let mut open: Vec<(Ring, usize)> =
        without_holes(ground.clone()).into_iter().map(|ring| (ring, DEPTH)).collect();
    while let Some((ring, depth)) = open.pop() {
        let halves = (area_m2(&ring) > largest_m2 && depth > 0)
            .then(|| try_cut(&ring, Frame::around(&ring).across(0.0), largest_m2 / 8.0))
            .flatten();
        match halves {
            Some(pieces) => open.extend(pieces.into_iter().map(|piece| (piece, depth - 1))),
            None => lots.push(Lot { ring, kind: LotKind::Site }),
        }
    }
    lots
}

fn strips(ring: Ring, rule: Rule, depth: usize, random: &mut Random, lots: &mut Vec<Lot>) {
    let frame = Frame::around(&ring);
    let smallest = 0.45 * rule.width_m * rule.depth_m;
    let rows = frame.width_m / rule.depth_m;
    if depth > 0
        && rows > 2.35
        && let Some(parts) = cut_alley(&ring, &frame, smallest)
    {
        lots.extend(parts.alley.into_iter().map(|ring| Lot { ring, kind: LotKind::Alley }));
        for part in parts.beside {
            strips(part, rule, depth - 1, random, lots);
        }
        return;
    }
    let middle = frame.lengthwise(random.between(-0.06, 0.06) * frame.width_m);
    // Where a bent block cannot be cut along its length, two simpler halves can.
    let halves = (depth > 0 && rows > 1.35)
        .then(|| try_cut(&ring, middle, smallest).or_else(|| halve(&ring, &frame, smallest)))
        .flatten();
    if let Some(pieces) = halves {
        for piece in pieces {
            strips(piece, rule, depth - 1, random, lots);
        }
        return;
    }
    row(ring, &frame, rule, random, lots);
}

/// An alley and what lies beside it.
struct Parts {
    alley: Vec<Ring>,
    beside: Vec<Ring>,
}

fn cut_alley(ring: &[Xy], frame: &Frame, smallest_m2: f64) -> Option<Parts> {
    let Halves { left, right: mut beside } = cut(ring, frame.lengthwise(-ALLEY_M / 2.0))?;
    let mut alley = Vec::new();
    for piece in left {
        match cut(&piece, frame.lengthwise(ALLEY_M / 2.0)) {
            Some(halves) => {
                alley.extend(halves.right);
                beside.extend(halves.left);
            }
            None => beside.push(piece),
        }
    }
    let is_good = !alley.is_empty() && beside.iter().all(|piece| area_m2(piece) >= smallest_m2);
    is_good.then_some(Parts { alley, beside })
}

/// Cuts a row into lots side by side.
fn row(ring: Ring, frame: &Frame, rule: Rule, random: &mut Random, lots: &mut Vec<Lot>) {
    let smallest = 0.45 * rule.width_m * frame.width_m.min(rule.depth_m);
    let mut rest = vec![ring];
    for offset in offsets(frame.length_m, rule.width_m, random) {
        let by = frame.across(offset);
        rest = rest
            .into_iter()
            .flat_map(|piece| match try_cut(&piece, by, smallest) {
                Some(pieces) => pieces,
                None => vec![piece],
            })
            .collect();
    }
    lots.extend(rest.into_iter().map(|ring| Lot { ring, kind: LotKind::House }));
}

/// Where a row is cut, metres from its middle. Now and then a lot is two or three wide.
fn offsets(length_m: f64, width_m: f64, random: &mut Random) -> Vec<f64> {
    let count = (length_m / width_m).round().max(1.0);
    let width_m = length_m / count;
    let mut offsets = Vec::new();
    let mut at = 0.0;
    loop {
        let wide = random.unit();
        at += if wide < 0.03 {
            3.0
        } else if wide < 0.13 {
            2.0
        } else {
            1.0
        };
        if at >= count - 0.5 {
            return offsets;
        }
        offsets.push(at * width_m - length_m / 2.0);
    }
}

/// Cuts across, as near to the middle as it goes.
fn halve(ring: &[Xy], frame: &Frame, smallest_m2: f64) -> Option<Vec<Ring>> {
    let shares = [0.0, -0.12, 0.12, -0.24, 0.24];
    let mut cuts = shares.iter().map(|share| frame.across(share * frame.length_m));
    cuts.find_map(|by| try_cut(ring, by, smallest_m2))
}

/// The pieces of a cut; `None` where one would be too small.
fn try_cut(ring: &[Xy], by: Cut, smallest_m2: f64) -> Option<Vec<Ring>> {
    let Halves { left, right } = cut(ring, by)?;
    let pieces: Vec<Ring> = left.into_iter().chain(right).collect();
    let is_good = pieces.iter().all(|piece| area_m2(piece) >= smallest_m2);
    is_good.then_some(pieces)
}

/// Cuts a polygon through its holes until it has none.
fn without_holes(polygon: Polygon) -> Vec<Ring> {
    let Some(hole) = polygon.interiors().first() else { return vec![exterior(&polygon)] };
    let through = hole.centroid().map_or(Coord::default(), |point| point.0);
    let frame = Frame::around(&exterior(&polygon));
    let (along, across) = (frame.along * BEYOND_M, left(frame.along) * BEYOND_M);
    let half =
        [through - across, through + along - across, through + along + across, through + across];
    let half = Polygon::new(LineString::new(half.to_vec()), Vec::new());
    let halves = [polygon.intersection(&half), polygon.difference(&half)];
    halves.into_iter().flatten().flat_map(without_holes).collect()
}
