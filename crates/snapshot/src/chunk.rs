//! Finished features of one layer, at most 8,192: ranked, hashed and indexed; never changed.
//!
//! ```text
//! rows       in groups of one first zoom and one priority, each group in order of the key;
//!            those without a geometry last
//! by_key     the number of each row, in order of the key
//! tree       boxes of 16 rows and of 16 x 16 rows of each group
//! boxes      the same of all rows with a geometry, in order of the key
//! ```

use std::sync::OnceLock;

use urbis_catalog::Layer;
use urbis_model::{GeometryKind, Openness, WorldBox};

use crate::LayerMemory;
use crate::hash::{Drawn, Hasher};
use crate::key::Key;
use crate::prepared::{Prepared, ZOOMS};
use crate::rows::{Pick, Rows, RowsBuilder};
use crate::shape::{LongPath, Shape};

mod boxes;
mod tree;

pub(crate) use boxes::Boxes;
pub(crate) use tree::{Scope, Tree, Turn};

/// Some features of one layer.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) rows: Rows,
    /// One a vertex; none for points.
    ranks: Vec<u8>,
    drawn: Drawn,
    /// The place of each row in order of the key, and the row of each place.
    place_of: Box<[u16]>,
    by_key: Box<[u16]>,
    long: Box<[LongPath]>,
    pub(crate) tree: Tree,
    pub(crate) boxes: Boxes,
    /// Of all rows.
    pub(crate) strictest: Openness,
    /// By zoom, once somebody has drawn it.
    prepared: [OnceLock<Prepared>; ZOOMS],
}

/// What the rows of a chunk are in order of.
fn order(pick: Pick<'_>) -> (bool, u8, u8, Key) {
    (pick.vertices().is_empty(), pick.first_zoom(), pick.priority(), pick.key())
}

/// Copies rows into the order of a chunk.
pub(crate) fn gather(layer: &Layer, mut picks: Vec<Pick<'_>>) -> Rows {
    picks.sort_by_cached_key(|pick| order(*pick));
    let mut rows = RowsBuilder::new(layer.geometry, layer.attributes.len());
    picks.into_iter().for_each(|pick| rows.push_row(pick));
    rows.finish()
}

impl Chunk {
    /// Finishes rows that [`gather`] has put in order, with one rank a vertex.
    pub(crate) fn new(layer: &Layer, rows: Rows, ranks: Vec<u8>) -> Self {
        let mut hasher = Hasher::new(layer);
        let mut drawn = hasher.empty();
        for pick in rows.picks() {
            let ranks = if ranks.is_empty() { &[][..] } else { &ranks[rows.span(pick.row)] };
            hasher.push(pick, ranks, &mut drawn);
        }
        Self::index(rows, ranks, drawn)
    }

    /// Copies rows of other chunks of the layer, of which there is at least one.
    pub(crate) fn copy(layer: &Layer, from: &[(&Self, u32)]) -> Self {
        let mut sources: Vec<(&Self, Pick<'_>)> =
            from.iter().map(|(chunk, row)| (*chunk, chunk.rows.pick(*row))).collect();
        sources.sort_by_cached_key(|(_, pick)| order(*pick));
        let mut rows = RowsBuilder::new(layer.geometry, layer.attributes.len());
        let mut ranks = Vec::new();
        let mut drawn = Drawn::like(&sources[0].0.drawn);
        for (chunk, pick) in sources {
            rows.push_row(pick);
            ranks.extend_from_slice(chunk.ranks(pick.row));
            drawn.push_row(&chunk.drawn, pick.row);
        }
        Self::index(rows.finish(), ranks, drawn)
    }

    fn index(rows: Rows, mut ranks: Vec<u8>, mut drawn: Drawn) -> Self {
        ranks.shrink_to_fit();
        drawn.shrink();
        let mut by_key: Vec<(Key, u16)> =
            rows.picks().zip(0_u16..).map(|(pick, row)| (pick.key(), row)).collect();
        by_key.sort_unstable();
        let by_key: Box<[u16]> = by_key.into_iter().map(|(_, row)| row).collect();
        let mut place_of = vec![0; by_key.len()].into_boxed_slice();
        for (row, place) in by_key.iter().zip(0_u16..) {
            place_of[usize::from(*row)] = place;
        }
        let long = long_paths(&rows, &ranks);
        let tree = Tree::new(&rows);
        let in_order = by_key.iter().map(|row| rows.pick(u32::from(*row)));
        let boxes = Boxes::new(in_order.map(|pick| (pick.key(), pick.world_box())));
        let strictest = rows.openness.iter().copied().max().unwrap_or(Openness::Open);
        let prepared = Default::default();
        Self { rows, ranks, drawn, place_of, by_key, long, tree, boxes, strictest, prepared }
    }

    pub(crate) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// One rank a vertex of a row; none for points.
    pub(crate) fn ranks(&self, row: u32) -> &[u8] {
        if self.ranks.is_empty() { &[] } else { &self.ranks[self.rows.span(row)] }
    }

    #[inline]
    pub(crate) fn shape(&self, row: u32) -> Shape<'_> {
        let pick = self.rows.pick(row);
        Shape {
            kind: self.rows.kind,
            vertices: pick.vertices(),
            ranks: self.ranks(row),
            ends: pick.several(),
            long: &self.long,
            offset: self.rows.span(row).start,
        }
    }

