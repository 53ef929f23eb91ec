//! `/nearest` of several layers and by a filter: against a full scan of what single layers answer.

use std::sync::Arc;

use geo_types::Point;
use serde_json::{Value, json};
use urbis_catalog::Catalog;
use urbis_model::{AttributeValue, Feature, KeyScope, Moment, Openness, Revision, Validity};
use urbis_snapshot::City;

use crate::city::{Answer, Service, definition, feature_id, layer_id};
use crate::classified::{Classified, issue};
use crate::roads::RoadCity;

const LAYER: &str = r#"
    theme = "land"
    title = { vi = "Điểm", en = "Spots" }
    description = { vi = "Để thử.", en = "To try." }
    geometry = "Point"
    storage_srid = 4326
    key = "code"
    tiles = { minzoom = 6, maxzoom = 14, attributes = ["code"] }

    [[attributes]]
    name = "code"
    title = { vi = "Mã", en = "Code" }
    type = "text"

    [[attributes]]
    name = "beds"
    title = { vi = "Giường", en = "Beds" }
    type = "integer"

    [[attributes]]
    name = "phone"
    title = { vi = "Điện thoại", en = "Phone" }
    type = "text"
    openness = "internal"

    [[examples]]
    title = "good"
    input = { CODE = "a" }
    output = { code = "a" }

    [[examples]]
    title = "bad"
    input = {}
    reject = "geometry_missing"
"#;

/// Spots of a layer.
const SPOTS: i64 = 400;

/// The place of the questions.
const AT: &str = "lon=108.22&lat=16.06";

/// Three layers of spots on one lattice, so that many are equally far; only `clinic` and `school`
/// have beds.
fn service() -> Service {
    let without_beds = |text: &str| {
        let start = text.find("[[attributes]]\n    name = \"beds\"").unwrap();
        let end = text.find("[[attributes]]\n    name = \"phone\"").unwrap();
        format!("{}{}", &text[..start], &text[end..])
    };
    let layers = vec![
        definition("clinic", LAYER),
        definition("school", LAYER),
        definition("tree", &without_beds(LAYER)),
    ];
    let spots = |first: i64, has_beds: bool| -> Vec<Feature> {
        (0..SPOTS).map(|number| spot(first + number, has_beds)).collect()
    };
    let features = vec![
        (layer_id("clinic"), spots(1_000, true)),
        (layer_id("school"), spots(2_000, true)),
        (layer_id("tree"), spots(3_000, false)),
    ];
    let catalog = Arc::new(Catalog::from_layers(layers).unwrap());
    let service = Service::start_empty();
    service.show(City::build(catalog, Revision(1), features, Moment(0)));
    service
}

fn spot(id: i64, has_beds: bool) -> Feature {
    let step = |share: i64| (share * 7_919 % 21 - 10) as f64 * 1e-3;
    let place = Point::new(108.22 + step(id), 16.06 + step(id / 3));
    let beds = AttributeValue::Int(id % 50);
    let beds = has_beds.then_some(if id % 7 == 0 { AttributeValue::Null } else { beds });
    let attributes = [Some(AttributeValue::text(format!("s{}", id % 4))), beds];
    let phone = AttributeValue::text(format!("0236{id}"));
    Feature {
        id: feature_id(id),
        geometry: Some(place.into()),
        attributes: attributes.into_iter().flatten().chain([phone]).collect(),
        validity: Validity::ALWAYS,
    }
}

async fn features(service: &Service, path: &str) -> Vec<Value> {
    let answer = service.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()["features"].as_array().unwrap().clone()
}

/// All features of the layers, by distance, layer and id.
async fn all(service: &Service, layers: &[&str]) -> Vec<Value> {
    let mut all = Vec::new();
    for layer in layers {
        all.extend(features(service, &format!("/nearest/{layer}?{AT}&limit=1000")).await);
    }
    let distance = |feature: &Value| feature["properties"]["distance_m"].as_f64().unwrap();
    all.sort_by(|one, other| {
        let by_distance = distance(one).total_cmp(&distance(other));
        let by_layer =
            by_distance.then_with(|| one["layer"].as_str().cmp(&other["layer"].as_str()));
        by_layer.then_with(|| one["id"].as_u64().cmp(&other["id"].as_u64()))
    });
    all
}

