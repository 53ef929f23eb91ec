//! Units for who may see them: as a list and as a stream.

use std::time::Duration;

use axum::body::BodyDataStream;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::roads::{RoadCity, aged, real, shortcut, simulated, south};

const DEADLINE: Duration = Duration::from_secs(20);

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|unit| unit["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn units_are_listed_for_who_may_see_them() {
    let city = RoadCity::start().await;
    let units = [
        simulated("c", (108.21, 16.06)),
        real("a", (108.22, 16.06), "internal"),
        real("b", (108.23, 16.06), "restricted"),
    ];
    assert_eq!(city.report(&units).await.json()["accepted"], 3);
    let open = city.service.get("/live/units").await;
    assert_eq!(open.header("content-type"), Some("application/geo+json"));
    assert_eq!(open.header("cache-control"), Some("no-store"));
    assert_eq!(ids(&open.json()["features"]), ["c"]);
    let properties = &open.json()["features"][0]["properties"];
    assert_eq!(properties["status"], "available");
    assert_eq!(properties["is_simulated"], true);
    assert_eq!(properties["is_on_road"], true);
    assert!(properties["position_age_s"].as_f64().unwrap() >= 1.0);
    assert_eq!(ids(&city.ask("/live/units").await.json()["features"]), ["a", "c"]);
    for (query, expected) in [
        ("bbox=108.2,16,108.215,16.1", vec!["c"]),
        ("bbox=108.5,16,108.6,16.1", vec![]),
        ("agency=115", vec!["a", "c"]),
        ("agency=114", vec![]),
        ("status=on_scene", vec![]),
        ("status=available&bbox=108.215,16,108.3,16.1", vec!["a"]),
    ] {
        let found = city.ask(&format!("/live/units?{query}")).await.json();
        assert_eq!(ids(&found["features"]), expected, "{query}");
    }
    for query in ["agency=119", "status=Available", "bbox=1,2,3", "class=open"] {
        assert_eq!(city.ask(&format!("/live/units?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn before_the_city_is_there_nothing_is_listed() {
    let city = RoadCity::start_without_city().await;
    for path in ["/live/units", "/dispatch/candidates?lon=1&lat=1", "/live/events?units=true"] {
        assert_eq!(city.service.get(path).await.status, 503, "{path}");
    }
}

struct Stream {
    body: BodyDataStream,
    read: String,
}

impl Stream {
    async fn open(city: &RoadCity, path: &str, key: Option<&str>) -> Self {
        let headers: Vec<_> = key.map(|key| ("authorization", key)).into_iter().collect();
        let response = city.service.open(path, &headers).await;
        assert_eq!(response.status(), 200);
        let mut stream =
            Self { body: response.into_body().into_data_stream(), read: String::new() };
        assert_eq!(stream.next().await.0, "hello");
        stream
    }

    async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((message, rest)) = self.read.split_once("\n\n") {
                let message = message.to_owned();
                self.read = rest.to_owned();
                let field = |name: &str| {
                    message.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
                };
                if let (Some(name), Some(data)) = (field("event: "), field("data: ")) {
                    return (name, serde_json::from_str(&data).unwrap());
                }
                continue;
            }
            let bytes = timeout(DEADLINE, self.body.next()).await.expect("a message comes");
            self.read.push_str(std::str::from_utf8(&bytes.unwrap().unwrap()).unwrap());
        }
    }

    async fn units(&mut self) -> Value {
        let (name, body) = self.next().await;
        assert_eq!(name, "units", "{body}");
        body
    }
}

#[tokio::test]
async fn a_listener_is_told_of_units_first_all_then_those_that_change() {
    let city = RoadCity::start().await;
    let minute = 60;
    let first = [simulated("a", (108.21, 16.06)), simulated("b", (108.22, 16.06))];
    city.report(&first.map(|line| aged(line, minute))).await;
    let mut stream = Stream::open(&city, "/live/events?units=true", None).await;
    let all = stream.units().await;
    assert_eq!((ids(&all["units"]), &all["all"]), (vec!["a", "b"], &true.into()));
    city.report(&[simulated("b", (108.23, 16.06))]).await;
    let news = stream.units().await;
    assert_eq!((ids(&news["units"]), &news["all"]), (vec!["b"], &false.into()));
    assert_eq!(news["units"][0]["geometry"]["coordinates"][0], 108.23);
    assert_eq!(news["gone"], serde_json::json!([]));
    // What follows closely is told at once.
    for step in 0..20 {
        let place = (108.21 + f64::from(step) * 1e-4, 16.06);
        city.report(&[aged(simulated("a", place), 30 - i64::from(step))]).await;
    }
    let mut last = Value::Null;
    let mut messages = 0;
    while last != 108.2119 {
        let news = stream.units().await;
        assert_eq!(ids(&news["units"]), ["a"]);
        last = news["units"][0]["geometry"]["coordinates"][0].clone();
        messages += 1;
    }
    assert!(messages <= 10, "{messages} messages for 20 changes");
}

#[tokio::test]
async fn a_stream_tells_of_no_unit_that_its_listener_may_not_see() {
    let city = RoadCity::start().await;
    let mut open = Stream::open(&city, "/live/events?units=true", None).await;
    let mut internal = Stream::open(&city, "/live/events?units=true", Some(&city.internal)).await;
    assert_eq!(ids(&open.units().await["units"]), Vec::<&str>::new());
    internal.units().await;
    city.report(&[real("x", (108.21, 16.06), "internal")]).await;
    assert_eq!(ids(&internal.units().await["units"]), ["x"]);
    // Hidden from the one who saw it, and then something that both may see.
    city.report(&[real("x", (108.21, 16.06), "restricted")]).await;
    let news = internal.units().await;
    assert_eq!((ids(&news["units"]), &news["gone"]), (vec![], &serde_json::json!(["x"])));
    city.report(&[simulated("y", (108.21, 16.06))]).await;
    for stream in [&mut open, &mut internal] {
        let news = stream.units().await;
        assert_eq!((ids(&news["units"]), &news["gone"]), (vec!["y"], &serde_json::json!([])));
    }
}

#[tokio::test]
async fn listeners_of_one_class_get_the_same_bytes() {
    let city = RoadCity::start().await;
    let path = "/live/events?units=true";
    let mut internal = Stream::open(&city, path, Some(&city.internal)).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Stream::open(&city, path, None).await);
    }
    internal.units().await;
    for stream in &mut open {
        stream.units().await;
    }
    city.report(&[real("x", (108.21, 16.06), "internal")]).await;
    internal.units().await;
    city.report(&[real("x", (108.22, 16.06), "internal"), simulated("y", (108.21, 16.06))]).await;
    let hidden = internal.units().await;
    let mut told = Vec::new();
    for stream in &mut open {
        told.push(stream.units().await.to_string());
    }
    assert_eq!(told, vec![told[0].clone(); 3]);
    assert_eq!(ids(&hidden["units"]), ["x", "y"]);
    assert!(!told[0].contains("\"x\""), "{}", told[0]);
}

