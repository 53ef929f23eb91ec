//! One feature as the city in memory holds it.

use geo_types::Geometry;
use urbis_catalog::Layer;
use urbis_model::{AttributeValue, Feature, FeatureId, Moment, Openness, Validity, WorldBox};
use xxhash_rust::xxh3::Xxh3;

use crate::changes::ChangedArea;
use crate::first_zoom::first_zoom;
use crate::intern::Interner;
use crate::key::Key;
use crate::shape::{Part, Shape};
use crate::value::Dictionary;

/// A feature on the world grid, with its zoom ranks; never changed once made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    id: FeatureId,
    shape: Shape,
    ranks: Box<[u8]>,
    attributes: Box<[AttributeValue]>,
    dictionaries: Box<[Dictionary]>,
    world_box: Option<WorldBox>,
    first_zoom: u8,
    openness: Openness,
    is_synthetic: bool,
    /// `None` where it is valid always, as most are.
    validity: Option<Box<Validity>>,
    hashes: Hashes,
}

/// What two states of a feature are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Hashes {
    /// Over everything.
    whole: u64,
    /// Over what a tile can show to each class; 0 where it may not see the feature.
    drawn: [u64; Openness::ALL.len()],
}

impl Stored {
    /// Its id.
    pub const fn id(&self) -> FeatureId {
        self.id
    }

    pub(crate) fn dictionaries(&self) -> &[Dictionary] {
        &self.dictionaries
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

    /// Who may see it: by its layer, or stricter by its attributes.
    pub const fn openness(&self) -> Openness {
        self.openness
    }

    /// Says whether a generator made it up.
    pub(crate) const fn is_synthetic(&self) -> bool {
        self.is_synthetic
    }

    /// When it holds in the world.
    pub fn validity(&self) -> Validity {
        self.validity.as_deref().copied().unwrap_or(Validity::ALWAYS)
    }

    /// Vertices of its geometry; a ring counts its first once.
    pub fn vertex_count(&self) -> usize {
        self.shape.vertices().len()
    }

    /// A hash of all there is to it: id, geometry, ranks, first zoom, attributes, openness,
    /// validity.
    pub const fn version(&self) -> u64 {
        self.hashes.whole
    }

    /// A hash of what a tile can show of it to `class`: id, geometry, ranks, and the attributes
    /// that are in the layer's tiles and open to `class`; 0 where the class may not see it.
    ///
    /// Nothing that a class may not see is in its hash, so that the hash does not tell when a
    /// hidden value changes.
    pub const fn drawn_version(&self, class: Openness) -> u64 {
        self.hashes.drawn[class as usize]
    }
}

/// A feature whose vertices are not ranked yet.
#[derive(Debug, Clone)]
pub(crate) struct Unranked {
    id: FeatureId,
    pub(crate) shape: Shape,
    attributes: Box<[AttributeValue]>,
    pub(crate) world_box: Option<WorldBox>,
    openness: Openness,
    validity: Option<Box<Validity>>,
}

impl Unranked {
    pub(crate) fn new(layer: &Layer, feature: Feature, interner: &mut Interner) -> Self {
        let shape = Shape::new(layer.geometry, feature.geometry.as_ref());
        let is_bounded = feature.validity != Validity::ALWAYS;
        Self {
            id: feature.id,
            world_box: shape.world_box(),
            shape,
            openness: layer.feature_openness(&feature.attributes),
            attributes: interner.intern(feature.attributes),
            validity: is_bounded.then(|| Box::new(feature.validity)),
        }
    }

    pub(crate) const fn id(&self) -> FeatureId {
        self.id
    }

    pub(crate) const fn openness(&self) -> Openness {
        self.openness
    }

    pub(crate) fn validity(&self) -> Validity {
        self.validity.as_deref().copied().unwrap_or(Validity::ALWAYS)
    }

    /// Finishes the feature with one rank a vertex.
    pub(crate) fn finish(self, layer: &Layer, ranks: Box<[u8]>) -> Stored {
        let Self { id, shape, attributes, world_box, openness, validity } = self;
        let mut feature = Stored {
            first_zoom: first_zoom(layer, &attributes, world_box),
            is_synthetic: layer.is_synthetic(&attributes),
            hashes: Hashes::default(),
            id,
            shape,
            ranks,
            dictionaries: attributes.iter().map(Dictionary::of).collect(),
            attributes,
            world_box,
            openness,
            validity,
        };
        feature.hashes = feature.hash(layer);
        feature
    }
}

impl Stored {
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
            openness: self.openness,
            validity: self.validity.clone(),
        }
    }

    /// One pass: what the openest class sees goes first, and each digest is taken before what
    /// only a stricter class sees is added.
    fn hash(&self, layer: &Layer) -> Hashes {
        let mut hasher = Xxh3::new();
        hasher.update(&self.id.value().to_le_bytes());
        hash_ends(&mut hasher, self.shape.part_ends());
        hash_ends(&mut hasher, self.shape.path_ends());
        for vertex in self.shape.vertices() {
            hasher.update(&vertex.x.to_le_bytes());
            hasher.update(&vertex.y.to_le_bytes());
        }
        hasher.update(&self.ranks);
        let drawn = Openness::ALL.map(|class| {
            let shown = layer.tile_attributes(class);
            let added = shown.filter(|at| layer.openness_of(&layer.attributes[*at]) == class);
            added
                .filter_map(|at| self.attributes.get(at))
                .for_each(|value| hash_value(&mut hasher, value));
            if class < self.openness { 0 } else { hasher.digest() }
        });

        hasher.update(&[self.first_zoom, self.openness as u8]);
        self.attributes.iter().for_each(|value| hash_value(&mut hasher, value));
        let validity = self.validity();
        hash_moment(&mut hasher, validity.from);
        hash_moment(&mut hasher, validity.to);
        Hashes { whole: hasher.digest(), drawn }
    }
}

fn hash_moment(hasher: &mut Xxh3, moment: Option<Moment>) {
    hasher.update(&[u8::from(moment.is_some())]);
    hasher.update(&moment.map_or(0, |moment| moment.0).to_le_bytes());
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

impl Stored {
    pub(crate) fn key(&self) -> Key {
        Key::new(self.world_box, self.id)
    }

    /// What a change between this state and another, if there is one, makes be drawn otherwise
    /// where this state lies; `None` where no tile, of whatever moment and class, can tell.
    ///
    /// It is for the classes that see this state and can tell: a change of what only some may see
    /// is no change to the others.
    pub(crate) fn area_unlike(&self, other: Option<&Self>) -> Option<ChangedArea> {
        let tells = |class: &Openness| {
            other.is_none_or(|other| {
                self.drawn_version(*class) != other.drawn_version(*class)
                    || self.first_zoom != other.first_zoom
                    || self.validity != other.validity
            })
        };
        let mut seeing = Openness::ALL.into_iter().filter(|class| self.openness <= *class);
        let openness = seeing.find(tells)?;
        let world_box = self.world_box?;
        Some(ChangedArea { world_box, first_zoom: self.first_zoom, openness })
    }
}
