//! Makes a graph from the one before and the segments that are cut anew.
//!
//! ```text
//! vertices ─▶ joints ─▶ links ─▶ restrictions ─▶ edges ─▶ states ─▶ ways in and out of them
//! ```
//!
//! Each step takes what the one before changed and changes what depends on it: edges at joints
//! whose links changed, states of the junctions at those edges. Numbers that become free are not
//! taken in the same run, so that an old number never means something new while it is compared.

mod chains;
mod links;
mod states;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use urbis_catalog::NetworkRole;
use urbis_model::{FeatureId, WorldXy};
use urbis_snapshot::City;

use super::joints::{Line, Occurrence, join};
use super::read::{Barriers, Roads, Source, Words, lines, points};
use super::restriction::{Resolver, Wanted};
use super::segments::Segments;
use super::turns::{Restriction, Turns};
use super::{Free, Graph};
use crate::pages::index_u32;
use crate::{ArcId, Barrier, LinkId};

/// A vertex at which a line is cut as before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    /// Position in the slice of lines.
    pub line: u32,
    pub vertex: u32,
    pub joint: u32,
    /// The link that starts there, where it stays.
    pub link: Option<LinkId>,
}

/// What is to be made anew.
#[derive(Debug, Default)]
pub(super) struct Work<'a> {
    /// The segments that are cut, there or not, in order.
    pub segments: Vec<FeatureId>,
    /// Their parts, those of one segment together.
    pub lines: Vec<Line<'a>>,
    /// Vertices whose joints are looked for.
    pub vertices: Vec<Occurrence>,
    /// The other vertices that are joints.
    pub kept: Vec<Kept>,
    /// Links that are no more.
    pub removed: HashSet<LinkId>,
    pub barriers: HashMap<WorldXy, (Barrier, u32)>,
    /// Restrictions to look at again; `None` for all.
    pub restrictions: Option<Vec<FeatureId>>,
}

/// A graph in the making.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub graph: Graph,
    work: Work<'a>,
    /// Links without an edge.
    loose: Vec<LinkId>,
    /// Joints whose links changed, or that are forced to be junctions, or no more.
    touched: BTreeSet<u32>,
    /// Edges that came or went, in no order.
    changed: Vec<u32>,
    freed: Free,
    /// Whether a restriction came, went or was looked at again.
    has_other_rules: bool,
}

/// Builds the graph of a city.
pub(super) fn build(city: &City) -> Graph {
    let Some(roads) = Roads::new(city) else { return Graph::default() };
    let mut words = Words::default();
    let mut work = Work::default();
    for segment in roads.source.snapshot.features() {
        if segment.validity().contains(city.at()) {
            work.add_segment(&roads, segment, &mut words);
        }
    }
    let count = work.lines.iter().map(|line| line.vertices.len()).sum();
    work.vertices.reserve_exact(count);
    for line in 0..work.lines.len() {
        work.add_vertices(line, |_| true);
    }
    if let Some(barriers) = Barriers::new(city) {
        for barrier in barriers.source.snapshot.features() {
            if barrier.validity().contains(city.at()) {
                let read = barriers.read(barrier, &mut words);
                work.barriers.extend(points(barrier).map(|cell| (cell, read)));
            }
        }
    }
    let segments = Segments::with_capacity(work.segments.len());
    let graph = Graph { segments, words, ..Graph::default() };
    Draft::new(graph, work).run(city, &roads).0
}

impl<'a> Work<'a> {
    /// Adds the parts of a segment.
    pub fn add_segment(
        &mut self,
        roads: &Roads<'_>,
        segment: urbis_snapshot::SnapshotFeature<'a>,
        words: &mut Words,
    ) {
        let traits = roads.traits(segment, words);
        let id = segment.id();
        self.segments.push(id);
        let parts = lines(segment);
        self.lines.extend(parts.map(|(part, vertices)| Line {
            segment: id,
            part,
            vertices,
            traits,
        }));
    }

