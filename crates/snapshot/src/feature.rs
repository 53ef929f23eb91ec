//! One feature as the city in memory holds it.

use geo_types::Geometry;
use urbis_catalog::Layer;
use urbis_model::{AttributeValue, Feature, FeatureId, Openness, WorldBox};
use xxhash_rust::xxh3::Xxh3;

use crate::intern::Interner;
use crate::shape::{Part, Shape};
use crate::visibility::first_zoom;

/// A feature on the world grid, with its zoom ranks; never changed once made.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotFeature {
    id: FeatureId,
    shape: Shape,
    ranks: Box<[u8]>,
    attributes: Box<[AttributeValue]>,
    world_box: Option<WorldBox>,
    first_zoom: u8,
    hashes: Hashes,
}

/// What two states of a feature are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Hashes {
    /// Over everything.
    whole: u64,
    /// Over what a tile can show to everybody.
    drawn_open: u64,
    /// Over what a tile can show to anybody.
    drawn_all: u64,
}

impl SnapshotFeature {
    /// Its id.
    pub const fn id(&self) -> FeatureId {
        self.id
    }

    /// One value an attribute, in the order of the layer's definition.
    pub fn attributes(&self) -> &[AttributeValue] {
        &self.attributes
    }

    /// The parts of its geometry, all of the layer's kind; none where it has no geometry.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        self.shape.parts(&self.ranks)
    }

    /// Its geometry in degrees, EPSG:4326, x = longitude, within half a cell (5 mm) of the
    /// source: Point, MultiPoint, MultiLineString or MultiPolygon, rings closed.
    pub fn to_geometry(&self) -> Option<Geometry<f64>> {
        self.shape.to_geometry()
    }

    /// The smallest box around its vertices; `None` where it has no geometry.
    pub const fn world_box(&self) -> Option<WorldBox> {
        self.world_box
    }

    /// The first zoom at which it is drawn.
    pub const fn first_zoom(&self) -> u8 {
        self.first_zoom
    }

    /// Vertices of its geometry; a ring counts its first once.
    pub fn vertex_count(&self) -> usize {
        self.shape.vertices().len()
    }

    /// A hash of all there is to it: id, geometry, ranks, first zoom, attributes.
    pub const fn version(&self) -> u64 {
        self.hashes.whole
    }

    /// A hash of what a tile can show of it to `class`: id, geometry, ranks, and the attributes
    /// that are in the layer's tiles and open to `class`.
    ///
    /// Nothing that the public may not see is in the hash for [`Openness::Open`], so that it does
    /// not tell when a hidden value changes. Stricter classes share one hash over all attributes
    /// of the tiles.
    pub const fn drawn_version(&self, class: Openness) -> u64 {
        match class {
            Openness::Open => self.hashes.drawn_open,
            Openness::Internal | Openness::Restricted => self.hashes.drawn_all,
        }
    }
}

/// A feature whose vertices are not ranked yet.
#[derive(Debug, Clone)]
pub(crate) struct Unranked {
    id: FeatureId,
    pub(crate) shape: Shape,
    attributes: Box<[AttributeValue]>,
    pub(crate) world_box: Option<WorldBox>,
}

impl Unranked {
    pub(crate) fn new(layer: &Layer, feature: Feature, interner: &mut Interner) -> Self {
        let shape = Shape::new(layer.geometry, feature.geometry.as_ref());
        Self {
            id: feature.id,
            world_box: shape.world_box(),
            shape,
            attributes: interner.intern(feature.attributes),
        }
    }

    pub(crate) const fn id(&self) -> FeatureId {
        self.id
    }

    /// Finishes the feature with one rank a vertex.
    pub(crate) fn finish(self, layer: &Layer, ranks: Box<[u8]>) -> SnapshotFeature {
        let Self { id, shape, attributes, world_box } = self;
        let first_zoom = first_zoom(layer, &attributes, world_box);
        let hashes = Hashes::default();
        let mut feature =
            SnapshotFeature { id, shape, ranks, attributes, world_box, first_zoom, hashes };
        feature.hashes = feature.hash(layer);
        feature
    }
}

impl SnapshotFeature {
    pub(crate) const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The same feature, to be ranked again.
    pub(crate) fn to_unranked(&self) -> Unranked {
        Unranked {
            id: self.id,
            shape: self.shape.clone(),
            attributes: self.attributes.clone(),
            world_box: self.world_box,
        }
    }

    fn hash(&self, layer: &Layer) -> Hashes {
        let mut common = Xxh3::new();
        common.update(&self.id.value().to_le_bytes());
        hash_ends(&mut common, self.shape.part_ends());
        hash_ends(&mut common, self.shape.path_ends());
        for vertex in self.shape.vertices() {
            common.update(&vertex.x.to_le_bytes());
            common.update(&vertex.y.to_le_bytes());
        }
        common.update(&self.ranks);

        let mut whole = common.clone();
        whole.update(&[self.first_zoom]);
        self.attributes.iter().for_each(|value| hash_value(&mut whole, value));
        let drawn = |class| {
            let mut hasher = common.clone();
            let shown = layer.tile_attributes(class).filter_map(|at| self.attributes.get(at));
            shown.for_each(|value| hash_value(&mut hasher, value));
            hasher.digest()
        };
        Hashes {
            whole: whole.digest(),
            drawn_open: drawn(Openness::Open),
            drawn_all: drawn(Openness::Restricted),
        }
    }
}

/// Lengths go first, so that no two different features spell the same bytes.
fn hash_ends(hasher: &mut Xxh3, ends: &[u32]) {
    hasher.update(&(ends.len() as u64).to_le_bytes());
    ends.iter().for_each(|end| hasher.update(&end.to_le_bytes()));
}

fn hash_value(hasher: &mut Xxh3, value: &AttributeValue) {
    match value {
        AttributeValue::Null => hasher.update(&[0]),
        AttributeValue::Bool(truth) => hasher.update(&[1, u8::from(*truth)]),
        AttributeValue::Int(number) => {
            hasher.update(&[2]);
            hasher.update(&number.to_le_bytes());
        }
        AttributeValue::Float(number) => {
            hasher.update(&[3]);
            hasher.update(&number.to_bits().to_le_bytes());
        }
        AttributeValue::Text(text) => {
            hasher.update(&[4]);
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
    }
}
