//! Joins lines where exactly two ends meet.
//!
//! ```text
//!   a---b   b---c        a-------c        three ends at one place stay three: which two should
//!                   ->                    go on as one is not for a tile to say
//! ```

use crate::paths::{Paths, UnitXy};

/// The place of a line's end, and which end it is.
type End = (UnitXy, usize);

/// Joins lines of at least two vertices; the order of what comes out follows that of what came in.
pub(crate) fn join_lines(lines: &Paths) -> Paths {
    let all: Vec<&[UnitXy]> = lines.iter().collect();
    let partners = partners(&all);
    let mut is_drawn = vec![false; all.len()];
    let mut joined = Paths::default();
    for line in 0..all.len() {
        if !is_drawn[line] {
            draw_chain(
                &all,
                first_of_chain(&partners, line),
                &partners,
                &mut is_drawn,
                &mut joined,
            );
        }
    }
    joined
}

/// For each end the one that it goes on with. The ends of line `n` are `2 * n`, its start, and
/// `2 * n + 1`.
fn partners(lines: &[&[UnitXy]]) -> Vec<Option<usize>> {
    let place =
        |end: usize| if is_start(end) { lines[end / 2].first() } else { lines[end / 2].last() };
    let mut ends: Vec<End> =
        (0..lines.len() * 2).filter_map(|end| place(end).map(|place| (*place, end))).collect();
    ends.sort_unstable();
    let mut partners = vec![None; lines.len() * 2];
    for meeting in ends.chunk_by(|a, b| a.0 == b.0) {
        if let [(_, one), (_, other)] = meeting
            && one / 2 != other / 2
        {
            partners[*one] = Some(*other);
            partners[*other] = Some(*one);
        }
    }
    partners
}

/// Says whether an end is the start of its line.
const fn is_start(end: usize) -> bool {
    end.is_multiple_of(2)
}

/// Walks back from the start of a line to the end at which its chain begins; a chain that closes
/// begins where the walk did.
fn first_of_chain(partners: &[Option<usize>], line: usize) -> usize {
    let from = line * 2;
    let mut entry = from;
    while let Some(before) = partners[entry] {
        entry = before ^ 1;
        if entry == from {
            break;
        }
    }
    entry
}

/// Draws a chain from the end at which it begins.
fn draw_chain(
    lines: &[&[UnitXy]],
    first: usize,
    partners: &[Option<usize>],
    is_drawn: &mut [bool],
    joined: &mut Paths,
) {
    let mut entry = Some(first);
    let mut path: Vec<UnitXy> = Vec::new();
    while let Some(end) = entry.filter(|end| !is_drawn[end / 2]) {
        is_drawn[end / 2] = true;
        let line = lines[end / 2].iter().copied();
        // The place where two lines meet is there once.
        let skip = usize::from(!path.is_empty());
        if is_start(end) {
            path.extend(line.skip(skip));
        } else {
            path.extend(line.rev().skip(skip));
        }
        entry = partners[end ^ 1];
    }
    joined.push_path(&path);
}
