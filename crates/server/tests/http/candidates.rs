//! Who gets there first: the ranking over HTTP, how it follows roads and units, and what it says of
//! itself.

use serde_json::json;

use crate::roads::{RoadCity, ids, real, simulated, south};

const INCIDENT: &str = "/dispatch/candidates?lon=108.22&lat=16.06";

/// `near` is half a block from the incident, `far` one and a half on the other side.
async fn city() -> RoadCity {
    let city = RoadCity::start().await;
    let units = [simulated("near", (108.215, 16.06)), simulated("far", (108.235, 16.06))];
    let answer = city.report(&units).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    city
}

#[tokio::test]
async fn units_come_in_the_order_of_their_times_with_their_ways() {
    let city = city().await;
    let answer = city.service.get(INCIDENT).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(ids(&body["candidates"]), ["near", "far"]);
    // Half a block of 0.01° at 16.06° N is 534.9 m on WGS 84, at 10 m/s.
    let (near, far) = (&body["candidates"][0], &body["candidates"][1]);
    assert!((near["eta_s"].as_f64().unwrap() - 53.5).abs() < 0.3, "{near}");
    assert!((far["distance_m"].as_f64().unwrap() - 1604.8).abs() < 5.0, "{far}");
    assert_eq!(near["geometry"]["type"], "LineString");
    assert!(near["position_age_s"].as_f64().unwrap() >= 1.0);
    assert_eq!(body["is_fallback"], false);
}

