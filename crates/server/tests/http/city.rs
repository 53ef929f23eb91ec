//! A small city in memory, and requests to its service without a socket.

use std::borrow::Cow;
use std::io::Read;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use geo_types::{Geometry, line_string, polygon};
use serde_json::Value;
use tower::ServiceExt;
use urbis_catalog::{Catalog, CitySettings, Layer};
use urbis_model::{
    AttributeValue, ChangeBatch, Feature, FeatureId, LayerChange, LayerId, Moment, Revision,
    Validity,
};
use urbis_server::{AppState, Files, HttpService, Settings};
use urbis_snapshot::City;

/// The square of [`WARD`] and [`STREET`] at zoom 14.
pub const TILE: &str = "/tiles/land,street/14/13117/7451";

const WARD: &str = r#"
    theme = "land"
    title = { vi = "Phường", en = "Wards" }
    description = { vi = "Ranh giới phường.", en = "Boundaries of wards." }
    geometry = "MultiPolygon"
    storage_srid = 5899
    key = "code"
    tiles = { minzoom = 6, maxzoom = 14, attributes = ["name", "area_km2", "note"] }

    [[sources]]
    file = "ward.geojson"
    crs = "EPSG:4326"
    publisher = "The city"
    licence = "MIT"
    attribution = "© The city"
    retrieved = 2026-01-15
    fields = { code = ["CODE"], name = ["NAME"] }

    [[attributes]]
    name = "code"
    title = { vi = "Mã", en = "Code" }
    type = "text"

    [[attributes]]
    name = "name"
    title = { vi = "Tên", en = "Name" }
    type = "text"

    [[attributes]]
    name = "area_km2"
    title = { vi = "Diện tích", en = "Area" }
    type = "float"
    unit = "km²"

    [[attributes]]
    name = "note"
    title = { vi = "Ghi chú nội bộ", en = "Internal note" }
    type = "text"
    openness = "internal"

    [[examples]]
    title = "good"
    input = { CODE = "a" }
    output = { code = "a" }

    [[examples]]
    title = "bad"
    input = {}
    reject = "geometry_missing"
"#;

const STREET: &str = r#"
    theme = "traffic"
    title = { vi = "Đường", en = "Streets" }
    description = { vi = "Tim đường.", en = "Centre lines of streets." }
    geometry = "MultiLineString"
    storage_srid = 4326
    key = "code"
    tiles = { minzoom = 8, maxzoom = 16, attributes = ["code"] }

    [[attributes]]
    name = "code"
    title = { vi = "Mã", en = "Code" }
    type = "text"

    [[examples]]
    title = "good"
    input = { CODE = "a" }
    output = { code = "a" }

    [[examples]]
    title = "bad"
    input = {}
    reject = "geometry_missing"
"#;

/// Number of streets: enough that answers are worth packing.
const STREETS: i64 = 60;

/// A service over the small city.
pub struct Service {
    pub state: AppState,
    app: HttpService,
    /// What the changes of [`Self::apply`] are made to.
    city: Mutex<City>,
}

/// One answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a plain header"))
    }

    /// The body, without its coding.
    pub fn unpacked(&self) -> Vec<u8> {
        let mut unpacked = Vec::new();
        match self.header("content-encoding") {
            None => unpacked.clone_from(&self.body),
            Some("gzip") => {
                flate2::read::GzDecoder::new(&self.body[..]).read_to_end(&mut unpacked).unwrap();
            }
            Some("br") => brotli::BrotliDecompress(&mut &self.body[..], &mut unpacked).unwrap(),
            other => panic!("coding {other:?}"),
        }
        unpacked
    }

    pub fn json(&self) -> Value {
        let body = self.unpacked();
        serde_json::from_slice(&body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&body)))
    }
}

impl Service {
    /// With the city loaded.
    pub fn start() -> Self {
        let service = Self::start_empty();
        service.show(small_city());
        service
    }

    /// Publishes a city as a whole; what changes from now on changes it.
    pub fn show(&self, city: City) {
        *self.city.lock().expect("no test panics here") = city.clone();
        self.state.publish_anew(city);
    }

    /// The city that is shown.
    pub fn shown(&self) -> City {
        self.city.lock().expect("no test panics here").clone()
    }

