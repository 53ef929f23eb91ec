//! What tiles and layers say of themselves: explanations, reports, figures.

use serde_json::json;

use crate::city::{Service, TILE};
use crate::classified::Classified;

#[tokio::test]
async fn an_explanation_says_what_became_of_each_layer_s_features() {
    let service = Service::start();
    let path = format!("{TILE}/explain");
    let before = service.get(&path).await;
    assert_eq!(before.header("cache-control"), Some("no-store"));
    let before = before.json();
    assert_eq!(before["tile"], "14/13117/7451");
    assert_eq!((&before["revision"], &before["class"]), (&json!(7), &json!("open")));
    assert_eq!(before["cache"], json!({"state": "to build", "coding": "identity"}));
    let [ward, street] = &before["layers"].as_array().unwrap()[..] else { panic!("{before}") };
    assert_eq!((&ward["layer"], &ward["considered"]), (&json!("ward"), &json!(1)));
    assert_eq!((&street["layer"], &street["features"]), (&json!("street"), &json!(60)));
    for layer in [ward, street] {
        assert!(layer["drawn_vertices"].as_u64().unwrap() > 0, "{layer}");
        for stage in ["search_us", "ready_us", "whole_us", "cut_us", "join_us"] {
            assert!(layer[stage].is_u64(), "{stage} of {layer}");
        }
    }

    let tile = service.get(TILE).await;
    assert_eq!(before["bytes"], tile.body.len());
    assert_eq!(before["packing"]["coding"], "identity");
    let gzip = [("accept-encoding", "gzip")];
    let packing = service.request("GET", &path, &gzip).await.json()["packing"].take();
    assert!(packing["pack_us"].is_u64(), "{packing}");
    let after = service.get(&path).await.json();
    let finished = json!({
        "state": "finished", "coding": "identity", "bytes": tile.body.len(), "built_at": 7,
    });
    assert_eq!(after["cache"], finished);
    assert_eq!(after["version"], before["version"]);
    assert_eq!(service.builds().await, 1, "an explanation is no build");
    let packed = service.request("GET", TILE, &gzip).await;
    assert_eq!(
        (&packing["coding"], &packing["bytes"]),
        (&json!("gzip"), &json!(packed.body.len()))
    );
}

#[tokio::test]
async fn a_report_says_what_each_zoom_shows() {
    let service = Service::start();
    let report = service.get("/tiles/traffic/report").await.json();
    let [street] = &report["layers"].as_array().unwrap()[..] else { panic!("{report}") };
    assert_eq!(street["layer"], "street");
    let zooms = street["zooms"].as_array().unwrap();
    assert_eq!(zooms[0]["zoom"], 8);
    for zoom in zooms {
        let left_out = &zoom["left_out"];
        let counts = [&zoom["drawn"], &left_out["by_class"], &left_out["by_size"]];
        let sum: u64 = counts.into_iter().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(sum + left_out["by_budget"].as_u64().unwrap(), 60, "{zoom}");
    }
    assert_eq!(service.get("/tiles/nothing/report").await.status, 404);
}

#[tokio::test]
async fn figures_tell_of_what_was_done_and_of_layers_that_the_caller_sees() {
    let city = Classified::start();
    for (class, key) in &city.keys {
        let bearer = key.as_ref().map(|key| format!("Bearer {key}"));
        let headers: Vec<_> = bearer.iter().map(|key| ("authorization", &key[..])).collect();
        let page = city.service.request("GET", "/metrics", &headers).await;
        assert_eq!(page.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        let text = String::from_utf8(page.body).unwrap();
        let rank = *class as usize;
        assert!(text.contains(&format!("urbis_layer_features{{layer=\"place\"}} {}", rank + 1)));
        assert_eq!(text.contains("\"pipe\""), rank >= 1, "{class}");
        assert_eq!(text.contains("\"bunker\""), rank >= 2, "{class}");
        // Memory counts every feature, so it is told to those who may see every feature.
        assert_eq!(text.contains("urbis_layer_bytes"), rank >= 2, "{class}");
        for family in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
            let name = family.split(' ').next().unwrap();
            assert!(text.lines().any(|line| line.starts_with(name)), "{family} has no sample");
        }
    }
    assert_eq!(city.service.metric("urbis_revision").await, 1);
    let before = Service::start_empty();
    assert_eq!(before.get("/layers").await.status, 503);
    assert_eq!(before.metric("urbis_tile_cache_tiles").await, 0);
    let page = String::from_utf8(before.get("/metrics").await.body).unwrap();
    assert!(page.contains("urbis_answers_total{status=\"5xx\"} 1\n"), "{page}");
    assert!(!page.contains("urbis_revision"), "{page}");
}