#[tokio::test]
async fn a_unit_that_leaves_the_listeners_area_is_gone() {
    let city = RoadCity::start().await;
    let first = [simulated("a", (108.21, 16.06)), simulated("b", (108.23, 16.06))];
    city.report(&first.map(|line| aged(line, 60))).await;
    let path = "/live/events?units=true&bbox=108.2,16,108.215,16.1";
    let mut stream = Stream::open(&city, path, None).await;
    assert_eq!(ids(&stream.units().await["units"]), ["a"]);
    city.report(&[simulated("a", (108.216, 16.06)), simulated("b", (108.231, 16.06))]).await;
    let news = stream.units().await;
    assert_eq!((ids(&news["units"]), &news["gone"]), (vec![], &serde_json::json!(["a"])));
}

#[tokio::test]
async fn a_listener_is_told_when_roads_change_wherever_and_by_whatever() {
    let city = RoadCity::start().await;
    let path = "/live/events?roads=true&bbox=107,15,107.1,15.1";
    let mut stream = Stream::open(&city, path, None).await;
    let closed = json!({"id": "w1", "segment": south(1), "closed": true, "ttl_s": 3600.0});
    let answer = city.report_roads(&[closed]).await.json();
    let (name, body) = stream.next().await;
    assert_eq!((name, &body["epoch"]), ("roads".to_owned(), &answer["epoch"]));
    city.report_roads(&[json!({"id": "w1", "cleared": true})]).await;
    let (name, body) = stream.next().await;
    assert_eq!(name, "roads");
    assert!(body["epoch"].as_u64() > answer["epoch"].as_u64(), "{body}");
    // The network itself: a street that is new.
    let epoch = &body["epoch"];
    city.service.change("road", shortcut());
    assert_eq!(stream.next().await, ("roads".into(), json!({"revision": 2, "epoch": epoch})));
}

#[tokio::test]
async fn who_asks_for_neither_units_nor_roads_is_told_of_none() {
    let city = RoadCity::start().await;
    let mut stream = Stream::open(&city, "/live/events", None).await;
    city.report(&[simulated("a", (108.21, 16.06))]).await;
    city.report_roads(&[json!({"id": "w1", "segment": south(1), "closed": true})]).await;
    let quiet = timeout(Duration::from_millis(600), stream.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    for path in ["/live/events?units=yes", "/live/events?roads=1"] {
        assert_eq!(city.service.get(path).await.json()["code"], "invalid_parameter", "{path}");
    }
}
