//! What writers of live state may send, and what they are told.

use serde_json::{Value, json};
use urbis_model::{KeyScope, Openness};

use crate::classified::issue;
use crate::roads::{RoadCity, aged, new_id, real, seconds_ago, simulated, south};

const WRITES: [&str; 2] = ["/live/positions", "/live/road-state"];

#[tokio::test]
async fn nobody_writes_without_a_key_that_may() {
    let city = RoadCity::start().await;
    let (reader, reader_key) = issue(Openness::Restricted, vec![KeyScope::Read]);
    city.service.state.set_keys(vec![reader]);
    let reader = format!("Bearer {reader_key}");
    for path in WRITES {
        let answer = city.service.post(path, &[], "{}").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (401, &"key_required".into()));
        assert!(answer.header("www-authenticate").is_some());
        let answer = city.service.post(path, &[("authorization", &reader)], "{}").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (403, &"scope_missing".into())
        );
        let unknown = [("authorization", "Bearer nonsense")];
        assert_eq!(city.service.post(path, &unknown, "{}").await.status, 401);
    }
}

#[tokio::test]
async fn a_path_that_is_written_to_says_so_to_browsers_and_to_readers() {
    let city = RoadCity::start().await;
    for path in WRITES {
        let answer = city.service.request("OPTIONS", path, &[]).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
        assert_eq!(answer.header("access-control-allow-methods"), Some("POST, OPTIONS"));
        assert_eq!(answer.header("access-control-allow-headers"), Some("*, Authorization"));
        for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH"] {
            let answer = city.service.request(method, path, &[]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("allow")),
                (405, Some("POST, OPTIONS"))
            );
        }
    }
    for path in ["/live/units", "/dispatch/candidates"] {
        let answer = city.service.post(path, &[], "{}").await;
        assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"), "{path}");
        let options = city.service.request("OPTIONS", path, &[]).await;
        assert_eq!(options.header("access-control-allow-methods"), Some("GET, HEAD, OPTIONS"));
    }
}

#[tokio::test]
async fn a_body_has_limits_and_a_form() {
    let city = RoadCity::start().await;
    let key = ("authorization", city.writer.as_str());
    for path in WRITES {
        for (headers, body, status, code) in [
            (vec![key], " ".repeat(1 << 20) + "{}", 413, "body_too_large"),
            (vec![key, ("content-length", "9999999999")], "{}".into(), 413, "body_too_large"),
            (vec![key], "{}\n".repeat(10_001), 413, "too_many_lines"),
            (vec![key, ("content-type", "text/csv")], "{}".into(), 415, "media_type_unknown"),
            (vec![key, ("content-encoding", "gzip")], "{}".into(), 415, "body_packed"),
            (vec![key], String::new(), 400, "body_empty"),
            (vec![key], " \n\t\r\n".into(), 400, "body_empty"),
        ] {
            let answer = city.service.post(path, &headers, body).await;
            let code = Value::from(code);
            assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (status, &code), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        }
        for media_type in ["application/json; charset=utf-8", "Application/X-NDJSON"] {
            let headers = [key, ("content-type", media_type)];
            assert_eq!(city.service.post(path, &headers, "{}").await.status, 422);
        }
        let answer = city.service.post(&format!("{path}?now=1"), &[key], "{}").await;
        assert_eq!(answer.json()["code"], "unknown_parameter");
    }
}

