//! Which vertices of roads are one joint.
//!
//! Vertices in one cell join where
//!
//! - they are of one level, or
//! - both are ends of lines, or
//! - one is the end of a bridge, of a tunnel or of a line of a level other than 0: its end touches
//!   the ground, or
//! - one is the only end in the cell, and there is one joint that it can lead onto: a slip road
//!   that leaves a bridge, a side street of a street on a level of its own.
//!
//! So a bridge over a road does not join it, wherever their vertices are, and though the road
//! below is cut there.
//!
//! ```text
//!     |                      |                       |
//! ----o----  joins      ----)|(----  bridge     -----+=====  end of a bridge: joins
//!     |                      |                       |
//! ```
//!
//! An end that nothing joins is taken to be the nearest other end of its level within
//! [`SNAP_TOLERANCE`]: lines of a municipal drawing seldom meet to the centimetre. An end beside
//! the inside of a line is left alone, and the network report names it.

use urbis_model::{Metres, WorldXy};

use crate::RoadTraits;
use crate::length::cells;

/// How far ends of lines may be apart and still be joined.
pub const SNAP_TOLERANCE: Metres = Metres(0.5);

/// Cells of the grid in which near ends are looked up, as a power of two; wider than the tolerance
/// up to 84° of latitude.
const NEAR_SHIFT: u32 = 9;

/// One part of a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub segment: urbis_model::FeatureId,
    pub part: u16,
    pub vertices: &'a [WorldXy],
    pub traits: RoadTraits,
}

impl Line<'_> {
    const fn is_end(&self, vertex: u32) -> bool {
        vertex == 0 || vertex as usize + 1 == self.vertices.len()
    }

    const fn leaves_the_ground(&self) -> bool {
        self.traits.is_bridge || self.traits.is_tunnel || self.traits.level != 0
    }
}

/// A vertex of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Occurrence {
    pub cell: (u32, u32),
    /// Position in the slice of lines.
    pub line: u32,
    pub vertex: u32,
}

/// A vertex of a line that is a joint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Split {
    /// Position in the slice of lines.
    pub line: u32,
    pub vertex: u32,
    /// Number of the joint.
    pub joint: u32,
    /// Whether a barrier stands between the joint and the line before it, and after it.
    pub gates: [bool; 2],
}

/// What joins.
#[derive(Debug, Default)]
pub(crate) struct Joining {
    /// The place of each joint.
    pub places: Vec<WorldXy>,
    /// In order.
    pub splits: Vec<Split>,
}

/// An end of a line, to find near ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct End {
    near: (u32, u32),
    cell: (u32, u32),
    group: u32,
    level: i8,
    line: u32,
    is_alone: bool,
}

/// Finds the joints of all vertices in some cells; of each cell all vertices must be there, and
/// all ends near an end.
pub(crate) fn join(
    lines: &[Line<'_>],
    mut vertices: Vec<Occurrence>,
    is_barrier: impl Fn(WorldXy) -> bool,
) -> Joining {
    vertices.sort_unstable();
    let mut joiner = Joiner { lines, ..Joiner::default() };
    for cell in vertices.chunk_by(|one, other| one.cell == other.cell) {
        joiner.add_cell(cell, &is_barrier);
    }
    joiner.join_near_ends();
    joiner.finish()
}

#[derive(Debug, Default)]
struct Joiner<'a> {
    lines: &'a [Line<'a>],
    /// Another group of the same joint, itself where it is the first one.
    parents: Vec<u32>,
    cells: Vec<WorldXy>,
    /// With the group instead of the joint.
    splits: Vec<Split>,
    ends: Vec<End>,
    scratch: Vec<usize>,
}

