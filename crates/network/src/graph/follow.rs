//! The graph after a change, made from the one before.
//!
//! What is looked at again are the cells of the vertices of segments that changed, as they were
//! and as they are, the places of barriers that changed, and the ends of lines near those. The
//! segments with a vertex in such a cell are cut anew; every other joint stays as it was.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use urbis_catalog::NetworkRole;
use urbis_model::{FeatureId, WorldXy};
use urbis_snapshot::{City, SnapshotFeature};

use super::draft::{Draft, Kept, Work};
use super::joints::{SNAP_TOLERANCE, squared};
use super::read::{Barriers, Roads, Source, Words, around, lines, points};
use super::{Graph, draft};
use crate::length::cells;
use crate::pages::index_u32;
use crate::{ChangedArcs, Link, LinkId};

/// Changes beyond this number are not followed: to build anew is as fast.
const MAX_CHANGES: usize = 5_000;

/// Ends this near to each other may be one joint: the tolerance and the rounding of cells.
const NEAR_M: f64 = SNAP_TOLERANCE.0 + 0.1;

/// See [`Graph::follow`].
pub(super) fn follow(graph: &Graph, before: &City, city: &City) -> (Graph, ChangedArcs) {
    let anew = || (draft::build(city), ChangedArcs::All);
    if !is_same_catalog(before, city) {
        return anew();
    }
    let [Some(old), Some(new)] = [before, city].map(Roads::new) else { return anew() };
    let segments = changed(before, city, NetworkRole::Roads);
    let restrictions = changed(before, city, NetworkRole::TurnRestrictions);
    let barriers = changed(before, city, NetworkRole::Barriers);
    if segments.len() + restrictions.len() + barriers.len() > MAX_CHANGES {
        return anew();
    }
    let states = |id: &FeatureId| (old.now(before, *id), new.now(city, *id));
    let differs = |id: &FeatureId| match states(id) {
        (Some(old_state), Some(new_state)) => !new.is_same(new_state, &old, old_state),
        (None, None) => false,
        _ => true,
    };
    let segments: BTreeSet<FeatureId> = segments.into_iter().filter(differs).collect();
    let mut area = Area::new(graph, &new);
    for id in &segments {
        let (old_state, new_state) = states(id);
        for state in old_state.into_iter().chain(new_state) {
            area.add_cells(lines(state).flat_map(|(_, line)| line.iter().copied()));
        }
    }
    area.segments.clone_from(&segments);
    for (at, source) in [before, city].map(|city| (city, Source::new(city, NetworkRole::Barriers)))
    {
        let features = barriers.iter().filter_map(|id| source?.snapshot.feature(*id));
        let there = features.filter(|feature| feature.validity().contains(at.at()));
        there.for_each(|feature| area.add_cells(points(feature)));
    }
    area.grow();
    if area.segments.is_empty() && restrictions.is_empty() {
        return (graph.clone(), ChangedArcs::Some(Vec::new()));
    }
    let mut words = graph.words.clone();
    let mut work = area.work(&segments, city, &mut words);
    work.restrictions = Some(restrictions);
    let graph = Graph { words, ..graph.clone() };
    let (graph, arcs) = Draft::new(graph, work).run(city, &new);
    (graph, ChangedArcs::Some(arcs))
}

/// Says whether both cities have the same layers and vehicle profiles.
fn is_same_catalog(before: &City, city: &City) -> bool {
    let (one, other) = (before.catalog(), city.catalog());
    Arc::ptr_eq(one, other) || (one.hash() == other.hash() && one.profiles() == other.profiles())
}

/// The features of a layer that changed.
fn changed(before: &City, city: &City, role: NetworkRole) -> Vec<FeatureId> {
    let [old, new] = [before, city].map(|city| Source::new(city, role));
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    new.snapshot.changed_since(old.snapshot)
}

/// What is looked at again.
struct Area<'a> {
    graph: &'a Graph,
    roads: &'a Roads<'a>,
    cells: HashSet<WorldXy>,
    waiting: Vec<WorldXy>,
    /// Segments that are cut anew.
    segments: BTreeSet<FeatureId>,
    /// All segments that were looked at.
    outlines: HashMap<FeatureId, Outline>,
}

/// Where the vertices of a segment are, read once: long lines share many cells.
struct Outline {
    /// In order.
    vertices: Vec<WorldXy>,
    /// Ends of its parts that are not looked at yet.
    ends: Vec<WorldXy>,
}

impl<'a> Area<'a> {
    fn new(graph: &'a Graph, roads: &'a Roads<'a>) -> Self {
        let (cells, waiting) = (HashSet::new(), Vec::new());
        let (segments, outlines) = (BTreeSet::new(), HashMap::new());
        Self { graph, roads, cells, waiting, segments, outlines }
    }

    fn add_cells(&mut self, cells: impl Iterator<Item = WorldXy>) {
        for cell in cells {
            if self.cells.insert(cell) {
                self.waiting.push(cell);
            }
        }
    }

