//! Filters over the bundled city: PostGIS finds what the same filter finds in memory.

use std::collections::BTreeSet;

use urbis_catalog::{Catalog, Layer};
use urbis_filter::{Filter, Language, Record};
use urbis_model::{Feature, Openness, Validity, Value};
use urbis_store::{FeatureAsk, FeatureReader, Store};
use urbis_tests::{ROOT, synthetic_database};

/// A layer and what is asked of it.
const FILTERS: [(&str, &str); 36] = [
    ("admin_unit", "ACCENTI(CASEI(name)) LIKE '%hai chau%'"),
    ("admin_unit", "S_INTERSECTS(geom, POINT(108.2203 16.0678))"),
    ("admin_unit", "NOT S_INTERSECTS(geom, BBOX(108.1, 15.95, 108.3, 16.15))"),
    ("admin_unit", "S_WITHIN(geom, BBOX(107.9, 15.6, 108.45, 16.3))"),
    ("admin_unit", "S_CONTAINS(geom, POINT(108.2203 16.0678)) OR name IS NULL"),
    ("road_segment", "CASEI(name) LIKE CASEI('%NGUYỄN%')"),
    ("road_segment", "ACCENTI(name) LIKE 'Duong%' OR name IS NULL"),
    ("road_segment", "S_CROSSES(geom, LINESTRING(108.19 16.05, 108.25 16.08))"),
    (
        "road_segment",
        "S_INTERSECTS(geom, POLYGON((108.2 16.04, 108.24 16.05, 108.22 16.08, 108.2 16.04)))",
    ),
    (
        "road_segment",
        "S_WITHIN(geom, POLYGON((108.2 16.04, 108.24 16.05, 108.22 16.08, 108.2 16.04)))",
    ),
    ("road_segment", "S_DISJOINT(geom, BBOX(108.15, 16.0, 108.25, 16.1))"),
    ("parcel", "area_m2 > 150.5 AND land_use = 'ODT'"),
    ("parcel", "area_m2 BETWEEN 80 AND 120 AND NOT land_use LIKE '%CLN%'"),
    ("parcel", "legal_area_m2 > area_m2"),
    ("parcel", "legal_area_m2 IS NULL OR legal_area_m2 < 50"),
    ("parcel", "land_use IN ('ODT', 'ODT+CLN', 'CQP', 'none')"),
    ("parcel", "land_use NOT IN ('ODT', 'ODT+CLN')"),
    ("parcel", "parcel_no > '5' AND parcel_no < '51'"),
    (
        "parcel",
        "S_INTERSECTS(geom, POLYGON((108.2 16.04, 108.24 16.05, 108.22 16.08, 108.2 16.04)))",
    ),
    ("parcel", "S_DISJOINT(geom, POLYGON((108.1 16.0, 108.3 16.0, 108.22 16.08, 108.1 16.0)))"),
    ("parcel", "NOT S_WITHIN(geom, BBOX(108.18, 16.02, 108.22, 16.07))"),
    ("land_use", "S_OVERLAPS(geom, BBOX(108.18, 16.02, 108.22, 16.07))"),
    ("building", "S_INTERSECTS(geom, BBOX(108.2, 16.04, 108.23, 16.08)) AND NOT name IS NULL"),
    ("building_permit", "T_AFTER(issued, DATE('2024-01-01'))"),
    ("building_permit", "T_DURING(INTERVAL(issued, issued), INTERVAL('2023-01-01', '2025-01-01'))"),
    ("building_permit", "issued < DATE('2024-06-30') OR issued IS NULL"),
    ("water_body", "S_TOUCHES(geom, BBOX(108.18, 16.02, 108.22, 16.07))"),
    ("bus_stop", "S_WITHIN(geom, POLYGON((108.15 16.0, 108.3 16.0, 108.22 16.12, 108.15 16.0)))"),
    ("bus_stop", "NOT ACCENTI(CASEI(name)) LIKE '%duong%'"),
    ("public_place", "name LIKE 'Trường%'"),
    (
        "public_place",
        "CASEI(name) LIKE CASEI('TRƯỜNG%') AND S_INTERSECTS(geom, BBOX(108, 15, 109, 17))",
    ),
    ("public_place", "name < 'Đ' OR name >= 'đ'"),
    ("address_point", "S_INTERSECTS(geom, BBOX(-180, -90, 180, 90))"),
    ("camera", "S_DISJOINT(geom, BBOX(100, 10, 108.21, 20))"),
    ("emergency_place", "true"),
    (
        "works_site",
        "NOT S_INTERSECTS(geom, POLYGON((108.2 16.04, 108.24 16.05, 108.22 16.08, 108.2 16.04)))",
    ),
];

