//! What holds when: a place on another day, and features that begin and end by the clock alone.

use urbis_tests::{City, decode, tile_at, wait_for};

/// In the middle of what was phường Phước Ninh until the end of June 2025.
const PHUOC_NINH: &str = "lon=108.2208&lat=16.0625";

#[test]
fn a_ward_code_means_another_ward_before_july_2025() {
    let city = City::start();
    for (on, name) in [("2025-06-30", "Phước Ninh"), ("2025-07-01", "Hải Châu")] {
        let wards = wards(&city, &format!("/at?{PHUOC_NINH}&on={on}"));
        assert_eq!(wards, [("20242".to_owned(), name.to_owned())], "{on}");
    }
    assert_eq!(wards(&city, &format!("/at?{PHUOC_NINH}"))[0].1, "Hải Châu");
    let ready = city.fetch("/health/ready").json();
    assert_eq!(ready["layers"]["admin_unit"], 94, "what is over is not counted");
}

fn wards(city: &City, path: &str) -> Vec<(String, String)> {
    let answer = city.fetch(path).json();
    let text = |feature: &serde_json::Value, name: &str| {
        feature["properties"][name].as_str().expect("text").to_owned()
    };
    answer["features"]
        .as_array()
        .expect("features")
        .iter()
        .filter(|feature| feature["layer"] == "admin_unit")
        .map(|feature| (text(feature, "code"), text(feature, "name")))
        .collect()
}

#[test]
fn a_closure_appears_and_ends_without_a_write() {
    let city = City::start();
    let tile = format!("/tiles/road_closure/{}", tile_at(108.2520, 16.0530, 15));
    let count = || decode(&city.fetch(&tile).body, "road_closure").len();
    assert_eq!(count(), 0);
    city.psql(
        "INSERT INTO layer.road_closure (geom, closure_no, cause, source, valid_from, valid_to)
         VALUES (ST_GeomFromText('MULTILINESTRING((108.2490 16.0530,108.2560 16.0530))', 4326),
                 'test-1', 'flood', 'form', now() + interval '1 second', now() + interval '3 seconds')",
    );
    let etag = |city: &City| city.fetch(&tile).header("etag").map(str::to_owned);
    let before = etag(&city);
    wait_for("the closure to begin", || (count() == 1).then_some(()));
    assert_ne!(etag(&city), before);
    wait_for("the closure to end", || (count() == 0).then_some(()));
    assert_eq!(etag(&city), before, "the tile is what it was");
}
