//! What the answers hold.

use serde_json::{Value, json};

use crate::city::{Service, long_street, ward};

#[tokio::test]
async fn a_tilejson_says_what_the_tiles_hold() {
    let service = Service::start();
    let tilejson = service.get("/tiles/land,street").await.json();
    assert_eq!(tilejson["tilejson"], "3.0.0");
    assert_eq!(tilejson["scheme"], "xyz");
    assert_eq!((&tilejson["minzoom"], &tilejson["maxzoom"]), (&json!(6), &json!(16)));
    assert_eq!(tilejson["bounds"], json!([107.2, 14.93, 108.77, 16.23]));
    assert_eq!(tilejson["center"], json!([108.22, 16.06, 13]));
    assert_eq!(tilejson["attribution"], "© The city");
    let version = tilejson["version"].as_str().unwrap();
    let parts: Vec<u64> = version.split('.').map(|part| part.parse().unwrap()).collect();
    assert_eq!((parts.len(), parts[0]), (3, 1), "{version} is no semantic version");
    let layers = tilejson["vector_layers"].as_array().unwrap();
    assert_eq!(layers.len(), 2);
    assert_eq!(
        layers[0],
        json!({
            "id": "ward",
            "fields": {"name": "Name", "area_km2": "Area (km²)"},
            "minzoom": 6,
            "maxzoom": 14,
            "description": "Boundaries of wards.",
        })
    );
    assert_eq!(layers[1]["id"], "street");
}

#[tokio::test]
async fn the_bounds_of_tiles_reach_to_islands_outside_the_city_s_box() {
    let service = Service::start();
    service.change("ward", ward(103, 112.0));
    let bounds = service.get("/tiles/land").await.json()["bounds"].clone();
    let bounds: Vec<f64> = bounds.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    let expected = [107.2, 14.93, 112.05, 16.23];
    // A cell of the grid is 1e-7 degrees.
    assert!(bounds.iter().zip(expected).all(|(b, e)| (b - e).abs() < 1e-6), "{bounds:?}");
    let streets = service.get("/tiles/street").await.json();
    assert_eq!(streets["bounds"], json!([107.2, 14.93, 108.77, 16.23]), "of another layer");
}

#[tokio::test]
async fn the_layer_list_is_what_a_legend_needs() {
    let service = Service::start();
    let list = service.get("/layers").await.json();
    assert_eq!(list["city"]["title"], json!({"vi": "Đà Nẵng", "en": "Da Nang"}));
    assert_eq!(list["city"]["bbox"], json!([107.2, 14.93, 108.77, 16.23]));
    let themes: Vec<_> = list["themes"].as_array().unwrap().iter().map(|t| &t["id"]).collect();
    assert_eq!(themes, ["land", "traffic"]);
    let ward = &list["layers"][1];
    assert_eq!((&ward["id"], &ward["count"]), (&json!("ward"), &json!(2)));
    assert_eq!(ward["geometry"], "MultiPolygon");
    assert_eq!((&list["class"], &ward["openness"]), (&json!("open"), &json!("open")));
    assert_eq!((&ward["shown"], &ward["synthetic"]), (&json!(true), &json!(false)));
    assert_eq!(ward["deprecated"], json!(null));
    assert_eq!(list["moment"], "1970-01-01T07:00:00+07:00");
    assert_eq!(
        ward["sources"][0],
        json!({
            "publisher": "The city",
            "licence": "MIT",
            "attribution": "© The city",
            "origin": null,
            "retrieved": "2026-01-15",
            "synthetic": false,
        })
    );
    assert_eq!(
        ward["attributes"][2],
        json!({
            "name": "area_km2",
            "title": {"vi": "Diện tích", "en": "Area"},
            "type": "float",
            "unit": "km²",
            "deprecated": null,
            "values": null,
        })
    );
}

