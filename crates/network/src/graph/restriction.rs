//! Finds the links that a turn restriction is about.
//!
//! A restriction lies at the joint where its first road ends; the roads are those that have the
//! OSM ids that it names and lead to that joint, or, of via ways, to each other. `no_*` bans the
//! path from the first road over the via ways into the last; `only_*` bans every other way out:
//! of a node to him who comes from the first road, of via ways to him who came from it onto them.
//! U-turns are ways out like others.
//!
//! One that does not bind emergency vehicles (`except`) binds nobody here: all vehicles are.
//!
//! Source: wiki.openstreetmap.org/wiki/Relation:restriction.

use std::collections::BTreeSet;
use std::sync::Arc;

use urbis_model::WorldXy;
use urbis_snapshot::SnapshotFeature;

use super::Graph;
use super::read::{Field, Roads, Source, points};
use super::tables::{Drive, NONE};
use super::turns::{Bound, Rule, Sequence};
use crate::{ArcId, Travel};

/// Most links of a path over via ways.
const MAX_PATH: usize = 256;

/// Most paths that are tried over via ways.
const MAX_TRIES: usize = 4_096;

/// Attributes of restrictions.
#[derive(Debug)]
pub(super) struct Wanted {
    kind: Field,
    from_way: Field,
    via: Field,
    to_way: Field,
    except: Field,
}

impl Wanted {
    pub fn new(source: &Source<'_>) -> Self {
        let field = |name| Field::new(source, name);
        Self {
            kind: field("kind"),
            from_way: field("from_way"),
            via: field("via"),
            to_way: field("to_way"),
            except: field("except"),
        }
    }
}

/// Finds the links of restrictions in a graph whose links are there, with or without edges.
#[derive(Debug)]
pub(super) struct Resolver<'a> {
    pub graph: &'a Graph,
    pub roads: &'a Roads<'a>,
}