    /// What was made of the rows at a zoom, the first time by `make`; `None` at zooms for which
    /// nothing is kept.
    #[inline]
    pub(crate) fn prepared(&self, zoom: u8, make: impl FnOnce() -> Prepared) -> Option<&Prepared> {
        Some(self.prepared.get(usize::from(zoom))?.get_or_init(make))
    }

    /// The hash of what a tile can show of a row to `class`; 0 where it may not see it.
    #[inline]
    pub(crate) fn drawn(&self, row: u32, class: Openness) -> u64 {
        if class < self.rows.pick(row).openness() { 0 } else { self.drawn.get(row, class) }
    }

    /// The same of all rows, whether `class` may see them or not.
    pub(crate) fn drawn_by(&self, class: Openness) -> &[u64] {
        self.drawn.column(class)
    }

    /// Says whether two rows hold the same, ranks included.
    pub(crate) fn is_same(&self, row: u32, other: &Self, other_row: u32) -> bool {
        self.ranks(row) == other.ranks(other_row)
            && self.rows.pick(row).is_same(other.rows.pick(other_row))
    }

    /// The place of a row in order of the key.
    pub(crate) fn place_of(&self, row: u32) -> u16 {
        self.place_of[row as usize]
    }

    /// The row of a place in order of the key.
    pub(crate) fn at_place(&self, place: u16) -> u32 {
        u32::from(self.by_key[usize::from(place)])
    }

    /// The row of a key.
    pub(crate) fn find(&self, key: Key) -> Option<u32> {
        let compare = |row: &u16| self.rows.pick(u32::from(*row)).key().cmp(&key);
        let place = self.by_key.binary_search_by(compare).ok()?;
        Some(self.at_place(place as u16))
    }

    /// Rows with a geometry: up to `count` before about a place on the curve, and as many after.
    pub(crate) fn rows_beside(&self, curve: u64, count: usize) -> impl Iterator<Item = u32> {
        self.by_key[self.boxes.places_beside(curve, count)].iter().map(|row| u32::from(*row))
    }

    /// The smallest key.
    pub(crate) fn first_key(&self) -> Option<Key> {
        (!self.by_key.is_empty()).then(|| self.rows.pick(self.at_place(0)).key())
    }

    pub(crate) fn add_memory(&self, memory: &mut LayerMemory) {
        let (boxes, index) = self.rows.bytes();
        let per_vertex = size_of::<urbis_model::WorldXy>();
        memory.vertices += self.rows.vertices.capacity() * per_vertex;
        memory.ranks +=
            self.ranks.capacity() + self.long.iter().map(LongPath::bytes).sum::<usize>();
        memory.boxes += boxes;
        memory.ids += self.rows.ids.capacity() * size_of::<u64>();
        memory.attributes +=
            self.rows.attributes.iter().map(crate::column::Column::bytes).sum::<usize>();
        let prepared = self.prepared.iter().filter_map(OnceLock::get);
        memory.prepared += prepared.map(Prepared::bytes).sum::<usize>();
        let order = (self.place_of.len() + self.by_key.len()) * size_of::<u16>();
        memory.index += index + order + self.drawn.bytes();
        memory.index += self.tree.bytes() + self.boxes.bytes();
    }
}

fn long_paths(rows: &Rows, ranks: &[u8]) -> Box<[LongPath]> {
    if rows.kind == GeometryKind::Point {
        return Box::default();
    }
    let mut start = 0;
    let paths = rows.picks().flat_map(Pick::paths);
    let long = paths.filter_map(|path| {
        let first = start;
        start += path.len();
        LongPath::new(first, path, &ranks[first..start])
    });
    long.collect()
}

/// The smallest box around the geometry of some rows.
pub(crate) fn reach(rows: &Rows) -> Option<WorldBox> {
    rows.picks().filter_map(Pick::world_box).reduce(WorldBox::union)
}
