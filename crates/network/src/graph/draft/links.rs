//! Cuts lines into links at their joints.

use std::collections::HashMap;

use urbis_model::{FeatureId, WorldXy};

use super::Draft;
use crate::graph::joints::{Joining, Line, Split};
use crate::graph::tables::{Drive, Joint, NONE};
use crate::length::{distance_m, to_mm};
use crate::pages::ListEdit;
use crate::{ArcId, Barrier, Link, LinkId, RoadTraits, Travel};

/// What stands in cells, and the profiles that it is closed to.
type Barriers = HashMap<WorldXy, (Barrier, u32)>;

/// The new links and where they hang.
#[derive(Debug, Default)]
struct Cut {
    /// By joint.
    leaving: Vec<(u32, Drive)>,
    links: Vec<LinkId>,
    /// Where the links of each segment end.
    segments: Vec<(FeatureId, usize)>,
}

impl Draft<'_> {
    /// Takes away the links that are no more, makes the new ones and hangs them on their joints.
    pub(super) fn make_links(&mut self, joining: Joining, barriers: &Barriers) {
        let mut removed: Vec<LinkId> = self.work.removed.iter().copied().collect();
        removed.sort_unstable();
        for link in &removed {
            let Link { from_joint, to_joint, arc, .. } = *self.graph.links.get(link.0);
            self.dissolve(arc);
            self.touched.extend([from_joint, to_joint]);
        }
        let cut = self.cut_lines(joining, barriers);
        self.hang(cut.leaving);
        let mut all: Vec<(FeatureId, &[LinkId])> = Vec::with_capacity(self.work.segments.len());
        let mut start = 0;
        let mut segments = self.work.segments.clone();
        if !removed.is_empty() {
            // Those that are gone have no line.
            let there = cut.segments.iter().map(|(segment, _)| *segment);
            let there: std::collections::HashSet<FeatureId> = there.collect();
            segments.retain(|segment| !there.contains(segment));
            all.extend(segments.iter().map(|segment| (*segment, &[][..])));
        }
        for (segment, end) in &cut.segments {
            all.push((*segment, &cut.links[start..*end]));
            start = *end;
        }
        self.graph.segments.apply(all);
        self.freed.links.extend(removed.iter().map(|link| link.0));
    }

    /// Takes an edge apart; its links are loose afterwards.
    pub(super) fn dissolve(&mut self, arc: ArcId) {
        let edge = arc.0 >> 1;
        if arc.0 == NONE || !self.graph.is_arc(arc) {
            return;
        }
        self.graph.edges.get_mut(edge).tail = NONE;
        self.changed.push(edge);
        self.freed.edges.push(edge);
        for at in 0..self.graph.drives.get(edge).len() {
            let link = self.graph.drives.get(edge)[at].link();
            if !self.work.removed.contains(&link) {
                self.graph.links.get_mut(link.0).arc = ArcId(NONE);
                self.loose.push(link);
            }
        }
    }

    fn cut_lines(&mut self, joining: Joining, barriers: &Barriers) -> Cut {
        let joints: Vec<u32> = joining.places.iter().map(|place| self.add_joint(*place)).collect();
        let mut splits = joining.splits;
        splits.iter_mut().for_each(|split| split.joint = joints[split.joint as usize]);
        let mut kept = HashMap::new();
        for one in &self.work.kept {
            let (line, vertex, joint) = (one.line, one.vertex, one.joint);
            splits.push(Split { line, vertex, joint, gates: [false; 2] });
            kept.extend(one.link.map(|link| ((line, vertex), link)));
        }
        splits.sort();
        let mut cut = Cut::default();
        for splits in splits.chunk_by(|one, other| one.line == other.line) {
            let line = self.work.lines[splits[0].line as usize];
            self.cut_line(line, splits, &kept, barriers, &mut cut);
            match cut.segments.last_mut() {
                Some((segment, end)) if *segment == line.segment => *end = cut.links.len(),
                _ => cut.segments.push((line.segment, cut.links.len())),
            }
        }
        cut
    }

    fn cut_line(
        &mut self,
        line: Line<'_>,
        splits: &[Split],
        kept: &HashMap<(u32, u32), LinkId>,
        barriers: &Barriers,
        cut: &mut Cut,
    ) {
        let mut measure = Measure::new(line.vertices);
        let mut joint = splits[0].joint;
        for (at, split) in splits.iter().enumerate() {
            let cell = line.vertices[split.vertex as usize];
            let along = measure.to(split.vertex);
            if let Some(before) = at.checked_sub(1).map(|before| splits[before]) {
                let to = if split.gates[0] { self.add_joint(cell) } else { split.joint };
                match kept.get(&(split.line, before.vertex)) {
                    Some(link) => cut.links.push(*link),
                    None => {
                        let (start, _) = measure.last;
                        let vertices = (before.vertex, split.vertex);
                        let link = link(&line, vertices, (start, along), (joint, to));
                        self.add_link(link, cut);
                    }
                }
                if split.gates[0] {
                    self.add_gate(&line, split.vertex, along, (to, split.joint), barriers, cut);
                }
            }
            measure.last = (along, split.vertex);
            joint = split.joint;
            if split.gates[1] {
                joint = self.add_joint(cell);
                self.add_gate(&line, split.vertex, along, (split.joint, joint), barriers, cut);
            }
        }
    }

    /// Adds the link without a length that is a barrier.
    fn add_gate(
        &mut self,
        line: &Line<'_>,
        vertex: u32,
        along: u32,
        joints: (u32, u32),
        barriers: &Barriers,
        cut: &mut Cut,
    ) {
        let cell = line.vertices[vertex as usize];
        let (barrier, closed_to) = barriers.get(&cell).copied().unwrap_or_default();
        let closed_to = line.traits.closed_to | closed_to;
        let gate = link(line, (vertex, vertex), (along, along), joints);
        let traits = RoadTraits { closed_to, ..gate.traits };
        self.add_link(Link { barrier: Some(barrier), traits, ..gate }, cut);
    }

    fn add_link(&mut self, link: Link, cut: &mut Cut) {
        let id = match self.graph.free.links.pop() {
            Some(free) => {
                *self.graph.links.get_mut(free) = link;
                LinkId(free)
            }
            None => LinkId(self.graph.links.push(link)),
        };
        cut.leaving.push((link.from_joint, Drive::new(id, Travel::Forward)));
        cut.leaving.push((link.to_joint, Drive::new(id, Travel::Backward)));
        cut.links.push(id);
        self.loose.push(id);
    }

    pub(super) fn add_joint(&mut self, place: WorldXy) -> u32 {
        let joint = Joint { place, node: NONE };
        match self.graph.free.joints.pop() {
            Some(free) => {
                *self.graph.joints.get_mut(free) = joint;
                free
            }
            None => self.graph.joints.push(joint),
        }
    }

    /// Hangs new links on their joints, and takes those off that are no more.
    fn hang(&mut self, mut new: Vec<(u32, Drive)>) {
        new.sort_unstable();
        self.touched.extend(new.iter().map(|(joint, _)| *joint));
        let mut edit = ListEdit::default();
        let mut new = new.into_iter().peekable();
        for joint in &self.touched {
            let old = self.graph.leaving.get(*joint).iter().copied();
            let old = old.filter(|drive| !self.work.removed.contains(&drive.link()));
            let new = std::iter::from_fn(|| new.next_if(|(other, _)| other == joint));
            edit.set(*joint, old.chain(new.map(|(_, drive)| drive)));
        }
        self.graph.leaving.apply(&edit);
    }
}

