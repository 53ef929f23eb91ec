//! `/route`, `/reach` and `/nearest?by=road`: routes and what the driver is told, areas, times.

use serde_json::{Value, json};
use urbis_model::{KeyScope, Openness};

use crate::city::Service;
use crate::classified::issue;
use crate::roads::{RoadCity, new_id, seconds_ago, south};

const ROUTE: &str = "/route?from=108.201,16.06&to=108.22,16.069&profile=ambulance";
const REACH: &str = "/reach?lon=108.22&lat=16.06&minutes=1,3&profile=ambulance";
const NEAREST: &str = "/nearest/road?lon=108.2201&lat=16.0601&by=road&profile=ambulance&limit=3";

/// Closes a block of the southern street for a minute.
async fn close(city: &RoadCity, block: i64) {
    let state = json!({
        "id": new_id(),
        "segment": south(block),
        "closed": true,
        "observed_at": seconds_ago(1),
        "ttl_s": 60,
    });
    let answer = city.report_roads(&[state]).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}

#[tokio::test]
async fn a_route_has_a_line_a_time_and_instructions() {
    let city = RoadCity::start().await;
    let answer = city.service.get(ROUTE).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header("content-type"), Some("application/geo+json"));
    assert_eq!(answer.header("urbis-revision"), Some("1"));
    assert_eq!(answer.header("urbis-epoch"), Some("0"));
    let body = answer.json();
    assert_eq!((&body["revision"], &body["epoch"]), (&json!(1), &json!(0)));
    assert_eq!(body["profile"], "ambulance");
    assert_eq!(body["basis"]["road_state_age_s"], Value::Null);
    assert_eq!(body["features"].as_array().unwrap().len(), 1);
    let route = &body["features"][0];
    // Some 2,034 m along the southern street and 996 m up, at 10 m/s.
    let length_m = route["properties"]["distance_m"].as_f64().unwrap();
    assert!((3_025.0..3_035.0).contains(&length_m), "{length_m}");
    let time_s = route["properties"]["time_s"].as_f64().unwrap();
    assert!((time_s - length_m / 10.0).abs() < 0.05, "{time_s}");
    let line = route["geometry"]["coordinates"].as_array().unwrap();
    assert_eq!(
        (&line[0], &line[line.len() - 1]),
        (&json!([108.201, 16.06]), &json!([108.22, 16.069]))
    );
    let texts = |body: &Value| -> Vec<String> {
        let told = body["features"][0]["properties"]["instructions"].as_array().unwrap();
        told.iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        texts(&body),
        [
            "Xuất phát về hướng đông trên đường Hàm Nghi, đi 2 km",
            "Rẽ trái vào kiệt, đi 1 km",
            "Đến nơi",
        ]
    );
    let english = city.service.get(&format!("{ROUTE}&lang=en")).await.json();
    assert_eq!(
        texts(&english),
        [
            "Head east on Hàm Nghi for 2 km",
            "Turn left onto Kiệt and continue for 1 km",
            "You have arrived",
        ]
    );
}

#[tokio::test]
async fn a_closed_road_changes_the_route_the_area_and_the_nearest_at_once() {
    let city = RoadCity::start().await;
    let time = async || {
        let body = city.service.get(ROUTE).await.json();
        body["features"][0]["properties"]["time_s"].as_f64().unwrap()
    };
    let road = async || {
        let body = city.service.get(REACH).await.json();
        body["features"][1]["properties"]["road_m"].as_f64().unwrap()
    };
    let first = async || city.service.get(NEAREST).await.json()["features"].clone();
    let before = (time().await, road().await, first().await);
    close(&city, 1).await;
    assert!(time().await > before.0 + 1.0);
    assert!(road().await < before.1 - 1_000.0);
    assert_ne!(first().await, before.2);
    let body = city.service.get(ROUTE).await.json();
    assert_eq!((&body["epoch"], &body["basis"]["condition_count"]), (&json!(1), &json!(1)));
    assert!(body["basis"]["road_state_age_s"].as_f64().unwrap() < 60.0);
}

#[tokio::test]
async fn a_closure_that_few_may_know_of_leaves_no_trace_in_ages_and_gauges() {
    let city = RoadCity::start().await;
    let hidden = json!({"id": "h", "segment": 1, "closed": true, "openness": "restricted"});
    assert_eq!(city.report_roads(&[hidden]).await.json()["accepted"], 1);
    let body = city.service.get(ROUTE).await.json();
    assert_eq!(body["basis"]["road_state_age_s"], Value::Null);
    let candidates = "/dispatch/candidates?lon=108.22&lat=16.06";
    assert_eq!(city.ask(candidates).await.json()["basis"]["road_state_age_s"], Value::Null);
    let page = city.ask("/metrics").await;
    assert!(!String::from_utf8_lossy(&page.body).contains("urbis_road_conditions"));
    let (record, key) = issue(Openness::Restricted, vec![KeyScope::Read]);
    city.service.state.set_keys(vec![record]);
    let bearer = format!("Bearer {key}");
    let page = city.service.request("GET", "/metrics", &[("authorization", &bearer)]).await;
    assert!(String::from_utf8_lossy(&page.body).contains("urbis_road_conditions 1"));
}

#[tokio::test]
async fn alternatives_are_there_when_they_are_asked_for() {
    let city = RoadCity::start().await;
    let path = "/route?from=108.2,16.0605&to=108.24,16.0695&alternatives=3";
    let routes = city.service.get(path).await.json()["features"].as_array().unwrap().clone();
    assert!(routes.len() > 1, "{routes:?}");
    let times: Vec<f64> =
        routes.iter().map(|route| route["properties"]["time_s"].as_f64().unwrap()).collect();
    assert!(times.iter().all(|time| *time >= times[0] && *time <= times[0] * 1.4), "{times:?}");
}

