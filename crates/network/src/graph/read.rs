//! What the layers of a city say of roads, read into the graph's words.

use std::sync::Arc;

use urbis_catalog::{Layer, NetworkRole, VehicleProfile};
use urbis_model::{FeatureId, Openness, TileAddress, WorldBox, WorldXy};
use urbis_snapshot::{City, LayerSnapshot, Part, SnapshotFeature, Value, Visibility};

use crate::length::{cells, is_too_long};
use crate::{Barrier, Oneway, RoadTraits, Word};

/// A layer of the network and where its attributes are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub layer: &'a Layer,
    pub snapshot: &'a LayerSnapshot,
}

impl<'a> Source<'a> {
    /// The layer of a role; `None` where the city has none.
    pub fn new(city: &'a City, role: NetworkRole) -> Option<Self> {
        let layer = city.catalog().network_layer(role)?;
        Some(Self { layer, snapshot: city.layer(&layer.id)? })
    }

    fn index(&self, attribute: &str) -> Option<usize> {
        self.layer.attribute_index(attribute)
    }

    /// The features valid now whose box meets a box, whoever may see them.
    pub fn in_box(&self, area: WorldBox) -> Vec<SnapshotFeature<'a>> {
        let seen = Visibility::now(Openness::Restricted);
        self.snapshot.in_box(area, TileAddress::MAX_ZOOM, seen)
    }
}

/// An attribute that may be missing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field(Option<usize>);

impl Field {
    pub fn new(source: &Source<'_>, name: &str) -> Self {
        Self(source.index(name))
    }

    fn value<'a>(self, feature: SnapshotFeature<'a>) -> Value<'a> {
        self.0.map_or(Value::Null, |index| feature.attribute(index))
    }

    pub fn text<'a>(self, feature: SnapshotFeature<'a>) -> Option<&'a str> {
        match self.value(feature) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn is_true(self, feature: SnapshotFeature<'_>) -> bool {
        self.value(feature) == Value::Bool(true)
    }

    fn number(self, feature: SnapshotFeature<'_>) -> Option<f64> {
        match self.value(feature) {
            Value::Int(number) => Some(number as f64),
            Value::Float(number) => Some(number),
            _ => None,
        }
    }

    /// A number times a scale, at least 1 so that it is not taken for none; 0 where there is none.
    fn scaled(self, feature: SnapshotFeature<'_>, scale: f64) -> u16 {
        // `as` saturates.
        self.number(feature).map_or(0, |number| (number * scale).round().max(1.0) as u16)
    }
}

/// Words by their numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words(Arc<Vec<Arc<str>>>);

impl Words {
    pub fn get(&self, word: Word) -> Option<&str> {
        let index = usize::from(word.0).checked_sub(1)?;
        self.0.get(index).map(AsRef::as_ref)
    }

    /// The number of a text, a new one where it is new; [`Word::NONE`] where all are taken.
    pub fn number(&mut self, text: Option<&str>) -> Word {
        let Some(text) = text else { return Word::NONE };
        let known = self.0.iter().position(|word| word.as_ref() == text);
        let index = known.unwrap_or_else(|| {
            if self.0.len() < usize::from(u8::MAX) {
                Arc::make_mut(&mut self.0).push(text.into());
            }
            self.0.iter().position(|word| word.as_ref() == text).unwrap_or(usize::MAX)
        });
        u8::try_from(index.saturating_add(1)).map_or(Word::NONE, Word)
    }
}

/// The roads layer.
#[derive(Debug)]
pub(crate) struct Roads<'a> {
    pub source: Source<'a>,
    pub osm_id: Field,
    class: Field,
    oneway: Field,
    maxspeed_kmh: Field,
    width_m: Field,
    max_height_m: Field,
    max_weight_t: Field,
    bridge: Field,
    tunnel: Field,
    layer: Field,
    roundabout: Field,
    /// By profile: what it reads of a road's access, and what closes it.
    access: Vec<(Vec<Field>, &'a [String])>,
}