    /// Adds the vertices of a line whose cells are wanted.
    pub fn add_vertices(&mut self, line: usize, is_wanted: impl Fn(WorldXy) -> bool) {
        let vertices = (0_u32..).zip(self.lines[line].vertices);
        let wanted = vertices.filter(|(_, cell)| is_wanted(**cell));
        self.vertices.extend(wanted.map(|(vertex, cell)| Occurrence {
            cell: (cell.x, cell.y),
            line: index_u32(line),
            vertex,
        }));
    }
}

impl<'a> Draft<'a> {
    pub fn new(graph: Graph, work: Work<'a>) -> Self {
        Self {
            graph,
            work,
            loose: Vec::new(),
            touched: BTreeSet::new(),
            changed: Vec::new(),
            freed: Free::default(),
            has_other_rules: false,
        }
    }

    /// Makes the graph, and says which arcs differ, in order.
    pub fn run(mut self, city: &City, roads: &Roads<'_>) -> (Graph, Vec<ArcId>) {
        let barriers = std::mem::take(&mut self.work.barriers);
        let vertices = std::mem::take(&mut self.work.vertices);
        let joining = join(&self.work.lines, vertices, |cell| barriers.contains_key(&cell));
        self.make_links(joining, &barriers);
        self.look_at_restrictions(city, roads);
        let joints = self.make_edges();
        self.make_states(&joints);
        self.finish()
    }

    /// Finds the links of the restrictions that may have changed.
    fn look_at_restrictions(&mut self, city: &City, roads: &Roads<'_>) {
        let Some(source) = Source::new(city, NetworkRole::TurnRestrictions) else { return };
        let wanted = Wanted::new(&source);
        let named: Vec<FeatureId> = match self.work.restrictions.take() {
            None => source.snapshot.features().map(|feature| feature.id()).collect(),
            Some(mut named) => {
                self.add_restrictions_of_cut_roads(roads, &mut named);
                named
            }
        };
        if named.is_empty() {
            return;
        }
        self.has_other_rules = true;
        let mut turns = Turns::clone(&self.graph.turns);
        for id in named {
            let feature = source.snapshot.feature(id);
            let feature = feature.filter(|feature| feature.validity().contains(city.at()));
            let Some(feature) = feature else {
                turns.restrictions.remove(&id);
                continue;
            };
            let resolver = Resolver { graph: &self.graph, roads };
            let (roads, rule) = resolver.resolve(&wanted, feature);
            turns.restrictions.insert(id, Restriction { roads, rule });
        }
        let before = std::mem::take(&mut turns.forced);
        turns.set_forced();
        self.touched.extend(before.symmetric_difference(&turns.forced));
        self.graph.turns = Arc::new(turns);
    }

    fn add_restrictions_of_cut_roads(&self, roads: &Roads<'_>, named: &mut Vec<FeatureId>) {
        let osm_id = |segment: &FeatureId| {
            let feature = roads.source.snapshot.feature(*segment)?;
            roads.osm_id.text(feature)
        };
        let cut: HashSet<&str> = self.work.segments.iter().filter_map(osm_id).collect();
        for (id, restriction) in &self.graph.turns.restrictions {
            let is_cut = restriction.roads.iter().any(|road| cut.contains(road.as_ref()));
            let mut drives = restriction.rule.bound().iter().flat_map(|path| &path.drives);
            let has_lost = drives.any(|drive| self.work.removed.contains(&drive.link()));
            if is_cut || has_lost {
                named.push(*id);
            }
        }
        named.sort_unstable();
        named.dedup();
    }

    fn finish(mut self) -> (Graph, Vec<ArcId>) {
        let free = &mut self.graph.free;
        free.links.append(&mut self.freed.links);
        free.joints.append(&mut self.freed.joints);
        free.edges.append(&mut self.freed.edges);
        free.states.append(&mut self.freed.states);
        self.changed.sort_unstable();
        self.changed.dedup();
        let arcs = self.changed.iter().flat_map(|edge| [ArcId(edge * 2), ArcId(edge * 2 + 1)]);
        let arcs = arcs.collect();
        (self.graph, arcs)
    }
}
