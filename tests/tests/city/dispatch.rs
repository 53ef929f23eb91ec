//! Who gets there first, through closures, drawn roads and a database that is away.
//!
//! The streets are drawn by these tests in the hills, far from every bundled road:
//!
//! ```text
//!   A ──────────────────── y ───────────── B      16.005
//!   │                                      │
//!   C ──────────── x ───[ river ]───────── D      16.000
//! 107.900                                107.910
//! ```

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use serde_json::{Value, json};
use urbis_tests::{City, decode, psql, wait_for};

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";

/// The tile of zoom 16 around the middle of the road from C to D.
const TILE: &str = "/tiles/road_closure/16/52411/29816";

fn road(id: &str, line: &str) -> String {
    format!(
        "INSERT INTO layer.road_segment (osm_id, class, name, source, geom) VALUES
         ('{id}', 'residential', 'Đường {id}', 'survey', ST_Multi(ST_GeomFromText('LINESTRING ({line})', 4326)));"
    )
}

/// The streets of the picture.
fn draw_streets(city: &City) {
    let bypass = "107.900 16.000, 107.900 16.005, 107.910 16.005, 107.910 16.000";
    city.edit(
        &(road("thẳng", "107.900 16.000, 107.905 16.000, 107.910 16.000") + &road("vòng", bypass)),
    );
}

fn flood(depth_m: f64) -> String {
    format!(
        "INSERT INTO layer.road_closure (closure_no, cause, vehicle_impact, depth_m, road_name, source, geom)
         VALUES ('NGAP-1', 'flood', 'all-lanes-closed', {depth_m}, 'Đường thẳng', 'office',
                 ST_GeomFromText('MULTILINESTRING ((107.907 16.000, 107.9075 16.000))', 4326))"
    )
}

/// A report of a unit that is described, available and just seen.
fn report(unit: &str, number: u64, profile: &str, place: [f64; 2], openness: &str) -> Value {
    json!({
        "id": format!("00000000-0000-4000-8000-{number:012x}"),
        "unit_id": unit,
        "observed_at": now(),
        "lon": place[0], "lat": place[1], "accuracy_m": 5, "speed_kmh": 0,
        "status": "available",
        "unit": {
            "title": format!("Xe {unit}"), "agency": "115", "profile": profile,
            "openness": openness, "simulated": openness == "open",
        },
    })
}

fn now() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let now = i64::try_from(now.as_micros()).ok().and_then(DateTime::from_timestamp_micros);
    now.expect("a year of four digits").to_rfc3339()
}

