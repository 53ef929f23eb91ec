//! Many changes at once: a node serves on, and edits of other layers come as ever.
//!
//! Measurements, run by hand, each in a process of its own:
//! `cargo test -p urbis-server --test http -- --ignored --nocapture measure_NAME`.

use std::sync::Arc;

use tokio::sync::mpsc;
use urbis_model::{Moment, Revision};
use urbis_snapshot::{City, CityBuilder};
use urbis_store::{Node as Follower, Part, Poll, Tail};

use super::*;

const STREETS: &str = "INSERT INTO layer.street (geom, code) SELECT \
    ST_Multi(ST_MakeLine(ARRAY(SELECT ST_SetSRID(ST_MakePoint(\
        108 + n % 1000 * 1e-4 + i * 1e-5, 16 + n / 1000 * 1e-4 + i % 2 * 1e-5), 4326) \
        FROM generate_series(1, 8) AS i))), 'a' FROM generate_series(1, COUNT) AS n";

const WARD: &str = "INSERT INTO layer.ward (geom) VALUES \
    (ST_Transform('SRID=4326;MULTIPOLYGON(((108 16, 108.01 16, 108.01 16.01, 108 16)))', 5899))";

fn streets(count: u32) -> String {
    STREETS.replace("COUNT", &count.to_string())
}

async fn psql_apart(node: &Node, sql: &str) {
    let (url, sql) = (node.database_url.clone(), sql.to_owned());
    tokio::task::spawn_blocking(move || psql(&url, &sql)).await.unwrap();
}

async fn count(node: &Node, layer: &str) -> u64 {
    node.get("/health/ready").await.3["layers"][layer].as_u64().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_becomes_visible_whole_and_edits_of_other_layers_with_it() {
    let node = Node::start().await;
    until("the node is ready", async || node.get("/health/ready").await.0 == 200).await;
    psql_apart(&node, &streets(3_000)).await;
    psql_apart(&node, WARD).await;
    until("the ward shows", async || count(&node, "ward").await == 1).await;
    until("the streets show", async || {
        let count = node.streets().await;
        assert!(count == 0 || count == 3_000, "{count} streets of one transaction");
        count == 3_000
    })
    .await;
    // What a burst leaves behind it is followed as ever, and so is a layer that is emptied.
    psql_apart(&node, "DELETE FROM layer.street WHERE feature_id % 2 = 0").await;
    until("half of them are gone", async || node.streets().await == 1_500).await;
    psql_apart(&node, "UPDATE layer.street SET code = 'b'; TRUNCATE layer.street").await;
    until("all of them are gone", async || node.streets().await == 0).await;
    until("memory is what the database is", async || node.get("/layers").await.2 < 100).await;
    node.stop().await;
}

async fn load(node: &Node) -> (Tail, City) {
    let store = Store::connect(&node.database_url).await.unwrap();
    let follower = Follower::new("measure").unwrap();
    let (parts, mut taken) = mpsc::channel(4);
    let building = tokio::task::spawn_blocking(move || {
        let mut builder = CityBuilder::new(small_catalog(), Moment(0));
        while let Some(part) = taken.blocking_recv() {
            match part {
                Part::Features { layer, features } => {
                    features.into_iter().for_each(|feature| builder.push(&layer, feature));
                }
                Part::LayerEnd { layer } => builder.finish_layer(&layer),
                Part::Rows { .. } => {}
            }
        }
        builder.finish(Revision(1))
    });
    let loaded = store.load(&small_catalog(), &follower, parts).await.unwrap();
    let tail = Tail::open(&node.database_url, small_catalog(), loaded.position, follower).await;
    (tail.unwrap(), building.await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn measure_edits_behind_a_burst() {
    let node = Node::start().await;
    psql_apart(&node, &streets(100_000)).await;
    until("the streets show", async || node.streets().await == 100_000).await;
    let mut quiet = edits(&node, 40).await;
    println!("edits of another layer, quiet: {}", percentiles(&mut quiet));

    let (mut tail, city) = load(&node).await;
    psql_apart(&node, "UPDATE layer.street SET code = 'b'").await;
    let mut behind = edits(&node, 40).await;
    println!("behind 100,000 updates, as it is: {}", percentiles(&mut behind));
    let shown = "/nearest/street?lon=108.05&lat=16.005&limit=1";
    until("the burst shows", async || {
        node.get(shown).await.3["features"][0]["properties"]["code"] == "b"
    })
    .await;

    // All of it in one poll, as if nothing were a burst.
    tail = tail.with_rows_of_a_poll(u64::MAX);
    let started = Instant::now();
    let Poll::Changed(batch) = tail.poll().await.unwrap() else { panic!("no change") };
    let read = started.elapsed();
    drop(tokio::task::spawn_blocking(move || city.apply(Revision(2), batch)).await.unwrap());
    println!("in one poll: read in {read:?}, visible after {:?}", started.elapsed());
    node.stop().await;
}

/// Times from the commit of an edit to its being visible, one edit after the other.
async fn edits(node: &Node, edits: u64) -> Vec<Duration> {
    let mut times = Vec::new();
    let before = count(node, "ward").await;
    for edit in 1..=edits {
        psql_apart(node, WARD).await;
        let committed = Instant::now();
        until("the ward shows", async || count(node, "ward").await == before + edit).await;
        times.push(committed.elapsed());
    }
    times
}

fn percentiles(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    format!("p50 {:?}, p90 {:?}, largest {:?}", at(50), at(90), at(100))
}

/// Of this process, in mebibytes, at its highest.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

async fn million() -> Node {
    let node = Node::start().await;
    node.stop.send(()).unwrap();
    node.serving.await.unwrap().unwrap();
    let (stop, _) = oneshot::channel();
    let serving = tokio::spawn(async { Ok(()) });
    let node = Node { stop, serving, ..node };
    psql_apart(&node, &streets(1_000_000)).await;
    node
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn measure_memory_of_a_load_in_pieces() {
    let node = million().await;
    let (before, started) = (peak_mib(), Instant::now());
    let (_, city) = load(&node).await;
    println!("peak {before} MiB, then {} MiB in {:?}", peak_mib(), started.elapsed());
    drop(city);
}

/// As it was: all features first, then the city.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn measure_memory_of_a_load_at_once() {
    let node = million().await;
    let (before, started) = (peak_mib(), Instant::now());
    let store = Store::connect(&node.database_url).await.unwrap();
    let (parts, mut taken) = mpsc::channel(4);
    let catalog = small_catalog();
    let collecting = tokio::spawn(async move {
        let mut layers = std::collections::BTreeMap::<_, Vec<_>>::new();
        while let Some(part) = taken.recv().await {
            if let Part::Features { layer, features } = part {
                layers.entry(layer).or_default().extend(features);
            }
        }
        layers.into_iter().collect::<Vec<_>>()
    });
    store.load(&catalog, &Follower::new("measure").unwrap(), parts).await.unwrap();
    let layers = collecting.await.unwrap();
    let build = move || City::build(Arc::clone(&catalog), Revision(1), layers, Moment(0));
    let city = tokio::task::spawn_blocking(build).await.unwrap();
    println!("peak {before} MiB, then {} MiB in {:?}", peak_mib(), started.elapsed());
    drop(city);
}
