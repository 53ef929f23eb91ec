//! One leaf: a base, and a delta over it.

use std::sync::Arc;

use urbis_model::{Moment, Validity, WorldBox};

use crate::chunk::{Chunk, Scope, Turn};
use crate::feature::SnapshotFeature;
use crate::key::Key;
use crate::rows::MAX_ROWS;
use crate::{LayerMemory, Visibility};

/// The features of a range of keys.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    /// No smaller key is in the leaf, unless it is the first one.
    pub(crate) first: Key,
    pub(crate) base: Arc<Chunk>,
    pub(crate) delta: Option<Arc<Delta>>,
    /// Of base and delta, so that a search need not open them.
    world_box: Option<WorldBox>,
    first_zoom: u8,
    /// The starts and ends of the validities of all features, in order of time, each once; `None`
    /// without a delta: those of the base.
    moments: Option<Arc<[Moment]>>,
}

/// What changed since the base was built.
#[derive(Debug)]
pub(crate) struct Delta {
    /// Places of rows of the base that are no more, in order.
    pub(crate) hidden: Box<[u16]>,
    /// Rows that are new; `None` where there is none.
    pub(crate) chunk: Option<Chunk>,
}

/// One bit a place of a base.
#[derive(Debug)]
pub(crate) struct Bits([u64; MAX_ROWS / 64]);

impl Default for Bits {
    fn default() -> Self {
        Self([0; MAX_ROWS / 64])
    }
}

impl Leaf {
    /// A leaf without a delta; `None` where the chunk has no row.
    pub(crate) fn new(base: Chunk) -> Option<Self> {
        Some(Self::with_delta(base.first_key()?, Arc::new(base), None))
    }

    pub(crate) fn with_delta(first: Key, base: Arc<Chunk>, delta: Option<Delta>) -> Self {
        let new = delta.as_ref().and_then(|delta| delta.chunk.as_ref());
        let trees = [Some(&base.tree), new.map(|chunk| &chunk.tree)].into_iter().flatten();
        let boxes = trees.clone().filter_map(|tree| tree.world_box());
        let moments = delta.as_ref().map(|delta| live_moments(&base, delta));
        Self {
            moments,
            first,
            world_box: boxes.reduce(WorldBox::union),
            first_zoom: trees.map(|tree| tree.first_zoom()).min().unwrap_or(u8::MAX),
            base,
            delta: delta.map(Arc::new),
        }
    }

    pub(crate) const fn world_box(&self) -> Option<WorldBox> {
        self.world_box
    }

    pub(crate) fn may_have(&self, scope: Scope) -> bool {
        self.first_zoom <= scope.zoom
            && self.world_box.is_some_and(|world_box| world_box.intersects(&scope.area))
    }

    pub(crate) fn len(&self) -> usize {
        self.base.len() - self.hidden().len() + self.new_rows().map_or(0, Chunk::len)
    }

    /// The feature of a key, and whether it stands in the delta.
    pub(crate) fn find(&self, key: Key) -> Option<(bool, SnapshotFeature<'_>)> {
        if let Some(chunk) = self.new_rows()
            && let Some(row) = chunk.find(key)
        {
            return Some((true, SnapshotFeature::new(chunk, row)));
        }
        let row = self.base.find(key).filter(|row| !self.hides(*row))?;
        Some((false, SnapshotFeature::new(&self.base, row)))
    }