    /// A figure of `/metrics`.
    pub async fn metric(&self, name: &str) -> u64 {
        let page = String::from_utf8(self.get("/metrics").await.body).expect("text");
        let lines = page.lines().filter_map(|line| line.split_once(' '));
        let mut found = lines.filter(|(found, _)| *found == name).map(|(_, value)| value);
        found.next().and_then(|value| value.parse().ok()).expect("a whole number")
    }

    /// Number of tiles that were rendered.
    pub async fn builds(&self) -> u64 {
        self.metric("urbis_tile_build_seconds_count").await
    }

    /// Before the first load.
    pub fn start_empty() -> Self {
        Self::with(|_| {})
    }

    /// Before the first load, with other settings.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            city: city_settings(),
            public_url: None,
            trusted_proxies: Vec::new(),
            listen: "127.0.0.1:8400".parse().expect("an address"),
            files: Files { web: web_file, web_paths, style: style_file, style_paths },
            tile_cache_mb: 16,
        };
        change(&mut settings);
        let state = AppState::new(settings);
        Self { app: HttpService::new(state.clone()), state, city: Mutex::new(small_city()) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[]).await
    }

    pub async fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let value = |text| HeaderValue::from_str(text).expect("a header's value");
        let headers: Vec<_> = headers.iter().map(|(name, text)| (*name, value(text))).collect();
        self.request_with(method, path, &headers).await
    }

    /// Any request; the values of its headers may be no text.
    pub async fn request_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, HeaderValue)],
    ) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("host", "city.example");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.send(request).await
    }

    /// A GET that asks for another host.
    pub async fn request_from(&self, host: &str, path: &str) -> Answer {
        self.send(Request::builder().uri(path).header("host", host)).await
    }

    /// A GET whose answer has no end; its body is read as it comes.
    pub async fn open(&self, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
        let mut request = Request::builder().uri(path).header("host", "city.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(request).await
    }

    /// A POST.
    pub async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request =
            Request::builder().method("POST").uri(path).header("host", "city.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send_with(request, body.into()).await
    }

    async fn answer(&self, request: Builder) -> Response<Body> {
        self.answer_to(request, Body::empty()).await
    }

    async fn answer_to(&self, request: Builder, body: Body) -> Response<Body> {
        let request = request.body(body).expect("a request");
        self.app.clone().oneshot(request).await.expect("an answer")
    }

    async fn send(&self, request: Builder) -> Answer {
        self.send_with(request, Body::empty()).await
    }

    async fn send_with(&self, request: Builder, body: Body) -> Answer {
        let response = self.answer_to(request, body).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 64 << 20).await.expect("a whole body").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Publishes the next revision: street 1 moves, or ward 101 gets another name.
    pub fn change(&self, layer: &str, feature: Feature) {
        self.change_many(layer, vec![feature]);
    }

    /// Publishes the next revision of the small city.
    pub fn change_many(&self, layer: &str, upserted: Vec<Feature>) {
        let change = LayerChange::Rows { upserted, removed: vec![] };
        self.apply(ChangeBatch { layers: [(layer_id(layer), change)].into() });
    }

    /// Publishes the next revision of the city.
    pub fn apply(&self, batch: ChangeBatch) {
        let mut city = self.city.lock().expect("no test panics here");
        let revision = Revision(city.revision().0 + 1);
        let (changed, changes) = city.apply(revision, batch);
        *city = changed.clone();
        self.state.publish(changed, changes);
    }
}

/// Wards, streets, and a layer that nobody may see.
pub fn small_catalog() -> Arc<Catalog> {
    let layers = [("ward", WARD), ("street", STREET)].map(|(id, text)| definition(id, text));
    let mut secret = definition("shelter", STREET);
    secret.theme = "emergency".into();
    secret.openness = urbis_model::Openness::Restricted;
    let catalog = Catalog::from_layers(layers.into_iter().chain([secret]).collect());
    Arc::new(catalog.expect("a sound catalogue"))
}

/// Revision 7: two wards, some streets, a shelter.
pub fn small_city() -> City {
    city_with(vec![ward(101, 108.20), ward(102, 108.25)], Moment(0))
}