impl Resolver<'_> {
    /// The roads that a restriction names, and what becomes of it.
    pub fn resolve(
        &self,
        wanted: &Wanted,
        restriction: SnapshotFeature<'_>,
    ) -> (Arc<[Arc<str>]>, Rule) {
        let names = |field: Field| {
            let text = field.text(restriction).unwrap_or_default();
            text.split(';').map(str::trim).filter(|name| !name.is_empty()).collect()
        };
        let [from, via, to]: [Vec<&str>; 3] =
            [wanted.from_way, wanted.via, wanted.to_way].map(names);
        let roads = [&from, &via, &to].into_iter().flatten().map(|name: &&str| Arc::from(*name));
        let roads = roads.collect();
        let kind = wanted.kind.text(restriction).unwrap_or_default();
        let is_only = kind.starts_with("only_");
        if !is_only && !kind.starts_with("no_") {
            return (roads, Rule::NotUnderstood);
        }
        let except = wanted.except.text(restriction).unwrap_or_default();
        if except.split([urbis_catalog::CODE_SEPARATOR, ';']).any(|whom| whom == "emergency") {
            return (roads, Rule::Exempt);
        }
        let via = via.into_iter().filter(|name| !name.starts_with('n')).collect();
        let asked = Asked { from, via, to, is_only };
        let paths = points(restriction).next().map(|place| self.paths(place, &asked));
        match paths.unwrap_or_default() {
            paths if paths.is_empty() => (roads, Rule::NotUnderstood),
            paths => (roads, Rule::Used(paths)),
        }
    }

    /// The paths from each first road into each last one; none where one of them is not found, or
    /// in several ways.
    fn paths(&self, place: WorldXy, asked: &Asked<'_>) -> Vec<Bound> {
        let mut paths = Vec::new();
        for from in &asked.from {
            for to in &asked.to {
                let Some(drives) = self.path(place, from, &asked.via, to) else {
                    return Vec::new();
                };
                paths.push(self.bound(drives, asked.is_only));
            }
        }
        paths
    }

    fn bound(&self, drives: Vec<Drive>, is_only: bool) -> Bound {
        let joints = drives[1..].iter().map(|drive| self.start(*drive)).collect();
        let forced = vec![self.start(drives[1]), self.start(drives[drives.len() - 1])];
        Bound { forced, joints, drives, is_only, banned: Vec::new() }
    }

    fn path(&self, place: WorldXy, from: &str, via: &[&str], to: &str) -> Option<Vec<Drive>> {
        let mut found = None;
        for joint in self.joints_at(place, from) {
            let Some(arriving) = self.only_one(joint, from) else { continue };
            let path = if via.is_empty() {
                self.only_one(joint, to).map(|leaving| vec![arriving.reverse(), leaving])
            } else {
                self.over_ways(arriving.reverse(), via, to)
            };
            if path.is_some() && found.is_some() {
                return None;
            }
            found = found.or(path);
        }
        found
    }

    /// The joints in a cell to which a road leads.
    fn joints_at(&self, place: WorldXy, road: &str) -> BTreeSet<u32> {
        let here = self.roads.at(place);
        let named = here.filter(|segment| self.roads.osm_id.text(*segment) == Some(road));
        let mut joints = BTreeSet::new();
        for segment in named {
            for id in self.graph.links_of(segment.id()) {
                let link = self.graph.link(*id);
                let Some(part) = segment.parts().nth(usize::from(link.part)) else { continue };
                let urbis_snapshot::Part::Line(path) = part else { continue };
                let vertex = |at: u32| path.vertices().get(at as usize) == Some(&place);
                joints.extend(vertex(link.from_vertex).then_some(link.from_joint));
                joints.extend(vertex(link.to_vertex).then_some(link.to_joint));
            }
        }
        joints
    }

    /// The way from a joint along a road; `None` where there is none, or several.
    fn only_one(&self, joint: u32, road: &str) -> Option<Drive> {
        let mut ways = self.leaving(joint, road);
        ways.next().filter(|_| ways.next().is_none())
    }

    /// The ways from a joint along a road, in an order that does not depend on numbers of links.
    fn leaving(&self, joint: u32, road: &str) -> impl Iterator<Item = Drive> {
        let leaving = self.graph.leaving.get(joint).iter().copied();
        let mut named: Vec<Drive> =
            leaving.filter(|drive| self.name(*drive) == Some(road)).collect();
        named.sort_by_key(|drive| {
            let link = self.graph.link(drive.link());
            (link.segment, link.part, link.from_vertex, link.to_vertex, drive.travel())
        });
        named.into_iter()
    }

    fn name(&self, drive: Drive) -> Option<&str> {
        let segment = self.graph.link(drive.link()).segment;
        self.roads.osm_id.text(self.roads.source.snapshot.feature(segment)?)
    }

    fn start(&self, drive: Drive) -> u32 {
        let link = self.graph.link(drive.link());
        match drive.travel() {
            Travel::Forward => link.from_joint,
            Travel::Backward => link.to_joint,
        }
    }

    /// The path from a drive along all via ways into a road: one that traffic may drive, or, where
    /// there is none, one against a one-way.
    ///
    /// Of a via way that is a whole roundabout the shorter half may be the wrong one.
    fn over_ways(&self, first: Drive, via: &[&str], to: &str) -> Option<Vec<Drive>> {
        let is_along =
            |drive: &Drive| !self.graph.link(drive.link()).traits.oneway.forbids(drive.travel());
        let along = self.shortest(first, via, to, is_along);
        along.or_else(|| self.shortest(first, via, to, |_| true))
    }

    /// The shortest path, counted in links, of drives that are admitted; via ways may be named in
    /// any order. Of paths of as many links it is the first in the order of [`Self::leaving`].
    fn shortest(
        &self,
        first: Drive,
        via: &[&str],
        to: &str,
        is_admitted: impl Fn(&Drive) -> bool,
    ) -> Option<Vec<Drive>> {
        let mut paths = std::collections::VecDeque::from([vec![first]]);
        for _ in 0..MAX_TRIES {
            let path = paths.pop_front()?;
            let joint = self.start(path[path.len() - 1].reverse());
            let is_driven =
                |way: &&str| path[1..].iter().any(|drive| self.name(*drive) == Some(way));
            if via.iter().all(is_driven) {
                let last = path[path.len() - 1].reverse();
                let mut ends =
                    self.leaving(joint, to).filter(&is_admitted).filter(|drive| *drive != last);
                if let Some(end) = ends.next() {
                    let is_only = ends.next().is_none();
                    return is_only.then(|| [&path[..], &[end]].concat());
                }
            }
            if path.len() >= MAX_PATH {
                continue;
            }
            for way in via {
                let next = self
                    .leaving(joint, way)
                    .filter(&is_admitted)
                    .filter(|next| !path.iter().any(|drive| drive.link() == next.link()));
                paths.extend(next.map(|next| [&path[..], &[next]].concat()));
            }
        }
        None
    }
}

/// What a restriction names.
#[derive(Debug)]
struct Asked<'a> {
    from: Vec<&'a str>,
    via: Vec<&'a str>,
    to: Vec<&'a str>,
    is_only: bool,
}

/// The sequences of arcs that a path of a restriction bans, where its links have edges.
pub(super) fn banned(graph: &Graph, bound: &Bound) -> Vec<Sequence> {
    let path = arcs(graph, &bound.drives);
    if !bound.is_only {
        return vec![path.into()];
    }
    // Over via ways nobody has to enter them who comes from the first road.
    let first = if path.len() == 2 { 1 } else { 2 };
    let mut banned = Vec::new();
    for at in first..path.len() {
        let node = graph.arc(path[at - 1]).head;
        let joint = graph.states.get(node.0).joint;
        for drive in graph.leaving.get(joint) {
            let other = arc_of(graph, *drive);
            if other != path[at] {
                banned.push([&path[..at], &[other]].concat().into());
            }
        }
    }
    banned
}

/// The arcs of drives that follow each other; those of one edge together.
fn arcs(graph: &Graph, drives: &[Drive]) -> Vec<ArcId> {
    let mut arcs: Vec<ArcId> = Vec::new();
    for drive in drives {
        let link = graph.link(drive.link());
        let start = match drive.travel() {
            Travel::Forward => link.from_joint,
            Travel::Backward => link.to_joint,
        };
        if arcs.is_empty() || graph.joints.get(start).node != NONE {
            arcs.push(arc_of(graph, *drive));
        }
    }
    arcs
}

fn arc_of(graph: &Graph, drive: Drive) -> ArcId {
    let arc = graph.link(drive.link()).arc;
    if drive.travel() == Travel::Forward { arc } else { arc.reverse() }
}
