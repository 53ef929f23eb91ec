//! What the generator builds on: the part of the city's real features that it looks at.

use geo::{Geometry, MultiLineString, MultiPolygon};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{AttributeValue, Feature, LayerId, LonLat, Moment};

use crate::day::REFERENCE_MICROS;

/// The real things around which the others grow. Geometries in degrees, x = longitude.
#[derive(Debug, Clone)]
pub struct CityInput {
    /// Middle of the part that grows first.
    pub center: LonLat,
    /// In order of their keys.
    pub roads: Vec<Road>,
    /// In order of their codes.
    pub wards: Vec<Ward>,
    /// In order of their keys.
    pub buildings: Vec<Building>,
    /// In no order that matters.
    pub water: Vec<MultiPolygon>,
}

/// A stretch of road.
#[derive(Debug, Clone)]
pub struct Road {
    /// The source's id.
    pub key: String,
    /// OSM's `highway`.
    pub class: String,
    /// OSM's `service`, empty where absent.
    pub service: String,
    /// Empty where it has none.
    pub name: String,
    /// On a bridge or in a tunnel: it bounds no block.
    pub off_ground: bool,
    /// The road's axis.
    pub lines: MultiLineString,
}

/// A ward or commune.
#[derive(Debug, Clone)]
pub struct Ward {
    /// Five digits.
    pub code: String,
    /// Such as `Phường Hải Châu`.
    pub full_name: String,
    /// Its ground.
    pub area: MultiPolygon,
}

/// A building.
#[derive(Debug, Clone)]
pub struct Building {
    /// The source's id.
    pub key: String,
    /// A code of layer `building`.
    pub usage: String,
    /// Its footprint.
    pub footprint: MultiPolygon,
}

impl CityInput {
    /// Takes what it knows from the features of a city: the layers `road_segment`, `admin_unit`,
    /// `building` and `water_body`; one that is absent is empty.
    ///
    /// Features come in any order and with any ids: only their own keys matter.
    pub fn from_layers(
        catalog: &Catalog,
        center: LonLat,
        layers: &[(LayerId, Vec<Feature>)],
    ) -> Self {
        let reader = |name: &str| Reader::new(catalog, layers, name);
        let mut roads: Vec<Road> = reader("road_segment").read(road);
        roads.sort_by(|one, other| one.key.cmp(&other.key));
        let mut wards: Vec<Ward> = reader("admin_unit").read(ward);
        wards.sort_by(|one, other| one.code.cmp(&other.code));
        let mut buildings: Vec<Building> = reader("building").read(building);
        buildings.sort_by(|one, other| one.key.cmp(&other.key));
        let water = reader("water_body").read(|_, geometry| polygons(geometry));
        Self { center, roads, wards, buildings, water }
    }
}

fn road(row: &Row<'_>, geometry: &Geometry) -> Option<Road> {
    let Geometry::MultiLineString(lines) = geometry else { return None };
    Some(Road {
        key: row.text("osm_id"),
        class: row.text("class"),
        service: row.text("service"),
        name: row.text("name"),
        off_ground: row.is_true("bridge") || row.is_true("tunnel"),
        lines: lines.clone(),
    })
}

fn ward(row: &Row<'_>, geometry: &Geometry) -> Option<Ward> {
    // Codes were used again in 2025: the wards of before have other ground.
    let holds = row.feature.validity.contains(Moment(REFERENCE_MICROS));
    let area = polygons(geometry).filter(|_| holds)?;
    Some(Ward { code: row.text("code"), full_name: row.text("full_name"), area })
}

fn building(row: &Row<'_>, geometry: &Geometry) -> Option<Building> {
    let footprint = polygons(geometry)?;
    Some(Building { key: row.text("osm_id"), usage: row.text("use"), footprint })
}

fn polygons(geometry: &Geometry) -> Option<MultiPolygon> {
    match geometry {
        Geometry::MultiPolygon(polygons) => Some(polygons.clone()),
        _ => None,
    }
}

/// The features of one layer.
struct Reader<'a> {
    layer: Option<&'a Layer>,
    features: &'a [Feature],
}

impl<'a> Reader<'a> {
    fn new(catalog: &'a Catalog, layers: &'a [(LayerId, Vec<Feature>)], name: &str) -> Self {
        let loaded = layers.iter().find(|(id, _)| id.as_str() == name);
        let layer = catalog.layers().find(|layer| layer.id.as_str() == name);
        Self { layer, features: loaded.map_or(&[], |(_, features)| features) }
    }

    fn read<T>(&self, of: impl Fn(&Row<'_>, &Geometry) -> Option<T>) -> Vec<T> {
        let Some(layer) = self.layer else { return Vec::new() };
        let read = |feature| {
            let row = Row { layer, feature };
            of(&row, row.feature.geometry.as_ref()?)
        };
        self.features.iter().filter_map(read).collect()
    }
}

/// One feature with the names of its attributes.
struct Row<'a> {
    layer: &'a Layer,
    feature: &'a Feature,
}

impl Row<'_> {
    fn value(&self, name: &str) -> Option<&AttributeValue> {
        self.feature.attributes.get(self.layer.attribute_index(name)?)
    }

    /// Empty where there is none.
    fn text(&self, name: &str) -> String {
        self.value(name).and_then(AttributeValue::as_text).unwrap_or_default().to_owned()
    }

    fn is_true(&self, name: &str) -> bool {
        self.value(name) == Some(&AttributeValue::Bool(true))
    }
}