    /// Finds the segments in the cells and the ends near them, until there are no more.
    fn grow(&mut self) {
        while let Some(cell) = self.waiting.pop() {
            for segment in self.roads.source.in_box(around(cell, NEAR_M)) {
                let near = self.near_ends(segment, cell);
                let is_here = !near.is_empty() || self.is_at(segment.id(), cell);
                self.add_cells(near.into_iter());
                if is_here {
                    self.add_segment(segment.id());
                }
            }
        }
    }

    /// The ends of a segment near a cell that are not looked at yet.
    fn near_ends(&mut self, segment: SnapshotFeature<'_>, cell: WorldXy) -> Vec<WorldXy> {
        let known = &self.cells;
        let outline = self.outlines.entry(segment.id());
        let outline = outline.or_insert_with(|| Outline::new(segment, known));
        let near = cells(cell, NEAR_M).powi(2);
        let is_near = |end: &&WorldXy| squared((cell.x, cell.y), (end.x, end.y)) as f64 <= near;
        outline.ends.iter().filter(is_near).copied().collect()
    }

    /// Says whether a segment is to be cut anew, or has a vertex in a cell.
    fn is_at(&self, segment: FeatureId, cell: WorldXy) -> bool {
        let outline = || self.outlines.get(&segment);
        self.segments.contains(&segment)
            || outline().is_some_and(|outline| outline.vertices.binary_search(&cell).is_ok())
    }

    fn add_segment(&mut self, segment: FeatureId) {
        if self.segments.insert(segment) {
            self.add_barriers_of(segment);
        }
    }

    /// Adds the cells of the barriers on a segment: what stands between which links is decided
    /// for all of them at once.
    fn add_barriers_of(&mut self, segment: FeatureId) {
        let links = self.graph.links_of(segment).iter().map(|link| self.graph.link(*link));
        let barriers: Vec<&Link> = links.filter(|link| link.barrier.is_some()).collect();
        let Some(feature) = self.roads.source.snapshot.feature(segment) else { return };
        if barriers.is_empty() {
            return;
        }
        let lines: HashMap<u16, &[WorldXy]> = lines(feature).collect();
        let vertices = barriers
            .into_iter()
            .filter_map(|link| lines.get(&link.part)?.get(link.from_vertex as usize).copied());
        self.add_cells(vertices);
    }

    /// What is to be made anew; `changed` are the segments whose vertices are all looked at.
    fn work(&self, changed: &BTreeSet<FeatureId>, city: &City, words: &mut Words) -> Work<'a> {
        let mut work = Work::default();
        for id in &self.segments {
            match self.roads.now(city, *id) {
                Some(feature) => work.add_segment(self.roads, feature, words),
                None => work.segments.push(*id),
            }
            work.removed.extend(self.graph.links_of(*id));
        }
        for line in 0..work.lines.len() {
            work.add_vertices(line, |cell| self.cells.contains(&cell));
            if !changed.contains(&work.lines[line].segment) {
                self.keep(line, &mut work);
            }
        }
        if let Some(barriers) = Barriers::new(city) {
            for cell in &self.cells {
                for barrier in barriers.source.in_box(urbis_model::WorldBox::from_cell(*cell)) {
                    if points(barrier).any(|point| point == *cell) {
                        work.barriers.insert(*cell, barriers.read(barrier, words));
                    }
                }
            }
        }
        work
    }

    /// Keeps the joints of a line that is as it was where its vertices are not looked at, and the
    /// links between two of them.
    fn keep(&self, line: usize, work: &mut Work<'_>) {
        let whole = work.lines[line];
        let is_kept = |vertex: u32| !self.cells.contains(&whole.vertices[vertex as usize]);
        let mut kept: BTreeMap<u32, (u32, Option<LinkId>)> = BTreeMap::new();
        // They lie by part.
        let links = self.graph.links_of(whole.segment);
        let first = links.partition_point(|id| self.graph.link(*id).part < whole.part);
        for id in &links[first..] {
            let link = self.graph.link(*id);
            if link.part != whole.part {
                break;
            }
            let [from, to] = [link.from_vertex, link.to_vertex].map(is_kept);
            // What lies between may be a joint now.
            let stays = (link.from_vertex..=link.to_vertex).all(is_kept).then_some(*id);
            if from {
                kept.entry(link.from_vertex).or_insert((link.from_joint, None)).1 = stays;
            }
            if let Some(id) = stays {
                work.removed.remove(&id);
            }
            if to {
                kept.entry(link.to_vertex).or_insert((link.to_joint, None));
            }
        }
        let line = index_u32(line);
        let kept = kept.into_iter();
        work.kept.extend(kept.map(|(vertex, (joint, link))| Kept { line, vertex, joint, link }));
    }
}

impl Outline {
    fn new(segment: SnapshotFeature<'_>, known: &HashSet<WorldXy>) -> Self {
        let ends = lines(segment).flat_map(|(_, line)| [line[0], line[line.len() - 1]]);
        let ends = ends.filter(|end| !known.contains(end)).collect();
        let all = lines(segment).flat_map(|(_, line)| line.iter().copied());
        let mut vertices: Vec<WorldXy> = all.collect();
        vertices.sort_unstable();
        Self { vertices, ends }
    }
}
