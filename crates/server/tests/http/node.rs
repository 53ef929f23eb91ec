//! A whole node over a database: it loads, follows, outlives the database, and stops.

mod burst;
mod live;
mod spool;

use std::future::Future;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use urbis_catalog::Catalog;
use urbis_cluster::TemporaryCluster;
use urbis_model::{KeyScope, Openness};
use urbis_server::{ServeConfig, ServerError, serve};
use urbis_store::{NewKey, Retention, Store};

use crate::city::{city_settings, small_catalog};

static CLUSTER: LazyLock<TemporaryCluster> =
    LazyLock::new(|| TemporaryCluster::start().expect("a cluster starts"));

/// Longest time that something which should come may take.
const DEADLINE: Duration = Duration::from_secs(20);

const STREET: &str = "SRID=4326;MULTILINESTRING((108.22 16.06, 108.23 16.06))";

struct Node {
    address: SocketAddr,
    database_url: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), ServerError>>,
}

impl Node {
    /// Over a fresh database with the layers' tables.
    async fn start() -> Self {
        let database_url = tokio::task::spawn_blocking(|| CLUSTER.create_database()).await.unwrap();
        let store = Store::connect(&database_url).await.unwrap();
        store.migrate(&small_catalog()).await.unwrap();
        Self::serve(database_url).await
    }

    async fn serve(database_url: String) -> Self {
        Self::serve_with(database_url, None).await
    }

    async fn serve_with(database_url: String, spool_dir: Option<PathBuf>) -> Self {
        Self::serve_catalog(database_url, spool_dir, small_catalog()).await
    }

    async fn serve_catalog(
        database_url: String,
        spool_dir: Option<PathBuf>,
        catalog: Arc<Catalog>,
    ) -> Self {
        let (on_bound, bound) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let config = ServeConfig {
            listen: "127.0.0.1:0".parse().unwrap(),
            database_url: database_url.clone(),
            catalog,
            city: city_settings(),
            public_url: None,
            trusted_proxies: vec![],
            tile_cache_mb: 16,
            spool_dir,
            downloads: None,
            retention: Retention::default(),
            on_bound: Some(on_bound),
        };
        let shutdown = async { stopped.await.unwrap_or(()) };
        let serving = tokio::spawn(serve(config, shutdown));
        Self { address: bound.await.unwrap(), database_url, stop, serving }
    }

    /// Status, revision, age in milliseconds and body of a GET.
    async fn get(&self, path: &str) -> (u16, u64, u64, Value) {
        self.ask(path, None).await
    }

