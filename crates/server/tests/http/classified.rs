//! A city with something of each class in each place where a class can hide something.
//!
//! Every word that only some may see occurs once in its meaning, so that finding it in an answer
//! proves that the thing itself is told of.

use std::borrow::Cow;
use std::sync::Arc;

use geo_types::point;
use urbis_catalog::{Catalog, Layer};
use urbis_model::{AttributeValue, Feature, KeyScope, Moment, Openness, Revision, Validity};
use urbis_server::Files;
use urbis_snapshot::City;
use urbis_store::{KeyRecord, KeySecret};

use crate::city::{Service, definition, feature_id, layer_id, style_paths};

/// The square of the three places at zoom 14.
pub const TILE_ADDRESS: &str = "14/13117/7451";

const COMMON: &str = r#"
    description = { vi = "Điểm.", en = "Points." }
    geometry = "Point"
    storage_srid = 4326
    key = "name"

    [[examples]]
    title = "good"
    input = { NAME = "a" }
    output = { name = "a" }

    [[examples]]
    title = "bad"
    input = {}
    reject = "geometry_missing"

    [[attributes]]
    name = "name"
    title = { vi = "Tên", en = "Name" }
    type = "text"
"#;

const PLACE: &str = r##"
    theme = "land"
    title = { vi = "Địa điểm", en = "Places" }
    openness_by = { attribute = "kind", levels = { barracks = "internal", silo = "restricted" } }
    tiles = { minzoom = 6, maxzoom = 14, attributes = ["name", "kind", "phone"] }

    [[sources]]
    file = "place.geojson"
    crs = "EPSG:4326"
    publisher = "The city"
    licence = "MIT"
    attribution = "© The city"
    retrieved = 2026-01-15
    fields = { name = ["NAME"], kind = ["KIND"], phone = ["PHONE"] }

    [[attributes]]
    name = "kind"
    title = { vi = "Loại", en = "Kind" }
    type = "code"

    [attributes.values]
    school = { vi = "Trường", en = "School", icon = "book", color = "#00aa00" }
    barracks = { vi = "Doanh trại", en = "Troops", icon = "tent", color = "#0000aa" }
    silo = { vi = "Hầm tên lửa", en = "Missiles", icon = "rocket", color = "#aa0000" }

    [[attributes]]
    name = "phone"
    title = { vi = "Điện thoại", en = "Telephone" }
    type = "text"
    openness = "internal"
"##;

const PIPE: &str = r#"
    theme = "water_supply"
    theme_title = { vi = "Cấp nước", en = "Waterworks" }
    title = { vi = "Van", en = "Valves" }
    openness = "internal"
    tiles = { minzoom = 6, maxzoom = 14, attributes = ["name"] }

    [[sources]]
    file = "pipe.geojson"
    crs = "EPSG:4326"
    publisher = "Dawaco"
    licence = "MIT"
    attribution = "© Dawaco"
    retrieved = 2026-01-15
    synthetic = true
    fields = { name = ["NAME"] }
    constants = { source = "synthetic" }

    [[attributes]]
    name = "source"
    title = { vi = "Nguồn", en = "Source" }
    type = "text"
"#;

const BUNKER: &str = r#"
    theme = "defence"
    theme_title = { vi = "Quốc phòng", en = "Strongholds" }
    title = { vi = "Hầm", en = "Shelters" }
    openness = "restricted"
    tiles = { minzoom = 6, maxzoom = 14, attributes = ["name"] }

    [[sources]]
    file = "bunker.geojson"
    crs = "EPSG:4326"
    publisher = "Ministry"
    licence = "MIT"
    attribution = "© Ministry"
    retrieved = 2026-01-15
    fields = { name = ["NAME"] }
"#;

const STYLE: &str = r##"{"version": 8,
    "metadata": {"urbis:palettes": {
        "day": {"unknown": "#999999"}, "night": {"unknown": "#666666"}}},
    "sources": {
        "land": {"type": "vector", "url": "{base}/tiles/land"},
        "water": {"type": "vector", "url": "{base}/tiles/water_supply"},
        "defence": {"type": "vector", "url": "{base}/tiles/defence"}},
    "layers": [
        {"id": "places", "type": "symbol", "source": "land", "source-layer": "place",
         "layout": {"icon-image": "{icons:place.kind}"},
         "paint": {"text-color": "{colors:place.kind}"}},
        {"id": "numbers", "type": "symbol", "source": "land", "source-layer": "place",
         "layout": {"text-field": ["get", "phone"]}},
        {"id": "valves", "type": "circle", "source": "water", "source-layer": "pipe"},
        {"id": "shelters", "type": "circle", "source": "defence", "source-layer": "bunker"}]}"##;