#[tokio::test]
async fn areas_are_wound_and_the_shorter_time_comes_first() {
    let city = RoadCity::start().await;
    for direction in ["from", "to"] {
        let body = city.service.get(&format!("{REACH}&direction={direction}")).await.json();
        assert_eq!(body["direction"], direction);
        let areas = body["features"].as_array().unwrap();
        let minutes: Vec<&Value> =
            areas.iter().map(|area| &area["properties"]["minutes"]).collect();
        assert_eq!(minutes, [&json!(1), &json!(3)]);
        for area in areas {
            assert_eq!(area["geometry"]["type"], "MultiPolygon");
            let ring = area["geometry"]["coordinates"][0][0].as_array().unwrap();
            assert_eq!(ring.first(), ring.last());
            assert!(doubled_area(ring) > 0.0, "an exterior goes counter-clockwise");
        }
    }
}

fn doubled_area(ring: &[Value]) -> f64 {
    let at =
        |place: &Value| (place[0].as_f64().unwrap() - 108.22, place[1].as_f64().unwrap() - 16.06);
    let edges = ring.windows(2).map(|pair| (at(&pair[0]), at(&pair[1])));
    edges.map(|((x, y), (to_x, to_y))| x * to_y - to_x * y).sum()
}

#[tokio::test]
async fn the_nearest_by_road_come_by_time_and_say_so() {
    let city = RoadCity::start().await;
    let body = city.service.get(NEAREST).await.json();
    assert_eq!(body["is_complete"], true);
    let features = body["features"].as_array().unwrap();
    assert_eq!(features.len(), 3);
    let times: Vec<f64> =
        features.iter().map(|f| f["properties"]["time_s"].as_f64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    for feature in features {
        let length_m = feature["properties"]["distance_m"].as_f64().unwrap();
        let time_s = feature["properties"]["time_s"].as_f64().unwrap();
        assert!((time_s - length_m / 10.0).abs() < 0.05, "{feature}");
    }
}

#[tokio::test]
async fn a_place_off_the_road_and_one_that_is_cut_off_have_codes() {
    let city = RoadCity::start().await;
    let problem = async |path: &str| {
        let answer = city.service.get(path).await;
        let body = answer.json();
        (answer.status.as_u16(), body["code"].clone(), body["detail"].clone(), body["hint"].clone())
    };
    let (status, code, detail, _) = problem("/route?from=108.2,16.06&to=109,16").await;
    assert_eq!((status, code), (422, json!("off_road")));
    assert!(detail.as_str().unwrap().contains("'to'"), "{detail}");
    for path in ["/reach?lon=109&lat=16", "/nearest/road?lon=109&lat=16&by=road"] {
        assert_eq!(problem(path).await.1, json!("off_road"), "{path}");
    }
    close(&city, 0).await;
    let (status, code, _, hint) = problem("/route?from=108.205,16.06&to=108.24,16.06").await;
    assert_eq!((status, code), (422, json!("unreachable")));
    assert!(hint.as_str().unwrap().contains("closures"), "{hint}");
}

#[tokio::test]
async fn a_city_without_vehicles_says_so() {
    let service = Service::start();
    for path in [ROUTE, REACH, "/nearest/street?lon=108.22&lat=16.06&by=road"] {
        let answer = service.get(path).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (404, &json!("no_vehicles")));
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_what_can() {
    let city = RoadCity::start().await;
    for (path, code) in [
        ("/route", "missing_parameter"),
        ("/route?from=108.2,16.06", "missing_parameter"),
        ("/route?from=108.2&to=108.22,16.06", "invalid_parameter"),
        ("/route?from=108.2,16.06,1&to=108.22,16.06", "invalid_parameter"),
        ("/route?from=108.2,1e1&to=108.22,16.06", "invalid_parameter"),
        ("/route?from=108.2,91&to=108.22,16.06", "coordinate_out_of_range"),
        ("/route?from=108.2,16.06&to=108.22,16.06&profile=tank", "unknown_profile"),
        ("/route?from=108.2,16.06&to=108.22,16.06&alternatives=4", "invalid_parameter"),
        ("/route?from=108.2,16.06&to=108.22,16.06&lang=fr", "invalid_parameter"),
        ("/route?from=108.2,16.06&to=108.22,16.06&at=now", "invalid_parameter"),
        ("/route?from=108.2,16.06&to=108.22,16.06&form=x", "unknown_parameter"),
        ("/reach", "missing_parameter"),
        ("/reach?lon=108.2&lat=16.06&minutes=", "invalid_parameter"),
        ("/reach?lon=108.2&lat=16.06&minutes=0", "invalid_parameter"),
        ("/reach?lon=108.2&lat=16.06&minutes=61", "invalid_parameter"),
        ("/reach?lon=108.2&lat=16.06&minutes=1,2,3,4,5,6,7", "invalid_parameter"),
        ("/reach?lon=108.2&lat=16.06&minutes=%2B5", "invalid_parameter"),
        ("/reach?lon=108.2&lat=16.06&direction=up", "invalid_parameter"),
        ("/reach?lon=108.2&lat=16.06&profile=", "unknown_profile"),
        ("/nearest/road?lon=108.2&lat=16.06&by=air", "invalid_parameter"),
        ("/nearest/road?lon=108.2&lat=16.06&by=road&within_m=5", "invalid_parameter"),
        ("/nearest/road?lon=108.2&lat=16.06&profile=ambulance", "invalid_parameter"),
        ("/nearest/road?lon=108.2&lat=16.06&direction=to", "invalid_parameter"),
    ] {
        let answer = city.service.get(path).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!(code)), "{path}");
    }
}
