//! The features of some sets by the distance of their boxes, lazily.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use urbis_model::{WorldBox, WorldXy};

use super::Leaves;
use super::leaf::Leaf;
use crate::Visibility;
use crate::chunk::Chunk;
use crate::feature::SnapshotFeature;

/// What waits in a search for a few.
const USUAL: usize = 64;

/// Features with a geometry and the squared distance from a cell to their boxes, in cells of the
/// planar world grid, in growing order of that distance; those at one distance in no order.
///
/// Cost: the box of each leaf at first, then the boxes of the leaves and nodes that it comes to.
#[derive(Debug)]
pub struct NearFeatures<'a> {
    place: WorldXy,
    visibility: Visibility,
    sets: [&'a [Leaf]; 2],
    /// Leaves, nodes and rows, the nearest first.
    waiting: BinaryHeap<Waiting>,
}

/// Small, since a heap moves what it holds.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    /// Never negative and never NaN, so the order of its bits is its order.
    squared_bits: u64,
    leaf: u32,
    /// Of the level.
    number: u32,
    level: Level,
}

/// What waits: a whole leaf, or a node or a row of one of its chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Leaf,
    Upper(Of),
    Node(Of),
    Row(Of),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Base,
    Delta,
}

impl<'a> NearFeatures<'a> {
    /// Those of one or two sets whose squared distance is at most `reach_squared`.
    pub(crate) fn new(
        sets: [Option<&'a Leaves>; 2],
        place: WorldXy,
        visibility: Visibility,
        reach_squared: f64,
    ) -> Self {
        let sets = sets.map(|set| set.map_or(&[][..], |set| &set.leaves));
        let mut near = Self { place, visibility, sets, waiting: BinaryHeap::with_capacity(USUAL) };
        for (number, leaf) in (0..).zip(sets.into_iter().flatten()) {
            if let Some(world_box) = leaf.world_box() {
                near.push(world_box, (number, Level::Leaf, 0), reach_squared);
            }
        }
        near
    }

    /// The next feature whose squared distance is at most `reach_squared`, cells squared; `None`
    /// where there is none.
    ///
    /// What lies beyond may be forgotten: from one call to the next the reach must not grow.
    pub fn next_within(&mut self, reach_squared: f64) -> Option<(SnapshotFeature<'a>, f64)> {
        loop {
            let next = self.waiting.pop()?;
            let squared = f64::from_bits(next.squared_bits);
            if squared > reach_squared {
                return None;
            }
            if let Level::Row(of) = next.level {
                let feature = SnapshotFeature::new(self.chunk(next.leaf, of)?, next.number);
                return Some((feature, squared));
            }
            self.open(next, reach_squared);
        }
    }

    fn open(&mut self, next: Waiting, reach_squared: f64) {
        match next.level {
            Level::Leaf => self.open_leaf(next.leaf, reach_squared),
            Level::Upper(of) => self.open_upper(next, of, reach_squared),
            Level::Node(of) => self.open_node(next, of, reach_squared),
            Level::Row(_) => {}
        }
    }

    fn leaf(&self, number: u32) -> &'a Leaf {
        let [now, other] = self.sets;
        let number = number as usize;
        now.get(number).unwrap_or_else(|| &other[number - now.len()])
    }

    fn chunk(&self, leaf: u32, of: Of) -> Option<&'a Chunk> {
        match of {
            Of::Base => Some(&self.leaf(leaf).base),
            Of::Delta => self.leaf(leaf).new_rows(),
        }
    }

    fn open_leaf(&mut self, number: u32, reach_squared: f64) {
        for of in [Of::Base, Of::Delta] {
            let Some(chunk) = self.chunk(number, of) else { continue };
            for (upper, world_box) in chunk.boxes.upper() {
                self.push(world_box, (number, Level::Upper(of), upper), reach_squared);
            }
        }
    }

    fn open_upper(&mut self, upper: Waiting, of: Of, reach_squared: f64) {
        let Some(chunk) = self.chunk(upper.leaf, of) else { return };
        for (node, world_box) in chunk.boxes.nodes_under(upper.number) {
            self.push(world_box, (upper.leaf, Level::Node(of), node), reach_squared);
        }
    }

    fn open_node(&mut self, node: Waiting, of: Of, reach_squared: f64) {
        let leaf = self.leaf(node.leaf);
        let Some(chunk) = self.chunk(node.leaf, of) else { return };
        for place in chunk.boxes.places_under(node.number) {
            let row = chunk.at_place(place as u16);
            let Some(world_box) = chunk.rows.pick(row).world_box() else { continue };
            // Most are too far: whether one is there at all is asked last.
            if squared_distance(self.place, world_box) > reach_squared
                || (of == Of::Base && leaf.hides_place(place as u16))
                || !self.visibility.admits(SnapshotFeature::new(chunk, row))
            {
                continue;
            }
            self.push(world_box, (node.leaf, Level::Row(of), row), reach_squared);
        }
    }

    fn push(
        &mut self,
        world_box: WorldBox,
        (leaf, level, number): (u32, Level, u32),
        reach_squared: f64,
    ) {
        let squared = squared_distance(self.place, world_box);
        if squared <= reach_squared {
            self.waiting.push(Waiting { squared_bits: squared.to_bits(), leaf, number, level });
        }
    }
}

impl<'a> Iterator for NearFeatures<'a> {
    type Item = (SnapshotFeature<'a>, f64);

    fn next(&mut self) -> Option<Self::Item> {
        self.next_within(f64::INFINITY)
    }
}

/// In cells; 0 inside.
#[inline]
pub(super) fn squared_distance(place: WorldXy, world_box: WorldBox) -> f64 {
    let outside = |at: u32, low: u32, high: u32| {
        f64::from(low.saturating_sub(at).max(at.saturating_sub(high)))
    };
    let dx = outside(place.x, world_box.min_x, world_box.max_x);
    let dy = outside(place.y, world_box.min_y, world_box.max_y);
    dx * dx + dy * dy
}

/// The largest of a heap comes first, which is to be the nearest.
impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        other.squared_bits.cmp(&self.squared_bits)
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}