fn post(city: &City, key: &str, reports: &[Value]) {
    let body: String = reports.iter().map(|report| format!("{report}\n")).collect();
    let answer = city.post(key, "/live/positions", LINES, &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Two ambulances at x and y.
fn send_two(city: &City, key: &str) {
    let near = report("x", 1, "ambulance", [107.906, 16.0], "open");
    let far = report("y", 2, "ambulance", [107.907, 16.005], "open");
    post(city, key, &[near, far]);
}

const INCIDENT: &str = "/dispatch/candidates?lon=107.9095&lat=16.0&service=115&limit=1";

fn ids(answer: &Value, list: &str) -> Vec<String> {
    let units = answer[list].as_array().unwrap_or_else(|| panic!("no {list} in {answer}"));
    units.iter().map(|unit| unit["unit_id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn a_flood_in_psql_changes_the_tile_and_the_first_unit_at_one_revision() {
    let city = City::start();
    let key = city.key_for("internal", &["read", "ingest"]);
    draw_streets(&city);
    send_two(&city, &key);
    let before = city.fetch(INCIDENT).json();
    assert_eq!(ids(&before, "candidates"), ["x"], "{before:#}");

    city.psql(&flood(0.5));
    wait_for("the tile and the answer to change at one revision", || {
        // Asked in this order, the answer is as new as the tile or newer.
        let tile = city.fetch(TILE);
        let answer = city.fetch(INCIDENT).json();
        let has_closure = !decode(&tile.body, "road_closure").is_empty();
        assert!(!has_closure || ids(&answer, "candidates") == ["y"], "{answer:#}");
        has_closure.then_some(())
    });
    let after = city.fetch(INCIDENT).json();
    assert_eq!(ids(&after, "candidates"), ["y"]);
    assert_eq!(ids(&after, "rejected"), ["x"]);
    let sentence = after["rejected"][0]["sentence"]["vi"].as_str().unwrap_or_default();
    assert!(sentence.contains("Đường thẳng") && sentence.contains("0,5"), "{after:#}");

    // An engine that wades deeper comes through on the same graph.
    let engine = report("z", 3, "pumper", [107.906, 16.0], "open");
    post(&city, &key, &[engine]);
    city.psql("UPDATE layer.road_closure SET depth_m = 0.35");
    wait_for("the water to fall", || {
        let answer = city.fetch(INCIDENT).json();
        (ids(&answer, "candidates") == ["z"]).then_some(())
    });
}

#[test]
fn a_report_of_a_road_counts_at_once_and_ends() {
    let city = City::start();
    let key = city.key_for("internal", &["read", "ingest"]);
    draw_streets(&city);
    send_two(&city, &key);
    let closed = json!({
        "id": "rain-7", "observed_at": now(), "title": "Đường thẳng", "cause": "flood",
        "geometry": { "type": "Point", "coordinates": [107.9075, 16.0] }, "radius_m": 30, "closed": true,
    });
    let answer = city.post(&key, "/live/road-state", JSON, &closed.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    // No waiting: what is acknowledged is in the next answer.
    let answer = city.fetch(INCIDENT).json();
    assert_eq!(ids(&answer, "candidates"), ["y"], "{answer:#}");
    let cleared = json!({ "id": "rain-7", "observed_at": now(), "cleared": true });
    assert_eq!(city.post(&key, "/live/road-state", JSON, &cleared.to_string()).status, 200);
    assert_eq!(ids(&city.fetch(INCIDENT).json(), "candidates"), ["x"]);
}

#[test]
fn a_road_drawn_onto_the_middle_of_another_is_driven_on_and_a_bridge_across_is_not() {
    let city = City::start();
    draw_streets(&city);
    // How far from the end of the route the goal is, metres; infinite where there is no route.
    let gap_m = |to: &str| {
        let answer = city.fetch(&format!("/route?from=107.901,16.0&to={to}&profile=ambulance"));
        let gap = (answer.status == 200).then(|| answer.json()["to"]["gap_m"].as_f64());
        gap.map_or(f64::INFINITY, |gap| gap.expect("a gap"))
    };
    let south = "107.905,15.996";
    assert!(gap_m(south) > 400.0, "no road is there yet");
    // It shares the vertex in the middle of the other.
    city.edit(&road("nối", "107.905 16.000, 107.905 15.995"));
    assert!(gap_m(south) < 1.0);
    let bridge = "INSERT INTO layer.road_segment (osm_id, class, source, bridge, layer, geom) VALUES
         ('cầu', 'residential', 'survey', true, 1,
          ST_GeomFromText('MULTILINESTRING ((107.903 15.990, 107.903 16.000, 107.903 16.010))', 4326))";
    city.edit(bridge);
    assert!(gap_m("107.903,15.996") > 400.0, "a bridge crosses, it does not join");
}

#[test]
fn what_was_acknowledged_outlives_a_kill_while_the_database_is_away() {
    let mut city = City::start();
    city.announce("database");
    let key = city.key_for("internal", &["read", "ingest"]);
    draw_streets(&city);
    send_two(&city, &key);
    let name = city.psql("SELECT current_database()");
    let admin = city.database_url.replace(&name, "postgres");
    let away = [
        format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    ];
    away.iter().for_each(|sql| drop(psql(&admin, sql)));

    let places: Vec<[f64; 2]> = (0..20).map(|n| [107.906 - f64::from(n) * 1e-4, 16.0]).collect();
    for (number, place) in (10..).zip(&places) {
        post(&city, &key, &[report("x", number, "ambulance", *place, "open")]);
    }
    // The engine answers by the newest position, without a database.
    let shown = city.fetch("/live/units").json();
    let x = shown["features"]
        .as_array()
        .and_then(|units| units.iter().find(|unit| unit["properties"]["unit_id"] == "x").cloned());
    let x = x.unwrap_or_else(|| panic!("no unit x in {shown:#}"));
    let lon = x["geometry"]["coordinates"][0].as_f64().expect("a longitude");
    assert!((lon - places[19][0]).abs() < 1e-6, "{x:#}");

    city.kill_node();
    psql(&admin, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    city.start_again();
    let counted =
        "SELECT count(*), count(DISTINCT report_id) FROM live.position WHERE unit_id = 'x'";
    wait_for("all positions to be in the database, each once", || {
        (city.psql(counted) == "21|21").then_some(())
    });
    let answer = city.fetch(&INCIDENT.replace("limit=1", "limit=2")).json();
    let units = answer["candidates"].as_array().expect("candidates");
    let x = units.iter().find(|unit| unit["unit_id"] == "x").expect("x can come");
    let lon = x["position"][0].as_f64().expect("a longitude");
    assert!((lon - places[19][0]).abs() < 1e-6, "{x:#}");
}

#[test]
fn a_unit_that_is_not_open_is_in_no_answer_of_those_who_may_not_see_it() {
    let city = City::start();
    let key = city.key_for("internal", &["read", "ingest"]);
    draw_streets(&city);
    send_two(&city, &key);
    let paths = ["/live/units", INCIDENT];
    let shown = || paths.map(|path| without_ages(city.fetch(path).json()));
    let before = shown();
    // Nearer than both, and the first for those who may see it.
    post(
        &city,
        &key,
        &[report("kín", 9, "ambulance", [107.9093, 16.0], "internal")].map(|mut report| {
            report["unit_id"] = json!("hidden");
            report
        }),
    );
    let inside = city.fetch_with(&key, INCIDENT).json();
    assert_eq!(ids(&inside, "candidates"), ["hidden"], "{inside:#}");
    assert_eq!(shown(), before);
}

/// An answer without what the clock or a position of somebody else moves.
fn without_ages(mut answer: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|name, _| {
                    !name.contains("age") && !name.contains("epoch") && name != "at"
                });
                map.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut answer);
    answer
}