impl Joiner<'_> {
    fn add_cell(&mut self, vertices: &[Occurrence], is_barrier: &impl Fn(WorldXy) -> bool) {
        let cell = WorldXy { x: vertices[0].cell.0, y: vertices[0].cell.1 };
        if let [only] = vertices
            && !self.is_end(only)
            && !is_barrier(cell)
        {
            return;
        }
        let mut group_of = std::mem::take(&mut self.scratch);
        self.group(vertices, &mut group_of);
        for first in 0..vertices.len() {
            if group_of[first] != first {
                continue;
            }
            let members = (first..vertices.len()).filter(|at| group_of[*at] == first);
            let mut members: Vec<Occurrence> = members.map(|at| vertices[at]).collect();
            members.sort_unstable_by_key(|member| {
                let line = &self.lines[member.line as usize];
                (line.segment, line.part, member.vertex)
            });
            self.add_group(cell, &members, is_barrier(cell));
        }
        self.scratch = group_of;
    }

    /// Finds for each vertex of a cell the first that it joins.
    fn group(&self, vertices: &[Occurrence], group_of: &mut Vec<usize>) {
        group_of.clear();
        group_of.extend(0..vertices.len());
        for one in 0..vertices.len() {
            for other in one + 1..vertices.len() {
                let (from, to) = (group_of[one], group_of[other]);
                if from != to && self.joins(&vertices[one], &vertices[other]) {
                    let (low, high) = (from.min(to), from.max(to));
                    group_of
                        .iter_mut()
                        .filter(|group| **group == high)
                        .for_each(|group| *group = low);
                }
            }
        }
        self.lead_on(vertices, group_of);
    }

    /// The only end of a cell leads onto what else is there, if that is one joint.
    fn lead_on(&self, vertices: &[Occurrence], group_of: &mut [usize]) {
        let groups = (0..vertices.len()).filter(|at| group_of[*at] == *at).count();
        let ends = vertices.iter().filter(|vertex| self.is_end(vertex)).count();
        if (groups, ends) == (2, 1) {
            group_of.fill(0);
        }
    }

    fn joins(&self, one: &Occurrence, other: &Occurrence) -> bool {
        let [a, b] = [one, other].map(|it| &self.lines[it.line as usize]);
        let (a_ends, b_ends) = (self.is_end(one), self.is_end(other));
        a.traits.level == b.traits.level
            || (a_ends && (b_ends || a.leaves_the_ground()))
            || (b_ends && b.leaves_the_ground())
    }

    fn is_end(&self, vertex: &Occurrence) -> bool {
        self.lines[vertex.line as usize].is_end(vertex.vertex)
    }

    fn add_group(&mut self, cell: WorldXy, members: &[Occurrence], has_barrier: bool) {
        let is_alone = members.len() == 1;
        if is_alone && !self.is_end(&members[0]) && !has_barrier {
            return;
        }
        let group = self.parents.len() as u32;
        self.parents.push(group);
        self.cells.push(cell);
        // The first end of a link at a barrier is on this side of it, all others on the other.
        let mut is_gated = false;
        for member in members {
            let line = &self.lines[member.line as usize];
            let mut gate = || has_barrier && std::mem::replace(&mut is_gated, true);
            let before = member.vertex > 0 && gate();
            let after = (member.vertex as usize) + 1 < line.vertices.len() && gate();
            let Occurrence { line: number, vertex, .. } = *member;
            self.splits.push(Split { line: number, vertex, joint: group, gates: [before, after] });
            if line.is_end(vertex) {
                let near = (cell.x >> NEAR_SHIFT, cell.y >> NEAR_SHIFT);
                let (cell, level) = ((cell.x, cell.y), line.traits.level);
                self.ends.push(End { near, cell, group, level, line: number, is_alone });
            }
        }
    }

    /// Joins each end that nothing joins with the nearest one that it may be meant to touch.
    fn join_near_ends(&mut self) {
        let mut ends = std::mem::take(&mut self.ends);
        ends.sort_unstable();
        for end in ends.iter().filter(|end| end.is_alone) {
            if let Some(group) = self.nearest_end(end, &ends) {
                self.unite(end.group, group);
            }
        }
    }

    fn nearest_end(&self, end: &End, ends: &[End]) -> Option<u32> {
        let tolerance = cells(WorldXy { x: end.cell.0, y: end.cell.1 }, SNAP_TOLERANCE.0);
        let most = tolerance * tolerance;
        let columns = end.near.0.saturating_sub(1)..=end.near.0.saturating_add(1);
        let around = columns.flat_map(|x| {
            let from = (x, end.near.1.saturating_sub(1));
            let to = (x, end.near.1.saturating_add(1));
            let first = ends.partition_point(|other| other.near < from);
            ends[first..].iter().take_while(move |other| other.near <= to)
        });
        let others = around.filter(|other| {
            other.group != end.group
                && other.level == end.level
                && !(other.line == end.line && self.is_short(end.line, tolerance))
        });
        let near = others.map(|other| (squared(end.cell, other.cell), other.cell, other.group));
        let near = near.filter(|(squared, ..)| (*squared as f64) <= most);
        near.min().map(|(.., group)| group)
    }

    /// Says whether a line is so short that joining its ends would leave nothing of it.
    fn is_short(&self, line: u32, tolerance: f64) -> bool {
        let vertices = self.lines[line as usize].vertices.iter().copied();
        let around = urbis_model::WorldBox::around(vertices);
        around.is_none_or(|around| f64::from(around.longer_side()) < 2.0 * tolerance)
    }

    fn unite(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        self.parents[one.max(other) as usize] = one.min(other);
    }

    fn root(&mut self, mut group: u32) -> u32 {
        while self.parents[group as usize] != group {
            let parent = self.parents[group as usize];
            self.parents[group as usize] = self.parents[parent as usize];
            group = parent;
        }
        group
    }

    /// Numbers the joints along a curve that fills the plane, so that what is near on the ground is
    /// near in memory: a search waits for little else.
    fn finish(mut self) -> Joining {
        let mut splits = std::mem::take(&mut self.splits);
        let groups = 0..self.parents.len() as u32;
        let mut roots: Vec<u32> =
            groups.filter(|group| self.parents[*group as usize] == *group).collect();
        roots.sort_by_cached_key(|root| hilbert(self.cells[*root as usize]));
        let mut numbers = vec![u32::MAX; self.parents.len()];
        for (number, root) in (0..).zip(&roots) {
            numbers[*root as usize] = number;
        }
        for split in &mut splits {
            split.joint = numbers[self.root(split.joint) as usize];
        }
        splits.sort_unstable();
        let places = roots.iter().map(|root| self.cells[*root as usize]).collect();
        Joining { places, splits }
    }
}

/// Where a cell is on the curve of Hilbert over the whole grid.
fn hilbert(cell: WorldXy) -> u64 {
    let (mut x, mut y) = (cell.x, cell.y);
    let mut at = 0;
    for bit in (0..u32::BITS).rev() {
        let (right, low) = (x >> bit & 1, y >> bit & 1);
        at = at << 2 | u64::from((3 * right) ^ low);
        if low == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    at
}

pub(crate) fn squared(one: (u32, u32), other: (u32, u32)) -> u64 {
    let (dx, dy) = (u64::from(one.0.abs_diff(other.0)), u64::from(one.1.abs_diff(other.1)));
    dx * dx + dy * dy
}
