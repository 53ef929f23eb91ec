//! An immutable run of features and tombstones: the base of a layer, or one batch of changes.
//!
//! Features stand in order of their ids; beside them one R-tree for each first zoom, so that a
//! search for zoom 8 never opens a node of what only zoom 16 shows; and the moments at which their
//! validity starts or ends, in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use rstar::{AABB, PointDistance, RTree, RTreeObject};
use urbis_model::{FeatureId, Moment, WorldBox, WorldXy};

use crate::stored::Stored;

/// A feature, or `None` for a tombstone: it hides the feature of an older run.
pub(crate) type Entry = (FeatureId, Option<Arc<Stored>>);

/// What becomes of tombstones when runs are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tombstones {
    /// An older run may still hold what they hide.
    Keep,
    /// The oldest run is part of the merge.
    Drop,
}

/// Entries in order of their ids, each id once.
#[derive(Debug)]
pub(crate) struct Run {
    entries: Box<[Entry]>,
    trees: BTreeMap<u8, RTree<Leaf>>,
    changes: Box<[Change]>,
}

impl Run {
    /// Makes a run; of several entries with one id the first counts.
    pub(crate) fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(|(id, _)| *id);
        entries.dedup_by_key(|(id, _)| *id);
        let trees = plant_trees(&entries);
        let changes = list_changes(&entries);
        Self { entries: entries.into(), trees, changes }
    }

    /// Merges runs that are given oldest first; the newest entry of an id counts.
    pub(crate) fn merge(runs: &[Arc<Self>], tombstones: Tombstones) -> Self {
        let newest_first = runs.iter().rev().flat_map(|run| run.entries.iter().cloned());
        let mut entries: Vec<Entry> = newest_first.collect();
        entries.sort_by_key(|(id, _)| *id);
        entries.dedup_by_key(|(id, _)| *id);
        if tombstones == Tombstones::Drop {
            entries.retain(|(_, feature)| feature.is_some());
        }
        Self::new(entries)
    }

    pub(crate) const fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of an id, which may be a tombstone.
    pub(crate) fn find(&self, id: FeatureId) -> Option<&Entry> {
        let index = self.entries.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(&self.entries[index])
    }

    /// Features whose box meets a box and whose first zoom is not above `zoom`, in no order.
    pub(crate) fn in_box(
        &self,
        world_box: WorldBox,
        zoom: u8,
    ) -> impl Iterator<Item = &Arc<Stored>> {
        let envelope = to_envelope(world_box);
        self.trees
            .range(..=zoom)
            .flat_map(move |(_, tree)| tree.locate_in_envelope_intersecting(envelope))
            .filter_map(|leaf| self.at(leaf))
    }

    /// For each tree its features and their squared distance in cells, nearest box first.
    pub(crate) fn near(
        &self,
        place: WorldXy,
    ) -> impl Iterator<Item = impl Iterator<Item = (&Stored, f64)>> {
        let query = [f64::from(place.x), f64::from(place.y)];
        self.trees.values().map(move |tree| {
            tree.nearest_neighbor_iter_with_distance_2(query).filter_map(|(leaf, distance)| {
                self.at(leaf).map(|feature| (feature.as_ref(), distance))
            })
        })
    }

    /// The starts and ends of validity after a moment, in order of time.
    pub(crate) fn changes_after(&self, after: Moment) -> impl Iterator<Item = (Moment, &Stored)> {
        let start = self.changes.partition_point(|change| change.moment <= after);
        self.changes[start..].iter().filter_map(|change| {
            let (_, feature) = &self.entries[change.index];
            Some((change.moment, feature.as_deref()?))
        })
    }

    fn at(&self, leaf: &Leaf) -> Option<&Arc<Stored>> {
        self.entries[leaf.index].1.as_ref()
    }
}

/// The validity of a feature starts or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    moment: Moment,
    /// Of its entry.
    index: usize,
}

/// What a tree holds of a feature: its box and its index in the run.
#[derive(Debug, Clone)]
struct Leaf {
    envelope: AABB<[f64; 2]>,
    index: usize,
}

impl RTreeObject for Leaf {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

impl PointDistance for Leaf {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        self.envelope.distance_2(point)
    }
}

fn list_changes(entries: &[Entry]) -> Box<[Change]> {
    let mut changes = Vec::new();
    for (index, (_, feature)) in entries.iter().enumerate() {
        let Some(feature) = feature else { continue };
        let validity = feature.validity();
        let moments = [validity.from, validity.to].into_iter().flatten();
        changes.extend(moments.map(|moment| Change { moment, index }));
    }
    changes.sort_unstable();
    changes.into()
}

fn plant_trees(entries: &[Entry]) -> BTreeMap<u8, RTree<Leaf>> {
    let mut leaves: BTreeMap<u8, Vec<Leaf>> = BTreeMap::new();
    for (index, (_, feature)) in entries.iter().enumerate() {
        let Some(feature) = feature else { continue };
        let Some(world_box) = feature.world_box() else { continue };
        let leaf = Leaf { envelope: to_envelope(world_box), index };
        leaves.entry(feature.first_zoom()).or_default().push(leaf);
    }
    leaves.into_iter().map(|(zoom, leaves)| (zoom, RTree::bulk_load(leaves))).collect()
}

/// Cells as floats, which hold 32 bits exactly; integers would overflow in the tree's areas.
fn to_envelope(world_box: WorldBox) -> AABB<[f64; 2]> {
    AABB::from_corners(
        [f64::from(world_box.min_x), f64::from(world_box.min_y)],
        [f64::from(world_box.max_x), f64::from(world_box.max_y)],
    )
}
