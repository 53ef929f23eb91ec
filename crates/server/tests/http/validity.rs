//! Features that begin and end: what holds at a moment, and what answers say of it.

use serde_json::{Value, json};
use urbis_model::{AttributeValue, Feature, Moment, Revision, Validity};

use crate::city::{Service, city_with, ward};

/// 2025-07-01T00:00:00+07:00, when the wards of Vietnam became others.
const REFORM: Moment = Moment(1_751_302_800_000_000);

/// Two wards on the same ground: one until the reform, one since.
fn wards() -> Vec<Feature> {
    let until = Validity { from: None, to: Some(REFORM) };
    let since = Validity { from: Some(REFORM), to: None };
    vec![
        Feature { validity: until, ..ward(1, 108.20) },
        Feature { validity: since, ..ward(2, 108.20) },
    ]
}

fn service_at(at: Moment) -> Service {
    let service = Service::start_empty();
    service.show(city_with(wards(), at));
    service
}

async fn wards_at(service: &Service, query: &str) -> Value {
    let answer = service.get(&format!("/at?lon=108.24&lat=16.09{query}")).await;
    assert_eq!(answer.status, 200, "{query}");
    let answer = answer.json();
    let ids: Vec<&Value> =
        answer["features"].as_array().unwrap().iter().map(|feature| &feature["id"]).collect();
    json!([answer["on"], ids])
}

#[tokio::test]
async fn a_place_is_answered_for_the_moment_that_was_asked() {
    let service = service_at(Moment(REFORM.0 + 1));
    for (on, shown, ids) in [
        ("2025-06-30", "2025-06-30T00:00:00+07:00", [1]),
        ("2025-07-01", "2025-07-01T00:00:00+07:00", [2]),
        ("2025-06-30T23:59:59.999999%2B07:00", "2025-06-30T23:59:59.999999+07:00", [1]),
        ("2025-06-30T17:00:00Z", "2025-07-01T00:00:00+07:00", [2]),
        ("2025-06-30T12:59:59-04:00", "2025-06-30T23:59:59+07:00", [1]),
        ("0001-01-01", "0001-01-01T00:00:00+07:00", [1]),
        ("9999-12-31T23:59:59%2B07:00", "9999-12-31T23:59:59+07:00", [2]),
    ] {
        assert_eq!(wards_at(&service, &format!("&on={on}")).await, json!([shown, ids]), "{on}");
    }
    assert_eq!(wards_at(&service, "").await, json!([null, [2]]));
}

#[tokio::test]
async fn a_tile_is_drawn_for_the_moment_that_was_asked() {
    let service = service_at(Moment(REFORM.0 + 1));
    let path = "/tiles/ward/14/13117/7451";
    let now = service.get(path).await;
    let mut tiles = Vec::new();
    for datetime in ["2025-06-30", "2000-01-01T08:00:00Z", "2025-07-01", "2030-01-01"] {
        let answer = service.get(&format!("{path}?datetime={datetime}")).await;
        assert_eq!(answer.status, 200, "{datetime}");
        tiles.push((answer.body, answer.headers["etag"].clone()));
    }
    let [old, older, new, later] = &tiles[..] else { panic!() };
    assert_ne!(old, new);
    assert_eq!((old, new), (older, later));
    assert_eq!(new.0, now.body);
    // One tile until the reform, one since, and that of the city's own moment.
    assert_eq!(service.builds().await, 3);
    let held = [("if-none-match", old.1.to_str().unwrap())];
    let dated = format!("{path}?datetime=2025-01-01");
    assert_eq!(service.request("GET", &dated, &held).await.status, 304);
    assert_eq!(service.builds().await, 3);
}

#[tokio::test]
async fn a_tile_of_another_moment_is_made_anew_when_its_features_change() {
    let service = service_at(Moment(REFORM.0 + 1));
    let path = "/tiles/ward/14/13117/7451?datetime=2025-01-01";
    let before = service.get(path).await;
    let mut renamed = wards().remove(0);
    renamed.attributes[1] = AttributeValue::text("Thanh Bình");
    service.change("ward", renamed);
    let after = service.get(path).await;
    assert_ne!(after.header("etag"), before.header("etag"));
    assert!(String::from_utf8_lossy(&after.body).contains("Thanh Bình"));
    // The street that crosses it did not change, and has no end.
    let street = "/tiles/street/14/13117/7451?datetime=1990-01-01";
    service.get(street).await;
    let builds = service.builds().await;
    service.change("ward", wards().remove(0));
    service.get(street).await;
    assert_eq!(service.builds().await, builds);
}

