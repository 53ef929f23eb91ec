//! The tile engine from outside: what a tile shows does not depend on how its node came to know it,
//! fits its budget, explains itself and can be asked for another day.

use std::collections::BTreeSet;

use serde_json::Value;
use urbis_model::{BBox, TileAddress, WorldBox, WorldXy};
use urbis_tests::{City, empty_database, synthetic_database, tile_at, urbis};

/// Most bytes of a tile, gzip.
const BUDGET: usize = 500_000;

/// All layers together at zooms that a city map opens with, then the themes that are dense later.
const THEMES: [&str; 4] = ["land", "construction", "traffic", "flood"];

/// Box of the made-up city at a small scale, west, south, east, north.
const MIDDLE: [f64; 4] = [108.17, 16.02, 108.27, 16.10];

/// In the middle of what was phường Phước Ninh until the end of June 2025.
const PHUOC_NINH: (f64, f64) = (108.2208, 16.0625);

#[test]
fn nodes_with_different_histories_serve_the_same_bytes() {
    let old = City::serve(synthetic_database());
    for step in 0..60 {
        old.psql(&edit(step));
    }
    old.edit("UPDATE layer.building SET name = 'last' WHERE feature_id % 500 = 7");
    let new = City::serve(old.database_url.clone());
    let mut compared = 0;
    for layers in THEMES {
        for tile in tiles(MIDDLE, [11, 13, 14, 15, 16]) {
            let path = format!("/tiles/{layers}/{tile}");
            let (ours, theirs) = (old.fetch(&path), new.fetch(&path));
            assert_eq!(ours.status, theirs.status, "{path}");
            assert_eq!(ours.header("etag"), theirs.header("etag"), "{path}");
            assert!(ours.body == theirs.body, "{path}: other bytes");
            compared += usize::from(ours.status == 200);
        }
    }
    assert!(compared > 100, "only {compared} tiles held anything");
}

/// One of some kinds of edit, on rows that differ from step to step.
fn edit(step: u32) -> String {
    let rows = |table: &str| {
        format!(
            "feature_id IN (SELECT feature_id FROM layer.{table} ORDER BY md5(feature_id::text || '{step}') LIMIT 5)"
        )
    };
    match step % 5 {
        0 => format!("UPDATE layer.building SET name = 'step {step}' WHERE {}", rows("building")),
        1 => format!(
            "UPDATE layer.parcel SET geom = ST_Translate(geom, 0, 0.5) WHERE {}",
            rows("parcel")
        ),
        2 => format!("DELETE FROM layer.road_segment WHERE {}", rows("road_segment")),
        3 => format!(
            "UPDATE layer.building SET geom = ST_Translate(geom, 0.002, 0.001) WHERE {}",
            rows("building")
        ),
        _ => format!(
            "UPDATE layer.land_use SET valid_to = now() - interval '1 day' WHERE {}",
            rows("land_use")
        ),
    }
}