#[tokio::test]
async fn nearest_answers_geojson_nearest_first() {
    let service = Service::start();
    let path = "/nearest/street?lon=108.231&lat=16.0605&limit=3&within_m=5000";
    let answer = service.get(path).await;
    assert_eq!(answer.header("content-type"), Some("application/geo+json"));
    let collection = answer.json();
    assert_eq!(collection["type"], "FeatureCollection");
    assert_eq!(collection["revision"], 7);
    let features = collection["features"].as_array().unwrap();
    let ids: Vec<u64> = features.iter().map(|feature| feature["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [5, 4, 6]);
    let first = &features[0];
    assert_eq!(first["geometry"]["type"], "MultiLineString");
    assert_eq!(first["properties"]["code"], "street 5");
    let distances: Vec<f64> =
        features.iter().map(|f| f["properties"]["distance_m"].as_f64().unwrap()).collect();
    assert!(distances.is_sorted() && distances[0] > 100.0 && distances[0] < 110.0, "{distances:?}");
}

#[tokio::test]
async fn nearest_keeps_to_its_radius_and_its_limit() {
    let service = Service::start();
    let count = async |query: &str| {
        let answer = service.get(&format!("/nearest/street?lon=108.3&lat=16.06{query}")).await;
        answer.json()["features"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 10);
    assert_eq!(count("&limit=1000").await, 60);
    assert_eq!(count("&within_m=100").await, 0);
    assert_eq!(count("&within_m=20000000&limit=1").await, 1);
}

#[tokio::test]
async fn numbers_stay_of_one_kind_and_absent_values_are_null() {
    let service = Service::start();
    let mut bare = ward(101, 108.20);
    bare.attributes[1] = urbis_model::AttributeValue::Null;
    service.change("ward", bare);
    let answer = service.get("/nearest/ward?lon=108.22&lat=16.06&limit=1").await;
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.contains(r#""area_km2":2.0"#), "{text}");
    assert!(text.contains(r#""name":null"#), "{text}");
    assert!(text.contains(r#""distance_m":0.0"#), "{text}");
    assert!(!text.contains("note"), "{text}");
}

#[tokio::test]
async fn at_a_place_stand_its_ward_and_its_street() {
    let service = Service::start();
    let answer = service.get("/at?lon=108.2201&lat=16.06").await.json();
    assert_eq!((&answer["lon"], &answer["lat"]), (&json!(108.2201), &json!(16.06)));
    assert_eq!(answer["revision"], 7);
    let features = answer["features"].as_array().unwrap();
    let found: Vec<_> = features.iter().map(|feature| &feature["layer"]).collect();
    assert_eq!(found, ["street", "ward"]);
    assert_eq!(features[1]["id"], 101);
    assert_eq!(features[1]["properties"]["distance_m"], 0.0);
    let nowhere = service.get("/at?lon=0&lat=0").await.json();
    assert_eq!(nowhere["features"], json!([]));
}

#[tokio::test]
async fn on_the_common_edge_of_two_wards_both_are_named() {
    let service = Service::start();
    let answer = service.get("/at?lon=108.25&lat=16.08").await.json();
    let features = answer["features"].as_array().unwrap();
    let ids: Vec<_> = features.iter().map(|feature| feature["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [101, 102]);
}

#[tokio::test]
async fn an_answer_has_a_most_of_vertices_and_says_what_it_leaves_out() {
    let service = Service::start();
    // All start at the place, so the order is that of the ids.
    let path = "/nearest/street?lon=108.22&lat=16.06&limit=3";
    service.change_many("street", vec![long_street(1, 60_000), long_street(2, 60_000)]);
    let answer = service.get(path).await.json();
    let features = answer["features"].as_array().unwrap();
    let sent: Vec<_> = features
        .iter()
        .map(|feature| {
            let lines = &feature["geometry"]["coordinates"];
            (feature["id"].as_u64().unwrap(), lines[0].as_array().map(Vec::len))
        })
        .collect();
    assert_eq!(sent, [(1, Some(60_000)), (2, None), (3, Some(2))]);
    assert_eq!(features[1]["geometry"], json!(null));
    assert_eq!(features[1]["geometry_omitted"], true);
    assert_eq!(features[1]["properties"]["code"], "street 2");
    assert!(features[0].get("geometry_omitted").is_none());

    service.change_many("street", vec![long_street(1, 100_001)]);
    let answer = service.get("/at?lon=108.22&lat=16.06").await.json();
    let features = answer["features"].as_array().unwrap();
    assert_eq!((&features[0]["id"], &features[0]["geometry_omitted"]), (&json!(1), &json!(true)));
    assert_eq!(features[1]["geometry"]["type"], "MultiPolygon");
}

#[tokio::test]
async fn health_says_what_is_loaded() {
    let service = Service::start();
    assert_eq!(service.get("/health/live").await.json(), json!({"status": "live"}));
    let ready = service.get("/health/ready").await.json();
    assert_eq!(ready["status"], "ready");
    assert_eq!(ready["revision"], 7);
    assert!(ready["age_ms"].is_u64());
    assert_eq!(ready["moment"], "1970-01-01T07:00:00+07:00");
    assert_eq!(ready["layers"], json!({"street": 60, "ward": 2}));
}

#[tokio::test]
async fn the_page_comes_with_a_policy_and_its_files_with_their_lifetimes() {
    let service = Service::start();
    let page = service.get("/").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert_eq!(
        page.header("content-security-policy"),
        Some(
            "default-src 'self'; style-src 'self'; img-src 'self' data:; worker-src 'self'; \
             connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'none'"
        )
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let hashed = service.get("/assets/urbis-6WUJR3KX.js").await;
    assert_eq!(hashed.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(hashed.header("content-type"), Some("text/javascript; charset=utf-8"));
    let plain = service.get("/assets/plain.js").await;
    assert_eq!(plain.header("cache-control"), Some("no-cache"));
    assert_eq!(
        service.get("/sprites/urbis@2x.png").await.header("content-type"),
        Some("image/png")
    );
}

#[tokio::test]
async fn glyphs_fall_back_within_the_stack_and_never_on_a_known_font() {
    let service = Service::start();
    let known = service.get("/fonts/Unknown,Be%20Vietnam%20Pro%20Regular/0-255.pbf").await;
    assert_eq!((known.status.as_u16(), &known.body[..]), (200, &b"\x0a\x02\x0a\x00"[..]));
    let missing = service.get("/fonts/Be%20Vietnam%20Pro%20Regular/256-511.pbf").await;
    assert_eq!(missing.status, 200);
    // glyphs { stacks { name: "Be Vietnam Pro Regular", range: "256-511" } }
    let expected = [b"\x0a\x21\x0a\x16Be Vietnam Pro Regular\x12\x07256-511".as_slice()].concat();
    assert_eq!(missing.body, expected);
    assert_eq!(service.get("/fonts/Unknown/0-255.pbf").await.status, 404);
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_an_id_only_and_the_next_request_is_served() {
    let service = Service::with(|settings| settings.files.web = |path| panic!("secret {path}"));
    let answer = service.get("/").await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let problem = answer.json();
    assert_eq!(problem["code"], "internal");
    assert!(problem["detail"].as_str().unwrap().contains("problem "), "{problem}");
    assert!(!problem.to_string().contains("secret"), "{problem}");
    assert_eq!(service.get("/health/live").await.status, 200);
}