#[tokio::test]
async fn each_line_is_taken_or_refused_by_itself() {
    let city = RoadCity::start().await;
    let good = simulated("a", (108.21, 16.06));
    let late = json!({"id": new_id(), "unit_id": "b", "observed_at": seconds_ago(1), "status": "available"});
    let future = json!({"id": new_id(), "unit_id": "a", "observed_at": seconds_ago(-60), "status": "on_scene"});
    let body = format!("{good}\n\nnot json\n{late}\n{future}\n{good}\n[1]\n");
    let answer =
        city.service.post("/live/positions", &[("authorization", &city.writer)], body).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!((&body["accepted"], &body["refused"]), (&2.into(), &4.into()), "{body}");
    assert_eq!(body["counts"], json!({"applied": 1, "duplicate": 1}));
    let lines: Vec<(u64, &str)> = body["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["line"].as_u64().unwrap(), line["code"].as_str().unwrap()))
        .collect();
    let expected =
        [(3, "line_not_json"), (4, "unit_unknown"), (5, "from_future"), (7, "line_not_object")];
    assert_eq!(lines, expected);
    assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding, Authorization"));
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
}

#[tokio::test]
async fn one_object_over_several_lines_is_one_report() {
    let city = RoadCity::start().await;
    let pretty = serde_json::to_string_pretty(&simulated("a", (108.21, 16.06))).unwrap();
    let headers = [("authorization", city.writer.as_str()), ("content-type", "application/json")];
    let answer = city.service.post("/live/positions", &headers, pretty).await;
    assert_eq!(answer.json()["accepted"], 1, "{:?}", answer.json());
    let closed = json!({"id": "w", "segment": 1, "closed": true});
    let pretty = serde_json::to_string_pretty(&closed).unwrap();
    let answer = city.service.post("/live/road-state", &headers, pretty).await;
    assert_eq!(answer.json()["accepted"], 1, "{:?}", answer.json());
}

#[tokio::test]
async fn a_state_of_a_road_that_is_none_is_refused_with_a_code() {
    let city = RoadCity::start().await;
    let line = json!({"type": "LineString", "coordinates": [[108.21, 16.06], [108.22, 16.06]]});
    let with = |geometry: Value| json!({"id": "w", "geometry": geometry, "closed": true});
    let many: Vec<[f64; 2]> = (0..2_001).map(|n| [108.0 + f64::from(n) * 1e-5, 16.0]).collect();
    for (report, code) in [
        (json!({}), "field_missing"),
        (json!({"id": "w"}), "field_missing"),
        (json!({"id": "w", "geometry": line}), "not_one_effect"),
        (json!({"id": "w", "geometry": line, "closed": false}), "not_one_effect"),
        (json!({"id": "w", "geometry": line, "closed": true, "depth_m": 1}), "not_one_effect"),
        (json!({"id": "w", "geometry": line, "depth_m": -1}), "field_invalid"),
        (json!({"id": "w", "geometry": line, "depth_m": 51}), "field_invalid"),
        (json!({"id": "w", "geometry": line, "speed_factor": 0}), "field_invalid"),
        (json!({"id": "w", "geometry": line, "speed_kmh": "fast"}), "field_invalid"),
        (json!({"id": "w", "segment": 1, "geometry": line, "closed": true}), "fields_contradict"),
        (json!({"id": "w", "segment": -1, "closed": true}), "field_invalid"),
        (json!({"id": "", "segment": 1, "closed": true}), "field_invalid"),
        (json!({"id": "x".repeat(129), "segment": 1, "closed": true}), "field_invalid"),
        (json!({"id": "a\u{0}b", "segment": 1, "closed": true}), "field_invalid"),
        (json!({"id": 7, "segment": 1, "closed": true}), "field_invalid"),
        (json!({"id": "w", "segment": 1, "closed": true, "ttl_s": -1}), "field_invalid"),
        (json!({"id": "w", "segment": 1, "closed": true, "ttl": 5}), "field_unknown"),
        (json!({"id": "w", "segment": 1, "closed": true, "direction": "up"}), "field_invalid"),
        (json!({"id": "w", "segment": 1, "closed": true, "openness": "secret"}), "field_invalid"),
        (json!({"id": "w", "segment": 1, "closed": true, "observed_at": "now"}), "field_invalid"),
        (
            json!({"id": "w", "segment": 1, "closed": true, "observed_at": seconds_ago(-60)}),
            "from_future",
        ),
        (
            json!({"id": "w", "segment": 1, "closed": true, "observed_at": seconds_ago(90_000)}),
            "too_old",
        ),
        (with(json!({"type": "Point", "coordinates": [108.2, 16.06]})), "field_missing"),
        (with(json!({"type": "GeometryCollection", "geometries": []})), "geometry_invalid"),
        (with(json!({"type": "LineString", "coordinates": [[108.2, 16.06]]})), "geometry_invalid"),
        (
            with(json!({"type": "LineString", "coordinates": [[108.2], [16.06]]})),
            "geometry_invalid",
        ),
        (
            with(json!({"type": "LineString", "coordinates": [[999, 1], [2, 2]]})),
            "geometry_invalid",
        ),
        (with(json!({"type": "LineString", "coordinates": many})), "geometry_invalid"),
        (
            with(json!({"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [1, 1]]]})),
            "geometry_invalid",
        ),
        (with(json!([[[[[]]]]])), "geometry_invalid"),
        (with(json!("LineString")), "geometry_invalid"),
    ] {
        let answer = city.report_roads(std::slice::from_ref(&report)).await;
        let body = answer.json();
        assert_eq!(answer.status, 422, "{body}");
        assert_eq!(body["code"], "nothing_taken", "{body}");
        assert_eq!(body["lines"][0]["code"], code, "{body}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(body["stored"], Value::Null);
    }
    assert_eq!(city.ask("/dispatch/candidates?lon=108.22&lat=16.06").await.json()["epoch"], 0);
}

#[tokio::test]
async fn bytes_that_are_nothing_harm_nobody() {
    let city = RoadCity::start().await;
    let deep = "[".repeat(100_000);
    let nested = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let bodies: Vec<Vec<u8>> = vec![
        b"\xff\xfe\x00".to_vec(),
        b"\x00".repeat(1000),
        deep.into_bytes(),
        nested.into_bytes(),
        b"{\"id\": 1e999}".to_vec(),
        b"{\"id\": \"\\ud800\"}".to_vec(),
        b"{\"id\":\"a\",\"id\":\"b\"}".to_vec(),
        "\u{feff}{}".as_bytes().to_vec(),
        b"null".to_vec(),
    ];
    for path in WRITES {
        for body in &bodies {
            let headers = [("authorization", city.writer.as_str())];
            let answer = city.service.post(path, &headers, body.clone()).await;
            assert_eq!(answer.status, 422, "{path} {:?}", &body[..body.len().min(20)]);
        }
    }
    assert_eq!(city.report(&[simulated("a", (108.21, 16.06))]).await.status, 200);
}

#[tokio::test]
async fn of_two_lines_of_one_moment_the_later_one_counts() {
    let city = RoadCity::start().await;
    let at = seconds_ago(5);
    let closed = json!({"id": "s", "segment": 1, "closed": true, "observed_at": at});
    let cleared = json!({"id": "s", "cleared": true, "observed_at": at});
    let conditions = async || {
        let path = "/route?from=108.2,16.0605&to=108.24,16.0695";
        city.service.get(path).await.json()["basis"]["condition_count"].clone()
    };
    city.report_roads(&[closed.clone(), cleared.clone()]).await;
    assert_eq!(conditions().await, 0);
    city.report_roads(&[closed]).await;
    assert_eq!(conditions().await, 1);
    city.report_roads(&[cleared]).await;
    assert_eq!(conditions().await, 0);
}

#[tokio::test]
async fn one_report_of_a_road_is_bounded() {
    let city = RoadCity::start().await;
    let place = json!({"type": "Point", "coordinates": [108.21, 16.06]});
    let noted = json!({"type": "Point", "coordinates": [108.21, 16.06], "note": "x"});
    let (low, high) = ((108.2, 16.0), (108.3, 16.01));
    let wide = json!({"type": "Polygon", "coordinates":
        [[[low.0, low.1], [high.0, low.1], [high.0, high.1], [low.0, low.1]]]});
    let many: Vec<_> = (0..2_500).map(|n| json!([108.21, 16.06 + f64::from(n) * 1e-6])).collect();
    let cases = [
        (json!({"geometry": place, "radius_m": 2001}), "field_invalid"),
        (json!({"geometry": noted, "radius_m": 20}), "geometry_invalid"),
        (json!({"geometry": wide}), "geometry_invalid"),
        (json!({"geometry": {"type": "LineString", "coordinates": many}}), "geometry_invalid"),
        (json!({"geometry": place, "radius_m": 20, "title": "x".repeat(70_000)}), "line_too_long"),
        (json!({"geometry": place, "radius_m": 2000}), ""),
    ];
    for (mut report, code) in cases {
        report["id"] = json!("w");
        report["closed"] = json!(true);
        let answer = city.report_roads(&[report]).await.json();
        assert_eq!(answer["lines"][0]["code"].as_str().unwrap_or_default(), code, "{answer}");
    }
}

#[tokio::test]
async fn a_key_touches_no_unit_above_its_level() {
    let city = RoadCity::start().await;
    city.report(&[real("guard", (108.21, 16.06), "restricted")]).await;
    let (low, low_key) = issue(Openness::Internal, vec![KeyScope::Ingest]);
    city.service.state.set_keys(vec![low]);
    let bearer = format!("Bearer {low_key}");
    let send = async |line: Value| {
        let headers = [("authorization", bearer.as_str())];
        let answer = city.service.post("/live/positions", &headers, line.to_string()).await;
        answer.json()["lines"][0]["code"].clone()
    };
    let status = |unit: &str| json!({"id": new_id(), "unit_id": unit, "observed_at": seconds_ago(1), "status": "on_scene"});
    // One that is hidden is as unknown as one that does not exist.
    assert_eq!(send(status("guard")).await, "unit_unknown");
    assert_eq!(send(status("nobody")).await, "unit_unknown");
    assert_eq!(send(real("new", (108.2, 16.06), "restricted")).await, "openness_above_key");
    assert_eq!(send(real("new", (108.2, 16.06), "internal")).await, Value::Null);
}

#[tokio::test]
async fn a_key_touches_no_state_of_a_road_above_its_level() {
    let city = RoadCity::start().await;
    let state = |id: &str, openness: &str| json!({"id": id, "segment": south(1), "closed": true, "openness": openness});
    let cleared = |id: &str| json!({"id": id, "cleared": true});
    city.report_roads(&[state("convoy", "restricted"), state("works", "internal")]).await;
    let (low, low_key) = issue(Openness::Internal, vec![KeyScope::Ingest]);
    let (reader, reader_key) = issue(Openness::Restricted, vec![KeyScope::Read]);
    city.service.state.set_keys(vec![low, reader]);
    let (low, reader) = (format!("Bearer {low_key}"), format!("Bearer {reader_key}"));
    let send = async |line: Value| {
        let headers = [("authorization", low.as_str())];
        let answer = city.service.post("/live/road-state", &headers, line.to_string()).await;
        answer.json()["lines"][0]["code"].clone()
    };
    assert_eq!(send(state("new", "restricted")).await, "openness_above_key");
    assert_eq!(send(state("convoy", "open")).await, "road_state_differs");
    assert_eq!(send(cleared("convoy")).await, "road_state_differs");
    assert_eq!(send(cleared("nobody")).await, Value::Null);
    assert_eq!(send(cleared("works")).await, Value::Null);
    let path = "/route?from=108.2,16.0605&to=108.24,16.0695";
    let route = city.service.request("GET", path, &[("authorization", &reader)]).await.json();
    assert_eq!(route["basis"]["condition_count"], 1, "the convoy's alone is left: {route}");
}

#[tokio::test]
async fn a_node_without_a_spool_takes_nothing_and_says_so() {
    let service = crate::city::Service::start();
    let (writer, key) = issue(Openness::Open, vec![KeyScope::Ingest]);
    service.state.set_keys(vec![writer]);
    let bearer = format!("Bearer {key}");
    for path in WRITES {
        let answer = service.post(path, &[("authorization", &bearer)], "{}").await;
        let code = Value::from("live_writes_off");
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (503, &code));
    }
    assert_eq!(service.get("/health/ready").await.json()["spool"], "off");
}

#[tokio::test]
async fn the_last_report_counts_in_whatever_order_they_come() {
    let city = RoadCity::start().await;
    city.report(&[simulated("a", (108.21, 16.06))]).await;
    let report = |age: i64, status: &str| json!({"id": new_id(), "unit_id": "a", "observed_at": seconds_ago(age), "status": status});
    // Sent at once, each in a request of its own, the oldest last; the first line was a second ago.
    let (newest, older) = (report(-5, "on_scene"), report(-2, "en_route"));
    let (one, other) = ([newest], [older]);
    let answers = tokio::join!(city.report(&one), city.report(&other));
    assert_eq!((answers.0.status.as_u16(), answers.1.status.as_u16()), (200, 200));
    let units = city.service.get("/live/units").await.json();
    assert_eq!(units["features"][0]["properties"]["status"], "on_scene");
    let depth = |age: i64, depth: f64| json!({"id": "w", "segment": 1, "depth_m": depth, "observed_at": seconds_ago(age)});
    let answer = city.report_roads(&[depth(1, 0.1), depth(5, 3.0), depth(1, 0.1)]).await.json();
    assert_eq!(answer["accepted"], 3, "{answer}");
    assert_eq!(answer["counts"]["out_of_order"], 1, "{answer}");
}

#[tokio::test]
async fn a_batch_is_seen_whole_or_not_at_all() {
    let city = RoadCity::start().await;
    let both = |step: u32| {
        let lon = 108.20 + f64::from(step) * 1e-4;
        [simulated("a", (lon, 16.06)), simulated("b", (lon, 16.07))]
            .map(|line| aged(line, 200 - i64::from(step)))
    };
    city.report(&both(0)).await;
    let write = async {
        for step in 1..100 {
            assert_eq!(city.report(&both(step)).await.status, 200);
        }
    };
    let read = async {
        let mut seen = 0;
        for _ in 0..300 {
            let units = city.service.get("/live/units").await.json();
            let lon = |index: usize| units["features"][index]["geometry"]["coordinates"][0].clone();
            assert_eq!(lon(0), lon(1), "{units}");
            seen += u32::from(lon(0) != 108.20);
            tokio::task::yield_now().await;
        }
        seen
    };
    let ((), seen) = tokio::join!(write, read);
    assert!(seen > 0, "no step was seen");
}
