//! The boxes of a chunk's rows in order of their keys, packed: 16 x 16 rows, 16 rows.
//!
//! Neighbours on the map are mostly neighbours in this order, whatever zooms and priorities they
//! are of: a search for what is near comes to few nodes. [`super::Tree`] keeps rows of one zoom and
//! one priority together, which is what tiles ask for.

use std::ops::Range;

use urbis_model::WorldBox;

use crate::key::Key;

/// Rows, or nodes of the level below, under one node.
pub(super) const FAN_OUT: usize = 16;

/// Boxes over the places of rows in order of their keys; rows without a geometry, which come last,
/// are in none.
#[derive(Debug)]
pub(crate) struct Boxes {
    /// Around 16 rows, the last around fewer.
    nodes: Box<[WorldBox]>,
    /// Around 16 nodes.
    upper: Box<[WorldBox]>,
    /// Where on the curve each node begins.
    starts: Box<[u64]>,
    /// Rows with a geometry.
    len: u16,
}

impl Boxes {
    /// Of rows in order of their keys.
    pub(crate) fn new(rows: impl Iterator<Item = (Key, Option<WorldBox>)>) -> Self {
        let (keys, boxes): (Vec<Key>, Vec<WorldBox>) =
            rows.map_while(|(key, world_box)| Some((key, world_box?))).unzip();
        let nodes = around(&boxes);
        Self {
            upper: around(&nodes),
            nodes,
            starts: keys.iter().step_by(FAN_OUT).map(|key| key.curve).collect(),
            len: boxes.len() as u16,
        }
    }

    /// The nodes of the upper level.
    pub(crate) fn upper(&self) -> impl Iterator<Item = (u32, WorldBox)> {
        (0..).zip(self.upper.iter().copied())
    }

    /// The nodes under one of the upper level.
    pub(crate) fn nodes_under(&self, upper: u32) -> impl Iterator<Item = (u32, WorldBox)> {
        let under = under(upper, self.nodes.len());
        (under.start as u32..).zip(self.nodes[under].iter().copied())
    }

    /// The places of the rows under a node.
    pub(crate) fn places_under(&self, node: u32) -> Range<usize> {
        under(node, usize::from(self.len))
    }

    /// Up to `count` places of rows before a place on the curve and as many after it, to the middle
    /// of a node exact: that needs no key but those that nodes begin with.
    pub(crate) fn places_beside(&self, curve: u64, count: usize) -> Range<usize> {
        let len = usize::from(self.len);
        let node = self.starts.partition_point(|start| *start <= curve).saturating_sub(1);
        let middle = len.min(node * FAN_OUT + FAN_OUT / 2);
        middle.saturating_sub(count)..len.min(middle + count)
    }

    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.nodes) + size_of_val(&*self.upper) + size_of_val(&*self.starts)
    }
}

/// What a node is around, of so many.
fn under(node: u32, count: usize) -> Range<usize> {
    let start = node as usize * FAN_OUT;
    start..count.min(start + FAN_OUT)
}

/// Around each few of some boxes.
pub(super) fn around(boxes: &[WorldBox]) -> Box<[WorldBox]> {
    let few = boxes.chunks(FAN_OUT);
    few.filter_map(|few| few.iter().copied().reduce(WorldBox::union)).collect()
}
