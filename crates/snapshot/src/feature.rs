//! One feature as the city in memory shows it: a handle, cheap to copy.

use std::cmp::Reverse;
use std::fmt;

use geo_types::Geometry;
use urbis_catalog::Layer;
use urbis_model::{FeatureId, Openness, Validity, WorldBox};

use crate::Value;
use crate::changes::ChangedArea;
use crate::chunk::{Chunk, Turn};
use crate::column::Codes;
use crate::first_zoom::zoom_of_value;
use crate::hash::whole;
use crate::key::Key;
use crate::prepared::Prepared;
use crate::rows::Pick;
use crate::shape::{Part, to_geometry};
use crate::value::Dictionary;

/// A feature on the world grid, with its zoom ranks; lives as long as its city.
#[derive(Clone, Copy)]
pub struct SnapshotFeature<'a> {
    chunk: &'a Chunk,
    row: u32,
}

impl<'a> SnapshotFeature<'a> {
    pub(crate) const fn new(chunk: &'a Chunk, row: u32) -> Self {
        Self { chunk, row }
    }

    /// Its id.
    #[inline]
    pub fn id(self) -> FeatureId {
        self.pick().id()
    }

    /// One value an attribute, in the order of the layer's definition.
    pub fn attributes(self) -> impl Iterator<Item = Value<'a>> {
        self.pick().attributes()
    }

    /// The value of one attribute, by its place in the layer's definition; [`Value::Null`] where
    /// the layer has none there.
    pub fn attribute(self, index: usize) -> Value<'a> {
        self.pick().attribute(index)
    }

    /// The values of one attribute of all features of its block: a dictionary, and the code that
    /// each [row](Self::row) has in it. In one dictionary a value has one code.
    ///
    /// # Panics
    ///
    /// Where the layer has no attribute there.
    #[inline]
    pub fn column(self, index: usize) -> (&'a Dictionary, &'a Codes) {
        let column = &self.chunk.rows.attributes[index];
        (&column.dictionary, &column.codes)
    }

    /// The address of its block: features that are kept together, in rows.
    #[inline]
    pub fn block(self) -> usize {
        std::ptr::from_ref(self.chunk).addr()
    }

    /// Its row in the block.
    #[inline]
    pub const fn row(self) -> u32 {
        self.row
    }

    /// The smallest box around the vertices of a feature that has a geometry; any box where it has
    /// none. As [`Self::world_box`], but less is looked at.
    #[inline]
    pub fn located_box(self) -> WorldBox {
        self.chunk.rows.located_box(self.row)
    }

    /// Number of features of its block.
    pub const fn block_len(self) -> usize {
        self.chunk.len()
    }

    /// What was made of its block at a zoom, the first time by `make` of the features that are
    /// drawn there, in order of their rows; `None` at zooms for which nothing is kept.
    #[inline]
    pub fn prepared(
        self,
        zoom: u8,
        make: impl FnOnce(&mut dyn Iterator<Item = Self>) -> Prepared,
    ) -> Option<&'a Prepared> {
        let chunk = self.chunk;
        chunk.prepared(zoom, || {
            let rows = (0..chunk.len() as u32).map(|row| Self { chunk, row });
            make(&mut rows.take_while(|feature| feature.first_zoom() <= zoom))
        })
    }

    /// The parts of its geometry, all of the layer's kind; none where it has no geometry.
    #[inline]
    pub fn parts(self) -> impl Iterator<Item = Part<'a>> {
        self.chunk.shape(self.row).parts()
    }

    /// Its geometry in degrees, EPSG:4326, x = longitude, within half a cell (5 mm) of the
    /// source: Point, MultiPoint, MultiLineString or MultiPolygon, rings closed.
    pub fn to_geometry(self) -> Option<Geometry<f64>> {
        to_geometry(self.chunk.shape(self.row))
    }

    /// The smallest box around its vertices; `None` where it has no geometry.
    #[inline]
    pub fn world_box(self) -> Option<WorldBox> {
        self.pick().world_box()
    }

    /// The first zoom at which it is drawn.
    pub fn first_zoom(self) -> u8 {
        self.pick().first_zoom()
    }

    /// The first zoom at which `zoom_by` of its layer has it drawn, whatever its size; `None` where
    /// the layer has no such rule.
    pub fn class_zoom(self, layer: &Layer) -> Option<u8> {
        let by = layer.tiles.zoom_by.as_ref()?;
        let index = layer.attribute_index(&by.attribute);
        Some(zoom_of_value(by, index.map_or(Value::Null, |index| self.attribute(index))))
    }

    /// Who may see it: by its layer, or stricter by its attributes.
    #[inline]
    pub fn openness(self) -> Openness {
        self.pick().openness()
    }

    /// When it holds in the world.
    pub fn validity(self) -> Validity {
        self.pick().validity()
    }

    /// Vertices of its geometry; a ring counts its first once.
    pub fn vertex_count(self) -> usize {
        self.pick().vertices().len()
    }

    /// A hash of all there is to it: id, geometry, ranks, first zoom, attributes, openness,
    /// validity.
    ///
    /// Cost: all of that is read.
    pub fn version(self) -> u64 {
        whole(self.pick(), self.chunk.ranks(self.row))
    }

    /// A hash of what a tile of some zoom can show of it to `class`: id, geometry, ranks, and the
    /// attributes that are in the layer's tiles of any zoom and open to `class`; 0 where the class
    /// may not see it.
    ///
    /// Nothing that a class may not see is in its hash, so that the hash does not tell when a
    /// hidden value changes.
    #[inline]
    pub fn drawn_version(self, class: Openness) -> u64 {
        self.chunk.drawn(self.row, class)
    }

    /// [`Self::drawn_version`] of each row of its block for a class that may see the row; of others
    /// the hashes mean nothing.
    #[inline]
    pub fn drawn_versions(self, class: Openness) -> &'a [u64] {
        self.chunk.drawn_by(class)
    }

    pub(crate) fn is_synthetic(self) -> bool {
        self.pick().is_synthetic()
    }

    /// What it is dropped by where a tile has no room.
    pub(crate) fn priority(self) -> u8 {
        self.pick().priority()
    }

    /// What a change between this state and another, if there is one, makes be drawn otherwise
    /// where this state lies; `None` where no tile, of whatever moment and class, can tell.
    ///
    /// It is for the classes that see this state and can tell: a change of what only some may see
    /// is no change to the others.
    pub(crate) fn area_unlike(self, other: Option<SnapshotFeature<'_>>) -> Option<ChangedArea> {
        let tells = |class: &Openness| {
            other.is_none_or(|other| {
                self.drawn_version(*class) != other.drawn_version(*class)
                    || self.first_zoom() != other.first_zoom()
                    || self.priority() != other.priority()
                    || self.validity() != other.validity()
            })
        };
        let mut seeing = Openness::ALL.into_iter().filter(|class| self.openness() <= *class);
        let openness = seeing.find(tells)?;
        let world_box = self.world_box()?;
        Some(ChangedArea { world_box, first_zoom: self.first_zoom(), openness })
    }

    #[inline]
    pub(crate) const fn pick(self) -> Pick<'a> {
        self.chunk.rows.pick(self.row)
    }

    pub(crate) fn turn(self) -> Turn {
        Turn { first_zoom: self.first_zoom(), priority: Reverse(self.priority()) }
    }

    pub(crate) fn key(self) -> Key {
        self.pick().key()
    }

    /// Of all vertices; none for points.
    pub(crate) fn ranks(self) -> &'a [u8] {
        self.chunk.ranks(self.row)
    }

    pub(crate) const fn place(self) -> (&'a Chunk, u32) {
        (self.chunk, self.row)
    }
}

/// Two handles are equal where all that there is to their features is equal.
impl PartialEq for SnapshotFeature<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chunk.is_same(self.row, other.chunk, other.row)
    }
}

impl fmt::Debug for SnapshotFeature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotFeature")
            .field("id", &self.id().value())
            .field("world_box", &self.world_box())
            .field("first_zoom", &self.first_zoom())
            .field("openness", &self.openness())
            .field("attributes", &self.attributes().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