fn link(line: &Line<'_>, vertices: (u32, u32), along: (u32, u32), joints: (u32, u32)) -> Link {
    Link {
        segment: line.segment,
        part: line.part,
        from_vertex: vertices.0,
        to_vertex: vertices.1,
        start_mm: along.0,
        length_mm: along.1 - along.0,
        traits: line.traits,
        barrier: None,
        from_joint: joints.0,
        to_joint: joints.1,
        arc: ArcId(NONE),
    }
}

/// Lengths along a line, from its first vertex.
struct Measure<'a> {
    vertices: &'a [WorldXy],
    at: u32,
    metres: f64,
    place: urbis_model::LonLat,
    /// Where the last joint is, mm, and its vertex.
    last: (u32, u32),
}

impl<'a> Measure<'a> {
    fn new(vertices: &'a [WorldXy]) -> Self {
        let place = vertices[0].to_lonlat();
        Self { vertices, at: 0, metres: 0.0, place, last: (0, 0) }
    }

    /// Millimetres to a vertex that is not before the one asked for last.
    fn to(&mut self, vertex: u32) -> u32 {
        while self.at < vertex {
            self.at += 1;
            let place = self.vertices[self.at as usize].to_lonlat();
            self.metres += distance_m(self.place, place);
            self.place = place;
        }
        to_mm(self.metres)
    }
}