    async fn ask(&self, path: &str, authorization: Option<String>) -> (u16, u64, u64, Value) {
        let url = format!("http://{}{path}", self.address);
        tokio::task::spawn_blocking(move || {
            let config = ureq::Agent::config_builder().http_status_as_error(false).build();
            let mut request = ureq::Agent::new_with_config(config).get(&url);
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization);
            }
            let mut response = request.call().unwrap();
            let number = |name: &str| {
                let header = response.headers().get(name).and_then(|value| value.to_str().ok());
                header.and_then(|value| value.parse().ok()).unwrap_or(0)
            };
            let (revision, age_ms) = (number("urbis-revision"), number("urbis-age-ms"));
            let body = response.body_mut().read_to_string().unwrap();
            let body = serde_json::from_str(&body).unwrap_or(Value::Null);
            (response.status().as_u16(), revision, age_ms, body)
        })
        .await
        .unwrap()
    }

    async fn streets(&self) -> u64 {
        self.get("/health/ready").await.3["layers"]["street"].as_u64().unwrap_or(0)
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap().unwrap();
        // A process that another test starts holds copies of all sockets until it is what it will be.
        let closed = async || TcpStream::connect(self.address).is_err();
        until("the port is closed", closed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_shows_at_once_and_a_restart_changes_nothing() {
    let node = Node::start().await;
    until("the node is ready", async || node.get("/health/ready").await.0 == 200).await;
    assert_eq!(node.streets().await, 0);
    let before = node.get("/layers").await.1;

    psql(
        &node.database_url,
        &format!("INSERT INTO layer.street (geom, code) VALUES ('{STREET}', 'a')"),
    );
    until("the street shows", async || node.streets().await == 1).await;
    let (_, revision, _, found) = node.get("/nearest/street?lon=108.225&lat=16.06").await;
    assert!(revision > before);
    assert_eq!(found["features"][0]["properties"]["code"], "a");
    // The grid in memory moves a place by at most 7 mm.
    assert!(found["features"][0]["properties"]["distance_m"].as_f64().unwrap() < 0.007);

    let database_url = node.database_url.clone();
    node.stop().await;
    let node = Node::serve(database_url).await;
    until("the node is back", async || node.streets().await == 1).await;
    psql(&node.database_url, "TRUNCATE layer.street");
    until("the street is gone", async || node.streets().await == 0).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_a_node_serves_on_and_tells_its_age() {
    let node = Node::start().await;
    until("the node is ready", async || node.get("/health/ready").await.0 == 200).await;
    let name = psql(&node.database_url, "SELECT current_database()");
    allow_connections(&name, "false");
    until("the age grows", async || {
        let (status, _, age_ms, _) = node.get("/layers").await;
        assert_eq!(status, 200);
        age_ms > 300
    })
    .await;
    allow_connections(&name, "true");
    until("the tail is back", async || node.get("/layers").await.2 < 100).await;
    psql(&node.database_url, &format!("INSERT INTO layer.street (geom) VALUES ('{STREET}')"));
    until("the street shows", async || node.streets().await == 1).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_and_keys_go_on_without_the_database() {
    let node = Node::start().await;
    until("the node is ready", async || node.get("/health/ready").await.0 == 200).await;
    let store = Store::connect(&node.database_url).await.unwrap();
    let new = NewKey {
        level: Openness::Restricted,
        scopes: vec![KeyScope::Read],
        label: "a test".into(),
    };
    let key = store.create_key(&new, "a test").await.unwrap();
    let sees_shelters = async || {
        let bearer = format!("Bearer {}", key.secret.reveal());
        let ready = node.ask("/health/ready", Some(bearer)).await;
        ready.3["layers"].get("shelter").is_some()
    };
    until("the key opens", async || sees_shelters().await).await;

    let revision = async || node.get("/layers").await.1;
    let before = revision().await;
    psql(
        &node.database_url,
        &format!(
            "INSERT INTO layer.street (geom, code, valid_from, valid_to) VALUES ('{STREET}', 'a', \
             now() + interval '2 seconds', now() + interval '4 seconds')"
        ),
    );
    until("the node knows the street", async || revision().await > before).await;
    let known = revision().await;
    let name = psql(&node.database_url, "SELECT current_database()");
    allow_connections(&name, "false");
    until("the street begins", async || node.streets().await == 1).await;
    until("the street ends", async || node.streets().await == 0).await;
    let (status, revision, age_ms, _) = node.get("/layers").await;
    assert_eq!((status, revision), (200, known + 2), "a revision for each moment");
    assert!(age_ms > 500, "{age_ms}: time that goes on is no news of the database");
    assert!(sees_shelters().await);

    allow_connections(&name, "true");
    assert!(store.revoke_key(&key.record.id).await.unwrap());
    until("the key is refused", async || {
        let bearer = format!("Bearer {}", key.secret.reveal());
        node.ask("/layers", Some(bearer)).await.0 == 401
    })
    .await;
    drop(store);
    node.stop().await;
}

/// Lets nobody into a database and ends who is in it, or lets them in again.
fn allow_connections(name: &str, allowed: &str) {
    let admin = CLUSTER.url("postgres");
    psql(&admin, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}"));
    let ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname =";
    psql(&admin, &format!("{ends} '{name}'"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_tables_or_with_a_taken_port_says_so() {
    let database_url = tokio::task::spawn_blocking(|| CLUSTER.create_database()).await.unwrap();
    let node = Node::serve(database_url.clone()).await;
    let error = node.serving.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "cannot_load");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = ServeConfig {
        listen: taken.local_addr().unwrap(),
        database_url,
        catalog: small_catalog(),
        city: city_settings(),
        public_url: None,
        trusted_proxies: vec![],
        tile_cache_mb: 16,
        spool_dir: None,
        downloads: None,
        retention: Retention::default(),
        on_bound: None,
    };
    assert_eq!(serve(config, std::future::ready(())).await.unwrap_err().code(), "cannot_bind");
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_bytes_that_are_no_http_never_stop_the_node() {
    let node = Node::start().await;
    until("the node is ready", async || node.get("/health/ready").await.0 == 200).await;
    let huge = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(100_000));
    let long = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(10_000));
    for (bytes, expected) in [
        ("\0\u{1}\u{2} nonsense\r\n\r\n".as_bytes(), "HTTP/1.1 400"),
        (b"GET /layers HTTP/1.1\r\nhost: \xff\xfe\r\nconnection: close\r\n\r\n", "HTTP/1.1 400"),
        (b"GET /layers HTTP/1.0\r\n\r\n", "HTTP/1.0 200"),
        (b"OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", "HTTP/1.1 404"),
        (huge.as_bytes(), "HTTP/1.1 431"),
        (long.as_bytes(), "HTTP/1.1 414"),
    ] {
        let mut stream = TcpStream::connect(node.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        // The node may hang up before all is written.
        drop(stream.write_all(bytes));
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(String::from_utf8_lossy(&start), expected);
    }
    assert_eq!(node.get("/health/ready").await.0, 200);
    node.stop().await;
}

async fn until<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < DEADLINE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn psql(database_url: &str, sql: &str) -> String {
    let output = Command::new("psql")
        .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", database_url, "-c", sql])
        .output()
        .expect("psql starts");
    assert!(output.status.success(), "{sql}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("psql writes UTF-8").trim_end().to_owned()
}
