//! A small city with roads, its keys, and what units and roads report.
//!
//! ```text
//!  16.07  o────o────o────o────o     north street
//!         │    │    │    │    │
//!  16.06  o────o────o────o────o     south street
//!      108.20 .21  .22  .23  .24    1.07 km from one to the next, 1.11 km between the streets
//! ```

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use geo_types::{Geometry, line_string};
use serde_json::{Value, json};
use tempfile::TempDir;
use urbis_catalog::{Catalog, NetworkRole, VehicleProfile};
use urbis_model::{AttributeValue, Feature, KeyScope, Moment, Openness, Revision, Validity};
use urbis_snapshot::City;

use crate::city::{Answer, Service, definition, feature_id, layer_id};
use crate::classified::issue;

const ROAD: &str = r#"
    theme = "traffic"
    title = { vi = "Đường", en = "Roads" }
    description = { vi = "Tim đường.", en = "Centre lines of roads." }
    geometry = "MultiLineString"
    storage_srid = 4326
    key = "code"
    network = "roads"
    tiles = { minzoom = 8, maxzoom = 16, attributes = ["code"] }

    [[attributes]]
    name = "code"
    title = { vi = "Mã", en = "Code" }
    type = "text"

    [[attributes]]
    name = "class"
    title = { vi = "Cấp", en = "Class" }
    type = "text"

    [[attributes]]
    name = "name"
    title = { vi = "Tên", en = "Name" }
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

/// Drives 36 km/h, which is 10 m/s, and wades 0.3 m.
const AMBULANCE: &str = r#"
    title = { vi = "Xe cứu thương", en = "Ambulance" }
    width_m = 2.1
    height_m = 2.6
    weight_t = 3.5
    wading_depth_m = 0.3
    speeds_kmh = { street = 36.0 }
"#;

/// The roads' southern street between two numbers of crossings, 0 to 3.
pub const fn south(block: i64) -> i64 {
    1 + block
}

/// A city with roads, a spool, and keys.
pub struct RoadCity {
    pub service: Service,
    /// Key of a device: `ingest` at the highest level.
    pub writer: String,
    /// Key of a dispatcher.
    pub internal: String,
    pub folder: Arc<TempDir>,
}

impl RoadCity {
    /// With the roads and an empty spool.
    pub async fn start() -> Self {
        let city = Self::start_without_city().await;
        city.service.show(road_city(1));
        city
    }

    /// Before the first load.
    pub async fn start_without_city() -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap())).await
    }

    /// Before the first load, over a spool that is there.
    pub async fn start_in(folder: Arc<TempDir>) -> Self {
        let service = Service::start_empty();
        service.state.expect_catalog(road_catalog());
        open_live(&service, folder.path()).await;
        let (writer, writer_key) = issue(Openness::Restricted, vec![KeyScope::Ingest]);
        let (internal, internal_key) = issue(Openness::Internal, vec![KeyScope::Read]);
        service.state.set_keys(vec![writer, internal]);
        let bearer = |key: String| format!("Bearer {key}");
        Self { service, writer: bearer(writer_key), internal: bearer(internal_key), folder }
    }

    /// Sends lines of reports of units.
    pub async fn report(&self, lines: &[Value]) -> Answer {
        self.send("/live/positions", lines).await
    }

    /// Sends lines of states of roads.
    pub async fn report_roads(&self, lines: &[Value]) -> Answer {
        self.send("/live/road-state", lines).await
    }

    async fn send(&self, path: &str, lines: &[Value]) -> Answer {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        let headers =
            [("authorization", self.writer.as_str()), ("content-type", "application/x-ndjson")];
        self.service.post(path, &headers, lines.join("\n")).await
    }

    /// What a dispatcher gets.
    pub async fn ask(&self, path: &str) -> Answer {
        self.service.request("GET", path, &[("authorization", self.internal.as_str())]).await
    }

    /// Ids of the candidates for an incident at the middle crossing of the southern street.
    pub async fn candidates(&self) -> Vec<String> {
        let answer = self.ask("/dispatch/candidates?lon=108.22&lat=16.06").await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        ids(&answer.json()["candidates"])
    }
}