#[tokio::test]
async fn a_moment_that_is_none_is_refused_with_an_example() {
    let service = service_at(REFORM);
    for on in [
        "",
        "2025-02-30",
        "2025-6-1",
        "0000-01-01",
        "10000-01-01",
        "-2025-01-01",
        "9999-12-31T17:00:00Z",
        "0001-01-01T00:00:00%2B07:01",
        "2025-06-30T08:00:00",
        "2025-06-30T08:00:00+07:00",
        "2016-12-31T23:59:60Z",
        "2025-06-30T25:00:00Z",
        "today",
        "1751302800",
        "2025-06-30%00",
        "2025-06-30'--",
        "%D9%A2%D9%A0%D9%A2%D9%A5-06-30",
    ] {
        let answer = service.get(&format!("/at?lon=108.24&lat=16.09&on={on}")).await;
        assert_eq!(answer.status, 400, "{on}");
        let problem = answer.json();
        assert_eq!(problem["code"], "invalid_parameter", "{on}");
        let hint = problem["hint"].as_str().unwrap();
        assert!(hint.contains("2025-06-30T08:00:00Z") && hint.contains("%2B"), "{on}: {hint}");
    }
    let twice = service.get("/at?lon=1&lat=1&on=2025-06-30&on=2025-06-30").await;
    assert_eq!(twice.json()["code"], "duplicate_parameter");
    let tile = service.get("/tiles/ward/14/13117/7451?datetime=tomorrow").await;
    assert_eq!(tile.json()["code"], "invalid_parameter");
    let tile = service.get("/tiles/ward/14/13117/7451?on=2025-06-30").await;
    assert_eq!(tile.json()["code"], "unknown_parameter");
    let elsewhere = service.get("/nearest/ward?lon=1&lat=1&on=2025-06-30").await;
    assert_eq!(elsewhere.json()["code"], "unknown_parameter");
}

#[tokio::test]
async fn a_feature_says_beside_its_properties_when_it_holds() {
    let service = service_at(REFORM);
    let reform = json!("2025-07-01T00:00:00+07:00");
    let now = service.get("/nearest/ward?lon=108.24&lat=16.09").await.json();
    let [new] = &now["features"].as_array().unwrap()[..] else { panic!("{now}") };
    assert_eq!((&new["valid_from"], &new["valid_to"]), (&reform, &json!(null)));
    assert!(new["properties"].get("valid_from").is_none());
    let before = service.get("/at?lon=108.24&lat=16.09&on=2000-01-01").await.json();
    let old = &before["features"][0];
    assert_eq!((&old["valid_from"], &old["valid_to"]), (&json!(null), &reform));
}

#[tokio::test]
async fn a_bound_that_no_calendar_can_name_is_no_open_end() {
    let service = Service::start_empty();
    // An end in the year 12026, which RFC 3339 cannot say.
    let far = Validity { from: None, to: Some(Moment(317_349_619_200_000_000)) };
    let wards = vec![Feature { validity: far, ..ward(1, 108.20) }, ward(2, 108.20)];
    service.state.publish_anew(city_with(wards, REFORM));
    let found = service.get("/at?lon=108.24&lat=16.09&on=2025-01-01").await.json();
    let ends: Vec<&Value> =
        found["features"].as_array().unwrap().iter().map(|feature| &feature["valid_to"]).collect();
    assert_eq!(ends, [&json!("9999-12-31T23:59:59.999999+07:00"), &json!(null)]);
}

#[tokio::test]
async fn what_does_not_hold_now_is_neither_counted_nor_drawn() {
    let service = service_at(Moment(REFORM.0 - 1));
    let tile = "/tiles/ward/14/13117/7451";
    let before = service.get(tile).await;
    let ready = service.get("/health/ready").await.json();
    assert_eq!(ready["layers"]["ward"], 1);
    assert_eq!(ready["moment"], "2025-06-30T23:59:59.999999+07:00");

    let city = city_with(wards(), Moment(REFORM.0 - 1));
    assert_eq!(city.next_change(), Some(REFORM));
    let (city, changes) = city.advance(Revision(8), REFORM);
    service.state.publish(city, changes);
    let after = service.get(tile).await;
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_ne!(after.body, before.body);
    let ready = service.get("/health/ready").await.json();
    assert_eq!((&ready["layers"]["ward"], &ready["revision"]), (&json!(1), &json!(8)));
    assert_eq!(ready["moment"], "2025-07-01T00:00:00+07:00");
    assert_eq!(service.get("/layers").await.json()["moment"], ready["moment"]);
}