#[tokio::test]
async fn answers_of_several_layers_are_merged_by_distance_layer_and_id() {
    let service = service();
    let expected = all(&service, &["clinic", "school", "tree"]).await;
    assert_eq!(expected.len(), 3 * SPOTS as usize);
    for names in ["tree,clinic,school", "land", "clinic,land"] {
        for limit in [1, 5, 100, 1000] {
            let path = format!("/nearest/{names}?{AT}&limit={limit}");
            assert_eq!(features(&service, &path).await, expected[..limit], "{path}");
        }
    }
    let near = features(&service, &format!("/nearest/land?{AT}&limit=1000&within_m=500")).await;
    let is_near = |f: &&Value| f["properties"]["distance_m"].as_f64().unwrap() <= 500.0;
    let expected: Vec<Value> = expected.iter().filter(is_near).cloned().collect();
    assert!(near.len() > 20 && near == expected, "{}", near.len());
}

#[tokio::test]
async fn small_and_large_questions_have_one_answer() {
    let service = service();
    let large = features(&service, &format!("/nearest/clinic?{AT}&limit=400")).await;
    for limit in [1, 5, 20, 21] {
        let small = features(&service, &format!("/nearest/clinic?{AT}&limit={limit}")).await;
        assert_eq!(small, large[..limit]);
    }
    let path = format!("/nearest/clinic?{AT}&limit=5");
    let answer = service.get(&path).await;
    let tag = answer.header("etag").unwrap();
    let again = service.request("GET", &path, &[("if-none-match", tag)]).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    let packed = service.request("GET", &path, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < answer.body.len() && packed.header("etag") != Some(tag));
}

#[tokio::test]
async fn a_filter_finds_what_a_full_scan_finds() {
    let service = service();
    let all = all(&service, &["clinic", "school"]).await;
    let beds = |f: &Value| f["properties"]["beds"].as_i64();
    let code = |f: &Value| f["properties"]["code"].as_str().unwrap().to_owned();
    let lon = |f: &Value| f["geometry"]["coordinates"][0].as_f64().unwrap();
    type Asked<'a> = &'a dyn Fn(&Value) -> bool;
    let cases: [(&str, Asked<'_>); 5] = [
        ("beds%20%3E%2040", &|f| beds(f).is_some_and(|beds| beds > 40)),
        ("NOT%20beds%20%3E%2040", &|f| beds(f).is_some_and(|beds| beds <= 40)),
        ("beds%20IS%20NULL%20AND%20code='s1'", &|f| beds(f).is_none() && code(f) == "s1"),
        ("S_INTERSECTS(geom,BBOX(108.2245,16,109,17))", &|f| lon(f) > 108.2245),
        ("beds%20%3E%20900", &|_| false),
    ];
    for (filter, asked) in cases {
        let expected: Vec<&Value> = all.iter().filter(|feature| asked(feature)).collect();
        for limit in [1, 7, 1000] {
            let path = format!("/nearest/clinic,school?{AT}&limit={limit}&filter={filter}");
            let found = features(&service, &path).await;
            let expected = &expected[..limit.min(expected.len())];
            assert!(found.iter().eq(expected.iter().copied()), "{path}");
        }
    }
    let json = "%7B%22op%22:%22%3E%22,%22args%22:%5B%7B%22property%22:%22beds%22%7D,40%5D%7D";
    let text = format!("/nearest/clinic?{AT}&filter=beds%20%3E%2040");
    let same = format!("/nearest/clinic?{AT}&filter-lang=cql2-json&filter={json}");
    assert_eq!(features(&service, &text).await, features(&service, &same).await);
}

#[tokio::test]
async fn a_filter_that_is_not_right_for_a_layer_says_for_which() {
    let service = service();
    let path = format!("/nearest/clinic,tree?{AT}&filter=beds%20%3E%205");
    let problem = refusal(&service.get(&path).await);
    assert_eq!(problem["code"], "filter_property_unknown");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("'tree'") && detail.contains("'beds'"), "{detail}");
    assert!(!detail.contains("phone"), "{detail}");
    for (filter, code) in [
        ("beds%20%3E", "filter_syntax"),
        ("", "filter_syntax"),
        ("%00", "filter_syntax"),
        ("beds%20%3E%20'a'", "filter_type_mismatch"),
        ("phone='1'", "filter_property_unknown"),
        ("sqrt(beds)=2", "filter_unsupported"),
        ("S_INTERSECTS(geom,POINT(16%20108))", "filter_geometry_invalid"),
        ("S_INTERSECTS(code,POINT(108%2016))", "filter_operand_invalid"),
        ("'a'", "filter_operand_invalid"),
        (&format!("{}beds=1{}", "(".repeat(500), ")".repeat(500)), "filter_too_large"),
        (&"NOT%20".repeat(300), "filter_too_large"),
        (&format!("beds=1{}", "%20OR%20beds=1".repeat(120)), "accepted"),
        ("beds=1&filter-lang=cql", "invalid_parameter"),
        ("%7B%7D&filter-lang=cql2-json", "filter_syntax"),
        ("beds=1&filter=beds=1", "duplicate_parameter"),
    ] {
        let answer = service.get(&format!("/nearest/clinic?{AT}&filter={filter}")).await;
        if code == "accepted" {
            assert_eq!(answer.status, 200, "{filter}");
        } else {
            assert_eq!(refusal(&answer)["code"], code, "{filter}");
        }
    }
    let alone = service.get(&format!("/nearest/clinic?{AT}&filter-lang=cql2-text")).await;
    assert_eq!(refusal(&alone)["code"], "invalid_parameter");
}