#[tokio::test]
async fn an_answer_says_what_it_rests_on_and_is_kept_by_nobody() {
    let city = city().await;
    let answer = city.service.get(INCIDENT).await;
    let body = answer.json();
    assert_eq!(answer.header("urbis-revision"), Some("1"));
    assert!(answer.header("urbis-age-ms").is_some());
    assert_eq!(answer.header("urbis-epoch"), Some(body["epoch"].to_string().as_str()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding, Authorization"));
    assert_eq!(body["revision"], 1);
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(exposed.contains("Urbis-Epoch"));
    let keyed = city.ask(INCIDENT).await;
    assert_eq!(keyed.header("cache-control"), Some("private, no-store"));
}

#[tokio::test]
async fn a_road_that_closes_changes_the_order_at_once_and_its_end_changes_it_back() {
    let city = city().await;
    let before = city.ask(INCIDENT).await.json()["epoch"].as_u64().unwrap();
    // The near unit is on the closed block itself: it goes round two blocks and the streets between.
    let closed = json!({"id": "w1", "segment": south(1), "closed": true, "title": "Hàm Nghi"});
    let answer = city.report_roads(&[closed]).await;
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    assert_eq!((&answer["accepted"], &answer["stored"]), (&1.into(), &"spool".into()));
    assert!(answer["epoch"].as_u64().unwrap() > before);
    let now = city.ask(INCIDENT).await.json();
    assert_eq!(now["candidates"][0]["unit_id"], "far", "{now}");
    assert_eq!(now["epoch"], answer["epoch"]);
    // Why the nearer one is not the first.
    assert!(now.to_string().contains("Hàm Nghi"), "{now}");

    city.report_roads(&[json!({"id": "w1", "cleared": true})]).await;
    assert_eq!(city.candidates().await, ["near", "far"]);
}

#[tokio::test]
async fn water_stops_whom_it_is_too_deep_for_and_a_slow_road_slows() {
    let city = city().await;
    let line = json!({"type": "LineString", "coordinates": [[108.21, 16.06], [108.22, 16.06]]});
    for (what, first) in [
        (json!({"depth_m": 0.31}), "far"),
        (json!({"depth_m": 0.1}), "near"),
        (json!({"speed_factor": 0.2}), "far"),
        (json!({"speed_kmh": 30.0}), "near"),
    ] {
        let mut report = json!({"id": "w1", "geometry": line, "cause": "flood"});
        report.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        assert_eq!(city.report_roads(std::slice::from_ref(&report)).await.status, 200);
        assert_eq!(city.candidates().await[0], first, "{report}");
    }
}

#[tokio::test]
async fn a_state_ends_by_itself() {
    let city = city().await;
    let closed = json!({"id": "w1", "segment": south(1), "closed": true, "ttl_s": 1.0});
    city.report_roads(&[closed]).await;
    let started = std::time::Instant::now();
    while city.candidates().await[0] != "near" {
        assert!(started.elapsed().as_secs() < 20, "the road is still closed");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_unit_that_few_may_know_of_is_in_no_part_of_the_answer() {
    let city = city().await;
    let hidden = [
        real("police-7", (108.2201, 16.06), "internal"),
        real("guard-9", (108.2199, 16.06), "restricted"),
    ];
    assert_eq!(city.report(&hidden).await.json()["accepted"], 2);
    let open = city.service.get(INCIDENT).await;
    let text = String::from_utf8(open.body.clone()).unwrap();
    assert!(!text.contains("police-7") && !text.contains("guard-9"), "{text}");
    assert_eq!(open.json()["basis"]["unit_count"], 2);
    assert_eq!(ids(&open.json()["candidates"]), ["near", "far"]);
    let internal = city.ask(INCIDENT).await.json();
    assert_eq!(internal["candidates"][0]["unit_id"], "police-7");
    assert!(!internal.to_string().contains("guard-9"), "{internal}");
}

#[tokio::test]
async fn the_network_is_reported_where_there_is_one() {
    let city = city().await;
    let answer = city.service.get("/network/report").await;
    assert_eq!(answer.status, 200);
    let report = answer.json();
    // Two streets of five crossings; the four corners are bends of one way round.
    assert_eq!((&report["joints"], &report["junctions"]), (&10.into(), &6.into()), "{report}");
    assert_eq!(
        (&report["islands"]["count"], &report["links"]),
        (&1.into(), &13.into()),
        "{report}"
    );
    assert_eq!(answer.header("urbis-revision"), Some("1"));
    // Made once for the same roads, however the city changes and however many ask.
    let path = "/network/report";
    tokio::join!(city.service.get(path), city.service.get(path));
    city.service.show(city.service.shown());
    assert_eq!(city.service.metric("urbis_network_report_seconds_count").await, 1);
    city.service.get(path).await;
    assert_eq!(
        city.service.metric("urbis_network_report_seconds_count").await,
        2,
        "roads built anew"
    );
    assert_eq!(city.service.get("/network/report?x=1").await.status, 400);
    let without = crate::city::Service::start().get("/network/report").await;
    assert_eq!((without.status.as_u16(), &without.json()["code"]), (404, &"no_roads".into()));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_what_can() {
    let city = city().await;
    for (query, code) in [
        ("", "missing_parameter"),
        ("lon=108.22", "missing_parameter"),
        ("lon=1e2&lat=16", "invalid_parameter"),
        ("lon=200&lat=16", "coordinate_out_of_range"),
        ("lon=108.22&lat=16.06&limit=0", "invalid_parameter"),
        ("lon=108.22&lat=16.06&limit=101", "invalid_parameter"),
        ("lon=108.22&lat=16.06&service=911", "invalid_parameter"),
        ("lon=108.22&lat=16.06&profile=tank", "unknown_profile"),
        ("lon=108.22&lat=16.06&profile=ambulanc", "unknown_profile"),
        ("lon=108.22&lat=16.06&accuracy_m=-1", "invalid_parameter"),
        ("lon=108.22&lat=16.06&accuracy_m=5001", "invalid_parameter"),
        ("lon=108.22&lat=16.06&capability=,", "invalid_parameter"),
        ("lon=108.22&lat=16.06&at=yesterday", "invalid_parameter"),
        ("lon=108.22&lat=16.06&servic=115", "unknown_parameter"),
        ("lon=108.22&lon=108.22&lat=16.06", "duplicate_parameter"),
    ] {
        let answer = city.ask(&format!("/dispatch/candidates?{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (400, &code.into()),
            "{query}"
        );
    }
    let near = city.ask("/dispatch/candidates?lon=1&lat=1&profile=ambulanc").await.json();
    assert_eq!(near["hint"], "did you mean 'ambulance'?");
}
