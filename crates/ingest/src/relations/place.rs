//! Where a relation lies: the geometry that its members give it.

use std::collections::HashSet;

use urbis_catalog::{GeometryOf, Layer, Source};
use urbis_model::GeometryKind;

use super::file::{Elements, Kind, Member, Relation};

/// Where a relation lies, in nodes whose positions need not be known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere: it has no member of the role.
    Nowhere,
    /// Its members of two roles share no node.
    Apart,
    /// At a node.
    Node(i64),
    /// Along ways.
    Lines(Vec<Vec<i64>>),
}

impl Place {
    /// The nodes whose positions are wanted.
    pub(super) fn nodes(&self) -> impl Iterator<Item = i64> {
        let (one, many): (_, &[Vec<i64>]) = match self {
            Self::Nowhere | Self::Apart => (None, &[]),
            Self::Node(node) => (Some(*node), &[]),
            Self::Lines(lines) => (None, lines),
        };
        one.into_iter().chain(many.iter().flatten().copied())
    }
}

/// Finds where a relation lies.
pub(super) fn place_of(
    layer: &Layer,
    source: &Source,
    relation: &Relation,
    elements: &Elements,
) -> Place {
    let Some(of) = &source.geometry_of else { return Place::Nowhere };
    let ways: Vec<&Vec<i64>> = ways_of(relation.members_of(&of.role), elements).collect();
    if layer.geometry == GeometryKind::MultiLineString {
        return match ways.is_empty() {
            true => Place::Nowhere,
            false => Place::Lines(ways.into_iter().cloned().collect()),
        };
    }
    let node = relation.members_of(&of.role).find(|member| member.kind == Kind::Node);
    match node {
        Some(node) => Place::Node(node.id),
        None if ways.is_empty() => Place::Nowhere,
        None => meeting(relation, of, &ways, elements),
    }
}

fn ways_of<'a>(
    members: impl Iterator<Item = &'a Member>,
    elements: &'a Elements,
) -> impl Iterator<Item = &'a Vec<i64>> {
    let ways = members.filter(|member| member.kind == Kind::Way);
    ways.filter_map(|member| elements.ways.get(&member.id))
}

/// The first node that one of the ways shares with a member of the other role. Ends come first:
/// two streets that touch twice are joined where one of them ends.
fn meeting(relation: &Relation, of: &GeometryOf, ways: &[&Vec<i64>], elements: &Elements) -> Place {
    let Some(other) = &of.meeting else {
        return ways[0].first().map_or(Place::Nowhere, |node| Place::Node(*node));
    };
    let nodes = relation.members_of(other).filter(|member| member.kind == Kind::Node);
    let mut shared: HashSet<i64> = nodes.map(|member| member.id).collect();
    shared.extend(ways_of(relation.members_of(other), elements).flatten());
    let ends = ways.iter().flat_map(|way| way.first().into_iter().chain(way.last()));
    let mut candidates = ends.chain(ways.iter().copied().flatten());
    let found = candidates.find(|node| shared.contains(node));
    found.map_or(Place::Apart, |node| Place::Node(*node))
}

/// ISO WKB, x = longitude; `None` where a position is not known.
pub(super) fn wkb_of(place: &Place, elements: &Elements) -> Option<Vec<u8>> {
    match place {
        Place::Nowhere | Place::Apart => None,
        Place::Node(node) => {
            let mut wkb = header(1);
            put_position(&mut wkb, elements.nodes.get(node)?);
            Some(wkb)
        }
        Place::Lines(lines) => {
            let mut wkb = header(5);
            wkb.extend(u32::try_from(lines.len()).ok()?.to_le_bytes());
            for line in lines {
                wkb.extend(header(2));
                wkb.extend(u32::try_from(line.len()).ok()?.to_le_bytes());
                for node in line {
                    put_position(&mut wkb, elements.nodes.get(node)?);
                }
            }
            Some(wkb)
        }
    }
}

/// Little-endian, and a kind of geometry.
fn header(kind: u32) -> Vec<u8> {
    let mut wkb = vec![1];
    wkb.extend(kind.to_le_bytes());
    wkb
}

fn put_position(wkb: &mut Vec<u8>, position: &[f64; 2]) {
    position.iter().for_each(|degrees| wkb.extend(degrees.to_le_bytes()));
}