fn refusal(answer: &Answer) -> Value {
    let problem = answer.json();
    assert_eq!(answer.status, 400, "{problem}");
    assert!(!problem["hint"].as_str().unwrap().is_empty(), "{problem}");
    problem
}

#[tokio::test]
async fn a_filter_sees_what_its_caller_sees_and_no_more() {
    let service = service();
    let (record, key) = issue(Openness::Internal, vec![KeyScope::Read]);
    service.state.set_keys(vec![record]);
    let path = format!("/nearest/clinic?{AT}&filter=phone='02361005'");
    let unknown = format!("/nearest/clinic?{AT}&filter=qhone='02361005'");
    let problem = refusal(&service.get(&path).await);
    let as_unknown = refusal(&service.get(&unknown).await).to_string().replace("qhone", "phone");
    assert_eq!(problem.to_string(), as_unknown);
    let bearer = format!("Bearer {key}");
    let found = service.request("GET", &path, &[("authorization", &bearer)]).await.json();
    assert_eq!(found["features"].as_array().unwrap().len(), 1);
    assert_eq!(found["features"][0]["id"], 1_005);

    // A theme has the layers that the caller may see; a feature that is hidden answers no filter.
    let city = Classified::start();
    let path = "/nearest/land?lon=108.22&lat=16.06&filter=kind%20IS%20NOT%20NULL";
    assert_eq!(features(&city.service, path).await.len(), 1);
}

#[tokio::test]
async fn by_road_the_layers_are_merged_by_time_and_filtered_alike() {
    let city = RoadCity::start().await;
    let ask = async |more: &str| {
        let path = format!("/nearest/road?lon=108.2201&lat=16.0601&by=road&limit=1000{more}");
        features(&city.service, &path).await
    };
    let all = ask("").await;
    let name = |feature: &&Value| feature["properties"]["name"] == "Hàm Nghi";
    let expected: Vec<Value> = all.iter().filter(name).cloned().collect();
    assert!(!expected.is_empty() && expected.len() < all.len());
    assert_eq!(ask("&filter=name='H%C3%A0m%20Nghi'").await, expected);
    assert!(all.iter().all(|feature| feature["layer"] == "road"));
    let path = "/nearest/road,road?lon=108.22&lat=16.06&by=road&filter=nothing=1";
    assert_eq!(refusal(&city.service.get(path).await)["code"], json!("filter_property_unknown"));
}
