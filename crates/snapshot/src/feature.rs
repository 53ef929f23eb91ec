//! One feature as the city in memory shows it: a handle, cheap to copy.

use std::fmt;

use geo_types::Geometry;
use urbis_model::{FeatureId, Openness, Validity, WorldBox};

use crate::shape::Part;
use crate::stored::Stored;
use crate::value::{Dictionary, Value};

/// A feature on the world grid, with its zoom ranks; lives as long as its city.
#[derive(Clone, Copy)]
pub struct SnapshotFeature<'a> {
    stored: &'a Stored,
}

impl<'a> SnapshotFeature<'a> {
    pub(crate) const fn new(stored: &'a Stored) -> Self {
        Self { stored }
    }

    /// Its id.
    pub const fn id(self) -> FeatureId {
        self.stored.id()
    }

    /// One value an attribute, in the order of the layer's definition.
    pub fn attributes(self) -> impl Iterator<Item = Value<'a>> {
        self.stored.dictionaries().iter().map(|dictionary| dictionary.get(0))
    }

    /// The value of one attribute, by its place in the layer's definition; [`Value::Null`] where
    /// the layer has none there.
    pub fn attribute(self, index: usize) -> Value<'a> {
        self.stored.dictionaries().get(index).map_or(Value::Null, |dictionary| dictionary.get(0))
    }

    /// The value of one attribute as a code of a dictionary that many features share: the same
    /// dictionary has the same address, and the same code in it is the same value.
    ///
    /// One value may have several codes, or be in several dictionaries.
    ///
    /// # Panics
    ///
    /// Where the layer has no attribute there.
    pub fn coded(self, index: usize) -> (&'a Dictionary, u16) {
        (&self.stored.dictionaries()[index], 0)
    }

    /// The parts of its geometry, all of the layer's kind; none where it has no geometry.
    pub fn parts(self) -> impl Iterator<Item = Part<'a>> {
        self.stored.parts()
    }

    /// Its geometry in degrees, EPSG:4326, x = longitude, within half a cell (5 mm) of the
    /// source: Point, MultiPoint, MultiLineString or MultiPolygon, rings closed.
    pub fn to_geometry(self) -> Option<Geometry<f64>> {
        self.stored.to_geometry()
    }

    /// The smallest box around its vertices; `None` where it has no geometry.
    pub const fn world_box(self) -> Option<WorldBox> {
        self.stored.world_box()
    }

    /// The first zoom at which it is drawn.
    pub const fn first_zoom(self) -> u8 {
        self.stored.first_zoom()
    }

    /// Who may see it: by its layer, or stricter by its attributes.
    pub const fn openness(self) -> Openness {
        self.stored.openness()
    }

    /// When it holds in the world.
    pub fn validity(self) -> Validity {
        self.stored.validity()
    }

    /// Vertices of its geometry; a ring counts its first once.
    pub fn vertex_count(self) -> usize {
        self.stored.vertex_count()
    }

    /// A hash of all there is to it: id, geometry, ranks, first zoom, attributes, openness,
    /// validity.
    pub const fn version(self) -> u64 {
        self.stored.version()
    }

    /// A hash of what a tile can show of it to `class`: id, geometry, ranks, and the attributes
    /// that are in the layer's tiles and open to `class`; 0 where the class may not see it.
    ///
    /// Nothing that a class may not see is in its hash, so that the hash does not tell when a
    /// hidden value changes.
    pub const fn drawn_version(self, class: Openness) -> u64 {
        self.stored.drawn_version(class)
    }
}

/// Two handles are equal where all that there is to their features is equal, by its hash.
impl PartialEq for SnapshotFeature<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.id(), self.version()) == (other.id(), other.version())
    }
}

impl fmt::Debug for SnapshotFeature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotFeature")
            .field("id", &self.id().value())
            .field("box", &self.world_box())
            .field("first_zoom", &self.first_zoom())
            .field("openness", &self.openness())
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}