    /// All features, in order of their keys.
    pub(crate) fn features(&self) -> impl Iterator<Item = SnapshotFeature<'_>> {
        let places = 0..self.base.len() as u16;
        let rows = places.map(|place| self.base.at_place(place));
        let shown = rows.filter(|row| !self.hides(*row));
        let mut base = shown.map(|row| SnapshotFeature::new(&self.base, row)).peekable();
        let mut delta = self.new_rows().into_iter().flat_map(in_order).peekable();
        std::iter::from_fn(move || {
            let Some(new) = delta.peek().copied() else { return base.next() };
            base.next_if(|old| old.key() < new.key()).or_else(|| delta.next())
        })
    }

    /// Features of the base with a geometry: up to `count` before about a place on the curve, and
    /// as many after.
    pub(crate) fn beside(
        &self,
        curve: u64,
        count: usize,
    ) -> impl Iterator<Item = SnapshotFeature<'_>> {
        let rows = self.base.rows_beside(curve, count);
        let shown = rows.filter(|row| !self.hides(*row));
        shown.map(|row| SnapshotFeature::new(&self.base, row))
    }

    /// Adds the features that a scope and a class admit to others, in order of their keys.
    pub(crate) fn search<'a>(
        &'a self,
        scope: Scope,
        visibility: Visibility,
        bits: &mut Bits,
        found: &mut Vec<SnapshotFeature<'a>>,
    ) {
        let start = found.len();
        self.base.tree.search(&self.base.rows, scope, |row| bits.set(self.base.place_of(row)));
        self.hidden().iter().for_each(|place| bits.unset(*place));
        let old = bits.drain().map(|place| self.base.at_place(place));
        let old = old.map(|row| SnapshotFeature::new(&self.base, row));
        found.extend(old.filter(|feature| visibility.admits(*feature)));
        let Some(chunk) = self.new_rows() else { return };
        let middle = found.len();
        chunk.tree.search(&chunk.rows, scope, |row| bits.set(chunk.place_of(row)));
        let new = bits.drain().map(|place| SnapshotFeature::new(chunk, chunk.at_place(place)));
        found.extend(new.filter(|feature| visibility.admits(*feature)));
        merge(&mut found[start..], middle - start);
    }

    /// The turns of the features that a scope may admit.
    pub(crate) fn turns(&self, scope: Scope) -> impl Iterator<Item = Turn> {
        let new = self.new_rows().into_iter().flat_map(move |chunk| chunk.tree.turns(scope));
        self.base.tree.turns(scope).chain(new)
    }

    /// Adds the features of a turn whose boxes meet an area and that a class may see to others, in
    /// order of their keys.
    pub(crate) fn search_turn<'a>(
        &'a self,
        turn: Turn,
        area: WorldBox,
        visibility: Visibility,
        found: &mut Vec<SnapshotFeature<'a>>,
    ) {
        let start = found.len();
        let is_whole = self.hidden().is_empty() && visibility.admits_all(&self.base);
        self.base.tree.search_turn(&self.base.rows, turn, area, |run| {
            let features = run.map(|row| SnapshotFeature::new(&self.base, row));
            if is_whole {
                found.extend(features);
            } else {
                let shown = features.filter(|feature| !self.hides(feature.row()));
                found.extend(shown.filter(|feature| visibility.admits(*feature)));
            }
        });
        let Some(chunk) = self.new_rows() else { return };
        let middle = found.len();
        chunk.tree.search_turn(&chunk.rows, turn, area, |run| {
            let features = run.map(|row| SnapshotFeature::new(chunk, row));
            found.extend(features.filter(|feature| visibility.admits(*feature)));
        });
        merge(&mut found[start..], middle - start);
    }

    /// Calls with each feature that a scope admits, in no order.
    pub(crate) fn visit<'a>(&'a self, scope: Scope, found: &mut impl FnMut(SnapshotFeature<'a>)) {
        self.base.tree.search(&self.base.rows, scope, |row| {
            if !self.hides(row) {
                found(SnapshotFeature::new(&self.base, row));
            }
        });
        if let Some(chunk) = self.new_rows() {
            let new = |row| found(SnapshotFeature::new(chunk, row));
            chunk.tree.search(&chunk.rows, scope, new);
        }
    }

    /// The first moment after another at which the validity of a feature starts or ends.
    pub(crate) fn next_change(&self, after: Moment) -> Option<Moment> {
        let of_base = || self.base.rows.validities.moments();
        let moments = self.moments.as_deref().unwrap_or_else(of_base);
        moments.get(moments.partition_point(|moment| *moment <= after)).copied()
    }

    pub(crate) fn add_memory(&self, memory: &mut LayerMemory) {
        self.base.add_memory(memory);
        memory.index += size_of_val(self.hidden());
        memory.index += self.moments.as_deref().map_or(0, size_of_val);
        if let Some(chunk) = self.new_rows() {
            chunk.add_memory(memory);
        }
    }

    pub(crate) fn hidden(&self) -> &[u16] {
        self.delta.as_ref().map_or(&[], |delta| &delta.hidden)
    }

    pub(crate) fn new_rows(&self) -> Option<&Chunk> {
        self.delta.as_ref().and_then(|delta| delta.chunk.as_ref())
    }

    pub(crate) fn hides(&self, row: u32) -> bool {
        !self.hidden().is_empty() && self.hides_place(self.base.place_of(row))
    }

    /// The same of the row at a place of the base in order of the key.
    pub(crate) fn hides_place(&self, place: u16) -> bool {
        self.hidden().binary_search(&place).is_ok()
    }

    /// Vertices of base and delta, hidden or not.
    pub(crate) fn vertices(&self) -> usize {
        let new = self.new_rows().map_or(0, |chunk| chunk.rows.vertices.len());
        self.base.rows.vertices.len() + new
    }
}

/// The starts and ends of validities of the rows of a base that a delta does not hide, and of its
/// own.
///
/// Cost: the rows of the base, where any of them starts or ends.
fn live_moments(base: &Chunk, delta: &Delta) -> Arc<[Moment]> {
    let new = delta.chunk.as_ref().map_or(&[][..], |chunk| chunk.rows.validities.moments());
    let mut moments = new.to_vec();
    if !base.rows.validities.moments().is_empty() {
        let is_shown = |row| delta.hidden.binary_search(&base.place_of(row)).is_err();
        let bounded = base.rows.picks().filter(|pick| pick.validity() != Validity::ALWAYS);
        let shown = bounded.filter(|pick| is_shown(pick.row));
        moments.extend(shown.flat_map(|pick| pick.validity().ends()));
    }
    moments.sort_unstable();
    moments.dedup();
    moments.into()
}

/// Puts features of the base and those of the delta, which begin at `middle`, in order of their keys;
/// both are.
fn merge(found: &mut [SnapshotFeature<'_>], middle: usize) {
    if 0 < middle && middle < found.len() {
        found.sort_by_cached_key(|feature| feature.key());
    }
}

fn in_order(chunk: &Chunk) -> impl Iterator<Item = SnapshotFeature<'_>> {
    (0..chunk.len() as u16).map(|place| SnapshotFeature::new(chunk, chunk.at_place(place)))
}

impl Bits {
    fn set(&mut self, place: u16) {
        self.0[usize::from(place / 64)] |= 1 << (place % 64);
    }

    fn unset(&mut self, place: u16) {
        self.0[usize::from(place / 64)] &= !(1 << (place % 64));
    }

    /// All places that are set, in order; none is afterwards.
    fn drain(&mut self) -> impl Iterator<Item = u16> {
        self.0.iter_mut().zip((0_u16..).step_by(64)).flat_map(|(word, first)| {
            let mut rest = std::mem::take(word);
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as u16)?;
                rest &= rest - 1;
                Some(first + bit)
            })
        })
    }
}
