//! A small city in the real layers, and chance.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use geo_types::{Geometry, LineString, MultiLineString, MultiPolygon, Point, Rect};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{
    AttributeValue, ChangeBatch, Feature, FeatureId, LayerChange, LayerId, LonLat, Moment,
    Openness, Revision, Validity,
};
use urbis_search::{Ask, Hit, HitKind, Language, SearchIndex};
use urbis_snapshot::City;

/// The moment of every city of the tests.
pub const NOW: Moment = Moment(1_790_000_000_000_000);

/// The catalogue of the bundled city.
pub fn catalog() -> Arc<Catalog> {
    static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
    let read = || {
        let layers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../layers");
        Arc::new(Catalog::load(&layers).expect("the catalogue is valid"))
    };
    Arc::clone(CATALOG.get_or_init(read))
}

pub fn id(number: u64) -> FeatureId {
    FeatureId::new(i64::try_from(number).unwrap()).unwrap()
}

pub fn layer(name: &str) -> LayerId {
    LayerId::new(name).unwrap()
}

/// A feature of a layer by the names of its attributes.
pub fn feature(
    layer_id: &str,
    number: u64,
    geometry: impl Into<Geometry<f64>>,
    values: &[(&str, &str)],
) -> Feature {
    let catalog = catalog();
    let definition: &Layer = catalog.layer(&layer(layer_id)).unwrap();
    let mut attributes = vec![AttributeValue::Null; definition.attributes.len()];
    for (name, value) in values {
        let index = definition.attribute_index(name).unwrap_or_else(|| panic!("{layer_id} {name}"));
        attributes[index] = AttributeValue::text(*value);
    }
    let geometry = Some(geometry.into());
    Feature { id: id(number), geometry, attributes, validity: Validity::ALWAYS }
}

pub fn at(lon: f64, lat: f64) -> Point<f64> {
    Point::new(lon, lat)
}

pub fn line(points: &[(f64, f64)]) -> MultiLineString<f64> {
    MultiLineString(vec![LineString::from(points.to_vec())])
}

pub fn square(west: f64, south: f64, side: f64) -> MultiPolygon<f64> {
    let rect = Rect::new((west, south), (west + side, south + side));
    MultiPolygon(vec![rect.to_polygon()])
}

/// Features by layer.
pub type Features = Vec<(&'static str, Feature)>;

pub fn city_of(features: &Features) -> Arc<City> {
    let mut layers: std::collections::BTreeMap<&str, Vec<Feature>> = Default::default();
    for (layer, feature) in features {
        layers.entry(layer).or_default().push(feature.clone());
    }
    let layers = layers.into_iter().map(|(id, features)| (layer(id), features)).collect();
    Arc::new(City::build(catalog(), Revision(1), layers, NOW))
}

pub fn index_of(features: &Features) -> SearchIndex {
    SearchIndex::build(city_of(features))
}

/// The city after some features changed and others went.
pub fn changed(city: &City, upserted: &Features, removed: &[(&str, u64)]) -> Arc<City> {
    let mut batch = ChangeBatch::default();
    let ids = upserted.iter().map(|(id, _)| *id).chain(removed.iter().map(|(id, _)| *id));
    let ids: std::collections::BTreeSet<&str> = ids.collect();
    for of in ids {
        let upserted = upserted.iter().filter(|(id, _)| *id == of);
        let removed = removed.iter().filter(|(id, _)| *id == of);
        let change = LayerChange::Rows {
            upserted: upserted.map(|(_, feature)| feature.clone()).collect(),
            removed: removed.map(|(_, number)| id(*number)).collect(),
        };
        batch.layers.insert(layer(of), change);
    }
    let revision = Revision(city.revision().0 + 1);
    Arc::new(city.apply(revision, batch).0)
}

/// What everybody asks.
pub const fn ask(text: &str) -> Ask<'_> {
    let class = Openness::Open;
    Ask { text, class, near: None, limit: 10, language: Language::Vi, layers: None }
}

pub fn near(lon: f64, lat: f64) -> Option<LonLat> {
    Some(LonLat::new(lon, lat).unwrap())
}

/// The titles that everybody finds.
pub fn titles(index: &SearchIndex, text: &str) -> Vec<String> {
    index.search(&ask(text)).into_iter().map(|hit| hit.title).collect()
}

/// Layer and number of the feature of each result.
pub fn found(hits: &[Hit]) -> Vec<(String, u64)> {
    let features = hits.iter().filter(|hit| hit.kind != HitKind::Coordinate);
    let features = features.filter_map(|hit| hit.feature.as_ref());
    features.map(|(layer, id)| (layer.as_str().to_owned(), id.value())).collect()
}

/// A seeded sequence, so that a failure repeats (constants of Knuth's MMIX).
pub struct Random(pub u64);

impl Random {
    /// A whole number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}
