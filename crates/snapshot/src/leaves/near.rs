//! The features of a set by the distance of their boxes, lazily.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;

use urbis_model::{WorldBox, WorldXy};

use super::leaf::Leaf;
use crate::chunk::Chunk;
use crate::feature::SnapshotFeature;

/// Leaves, nodes and rows that wait, the nearest first.
pub(super) struct Near<'a> {
    place: WorldXy,
    waiting: BinaryHeap<Waiting<'a>>,
}

struct Waiting<'a> {
    distance: f64,
    what: What<'a>,
}

enum What<'a> {
    Leaf(&'a Leaf),
    Rows(&'a Leaf, &'a Chunk, Range<u32>),
    Row(SnapshotFeature<'a>),
}

impl<'a> Near<'a> {
    pub(super) fn new(leaves: &'a [Leaf], place: WorldXy) -> Self {
        let boxed = leaves.iter().filter_map(|leaf| Some((leaf, leaf.world_box()?)));
        let waiting = boxed.map(|(leaf, world_box)| Waiting {
            distance: squared_distance(place, world_box),
            what: What::Leaf(leaf),
        });
        Self { place, waiting: waiting.collect() }
    }

    fn open_leaf(&mut self, leaf: &'a Leaf) {
        for chunk in [Some(leaf.base.as_ref()), leaf.new_rows()].into_iter().flatten() {
            for (world_box, rows) in chunk.tree.nodes() {
                self.push(world_box, What::Rows(leaf, chunk, rows));
            }
        }
    }

    fn open_rows(&mut self, leaf: &'a Leaf, chunk: &'a Chunk, rows: Range<u32>) {
        let is_base = std::ptr::eq(chunk, leaf.base.as_ref());
        for row in rows.filter(|row| !(is_base && leaf.hides(*row))) {
            let feature = SnapshotFeature::new(chunk, row);
            if let Some(world_box) = feature.world_box() {
                self.push(world_box, What::Row(feature));
            }
        }
    }

    fn push(&mut self, world_box: WorldBox, what: What<'a>) {
        let distance = squared_distance(self.place, world_box);
        self.waiting.push(Waiting { distance, what });
    }
}

impl<'a> Iterator for Near<'a> {
    type Item = (SnapshotFeature<'a>, f64);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Waiting { distance, what } = self.waiting.pop()?;
            match what {
                What::Leaf(leaf) => self.open_leaf(leaf),
                What::Rows(leaf, chunk, rows) => self.open_rows(leaf, chunk, rows),
                What::Row(feature) => return Some((feature, distance)),
            }
        }
    }
}

/// In cells; 0 inside.
fn squared_distance(place: WorldXy, world_box: WorldBox) -> f64 {
    let outside = |at: u32, low: u32, high: u32| {
        f64::from(low.saturating_sub(at).max(at.saturating_sub(high)))
    };
    let dx = outside(place.x, world_box.min_x, world_box.max_x);
    let dy = outside(place.y, world_box.min_y, world_box.max_y);
    dx * dx + dy * dy
}

/// The largest of a heap comes first, which is to be the nearest.
impl Ord for Waiting<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.distance.total_cmp(&self.distance)
    }
}

impl PartialOrd for Waiting<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting<'_> {}