/// The small city with other wards, at another moment.
pub fn city_with(wards: Vec<Feature>, at: Moment) -> City {
    let features = vec![
        (layer_id("ward"), wards),
        (layer_id("street"), (1..=STREETS).map(|id| street(id, 0.0)).collect()),
        (layer_id("shelter"), vec![street(900, 0.0)]),
    ];
    City::build(small_catalog(), Revision(7), features, at)
}

/// A square of 0.05° from a western edge.
pub fn ward(id: i64, west: f64) -> Feature {
    let square: Geometry<f64> = polygon![
        (x: west, y: 16.05), (x: west + 0.05, y: 16.05),
        (x: west + 0.05, y: 16.10), (x: west, y: 16.10),
    ]
    .into();
    let text = |text: &str| AttributeValue::text(text);
    let attributes =
        vec![text(&format!("w{id}")), text("Hải Châu"), AttributeValue::Float(2.0), text("secret")];
    Feature { id: feature_id(id), geometry: Some(square), attributes, validity: Validity::ALWAYS }
}

/// A street of some 1 km; all start at one crossing of the first ward.
pub fn street(id: i64, shift: f64) -> Feature {
    let step = id as f64 * 1e-4;
    let line: Geometry<f64> =
        line_string![(x: 108.22 + shift, y: 16.06), (x: 108.23 + shift, y: 16.06 + step)].into();
    let attributes = vec![AttributeValue::text(format!("street {id}"))];
    Feature { id: feature_id(id), geometry: Some(line), attributes, validity: Validity::ALWAYS }
}

/// A street of many vertices from the same crossing to the east, 20 mm apart.
pub fn long_street(id: i64, vertices: u32) -> Feature {
    let place = |index| (108.22 + f64::from(index) * 2e-7, 16.06);
    let line: geo_types::LineString<f64> = (0..vertices).map(place).collect();
    Feature { geometry: Some(line.into()), ..street(id, 0.0) }
}

pub fn feature_id(id: i64) -> FeatureId {
    FeatureId::new(id).expect("a feature id")
}

pub fn layer_id(id: &str) -> LayerId {
    LayerId::new(id).expect("a layer id")
}

pub fn definition(id: &str, text: &str) -> Layer {
    let mut layer: Layer = toml::from_str(text).expect("the definition parses");
    layer.id = layer_id(id);
    layer
}

pub fn city_settings() -> CitySettings {
    toml::from_str(
        r#"
        title = { vi = "Đà Nẵng", en = "Da Nang" }
        bbox = [107.2, 14.93, 108.77, 16.23]
        view = { center = [108.22, 16.06], zoom = 13.0 }
        utc_offset = "+07:00"
        "#,
    )
    .expect("the settings parse")
}

fn web_file(path: &str) -> Option<Cow<'static, [u8]>> {
    let bytes: &[u8] = match path {
        "index.html" => b"<!doctype html><title>Urbis</title>",
        "assets/urbis-6WUJR3KX.js" | "assets/plain.js" => b"export const a = 1;",
        "sprites/open/urbis@2x.png" | "sprites/internal/urbis@2x.png" => b"\x89PNG",
        "fonts/Be Vietnam Pro Regular/0-255.pbf" => b"\x0a\x02\x0a\x00",
        _ => return None,
    };
    Some(bytes.into())
}

fn web_paths() -> Vec<String> {
    [
        "index.html",
        "assets/urbis-6WUJR3KX.js",
        "assets/plain.js",
        "sprites/open/urbis@2x.png",
        "sprites/internal/urbis@2x.png",
        "fonts/Be Vietnam Pro Regular/0-255.pbf",
    ]
    .map(String::from)
    .to_vec()
}

fn style_file(name: &str) -> Option<Cow<'static, [u8]>> {
    let style = r#"{"version": 8,
        "glyphs": "{base}/fonts/{fontstack}/{range}.pbf",
        "sprite": "{base}/sprites/urbis",
        "sources": {"urbis": {"type": "vector", "url": "{base}/tiles/ward,street"}},
        "layers": [{"id": "name", "type": "symbol", "source": "urbis", "source-layer": "ward",
            "layout": {"text-field": "{name}"}}]}"#;
    (name == "city.json").then(|| style.as_bytes().into())
}

pub fn style_paths() -> Vec<String> {
    vec!["city.json".into()]
}
