//! Hashes of what a feature holds and shows.

use urbis_catalog::Layer;
use urbis_model::{Moment, Openness};
use xxhash_rust::xxh3::xxh3_64;

use crate::rows::Pick;

/// For each feature of some rows a hash of what a tile can show of it, for each class.
///
/// Classes that see the same attributes share a column.
#[derive(Debug)]
pub(crate) struct Drawn {
    columns: Vec<Vec<u64>>,
    column_of: [u8; Openness::ALL.len()],
}

impl Drawn {
    /// Without rows, for the classes of others.
    pub(crate) fn like(other: &Self) -> Self {
        Self { columns: vec![Vec::new(); other.columns.len()], column_of: other.column_of }
    }

    /// The hash of a row for a class that may see the feature.
    pub(crate) fn get(&self, row: u32, class: Openness) -> u64 {
        self.column(class)[row as usize]
    }

    /// The hash of each row for a class, as if it might see them all.
    pub(crate) fn column(&self, class: Openness) -> &[u64] {
        &self.columns[usize::from(self.column_of[class as usize])]
    }

    pub(crate) fn push_row(&mut self, from: &Self, row: u32) {
        for (column, from) in self.columns.iter_mut().zip(&from.columns) {
            column.push(from[row as usize]);
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.columns.iter().map(|column| column.capacity() * size_of::<u64>()).sum()
    }

    pub(crate) fn shrink(&mut self) {
        self.columns.iter_mut().for_each(Vec::shrink_to_fit);
    }
}

/// Hashes the rows of one layer.
pub(crate) struct Hasher {
    /// For each column the attributes that its classes see and those before do not.
    added: Vec<Vec<usize>>,
    column_of: [u8; Openness::ALL.len()],
    bytes: Vec<u8>,
}

impl Hasher {
    pub(crate) fn new(layer: &Layer) -> Self {
        let mut added: Vec<Vec<usize>> = Vec::new();
        let column_of = Openness::ALL.map(|class| {
            let shown = layer.tile_attributes(class);
            let only_now = |at: &usize| layer.openness_of(&layer.attributes[*at]) == class;
            let new: Vec<usize> = shown.filter(only_now).collect();
            if added.is_empty() || !new.is_empty() {
                added.push(new);
            }
            added.len() as u8 - 1
        });
        Self { added, column_of, bytes: Vec::new() }
    }

    pub(crate) fn empty(&self) -> Drawn {
        Drawn { columns: vec![Vec::new(); self.added.len()], column_of: self.column_of }
    }

    /// Adds the hashes of a feature: what the openest class sees goes first, and each digest is
    /// taken before what only a stricter class sees is added.
    pub(crate) fn push(&mut self, pick: Pick<'_>, ranks: &[u8], drawn: &mut Drawn) {
        self.bytes.clear();
        put_geometry(&mut self.bytes, pick, ranks);
        for (column, added) in drawn.columns.iter_mut().zip(&self.added) {
            added.iter().for_each(|at| put_message(&mut self.bytes, pick.message(*at)));
            column.push(xxh3_64(&self.bytes));
        }
    }
}

/// A hash of all there is to a feature.
pub(crate) fn whole(pick: Pick<'_>, ranks: &[u8]) -> u64 {
    let mut bytes = Vec::new();
    put_geometry(&mut bytes, pick, ranks);
    bytes.extend([pick.first_zoom(), pick.openness() as u8]);
    pick.messages().for_each(|message| put_message(&mut bytes, message));
    let validity = pick.validity();
    put_moment(&mut bytes, validity.from);
    put_moment(&mut bytes, validity.to);
    xxh3_64(&bytes)
}

/// Lengths go first, so that no two different features spell the same bytes.
fn put_geometry(bytes: &mut Vec<u8>, pick: Pick<'_>, ranks: &[u8]) {
    bytes.extend(pick.id().value().to_le_bytes());
    let (path_ends, part_ends) = pick.ends();
    for ends in [path_ends, part_ends] {
        bytes.extend((ends.len() as u32).to_le_bytes());
        ends.iter().for_each(|end| bytes.extend(end.to_le_bytes()));
    }
    bytes.extend((pick.vertices().len() as u32).to_le_bytes());
    for vertex in pick.vertices() {
        bytes.extend(vertex.x.to_le_bytes());
        bytes.extend(vertex.y.to_le_bytes());
    }
    bytes.extend(ranks);
}

fn put_moment(bytes: &mut Vec<u8>, moment: Option<Moment>) {
    bytes.push(u8::from(moment.is_some()));
    bytes.extend(moment.map_or(0, |moment| moment.0).to_le_bytes());
}

/// Its length goes first: a null has no bytes.
fn put_message(bytes: &mut Vec<u8>, message: &[u8]) {
    bytes.extend((message.len() as u32).to_le_bytes());
    bytes.extend(message);
}
