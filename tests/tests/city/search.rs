//! The search of the built binary: what people type on the bundled city, as it changes.

use serde_json::Value;
use urbis_tests::{City, synthetic_database, wait_for};

/// The results of a text, once the city can be searched.
fn search(city: &City, query: &str) -> Vec<Value> {
    let answer = wait_for("the city to be searched", || {
        Some(city.fetch(&format!("/search?{query}"))).filter(|answer| answer.status != 503)
    });
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()["results"].as_array().expect("results").clone()
}

/// Waits until what is searched is the city that is published.
pub fn wait_until_searched(city: &City) {
    let wanted = city.revision();
    wait_for("the search to see the last change", || {
        let answer = city.fetch("/search?q=a");
        let found = answer.json()["revision"].as_u64();
        found.is_some_and(|revision| revision >= wanted).then_some(())
    });
}

#[test]
fn a_street_is_one_result_whose_box_holds_its_segments() {
    let city = City::start();
    for query in ["q=tr%E1%BA%A7n+ph%C3%BA", "q=Tran+Phu", "q=tran+phu&lon=108.2232&lat=16.0650"] {
        let results = search(&city, query);
        let first = &results[0];
        assert_eq!(first["title"], "Trần Phú", "{query}: {results:#?}");
        let of_layer = results.iter().filter(|it| it["layer"] == "road_segment");
        let titles = of_layer.filter_map(|it| it["title"].as_str());
        let street = titles.filter(|title| title.trim_start_matches("Đường ") == "Trần Phú");
        assert_eq!(street.count(), 1, "{query}: {results:#?}");
    }
    let segments = city.psql(
        "SELECT count(*) FROM layer.road_segment WHERE name IN ('Trần Phú', 'Đường Trần Phú')",
    );
    assert!(segments.parse::<usize>().expect("a number") > 1, "one result for one segment");
    let street =
        search(&city, "q=tran+phu&layers=road_segment&lon=108.2232&lat=16.0650")[0].clone();
    let edge = |at: usize| street["bbox"][at].as_f64().expect("degrees");
    let (lon, lat) = (street["lon"].as_f64().expect("lon"), street["lat"].as_f64().expect("lat"));
    assert!(edge(0) <= lon && lon <= edge(2) && edge(1) <= lat && lat <= edge(3), "{street}");
    // The place is on the street that its sheet tells of.
    let at = city.fetch(&format!("/at?lon={lon}&lat={lat}")).json();
    let features = at["features"].as_array().expect("features");
    let is_it = |it: &Value| {
        it["layer"] == "road_segment"
            && it["properties"]["name"].as_str().is_some_and(|name| name.ends_with("Trần Phú"))
    };
    assert!(features.iter().any(is_it), "{street} {at}");
}

#[test]
fn an_edit_is_found_and_what_it_replaced_is_not() {
    let city = City::start();
    let titles = |query: &str| -> Vec<String> {
        let results = search(&city, query);
        results.iter().filter_map(|it| Some(it["title"].as_str()?.to_owned())).collect()
    };
    assert!(!titles("q=zyx+moi").contains(&"Đường Zyx Mới".to_owned()));
    city.edit(
        "UPDATE layer.road_segment SET name = 'Đường Zyx Mới'
         WHERE feature_id = (SELECT min(feature_id) FROM layer.road_segment WHERE name IS NOT NULL)",
    );
    wait_until_searched(&city);
    assert_eq!(titles("q=zyx+moi"), ["Đường Zyx Mới"]);
    assert_eq!(titles("q=duong+zyx+mo&lang=en"), ["Đường Zyx Mới"]);
    city.edit("UPDATE layer.road_segment SET name = 'Qwv' WHERE name = 'Đường Zyx Mới'");
    wait_until_searched(&city);
    assert!(!titles("q=zyx+moi").contains(&"Đường Zyx Mới".to_owned()));
    assert_eq!(titles("q=qwv"), ["Qwv"]);
}

#[test]
fn parcels_doors_and_coordinates_lead_to_where_they_are() {
    let city = City::serve(synthetic_database());
    let row = city.psql(
        "SELECT feature_id, sheet_no, parcel_no, ward_code, split_part(address, ',', 1)
         FROM layer.parcel WHERE address ~ '^[0-9]+ ' AND land_use NOT LIKE '%CQP%'
         AND land_use NOT LIKE '%CAN%' AND valid_to IS NULL ORDER BY feature_id LIMIT 1",
    );
    let parts: Vec<&str> = row.split('|').collect();
    let [id, sheet, number, ward, address] = parts[..] else { panic!("{row}") };
    let encoded = |text: &str| text.replace(' ', "+").replace(',', "%2C");
    let found = search(&city, &encoded(&format!("q=to {sheet} thua {number} {ward}")));
    let ids: Vec<String> = found.iter().map(|it| it["id"].to_string()).collect();
    assert!(ids.contains(&id.to_owned()), "{row}: {found:#?}");
    assert!(found.iter().all(|it| it["kind"] == "parcel"), "{found:#?}");

    let doors = search(&city, &encoded(&format!("q={address}&limit=50")));
    assert_eq!(doors[0]["kind"], "address", "{address}: {doors:#?}");
    assert_eq!(doors[0]["title"], address);

    let place = search(&city, "q=550840.1548+1776387.4104")[0].clone();
    assert_eq!((&place["kind"], &place["crs"]), (&"coordinate".into(), &"EPSG:5899".into()));
    assert!((place["lon"].as_f64().expect("lon") - 108.2270).abs() < 1e-6, "{place}");
}

#[test]
fn bad_questions_are_refused_with_what_to_do() {
    let city = City::start();
    let long = format!("q={}", "a".repeat(201));
    for (query, code) in [
        ("", "missing_parameter"),
        ("q=", "invalid_parameter"),
        ("q=+", "invalid_parameter"),
        (&long, "invalid_parameter"),
        ("q=a&limit=0", "invalid_parameter"),
        ("q=a&limit=51", "invalid_parameter"),
        ("q=a&lang=fr", "invalid_parameter"),
        ("q=a&lon=108", "missing_parameter"),
        ("q=a&lon=x&lat=1", "invalid_parameter"),
        ("q=a&query=b", "unknown_parameter"),
        ("q=a&layers=camera", "unknown_layer"),
    ] {
        let answer = city.fetch(&format!("/search?{query}"));
        assert!((400..500).contains(&answer.status), "{query}: {}", answer.text());
        assert_eq!(answer.json()["code"], code, "{query}: {}", answer.text());
    }
    for odd in ["q=%00", "q=%2F%2F", "q=%F0%9F%9A%92", "q=%CC%81", "q=%22%27%C2%B0", "q=%C4%91."] {
        search(&city, odd);
    }
}
