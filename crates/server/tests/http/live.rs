//! The stream of changes: what each listener is told, and what it never is.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures_util::{FutureExt, StreamExt};
use geo_types::{Geometry, line_string, polygon};
use serde_json::Value;
use tokio::time::{Instant, timeout};
use urbis_model::{AttributeValue, ChangeBatch, Feature, KeyScope, LayerChange, Moment, Openness};

use crate::city::{Service, layer_id, street, ward};
use crate::classified::issue;

/// Longest time that something which should come may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Streams that a node has at once.
const MAX_STREAMS: usize = 1000;

/// One message of a stream.
#[derive(Debug, Clone, PartialEq)]
struct Message {
    name: String,
    id: String,
    body: Value,
}

struct Stream {
    body: BodyDataStream,
    read: String,
}

impl Stream {
    async fn open(service: &Service, path: &str) -> Self {
        Self::open_with(service, path, &[]).await
    }

    async fn open_with(service: &Service, path: &str, headers: &[(&str, &str)]) -> Self {
        let response = service.open(path, headers).await;
        assert_eq!(response.status(), 200, "{path}");
        Self::of(response.into_body())
    }

    fn of(body: Body) -> Self {
        Self { body: body.into_data_stream(), read: String::new() }
    }

    /// The next message; `None` where the stream has ended.
    async fn next(&mut self) -> Option<Message> {
        timeout(DEADLINE, self.read_on()).await.expect("a message comes")
    }

    /// The next message, which must be of this kind.
    async fn expect(&mut self, name: &str) -> Value {
        let message = self.next().await.expect("the stream goes on");
        assert_eq!(message.name, name, "{message:?}");
        assert_eq!(message.id, message.body["revision"].to_string(), "{message:?}");
        message.body
    }

    async fn read_on(&mut self) -> Option<Message> {
        loop {
            if let Some((message, rest)) = self.read.split_once("\n\n") {
                let (message, rest) = (message.to_owned(), rest.to_owned());
                self.read = rest;
                if message.starts_with(':') {
                    continue;
                }
                return Some(parse(&message));
            }
            let bytes = self.body.next().await?.unwrap();
            self.read.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
}

fn parse(text: &str) -> Message {
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name} is in {text:?}")).to_owned()
    };
    let body = serde_json::from_str(&field("data: ")).unwrap();
    Message { name: field("event: "), id: field("id: "), body }
}

/// Every tile that a message names, by layer.
fn tiles(body: &Value, layer: &str) -> BTreeSet<(u32, u32, u32)> {
    let ranges = body["layers"][layer].as_array().cloned().unwrap_or_default();
    let all = ranges.iter().flat_map(|range| {
        let [z, min_x, min_y, max_x, max_y] =
            serde_json::from_value::<[u32; 5]>(range.clone()).unwrap();
        (min_x..=max_x).flat_map(move |x| (min_y..=max_y).map(move |y| (z, x, y)))
    });
    all.collect()
}

fn renamed(mut ward: Feature, attribute: usize) -> Feature {
    ward.attributes[attribute] = AttributeValue::text("another");
    ward
}

/// A small thing of a layer on a grid of 0.1°, the even squares of a chessboard.
fn scattered(layer: &str, n: i64, lift: f64) -> Feature {
    let (column, row) = (n % 12, n / 12);
    let (lon, lat) = (107.3 + 0.1 * column as f64, 15.0 + 0.2 * row as f64 + lift);
    let lat = lat + 0.1 * (column % 2) as f64;
    let line: Geometry<f64> = line_string![(x: lon, y: lat), (x: lon + 1e-3, y: lat)].into();
    let square: Geometry<f64> =
        polygon![(x: lon, y: lat), (x: lon + 1e-3, y: lat), (x: lon, y: lat + 1e-3)].into();
    if layer == "ward" {
        return Feature { geometry: Some(square), ..ward(2_000 + n, 107.3) };
    }
    Feature { geometry: Some(line), ..street(2_000 + n, 0.0) }
}

