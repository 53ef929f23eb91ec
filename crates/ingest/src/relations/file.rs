//! What a PBF file holds of relations: themselves, the nodes of their ways, the positions of nodes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::path::Path;

use osmpbf::{Element, ElementReader, RelMemberType};

use super::ROLE;
use crate::error::IngestError;
use crate::reading::Reading;
use crate::record::SourceRecord;
use crate::value::RawValue;

/// Between the ids of several members.
const SEPARATOR: &str = ";";

/// Units of OSM in a degree. Divided by it, as GDAL does for the nodes of ways, a node here and the
/// vertex of a way there are the same number.
const PER_DEGREE: f64 = 1e7;

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Node,
    Way,
    Relation,
}

/// A member of a relation, of a role that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) kind: Kind,
    pub(super) id: i64,
    pub(super) role: String,
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.kind {
            Kind::Node => 'n',
            Kind::Way => 'w',
            Kind::Relation => 'r',
        };
        write!(f, "{letter}{}", self.id)
    }
}

/// A relation that the source's conditions let through.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// Without a geometry.
    pub(super) record: SourceRecord,
    /// Those of wanted roles, in the relation's order.
    pub(super) members: Vec<Member>,
}

impl Relation {
    pub(super) fn members_of<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a Member> {
        self.members.iter().filter(move |member| member.role == role)
    }
}

/// Reads the relations that a reading selects; counts the others there.
pub(super) fn relations(
    path: &Path,
    reading: &mut Reading<'_>,
    roles: &BTreeSet<String>,
) -> Result<Vec<Relation>, IngestError> {
    let mut relations = Vec::new();
    for_each(path, |element| {
        let Element::Relation(relation) = element else { return };
        reading.advance.seen += 1;
        let members = members(&relation, roles);
        let values = values(&relation, &members, reading.importer.mapping.fields());
        let (row, id) = (reading.advance.seen, format!("r{}", relation.id()));
        let record = SourceRecord { row, id, values, geometry: None };
        if reading.importer.mapping.selects(&record) {
            relations.push(Relation { record, members });
        } else {
            reading.skip();
        }
        reading.report();
    })?;
    Ok(relations)
}

fn for_each(path: &Path, take: impl FnMut(Element<'_>)) -> Result<(), IngestError> {
    let read = ElementReader::from_path(path).and_then(|reader| reader.for_each(take));
    read.map_err(|cause| IngestError::PbfBroken { path: path.to_owned(), cause })
}

fn members(relation: &osmpbf::Relation<'_>, roles: &BTreeSet<String>) -> Vec<Member> {
    let members = relation.members().filter_map(|member| {
        let role = member.role().ok().filter(|role| roles.contains(*role))?;
        let kind = match member.member_type {
            RelMemberType::Node => Kind::Node,
            RelMemberType::Way => Kind::Way,
            RelMemberType::Relation => Kind::Relation,
        };
        Some(Member { kind, id: member.member_id, role: role.to_owned() })
    });
    members.collect()
}

/// The values of the fields, tags as the bytes that they are.
fn values(relation: &osmpbf::Relation<'_>, members: &[Member], fields: &[String]) -> Vec<RawValue> {
    let words = relation.raw_stringtable();
    let word = |index: u32| words.get(index as usize).map_or(&[][..], Vec::as_slice);
    let tag = |name: &str| {
        let mut tags = relation.raw_tags();
        let found = tags.find(|(key, _)| word(*key) == name.as_bytes());
        found.map_or(RawValue::Null, |(_, value)| RawValue::Bytes(word(value).to_vec()))
    };
    let value = |field: &String| match field.strip_prefix(ROLE) {
        None => tag(field),
        Some(role) => {
            let of_role = members.iter().filter(|member| member.role == role);
            let ids: Vec<String> = of_role.map(Member::to_string).collect();
            RawValue::Bytes(ids.join(SEPARATOR).into_bytes())
        }
    };
    fields.iter().map(value).collect()
}

/// What is known of members.
#[derive(Debug, Default)]
pub(super) struct Elements {
    /// The nodes of each way, in its order.
    pub(super) ways: HashMap<i64, Vec<i64>>,
    /// Longitude and latitude of each node, degrees.
    pub(super) nodes: HashMap<i64, [f64; 2]>,
}

impl Elements {
    /// Reads the ways that are members.
    pub(super) fn read_ways(&mut self, path: &Path, of: &[Relation]) -> Result<(), IngestError> {
        let wanted = ids(of, Kind::Way);
        if wanted.is_empty() {
            return Ok(());
        }
        for_each(path, |element| {
            if let Element::Way(way) = element
                && wanted.contains(&way.id())
            {
                self.ways.insert(way.id(), way.refs().collect());
            }
        })
    }

    /// Reads the nodes that are members, and others.
    pub(super) fn read_nodes(
        &mut self,
        path: &Path,
        of: &[Relation],
        others: impl Iterator<Item = i64>,
    ) -> Result<(), IngestError> {
        let mut wanted = ids(of, Kind::Node);
        wanted.extend(others);
        if wanted.is_empty() {
            return Ok(());
        }
        let mut take = |id: i64, lon: i32, lat: i32| {
            if wanted.contains(&id) {
                self.nodes.insert(id, [lon, lat].map(|units| f64::from(units) / PER_DEGREE));
            }
        };
        for_each(path, |element| match element {
            Element::Node(node) => take(node.id(), node.decimicro_lon(), node.decimicro_lat()),
            Element::DenseNode(node) => take(node.id(), node.decimicro_lon(), node.decimicro_lat()),
            Element::Way(_) | Element::Relation(_) => {}
        })
    }
}

fn ids(of: &[Relation], kind: Kind) -> HashSet<i64> {
    let members = of.iter().flat_map(|relation| &relation.members);
    members.filter(|member| member.kind == kind).map(|member| member.id).collect()
}