#[test]
fn no_tile_of_a_dense_city_exceeds_its_budget() {
    let database = empty_database();
    let run = |args: &[&str]| {
        let output = urbis().args(args).args(["--database-url", &database]).output();
        let output = output.expect("urbis starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["migrate"]);
    run(&["synth", "--seed", "1", "--scale", "0.01"]);
    let city = City::serve(database);
    let key = city.key("restricted");
    let bearer = format!("Bearer {key}");
    let mut largest = (0, String::new());
    let mut seen = 0;
    for layers in ["land", "construction", "traffic", "parcel,building,road_segment"] {
        for tile in tiles(MIDDLE, [8, 9, 10, 11, 12, 13, 14, 15, 16]) {
            let path = format!("/tiles/{layers}/{tile}");
            let headers = [("Authorization", bearer.as_str()), ("Accept-Encoding", "gzip")];
            let answer = city.request("GET", &path, &headers);
            assert!(matches!(answer.status, 200 | 204), "{path}: {}", answer.text());
            seen += usize::from(answer.status == 200);
            largest = largest.max((answer.body.len(), path));
        }
    }
    assert!(seen > 150, "only {seen} tiles held anything");
    assert!(largest.0 <= BUDGET, "{largest:?}");
}

#[test]
fn a_layer_keeps_what_is_large_at_its_first_zoom() {
    let city = City::serve(synthetic_database());
    let mut layers = 0;
    for theme in THEMES {
        let report = city.fetch(&format!("/tiles/{theme}/report"));
        assert_eq!(report.status, 200, "{}", report.text());
        for layer in report.json()["layers"].as_array().expect("layers") {
            let zooms = layer["zooms"].as_array().expect("zooms");
            let first = zooms.first().expect("a first zoom");
            // Of those whose class starts at that zoom: tracks are not for a map of the country.
            let Some(share) = first["kept_of_largest_in_class"].as_f64() else { continue };
            assert!(share >= 0.95, "{}: {first}", layer["layer"]);
            layers += 1;
        }
    }
    assert!(layers >= 8, "only {layers} layers of lines and polygons were reported");
}

#[test]
fn an_explanation_counts_what_the_tile_holds() {
    let city = City::start();
    let tile = tile_at(108.2208, 16.0625, 14);
    let names = "building,road_segment";
    let explained = city.fetch(&format!("/tiles/{names}/{tile}/explain"));
    assert_eq!(explained.status, 200, "{}", explained.text());
    let explained = explained.json();
    assert_eq!(explained["revision"], city.revision());
    for layer in explained["layers"].as_array().expect("layers") {
        let id = layer["layer"].as_str().expect("an id");
        let alone = city.fetch(&format!("/tiles/{id}/{tile}")).body;
        let number = |name: &str| layer[name].as_u64().unwrap_or_else(|| panic!("{name}: {layer}"));
        assert_eq!(number("features"), urbis_tests::decode(&alone, id).len() as u64, "{layer}");
        assert_eq!(number("bytes"), alone.len() as u64, "{layer}");
        let left_out = layer["left_out"].as_object().expect("reasons").values();
        let left_out: u64 = left_out.map(|count| count.as_u64().expect("a count")).sum();
        assert_eq!(number("considered"), number("kept") + left_out, "{layer}");
    }
    let hidden = city.fetch(&format!("/tiles/camera/{tile}/explain"));
    assert_eq!(hidden.status, 404, "what is hidden is not explained");
}

#[test]
fn a_tile_of_another_day_shows_what_was_valid_then() {
    let city = City::start();
    let (lon, lat) = PHUOC_NINH;
    let path = format!("/tiles/admin_unit/{}", tile_at(lon, lat, 14));
    let named = |query: &str| -> BTreeSet<String> {
        let answer = city.fetch(&format!("{path}{query}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let wards = urbis_tests::decode(&answer.body, "admin_unit");
        let names = wards.into_values().map(|ward| format!("{:?}", ward.attributes["name"]));
        names.collect()
    };
    let before = named("?datetime=2025-06-30");
    assert!(before.contains("Text(\"Phước Ninh\")"), "{before:?}");
    assert_eq!(named("?datetime=2025-07-01"), named(""));
    assert!(!named("").contains("Text(\"Phước Ninh\")"));
    let wrong = city.fetch(&format!("{path}?datetime=yesterday"));
    assert_eq!(wrong.status, 400, "{}", wrong.text());
}

#[test]
fn an_edit_changes_the_tiles_that_it_is_in_and_no_other() {
    let city = City::start();
    let near = format!("/tiles/building/{}", tile_at(108.2208, 16.0625, 16));
    let far = format!("/tiles/building/{}", tile_at(108.2120, 16.0560, 16));
    let other = format!("/tiles/road_segment/{}", tile_at(108.2208, 16.0625, 16));
    let etag = |path: &str| {
        let answer = city.fetch(path);
        assert_eq!(answer.status, 200, "{path}");
        answer.header("etag").expect("an ETag").to_owned()
    };
    let tags = || [&near, &far, &other].map(|path| etag(path));
    let before = tags();
    let edited = city.fetch(&near);
    let id = *urbis_tests::decode(&edited.body, "building").keys().next().expect("a building");
    city.edit(&format!("UPDATE layer.building SET name = 'edited' WHERE feature_id = {id}"));
    let after = tags();
    assert_ne!(before[0], after[0]);
    assert_eq!(before[1..], after[1..]);
    assert!(String::from_utf8_lossy(&city.fetch(&near).body).contains("edited"));
    let build_count = || metric(&city, "urbis_tile_build_seconds_count");
    let builds = build_count();
    for path in [&near, &far, &other] {
        let tag = etag(path);
        assert_eq!(city.request("GET", path, &[("If-None-Match", &tag)]).status, 304);
        assert_eq!(city.request("HEAD", path, &[]).status, 200);
    }
    assert_eq!(build_count(), builds, "nothing that is known is built again");
}

/// Sum of a metric over its labels.
fn metric(city: &City, name: &str) -> f64 {
    let metrics = city.fetch("/metrics").text();
    let lines = metrics.lines().filter(|line| line.starts_with(name));
    lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
}

/// Tiles of some zooms that meet a box.
fn tiles<const N: usize>(bbox: [f64; 4], zooms: [u8; N]) -> Vec<TileAddress> {
    let bbox = BBox::try_from(bbox).expect("a box");
    let corners = [bbox.south_west(), bbox.north_east()].map(WorldXy::from_lonlat);
    let area = WorldBox::around(corners).expect("two corners");
    let mut tiles = Vec::new();
    for z in zooms {
        let index = |cell: u32| cell >> (32 - z);
        for x in index(area.min_x)..=index(area.max_x) {
            for y in index(area.min_y)..=index(area.max_y) {
                tiles.push(TileAddress::new(u32::from(z), x, y).expect("on the grid"));
            }
        }
    }
    tiles
}

#[test]
fn a_report_says_for_each_zoom_what_is_left_out_and_why() {
    let city = City::start();
    let report = city.fetch("/tiles/road_segment/report").json();
    let zooms = report["layers"][0]["zooms"].as_array().expect("zooms").clone();
    let number = |zoom: &Value, name: &str| {
        zoom[name].as_u64().unwrap_or_else(|| panic!("{name} in {zoom}"))
    };
    for zoom in &zooms {
        let reasons = ["by_class", "by_size", "by_budget"];
        let left_out: u64 = reasons.iter().map(|name| number(&zoom["left_out"], name)).sum();
        assert_eq!(number(zoom, "features"), number(zoom, "drawn") + left_out, "{zoom}");
    }
    let drawn: Vec<u64> = zooms.iter().map(|zoom| number(zoom, "drawn")).collect();
    assert!(drawn.is_sorted(), "deeper zooms show more: {drawn:?}");
    let deepest = zooms.last().expect("zooms");
    assert_eq!(number(deepest, "drawn"), number(deepest, "features"), "all is shown at last");
}