/// A service over the city, and a key that reads up to each class; none for everybody.
pub struct Classified {
    pub service: Service,
    pub keys: [(Openness, Option<String>); 3],
}

impl Classified {
    pub fn start() -> Self {
        let service = Service::with(|settings| {
            settings.files = Files { web, web_paths, style, style_paths };
        });
        service.show(city());
        let (internal, internal_key) = issue(Openness::Internal, vec![KeyScope::Read]);
        let (restricted, restricted_key) = issue(Openness::Restricted, vec![KeyScope::Read]);
        service.state.set_keys(vec![internal, restricted]);
        let keys = [
            (Openness::Open, None),
            (Openness::Internal, Some(internal_key)),
            (Openness::Restricted, Some(restricted_key)),
        ];
        Self { service, keys }
    }
}

/// A key and its text.
pub fn issue(level: Openness, scopes: Vec<KeyScope>) -> (KeyRecord, String) {
    let secret = KeySecret::generate().expect("random bytes");
    let record = KeyRecord {
        id: secret.id().to_owned(),
        hash: secret.hash(),
        level,
        scopes,
        label: String::new(),
        created_at: Moment(0),
        revoked_at: None,
    };
    (record, secret.reveal())
}

fn city() -> City {
    let layers = [("place", PLACE), ("pipe", PIPE), ("bunker", BUNKER)];
    let layers = layers.map(|(id, own)| layer(id, own)).to_vec();
    let catalog = Arc::new(Catalog::from_layers(layers).expect("a sound catalogue"));
    let features = vec![
        (
            layer_id("place"),
            vec![
                place(1, "Nguyễn Du", "school"),
                place(2, "Camp Alpha", "barracks"),
                place(3, "Pit Bravo", "silo"),
            ],
        ),
        (layer_id("pipe"), vec![feature(4, &["Valve Charlie", "synthetic"])]),
        (layer_id("bunker"), vec![feature(5, &["Vault Delta"])]),
    ];
    City::build(catalog, Revision(1), features, Moment(0))
}

/// A place of a kind, which says who may see it.
pub fn place(id: i64, name: &str, kind: &str) -> Feature {
    feature(id, &[name, kind, "0905123456"])
}

fn feature(number: i64, words: &[&str]) -> Feature {
    Feature {
        id: feature_id(number),
        geometry: Some(point!(x: 108.22, y: 16.06).into()),
        attributes: words.iter().map(|word| AttributeValue::text(*word)).collect(),
        validity: Validity::ALWAYS,
    }
}

/// A layer of its own words and the common ones.
fn layer(id: &str, own: &str) -> Layer {
    // The keys of a table come before its sub-tables.
    let (keys, tables) = own.split_at(own.find("[[").expect("a table"));
    let (common_keys, common_tables) = COMMON.split_at(COMMON.find("[[").expect("a table"));
    definition(id, &[keys, common_keys, common_tables, tables].concat())
}

fn web(path: &str) -> Option<Cow<'static, [u8]>> {
    let text = match path {
        "index.html" => "<!doctype html><title>Urbis</title>",
        "sprites/open/urbis.json" => r#"{"book": {}}"#,
        "sprites/internal/urbis.json" => r#"{"book": {}, "tent": {}}"#,
        "sprites/restricted/urbis.json" => r#"{"book": {}, "tent": {}, "rocket": {}}"#,
        _ => return None,
    };
    Some(text.as_bytes().into())
}

fn web_paths() -> Vec<String> {
    let sprites = Openness::ALL.iter().map(|class| format!("sprites/{class}/urbis.json"));
    sprites.chain(["index.html".to_owned()]).collect()
}

fn style(name: &str) -> Option<Cow<'static, [u8]>> {
    (name == "city.json").then(|| STYLE.as_bytes().into())
}