/// Lets every stream take in what was published.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_listener_is_told_of_exactly_the_tiles_that_change() {
    let service = Service::start();
    let mut stream = Stream::open(&service, "/live/events").await;
    assert_eq!(stream.expect("hello").await["revision"], 7);
    let around = |z: u32| {
        // The crossing of the streets, and as many tiles around it as a street may reach.
        let (x, y) = ((13_117 << 2) + 1, (7_451 << 2) + 2);
        let (x, y) = (x >> (16 - z), y >> (16 - z));
        (x - 3..=x + 7).flat_map(move |x| (y - 5..=y + 3).map(move |y| (z, x, y)))
    };
    let all: Vec<_> = (8..=16).flat_map(around).collect();
    let etags = async || {
        let mut etags = Vec::new();
        for (z, x, y) in &all {
            let tile = service.get(&format!("/tiles/street/{z}/{x}/{y}")).await;
            etags.push(tile.header("etag").unwrap().to_owned());
        }
        etags
    };
    let before = etags().await;
    service.change("street", street(7, 0.004));
    let body = stream.expect("tiles").await;
    assert_eq!(body["revision"], 8);
    let after = etags().await;
    let named = tiles(&body, "street");
    let mut changed = 0;
    for ((tile, one), other) in all.iter().zip(before).zip(after) {
        if one != other {
            assert!(named.contains(tile), "{tile:?} changed and nobody was told");
            changed += 1;
        }
    }
    // A tag changes where the box of a feature meets a tile, as the tiles are named.
    assert_eq!(changed, named.len(), "{named:?}");
    assert_eq!(body["layers"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_listener_may_not_see_never_reaches_it_in_any_form() {
    let service = Service::start();
    let (internal, internal_key) = issue(Openness::Internal, vec![KeyScope::Read]);
    let (restricted, restricted_key) = issue(Openness::Restricted, vec![KeyScope::Read]);
    service.state.set_keys(vec![internal, restricted]);
    let (internal, restricted) =
        (format!("Bearer {internal_key}"), format!("Bearer {restricted_key}"));
    let path = "/live/events?bbox=108,16,108.5,16.2";
    let mut open = Stream::open(&service, path).await;
    let mut internal = Stream::open_with(&service, path, &[("authorization", &internal)]).await;
    let mut restricted = Stream::open_with(&service, path, &[("authorization", &restricted)]).await;
    for stream in [&mut open, &mut internal, &mut restricted] {
        stream.expect("hello").await;
    }
    // A layer that few may see, then an attribute of city offices, then something for everybody.
    service.change("shelter", street(901, 0.001));
    let body = restricted.expect("tiles").await;
    assert_eq!((&body["revision"], tiles(&body, "shelter").is_empty()), (&8.into(), false));
    service.change("ward", renamed(ward(101, 108.20), 3));
    for stream in [&mut internal, &mut restricted] {
        let body = stream.expect("tiles").await;
        assert_eq!((&body["revision"], tiles(&body, "ward").is_empty()), (&9.into(), false));
    }
    service.change("ward", renamed(renamed(ward(101, 108.20), 3), 1));
    for stream in [&mut open, &mut internal, &mut restricted] {
        let body = stream.expect("tiles").await;
        assert_eq!(body["revision"], 10);
        assert_eq!(body["layers"].as_object().unwrap().keys().collect::<Vec<_>>(), ["ward"]);
    }
}

#[tokio::test]
async fn a_flood_of_hidden_changes_leaves_nothing_in_a_stream_that_nobody_reads() {
    let service = Service::start();
    let mut stream = Stream::open(&service, "/live/events").await;
    settle().await;
    for n in 0..1_000 {
        service.change("shelter", street(901, 1e-5 * f64::from(n)));
        settle().await;
    }
    stream.expect("hello").await;
    assert_eq!(stream.body.next().now_or_never().map(|_| ()), None, "something came");
    service.change("street", street(1, 0.001));
    let body = stream.expect("tiles").await;
    assert_eq!(body["revision"], 1_008);
}

#[tokio::test]
async fn a_listener_is_told_of_its_layers_and_its_area_alone() {
    let service = Service::start();
    // So far that no tile of any zoom shows both places.
    let far = "/live/events?bbox=-70.7,-33.5,-70.6,-33.4";
    let mut far = Stream::open(&service, far).await;
    let mut wards = Stream::open(&service, "/live/events?layers=ward").await;
    let mut theme = Stream::open(&service, "/live/events?layers=traffic").await;
    let here = "/live/events?layers=street,ward&bbox=108.221,16.0601,108.2211,16.0602";
    let mut here = Stream::open(&service, here).await;
    for stream in [&mut far, &mut wards, &mut theme, &mut here] {
        stream.expect("hello").await;
    }
    service.change("street", street(1, 0.0001));
    let whole = theme.expect("tiles").await;
    let near = here.expect("tiles").await;
    let (whole, near) = (tiles(&whole, "street"), tiles(&near, "street"));
    assert!(near.is_subset(&whole) && near.len() < whole.len(), "{near:?}");
    // The area is smaller than a tile of the deepest zoom and lies in one.
    assert_eq!(near.len(), (8..=16).count(), "{near:?}");

    service.change("ward", renamed(ward(101, 108.20), 1));
    assert_eq!(wards.expect("tiles").await["revision"], 9);
    assert_eq!(here.expect("tiles").await["revision"], 9);
    for stream in [&mut far, &mut theme] {
        assert_eq!(stream.body.next().now_or_never().map(|_| ()), None, "something came");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_says_every_15_seconds_that_it_is_alive() {
    let service = Service::start();
    let mut stream = Stream::open(&service, "/live/events").await;
    stream.expect("hello").await;
    for _ in 0..3 {
        let before = Instant::now();
        assert_eq!(stream.body.next().await.unwrap().unwrap(), ":\n\n");
        assert_eq!(before.elapsed().as_secs(), 15);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_is_told_once_of_all_that_it_missed_or_to_read_everything_again() {
    let service = Service::start();
    let mut slow = Stream::open(&service, "/live/events").await;
    let mut lost = Stream::open(&service, "/live/events").await;
    settle().await;
    // What the connection holds is out of the stream's hands: it fills up first.
    for n in 0..10 {
        service.change("street", street(1, 1e-4 * f64::from(n)));
        // On a clock that nobody waits for.
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    let mut last = Value::Null;
    slow.expect("hello").await;
    let mut messages = 0;
    while last["revision"] != 17 {
        last = slow.expect("tiles").await;
        messages += 1;
    }
    assert!(messages <= 4, "{messages} messages wait for a client that reads nothing");
    assert!(!tiles(&last, "street").is_empty());

    // Each in tiles of its own at many zooms: more ranges than one message may have.
    for lift in [0.0, 0.001, 0.002, 0.003] {
        let scattered = |layer: &str| {
            let upserted = (0..60).map(|n| scattered(layer, n, lift)).collect();
            (layer_id(layer), LayerChange::Rows { upserted, removed: vec![] })
        };
        service.apply(ChangeBatch { layers: ["street", "ward"].map(scattered).into() });
        settle().await;
    }
    lost.expect("hello").await;
    let mut seen = Vec::new();
    while seen.last().is_none_or(|message: &Message| message.name != "resync") {
        seen.push(lost.next().await.unwrap());
    }
    assert!(seen.len() <= 4, "{} messages", seen.len());
    assert!(seen.last().unwrap().body.get("layers").is_none());
    service.change("street", street(1, 0.5));
    assert!(!tiles(&lost.expect("tiles").await, "street").is_empty());
}

#[tokio::test]
async fn a_listener_that_fell_behind_is_told_of_the_newest_revision() {
    let service = Service::start();
    let mut stream = Stream::open(&service, "/live/events").await;
    stream.expect("hello").await;
    service.change("street", street(1, 0.001));
    // More than are kept for it, and it may not see them.
    for n in 0..300 {
        service.change("shelter", street(901, 1e-5 * f64::from(n)));
    }
    assert_eq!(stream.expect("resync").await["revision"], 308);
}

#[tokio::test]
async fn edits_that_follow_each_other_closely_are_one_message() {
    let service = Service::start();
    let mut stream = Stream::open(&service, "/live/events").await;
    stream.expect("hello").await;
    service.change("street", street(1, 0.001));
    let first = stream.expect("tiles").await;
    assert_eq!(first["revision"], 8, "the first is told at once");
    for n in 0..20 {
        service.change("street", street(2, 0.001 * f64::from(n)));
        tokio::task::yield_now().await;
    }
    let mut messages = 0;
    while stream.expect("tiles").await["revision"] != 28 {
        messages += 1;
    }
    assert!(messages <= 2, "{messages}");
}

#[tokio::test]
async fn a_client_that_comes_back_and_a_city_that_is_loaded_anew_are_read_again() {
    let service = Service::start();
    let headers = [("last-event-id", "5")];
    let mut back = Stream::open_with(&service, "/live/events", &headers).await;
    back.expect("hello").await;
    assert_eq!(back.expect("resync").await["revision"], 7);
    service.state.publish_anew(crate::city::small_city());
    back.expect("resync").await;
    // A layer that was emptied and filled again changed at all its zooms.
    let reset = LayerChange::Reset(vec![street(1, 0.0)]);
    service.apply(ChangeBatch { layers: [(layer_id("street"), reset)].into() });
    let body = back.expect("tiles").await;
    assert_eq!(body["layers"]["street"][0], serde_json::json!([8, 0, 0, 255, 255]));
}

#[tokio::test]
async fn a_stream_ends_with_its_key_and_no_other_does() {
    let service = Service::start();
    let (mut record, key) = issue(Openness::Internal, vec![KeyScope::Read]);
    let (other, other_key) = issue(Openness::Internal, vec![KeyScope::Read]);
    service.state.set_keys(vec![record.clone(), other.clone()]);
    let (sent, other_sent) = (format!("Bearer {key}"), format!("Bearer {other_key}"));
    let mut ends = Stream::open_with(&service, "/live/events", &[("authorization", &sent)]).await;
    let headers = [("authorization", other_sent.as_str())];
    let mut stays = Stream::open_with(&service, "/live/events", &headers).await;
    let mut open = Stream::open(&service, "/live/events").await;
    for stream in [&mut ends, &mut stays, &mut open] {
        stream.expect("hello").await;
    }
    record.revoked_at = Some(Moment(1));
    service.state.set_keys(vec![record.clone(), other.clone()]);
    assert_eq!(ends.next().await, None);
    let refused = service.open("/live/events", &[("authorization", &sent)]).await;
    assert_eq!(refused.status(), 401);
    service.change("street", street(1, 0.001));
    stays.expect("tiles").await;
    open.expect("tiles").await;
}

#[tokio::test]
async fn places_are_bounded_and_a_client_that_leaves_gives_its_own_back() {
    let service = Service::start();
    let mut streams = Vec::new();
    for _ in 0..MAX_STREAMS {
        streams.push(service.open("/live/events", &[]).await);
    }
    let refused = service.get("/live/events").await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("retry-after"), Some("30"));
    assert_eq!(refused.json()["code"], "too_many_streams");
    // They take no place among the requests.
    assert_eq!(service.get("/layers").await.status, 200);
    streams.pop();
    let again = service.open("/live/events", &[]).await;
    assert_eq!(again.status(), 200);
    drop((streams, again));
    for _ in 0..2 * MAX_STREAMS {
        let asked = service.request("HEAD", "/live/events", &[]).await;
        assert_eq!((asked.status.as_u16(), asked.body.len()), (200, 0));
    }
}

#[tokio::test]
async fn a_stream_says_what_it_is_and_is_kept_by_nobody() {
    let service = Service::start();
    let (record, key) = issue(Openness::Open, vec![KeyScope::Read]);
    service.state.set_keys(vec![record]);
    let bearer = format!("Bearer {key}");
    let keyed = service.open("/live/events", &[("authorization", &bearer)]).await;
    let open = service.open("/live/events", &[]).await;
    for (answer, caching) in [(open, "no-store"), (keyed, "private, no-store")] {
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("content-type"), Some("text/event-stream"));
        assert_eq!(header("cache-control"), Some(caching));
        assert_eq!(header("x-accel-buffering"), Some("no"));
        assert_eq!(header("access-control-allow-origin"), Some("*"));
        assert_eq!(header("vary"), Some("Accept, Accept-Encoding, Authorization"));
        assert_eq!(header("urbis-revision"), Some("7"));
    }
}

#[tokio::test]
async fn a_bad_question_is_refused_with_what_is_wanted() {
    let service = Service::start();
    for (query, status, code) in [
        ("bbox=", 400, "invalid_parameter"),
        ("bbox=1,2,3", 400, "invalid_parameter"),
        ("bbox=1,2,3,4,5", 400, "invalid_parameter"),
        ("bbox=1,2,3,x", 400, "invalid_parameter"),
        ("bbox=1,2,3,1e1", 400, "invalid_parameter"),
        ("bbox=170,2,-170,4", 400, "bbox_inside_out"),
        ("bbox=1,2,3,91", 400, "coordinate_out_of_range"),
        ("layers=", 404, "unknown_layer"),
        ("layers=shelter", 404, "unknown_layer"),
        ("layers=street,emergency", 404, "unknown_layer"),
        ("layer=street", 400, "unknown_parameter"),
        ("key=abc", 400, "unknown_parameter"),
        ("layers=street&layers=ward", 400, "duplicate_parameter"),
    ] {
        let answer = service.get(&format!("/live/events?{query}")).await;
        assert_eq!(answer.status.as_u16(), status, "{query}");
        assert_eq!(answer.json()["code"], code, "{query}");
    }
    let early = Service::start_empty().get("/live/events").await;
    assert_eq!((early.status.as_u16(), early.json()["code"].as_str()), (503, Some("not_ready")));
}