/// Ids of the units of a list.
pub fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|unit| unit["unit_id"].as_str().expect("an id").to_owned()).collect()
}

/// Another process may hold the spool until its thread has ended.
pub async fn open_live(service: &Service, folder: &Path) {
    let started = std::time::Instant::now();
    while let Err(error) = service.state.open_live(folder.to_owned()).await {
        assert!(started.elapsed().as_secs() < 20, "{error:?}");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// One line of a simulated ambulance, with all that can be said of it.
pub fn simulated(unit: &str, place: (f64, f64)) -> Value {
    line(unit, place, "open", true)
}

/// The same of a real one.
pub fn real(unit: &str, place: (f64, f64), openness: &str) -> Value {
    line(unit, place, openness, false)
}

fn line(unit: &str, (lon, lat): (f64, f64), openness: &str, simulated: bool) -> Value {
    json!({
        "id": new_id(),
        "unit_id": unit,
        "observed_at": seconds_ago(1),
        "lon": lon,
        "lat": lat,
        "accuracy_m": 5.0,
        "status": "available",
        "unit": {
            "title": format!("Xe {unit}"),
            "agency": "115",
            "profile": "ambulance",
            "capabilities": [],
            "openness": openness,
            "simulated": simulated,
        },
    })
}

/// The same line, observed so long ago: a unit that moves takes time for it.
pub fn aged(mut line: Value, seconds: i64) -> Value {
    line["observed_at"] = seconds_ago(seconds).into();
    line
}

/// A UUID that no report of this process has.
pub fn new_id() -> String {
    static LAST: AtomicU64 = AtomicU64::new(1);
    format!("00000000-0000-4000-8000-{:012x}", LAST.fetch_add(1, Ordering::Relaxed))
}

/// A moment as reports spell it.
pub fn seconds_ago(seconds: i64) -> String {
    spelled(Moment(Moment::now().0 - seconds * 1_000_000))
}

/// The same of any moment.
pub fn spelled(at: Moment) -> String {
    let at = chrono::DateTime::from_timestamp_micros(at.0).expect("a moment");
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

pub fn road_catalog() -> Arc<Catalog> {
    let road = definition("road", ROAD);
    assert_eq!(road.network, Some(NetworkRole::Roads));
    let mut ambulance: VehicleProfile = toml::from_str(AMBULANCE).expect("a profile");
    ambulance.id = "ambulance".into();
    let catalog = Catalog::from_layers(vec![road]).expect("a sound catalogue");
    Arc::new(catalog.with_profiles(vec![ambulance]).expect("sound profiles"))
}

/// The streets of the drawing.
pub fn road_city(revision: u64) -> City {
    city_of(revision, streets())
}

/// A city of these roads.
pub fn city_of(revision: u64, roads: Vec<Feature>) -> City {
    let layers = vec![(layer_id("road"), roads)];
    City::build(road_catalog(), Revision(revision), layers, Moment::now())
}

/// From the middle crossing of the southern street to the next one of the northern.
pub fn shortcut() -> Feature {
    road(31, [(108.22, 16.06), (108.23, 16.07)], "Đường tắt")
}

/// The roads of the drawing.
pub fn streets() -> Vec<Feature> {
    let (north, south) = (16.07, 16.06);
    let lon = |crossing: i64| 108.20 + 0.01 * crossing as f64;
    let mut roads = Vec::new();
    for block in 0..4 {
        let ends = |lat| [(lon(block), lat), (lon(block + 1), lat)];
        roads.push(road(1 + block, ends(south), "Hàm Nghi"));
        roads.push(road(11 + block, ends(north), "Lê Duẩn"));
    }
    for crossing in 0..5 {
        roads.push(road(21 + crossing, [(lon(crossing), south), (lon(crossing), north)], "Kiệt"));
    }
    roads
}

fn road(id: i64, [from, to]: [(f64, f64); 2], name: &str) -> Feature {
    let line: Geometry<f64> = line_string![from.into(), to.into()].into();
    let text = |text: &str| AttributeValue::text(text);
    Feature {
        id: feature_id(id),
        geometry: Some(line),
        attributes: vec![text(&format!("r{id}")), text("street"), text(name)],
        validity: Validity::ALWAYS,
    }
}
