//! The boxes of a chunk's rows, packed: groups of rows, 16 x 16 rows, 16 rows.

use std::cmp::Reverse;
use std::ops::Range;

use urbis_model::WorldBox;

use super::boxes::{FAN_OUT, around};
use crate::rows::{Pick, Rows};

/// What a search asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    /// Boxes must meet this one.
    pub(crate) area: WorldBox,
    /// First zooms must not be above.
    pub(crate) zoom: u8,
    /// Priorities must not be below.
    pub(crate) cut: u8,
}

/// When a feature is drawn: those that more zooms draw first, then by priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    pub(crate) first_zoom: u8,
    pub(crate) priority: Reverse<u8>,
}

/// The groups of a chunk and the boxes over their rows; rows without a geometry are in none.
#[derive(Debug)]
pub(crate) struct Tree {
    groups: Box<[Group]>,
    /// Around 16 rows of a group, the last of a group around fewer.
    nodes: Box<[WorldBox]>,
    /// Around 16 nodes.
    upper: Box<[WorldBox]>,
    world_box: Option<WorldBox>,
}

/// Rows of one first zoom and one priority.
#[derive(Debug)]
struct Group {
    first_zoom: u8,
    priority: u8,
    start: u32,
    end: u32,
    first_node: u32,
    first_upper: u32,
    world_box: WorldBox,
}

impl Tree {
    pub(crate) fn new(rows: &Rows) -> Self {
        let boxes: Vec<WorldBox> = rows.picks().map_while(Pick::world_box).collect();
        let (mut groups, mut nodes, mut upper) = (Vec::new(), Vec::new(), Vec::new());
        let mut start = 0;
        while start < boxes.len() {
            let kind = |row: usize| {
                let pick = rows.pick(row as u32);
                (pick.first_zoom(), pick.priority())
            };
            let (first_zoom, priority) = kind(start);
            let next = (start..boxes.len()).find(|row| kind(*row) != (first_zoom, priority));
            let end = next.unwrap_or(boxes.len());
            let (first_node, first_upper) = (nodes.len(), upper.len());
            nodes.extend(around(&boxes[start..end]));
            upper.extend(around(&nodes[first_node..]));
            let whole = upper[first_upper..].iter().copied().reduce(WorldBox::union);
            groups.extend(whole.map(|world_box| Group {
                first_zoom,
                priority,
                start: start as u32,
                end: end as u32,
                first_node: first_node as u32,
                first_upper: first_upper as u32,
                world_box,
            }));
            start = end;
        }
        let world_box = groups.iter().map(|group| group.world_box).reduce(WorldBox::union);
        Self { groups: groups.into(), nodes: nodes.into(), upper: upper.into(), world_box }
    }

    /// The box around all rows.
    pub(crate) const fn world_box(&self) -> Option<WorldBox> {
        self.world_box
    }

    /// The smallest first zoom.
    pub(crate) fn first_zoom(&self) -> u8 {
        self.groups.first().map_or(u8::MAX, |group| group.first_zoom)
    }

    /// Calls with each row that the scope admits, in no order.
    pub(crate) fn search(&self, rows: &Rows, scope: Scope, mut found: impl FnMut(u32)) {
        for group in self.groups_in(scope) {
            self.search_group(rows, group, scope.area, &mut |run| run.for_each(&mut found));
        }
    }

    /// The turns of the rows that the scope may admit, each once.
    pub(crate) fn turns(&self, scope: Scope) -> impl Iterator<Item = Turn> {
        self.groups_in(scope).map(Group::turn)
    }

    /// Calls with runs of the rows of a turn whose boxes meet an area, in order of the key.
    pub(crate) fn search_turn(
        &self,
        rows: &Rows,
        turn: Turn,
        area: WorldBox,
        mut found: impl FnMut(Range<u32>),
    ) {
        let group = self.groups.iter().find(|group| group.turn() == turn);
        group.into_iter().for_each(|group| self.search_group(rows, group, area, &mut found));
    }

    fn groups_in(&self, scope: Scope) -> impl Iterator<Item = &Group> {
        let groups = self.groups.iter().take_while(move |group| group.first_zoom <= scope.zoom);
        let kept = groups.filter(move |group| group.priority >= scope.cut);
        kept.filter(move |group| group.world_box.intersects(&scope.area))
    }

    fn search_group(
        &self,
        rows: &Rows,
        group: &Group,
        area: WorldBox,
        found: &mut impl FnMut(Range<u32>),
    ) {
        if contains(area, group.world_box) {
            return found(group.start..group.end);
        }
        let count = group.node_count();
        let upper = &self.upper[group.first_upper as usize..];
        for (index, upper) in (0..count.div_ceil(FAN_OUT)).zip(upper) {
            if !upper.intersects(&area) {
                continue;
            }
            for node in index * FAN_OUT..count.min((index + 1) * FAN_OUT) {
                let node_box = self.nodes[group.first_node as usize + node];
                if contains(area, node_box) {
                    found(group.rows_of(node));
                } else if node_box.intersects(&area) {
                    let meets = |row: &u32| rows.located_box(*row).intersects(&area);
                    group.rows_of(node).filter(meets).for_each(|row| found(row..row + 1));
                }
            }
        }
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.groups.len() * size_of::<Group>()
            + (self.nodes.len() + self.upper.len()) * size_of::<WorldBox>()
    }
}

impl Group {
    const fn turn(&self) -> Turn {
        Turn { first_zoom: self.first_zoom, priority: Reverse(self.priority) }
    }

    const fn node_count(&self) -> usize {
        ((self.end - self.start) as usize).div_ceil(FAN_OUT)
    }

    fn rows_of(&self, node: usize) -> Range<u32> {
        let start = self.start + (node * FAN_OUT) as u32;
        start..self.end.min(start + FAN_OUT as u32)
    }
}

const fn contains(outer: WorldBox, inner: WorldBox) -> bool {
    outer.min_x <= inner.min_x
        && outer.min_y <= inner.min_y
        && outer.max_x >= inner.max_x
        && outer.max_y >= inner.max_y
}