impl<'a> Roads<'a> {
    pub fn new(city: &'a City) -> Option<Self> {
        let source = Source::new(city, NetworkRole::Roads)?;
        let field = |name| Field::new(&source, name);
        let reads = |profile: &'a Arc<VehicleProfile>| {
            let fields = profile.access.read.iter().map(|name| Field::new(&source, name));
            (fields.collect(), profile.access.closed.as_slice())
        };
        Some(Self {
            osm_id: field("osm_id"),
            class: field("class"),
            oneway: field("oneway"),
            maxspeed_kmh: field("maxspeed_kmh"),
            width_m: field("width_m"),
            max_height_m: field("max_height_m"),
            max_weight_t: field("max_weight_t"),
            bridge: field("bridge"),
            tunnel: field("tunnel"),
            layer: field("layer"),
            roundabout: field("roundabout"),
            access: city.catalog().profiles().iter().map(reads).collect(),
            source,
        })
    }

    pub fn traits(&self, feature: SnapshotFeature<'_>, words: &mut Words) -> RoadTraits {
        let is_bridge = self.bridge.is_true(feature);
        let is_tunnel = self.tunnel.is_true(feature);
        let is_roundabout = self.roundabout.is_true(feature);
        RoadTraits {
            class: words.number(self.class.text(feature)),
            maxspeed_kmh: self.maxspeed_kmh.scaled(feature, 1.0),
            width_cm: self.width_m.scaled(feature, 100.0),
            max_height_cm: self.max_height_m.scaled(feature, 100.0),
            max_weight_10kg: self.max_weight_t.scaled(feature, 100.0),
            level: self.level(feature, is_bridge, is_tunnel),
            oneway: match self.oneway.text(feature) {
                Some("forward") => Oneway::Forward,
                Some("backward") => Oneway::Backward,
                // OSM seldom says of one that it has a direction, and it is drawn in it.
                None if is_roundabout => Oneway::Forward,
                _ => Oneway::No,
            },
            is_bridge,
            is_tunnel,
            is_roundabout,
            closed_to: self.closed_to(feature),
        }
    }

    /// The level that is drawn; where there is none, a bridge is above and a tunnel below.
    fn level(&self, feature: SnapshotFeature<'_>, is_bridge: bool, is_tunnel: bool) -> i8 {
        match self.layer.number(feature) {
            // `as` saturates.
            Some(level) => level as i8,
            None => i8::from(is_bridge) - i8::from(is_tunnel && !is_bridge),
        }
    }

    fn closed_to(&self, feature: SnapshotFeature<'_>) -> u32 {
        let is_closed = |(fields, closed): &(Vec<Field>, &[String])| {
            let access = fields.iter().find_map(|field| field.text(feature));
            access.is_some_and(|access| closed.iter().any(|word| word == access))
        };
        let profiles = (0..u32::BITS).zip(&self.access);
        profiles.filter(|(_, access)| is_closed(access)).fold(0, |set, (bit, _)| set | 1 << bit)
    }

    /// Says whether the graph reads the same of two states of a segment.
    pub fn is_same(
        &self,
        one: SnapshotFeature<'_>,
        before: &Self,
        old: SnapshotFeature<'_>,
    ) -> bool {
        let mut words = Words::default();
        self.osm_id.text(one) == before.osm_id.text(old)
            && self.traits(one, &mut words) == before.traits(old, &mut words)
            && lines(one).map(|(_, line)| line).eq(lines(old).map(|(_, line)| line))
    }

    /// The feature of an id, if it is valid now.
    pub fn now(&self, city: &City, id: FeatureId) -> Option<SnapshotFeature<'a>> {
        let feature = self.source.snapshot.feature(id)?;
        feature.validity().contains(city.at()).then_some(feature)
    }

    /// The segments with a vertex in a cell.
    pub fn at(&self, cell: WorldXy) -> impl Iterator<Item = SnapshotFeature<'a>> {
        let around = self.source.in_box(WorldBox::from_cell(cell));
        let has_it = move |feature: &SnapshotFeature<'a>| {
            lines(*feature).any(|(_, line)| line.contains(&cell))
        };
        around.into_iter().filter(has_it)
    }
}

/// The parts of a segment that have a length, with their numbers; those that are too long to be
/// measured are left out.
pub(crate) fn lines(segment: SnapshotFeature<'_>) -> impl Iterator<Item = (u16, &[WorldXy])> {
    all_lines(segment).filter(|(_, line)| !is_too_long(line))
}

/// How many parts of a segment [`lines`] leaves out.
pub(crate) fn too_long(segment: SnapshotFeature<'_>) -> usize {
    all_lines(segment).filter(|(_, line)| is_too_long(line)).count()
}

fn all_lines(segment: SnapshotFeature<'_>) -> impl Iterator<Item = (u16, &[WorldXy])> {
    let parts = (0_u16..).zip(segment.parts());
    parts.filter_map(|(number, part)| match part {
        Part::Line(path) if path.vertices().len() > 1 => Some((number, path.vertices())),
        _ => None,
    })
}

/// The cells around one that are less than `metres` away, and some more.
pub(crate) fn around(cell: WorldXy, metres: f64) -> WorldBox {
    WorldBox::from_cell(cell).grown(cells(cell, metres).ceil() as u32)
}

/// The barriers layer.
#[derive(Debug)]
pub(crate) struct Barriers<'a> {
    pub source: Source<'a>,
    kind: Field,
    access: Field,
    passable_width_m: Field,
    closed: Vec<&'a [String]>,
}

impl<'a> Barriers<'a> {
    pub fn new(city: &'a City) -> Option<Self> {
        let source = Source::new(city, NetworkRole::Barriers)?;
        let field = |name| Field::new(&source, name);
        let profiles = city.catalog().profiles().iter();
        Some(Self {
            kind: field("kind"),
            access: field("access"),
            passable_width_m: field("passable_width_m"),
            closed: profiles.map(|profile| profile.access.closed.as_slice()).collect(),
            source,
        })
    }

    /// What stands there, and the profiles that it is closed to by right.
    pub fn read(&self, feature: SnapshotFeature<'_>, words: &mut Words) -> (Barrier, u32) {
        let access = self.access.text(feature);
        let is_closed =
            |closed: &[String]| access.is_some_and(|access| closed.iter().any(|it| it == access));
        let profiles = (0..u32::BITS).zip(&self.closed);
        let closed_to =
            profiles.filter(|(_, it)| is_closed(it)).fold(0, |set, (bit, _)| set | 1 << bit);
        let barrier = Barrier {
            kind: words.number(self.kind.text(feature)),
            access: words.number(access),
            passable_width_cm: self.passable_width_m.scaled(feature, 100.0),
        };
        (barrier, closed_to)
    }
}

/// The cells of a layer of points.
pub(crate) fn points(feature: SnapshotFeature<'_>) -> impl Iterator<Item = WorldXy> {
    feature.parts().filter_map(|part| match part {
        Part::Point(cell) => Some(cell),
        _ => None,
    })
}
