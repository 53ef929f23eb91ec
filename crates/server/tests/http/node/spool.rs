//! Live reports of a whole node: drained into its database, kept while that is away.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use urbis_model::{KeyScope, Openness};
use urbis_store::{NewKey, Store};

use super::{CLUSTER, Node, allow_connections, psql, until};
use crate::city::small_catalog;
use crate::roads::{new_id, seconds_ago};

impl Node {
    async fn start_with_spool(folder: &Path) -> (Self, String) {
        let database_url = tokio::task::spawn_blocking(|| CLUSTER.create_database()).await.unwrap();
        let store = Store::connect(&database_url).await.unwrap();
        store.migrate(&small_catalog()).await.unwrap();
        let new = NewKey {
            level: Openness::Restricted,
            scopes: vec![KeyScope::Read, KeyScope::Ingest],
            label: "a test".into(),
        };
        let key = store.create_key(&new, "a test").await.unwrap().secret.reveal();
        drop(store);
        (Self::serve_with(database_url, Some(folder.to_owned())).await, format!("Bearer {key}"))
    }

    /// Status and body of a POST.
    async fn post(&self, path: &str, key: &str, line: Value) -> (u16, Value) {
        let url = format!("http://{}{path}", self.address);
        let key = key.to_owned();
        tokio::task::spawn_blocking(move || {
            let config = ureq::Agent::config_builder().http_status_as_error(false).build();
            let request = ureq::Agent::new_with_config(config).post(&url);
            let request = request.header("authorization", key);
            let request = request.header("content-type", "application/json");
            let mut response = request.send(line.to_string()).unwrap();
            let body = response.body_mut().read_to_string().unwrap();
            (response.status().as_u16(), serde_json::from_str(&body).unwrap_or(Value::Null))
        })
        .await
        .unwrap()
    }

    async fn units(&self, key: &str) -> Value {
        self.ask("/live/units", Some(key.to_owned())).await.3["features"].clone()
    }
}

fn report(unit: &str, status: &str, seconds: i64) -> Value {
    json!({
        "id": new_id(), "unit_id": unit, "observed_at": seconds_ago(seconds), "status": status,
        "lon": 108.22, "lat": 16.06,
    })
}

fn described(unit: &str, seconds: i64) -> Value {
    let mut report = report(unit, "available", seconds);
    report["unit"] = json!({
        "title": unit, "agency": "115", "profile": "ambulance", "capabilities": [],
        "openness": "internal", "simulated": false,
    });
    report
}

const STATUSES: &str = "SELECT string_agg(status, ',' ORDER BY unit_id) FROM live.unit";

#[tokio::test(flavor = "multi_thread")]
async fn reports_reach_the_database_and_wait_on_the_disk_while_it_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let (node, key) = Node::start_with_spool(folder.path()).await;
    until("the node is ready", async || node.get("/health/ready").await.0 == 200).await;
    // The small catalogue has no vehicle profiles: a unit of none is refused, and told why.
    let (status, body) = node.post("/live/positions", &key, described("a", 30)).await;
    assert_eq!((status, &body["lines"][0]["code"]), (422, &"profile_unknown".into()), "{body}");
    let road = json!({"id": "w", "segment": 1, "closed": true});
    assert_eq!(node.post("/live/road-state", &key, road).await.0, 200);
    let states = "SELECT count(*) FROM live.road_state";
    let url = node.database_url.clone();
    until("the state is in the database", async || psql(&url, states) == "1").await;

    let name = psql(&url, "SELECT current_database()");
    allow_connections(&name, "false");
    let road = json!({"id": "x", "segment": 1, "depth_m": 0.4});
    let (status, body) = node.post("/live/road-state", &key, road).await;
    assert_eq!((status, &body["stored"]), (200, &"spool".into()));
    let database_url = node.database_url.clone();
    node.stop().await;

    // It starts while the database is away, knows its keys and takes reports.
    let node = Node::serve_with(database_url, Some(PathBuf::from(folder.path()))).await;
    assert_eq!(node.get("/health/ready").await.0, 503);
    let road = json!({"id": "y", "segment": 1, "depth_m": 0.4});
    assert_eq!(node.post("/live/road-state", &key, road).await.0, 200);
    allow_connections(&name, "true");
    until("the node is ready", async || node.get("/health/ready").await.0 == 200).await;
    until("all states are in the database", async || psql(&url, states) == "3").await;
    until("nothing waits", async || node.get("/health/ready").await.3["spool"] == "draining").await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_an_empty_spool_knows_what_the_database_knows() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (node, key) = Node::start_with_profiles(folders[0].path()).await;
    until("the node is ready", async || node.get("/health/ready").await.0 == 200).await;
    for unit in ["a", "b"] {
        let (status, body) = node.post("/live/positions", &key, described(unit, 30)).await;
        assert_eq!(status, 200, "{body}");
    }
    node.post("/live/positions", &key, report("b", "on_scene", 0)).await;
    let url = node.database_url.clone();
    until("all is in the database", async || psql(&url, STATUSES) == "available,on_scene").await;
    let before = node.units(&key).await;
    node.stop().await;

    let node = Node::serve_roads(url, folders[1].path().to_owned()).await;
    until("the units are back", async || {
        let now = node.units(&key).await;
        let told = |list: &Value| {
            let list = list.as_array().cloned().unwrap_or_default().into_iter();
            list.map(|unit| (unit["id"].clone(), unit["properties"]["status"].clone()))
                .collect::<Vec<_>>()
        };
        told(&now) == told(&before) && told(&now).len() == 2
    })
    .await;
    node.stop().await;
}

impl Node {
    async fn start_with_profiles(folder: &Path) -> (Self, String) {
        let database_url = tokio::task::spawn_blocking(|| CLUSTER.create_database()).await.unwrap();
        let store = Store::connect(&database_url).await.unwrap();
        store.migrate(&crate::roads::road_catalog()).await.unwrap();
        let new = NewKey {
            level: Openness::Internal,
            scopes: vec![KeyScope::Read, KeyScope::Ingest],
            label: "a test".into(),
        };
        let key = store.create_key(&new, "a test").await.unwrap().secret.reveal();
        drop(store);
        (Self::serve_roads(database_url, folder.to_owned()).await, format!("Bearer {key}"))
    }

    async fn serve_roads(database_url: String, folder: PathBuf) -> Self {
        let catalog = crate::roads::road_catalog();
        Self::serve_catalog(database_url, Some(folder), catalog).await
    }
}