/// Least part of the filters that must tell some features from others.
const LEAST_TELLING: usize = 28;

struct Held<'a>(&'a Feature);

impl Record for Held<'_> {
    fn value(&self, attribute: usize) -> Value<'_> {
        self.0.attributes.get(attribute).map_or(Value::Null, Value::from)
    }

    fn geometry(&self) -> Option<geo_types::Geometry<f64>> {
        self.0.geometry.clone()
    }

    fn validity(&self) -> Validity {
        self.0.validity
    }
}

#[tokio::test]
async fn a_filter_finds_in_postgis_what_it_finds_in_memory() {
    let url = synthetic_database();
    let catalog = Catalog::load(&ROOT.join("layers")).expect("the layers are read");
    let store = Store::connect(&url).await.expect("the database is there");
    let reader = FeatureReader::new(&url).expect("the address is one");
    let all = store.read_all(&catalog).await.expect("the city is read");
    let mut telling = 0;
    for (name, text) in FILTERS {
        let (id, features) = all.iter().find(|(id, _)| id.as_str() == name).expect(name);
        let layer = catalog.layer(id).expect(name);
        for class in Openness::ALL.into_iter().filter(|class| *class >= layer.openness) {
            let filter = match Filter::parse(text, Language::Text, layer, class) {
                Ok(filter) => filter,
                Err(cause) if class == Openness::Restricted => panic!("{text}: {cause}"),
                // A property that the class does not see.
                Err(_) => continue,
            };
            let expected = in_memory(layer, features, &filter, class);
            let ask = FeatureAsk { filter: Some(&filter), ..FeatureAsk::all(layer, class) };
            let page = reader.page(&ask).await.unwrap_or_else(|cause| panic!("{text}: {cause:?}"));
            let missing: Vec<_> = expected.difference(&ids(&page.features)).copied().collect();
            let more: Vec<_> = ids(&page.features).difference(&expected).copied().collect();
            assert_eq!((missing, more), (vec![], vec![]), "{name}: {text} for {class}");
            let counted = reader.count(&ask).await.expect("the features are counted");
            assert_eq!(counted, expected.len() as u64, "{name}: {text} for {class}");
            let tells = !expected.is_empty() && expected.len() < features.len();
            telling += usize::from(tells && class == Openness::Restricted);
        }
    }
    assert!(telling >= LEAST_TELLING, "only {telling} filters tell features apart");
}

fn in_memory(
    layer: &Layer,
    features: &[Feature],
    filter: &Filter,
    class: Openness,
) -> BTreeSet<u64> {
    let shown =
        features.iter().filter(|feature| layer.feature_openness(&feature.attributes) <= class);
    shown
        .filter(|feature| filter.matches(&Held(feature)))
        .map(|feature| feature.id.value())
        .collect()
}

fn ids(features: &[u8]) -> BTreeSet<u64> {
    let whole = [b"[", features, b"]"].concat();
    let features: Vec<serde_json::Value> = serde_json::from_slice(&whole).expect("GeoJSON");
    features.iter().map(|feature| feature["id"].as_u64().expect("an id")).collect()
}
