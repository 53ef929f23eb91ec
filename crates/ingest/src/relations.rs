//! Reading the relations of an OSM file with their members and roles, which GDAL's driver drops.
//!
//! - **In**: an OSM PBF file, a source of the layer `relations`.
//! - **Out**: a record a relation that the source's conditions let through: its tags; of each role
//!   that the mapping names, as `@role`, the ids of its members in their order (`n`, `w` or `r` and
//!   the number, joined by `;`); a geometry made of members ([`urbis_catalog::GeometryOf`]).
//! - A relation with a member that the file does not have is rejected: `member_missing`. Extracts
//!   are cut, and members are deleted. One whose roles do not touch is, too: `members_apart`.
//! - **Cost**: the file is read three times, relations, ways, nodes; memory holds the relations that
//!   are let through and their members.

mod file;
mod place;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use urbis_catalog::Source;
use urbis_model::Srid;

use self::file::{Elements, Kind, Relation};
use self::place::{Place, place_of, wkb_of};
use crate::error::IngestError;
use crate::geometry::Rejection;
use crate::open::real_file;
use crate::reading::Reading;

/// What OSM's coordinates are in.
pub(crate) const SRID: Srid = Srid(4326);

/// Stands before a role in mappings.
const ROLE: char = '@';

/// The source's own id in mappings, which is no role.
const ID_FIELD: &str = "@id";

/// Most missing members that a reject names.
const NAMED_MISSING: usize = 5;

/// The path of a file whose relations can be read.
///
/// # Errors
///
/// [`IngestError::RelationsNotPbf`] where it is another format.
pub(crate) fn pbf_file(path: &Path) -> Result<PathBuf, IngestError> {
    let path = real_file(path)?;
    let is_pbf = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pbf"));
    if is_pbf { Ok(path) } else { Err(IngestError::RelationsNotPbf { path }) }
}

/// Every tag and role that the mapping of a source reads, each once.
pub(crate) fn fields(source: &Source) -> Vec<String> {
    let named = source.fields.values().flatten().chain(source.filter.keys());
    let named: BTreeSet<&String> = named.filter(|name| *name != ID_FIELD).collect();
    named.into_iter().cloned().collect()
}

/// Reads all relations of a file into a reading.
pub(crate) fn run(
    reading: &mut Reading<'_>,
    source: &Source,
    path: &Path,
) -> Result<(), IngestError> {
    let relations = file::relations(path, reading, &roles(source))?;
    let mut elements = Elements::default();
    elements.read_ways(path, &relations)?;
    let places: Vec<Place> = relations
        .iter()
        .map(|relation| place_of(reading.layer, source, relation, &elements))
        .collect();
    elements.read_nodes(path, &relations, places.iter().flat_map(Place::nodes))?;
    for (mut relation, place) in relations.into_iter().zip(places) {
        match assemble(&relation, &place, &elements) {
            Ok(geometry) => {
                relation.record.geometry = geometry;
                reading.take(&relation.record)?;
            }
            Err(rejection) => reading.refuse(&relation.record, rejection)?,
        }
    }
    Ok(())
}

/// Roles whose members must be in the file: those that are read, and those of the geometry.
fn roles(source: &Source) -> BTreeSet<String> {
    let read =
        fields(source).into_iter().filter_map(|field| Some(field.strip_prefix(ROLE)?.to_owned()));
    let drawn = source.geometry_of.iter();
    let drawn = drawn.flat_map(|of| std::iter::once(&of.role).chain(&of.meeting)).cloned();
    read.chain(drawn).collect()
}

fn assemble(
    relation: &Relation,
    place: &Place,
    elements: &Elements,
) -> Result<Option<Vec<u8>>, Rejection> {
    let is_missing = |member: &&file::Member| match member.kind {
        Kind::Node => !elements.nodes.contains_key(&member.id),
        Kind::Way => !elements.ways.contains_key(&member.id),
        // Its own members are nobody's business here.
        Kind::Relation => false,
    };
    let missing: Vec<_> = relation.members.iter().filter(is_missing).collect();
    if !missing.is_empty() {
        let named = missing.iter().take(NAMED_MISSING).map(|member| member.to_string());
        let named = named.collect::<Vec<_>>().join(", ");
        let detail = format!("{} members are not in the file: {named}", missing.len());
        return Err(Rejection::new("member_missing", detail));
    }
    if matches!(place, Place::Apart) {
        let detail = "the members that give its place share no node";
        return Err(Rejection::new("members_apart", detail));
    }
    Ok(wkb_of(place, elements))
}
