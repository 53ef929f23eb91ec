//! What filters find among a few records, and what they refuse.

use geo_types::{Geometry, Point};
use urbis_catalog::Layer;
use urbis_filter::{Filter, FilterError, Language, MAX_DEPTH, Record};
use urbis_model::{Openness, Value};

const LAYER: &str = r#"
theme = "emergency"
title = { vi = "Cơ sở", en = "Places" }
description = { vi = "Cơ sở.", en = "Places." }
geometry = "Point"
storage_srid = 4326
key = ["name"]
tiles = { minzoom = 0, maxzoom = 16, attributes = ["name"] }

[[attributes]]
name = "name"
title = { vi = "Tên", en = "Name" }
type = "text"

[[attributes]]
name = "beds"
title = { vi = "Giường", en = "Beds" }
type = "integer"

[[attributes]]
name = "open"
title = { vi = "Mở", en = "Open" }
type = "boolean"

[[attributes]]
name = "since"
title = { vi = "Từ", en = "Since" }
type = "date"

[[attributes]]
name = "phone"
title = { vi = "Điện thoại", en = "Phone" }
type = "text"
openness = "internal"
"#;

#[derive(Debug, Clone, Copy)]
struct Place(&'static str, Option<i64>, Option<bool>, &'static str, f64, f64);

const PLACES: [Place; 4] = [
    Place("Bệnh viện Đà Nẵng", Some(1_000), Some(true), "1945-08-19", 108.215, 16.072),
    Place("Trạm Y tế Hải Châu", Some(10), Some(false), "1990-01-01", 108.220, 16.060),
    Place("100% mới", None, None, "2025-07-01", 108.300, 16.100),
    Place("O'Brien", Some(-5), Some(true), "2000-02-29", 108.000, 15.900),
];

impl Record for Place {
    fn value(&self, attribute: usize) -> Value<'_> {
        match attribute {
            0 => Value::Text(self.0),
            1 => self.1.map_or(Value::Null, Value::Int),
            2 => self.2.map_or(Value::Null, Value::Bool),
            3 => Value::Text(self.3),
            _ => Value::Text("0236"),
        }
    }

    fn geometry(&self) -> Option<Geometry<f64>> {
        Some(Point::new(self.4, self.5).into())
    }
}

fn layer() -> Layer {
    toml::from_str(LAYER).expect("the layer of this test")
}

fn parse(text: &str) -> Result<Filter, FilterError> {
    Filter::parse(text, Language::Text, &layer(), Openness::Open)
}

/// Positions of the places that a filter finds.
fn found(text: &str) -> Vec<usize> {
    let filter = parse(text).expect(text);
    (0..PLACES.len()).filter(|at| filter.matches(&PLACES[*at])).collect()
}

fn code(text: &str) -> &'static str {
    parse(text).map_or_else(|error| error.code(), |_| "accepted")
}

#[test]
fn comparisons_find_what_holds() {
    for (text, wanted) in [
        ("beds = 10", &[1][..]),
        ("beds <> 10", &[0, 3]),
        ("beds > 9.5", &[0, 1]),
        ("10 >= beds", &[1, 3]),
        ("beds BETWEEN -5 AND 10", &[1, 3]),
        ("beds NOT BETWEEN -5 AND 10", &[0]),
        ("beds IN (10, 1000)", &[0, 1]),
        ("beds NOT IN (10, 1000)", &[3]),
        ("name = 'O''Brien'", &[3]),
        ("\"name\" = 'Trạm Y tế Hải Châu'", &[1]),
        ("open", &[0, 3]),
        ("open = false", &[1]),
        ("since < DATE('1990-01-01')", &[0]),
        ("since >= '2000-02-29'", &[2, 3]),
        ("true", &[0, 1, 2, 3]),
    ] {
        assert_eq!(found(text), wanted, "{text}");
    }
}

#[test]
fn what_is_unknown_is_not_found_and_neither_is_its_opposite() {
    assert_eq!(found("beds IS NULL"), [2]);
    assert_eq!(found("beds IS NOT NULL"), [0, 1, 3]);
    assert_eq!(found("NOT beds = 10"), [0, 3]);
    assert_eq!(found("NOT open"), [1]);
    // Unknown or true is true, unknown and false is false.
    assert_eq!(found("beds > 0 OR name LIKE '100%'"), [0, 1, 2]);
    assert_eq!(found("NOT (beds > 0 AND name LIKE 'B%')"), [1, 2, 3]);
}

#[test]
fn texts_are_found_without_case_and_accents() {
    assert_eq!(found("name LIKE 'Bệnh viện%'"), [0]);
    assert!(found("name LIKE 'bệnh%'").is_empty());
    assert_eq!(found("CASEI(name) LIKE CASEI('bỆNH VIỆN%')"), [0]);
    assert_eq!(found("ACCENTI(CASEI(name)) LIKE 'tram y te%'"), [1]);
    assert_eq!(found("CASEI(ACCENTI(name)) = ACCENTI('bệnh viện đà nẵng')"), [0]);
    // What one item of a list leaves out, the others do not.
    assert_eq!(found("name IN ('O''Brien', CASEI('x'))"), [3]);
    assert_eq!(found(r"name LIKE '100\%%'"), [2]);
    assert!(found("name LIKE '_'").is_empty());
}

#[test]
fn places_are_found_by_geometry_either_way_round() {
    let polygon = "POLYGON((108.2 16.05, 108.25 16.05, 108.25 16.08, 108.2 16.08, 108.2 16.05))";
    assert_eq!(found(&format!("S_INTERSECTS(geom, {polygon})")), [0, 1]);
    assert_eq!(found(&format!("S_WITHIN(geom, {polygon})")), [0, 1]);
    assert_eq!(found(&format!("S_CONTAINS({polygon}, geom)")), [0, 1]);
    assert_eq!(found(&format!("S_DISJOINT(geom, {polygon})")), [2, 3]);
    assert_eq!(found("S_INTERSECTS(geom, BBOX(107.9, 15.8, 108.1, 16.0))"), [3]);
    assert_eq!(found("NOT S_INTERSECTS(geometry, BBOX(107.9, 15.8, 108.1, 16.0))"), [0, 1, 2]);
}

#[test]
fn times_are_found_by_how_they_lie_to_others() {
    for (text, wanted) in [
        ("T_AFTER(since, DATE('1990-01-01'))", &[2, 3][..]),
        ("T_BEFORE(since, DATE('1990-01-01'))", &[0]),
        ("T_EQUALS(since, DATE('1990-01-01'))", &[1]),
        ("T_DISJOINT(since, INTERVAL('1989-01-01', '2001-01-01'))", &[0, 2]),
        ("T_INTERSECTS(since, INTERVAL('1990-01-01', '2000-02-29'))", &[1, 3]),
        ("T_DURING(since, INTERVAL('1990-01-01', '2001-01-01'))", &[3]),
        ("T_DURING(since, INTERVAL('1990-01-01', '..'))", &[2, 3]),
        ("T_DURING(INTERVAL(since, '2000-02-29'), INTERVAL('..', '2001-01-01'))", &[0, 1, 2, 3]),
        ("T_STARTS(INTERVAL(since, '2030-01-01'), INTERVAL('2025-07-01', '..'))", &[2]),
        (
            "T_FINISHEDBY(INTERVAL('..', '2000-02-29'), INTERVAL(since, '2000-02-29'))",
            &[0, 1, 2, 3],
        ),
        ("T_MEETS(INTERVAL('..', '1990-01-01'), INTERVAL(since, '..'))", &[1]),
        // A day is a whole one among moments.
        ("T_INTERSECTS(DATE('1990-01-01'), TIMESTAMP('1990-01-01T08:00:00Z')) AND open", &[0, 3]),
        ("since < TIMESTAMP('1990-01-01T07:00:00.5+07:00')", &[0, 1]),
        ("since < TIMESTAMP('1990-01-01T07:00:00+07:00')", &[0]),
    ] {
        assert_eq!(found(text), wanted, "{text}");
    }
}

#[test]
fn json_says_the_same_as_text() {
    let json = r#"{"op": "and", "args": [
        {"op": ">", "args": [{"property": "beds"}, 0]},
        {"op": "like", "args": [{"op": "casei", "args": [{"property": "name"}]}, {"op": "casei", "args": ["TRẠM%"]}]}]}"#;
    let filter = Filter::parse(json, Language::Json, &layer(), Openness::Open).unwrap();
    let found: Vec<usize> = (0..4).filter(|at| filter.matches(&PLACES[*at])).collect();
    assert_eq!(found, [1]);
}

#[test]
fn a_property_that_the_class_may_not_see_does_not_exist() {
    let unknown = parse("phone = '0236'").unwrap_err();
    assert_eq!(unknown.code(), "filter_property_unknown");
    assert!(!unknown.to_string().contains("phone,"), "{unknown}");
    let same = parse("phoni = '0236'").unwrap_err().to_string();
    assert_eq!(unknown.to_string().replace("phone", "phoni"), same);
    let inside = Filter::parse("phone = '0236'", Language::Text, &layer(), Openness::Internal);
    assert!(inside.unwrap().matches(&PLACES[0]));
}

#[test]
fn what_cannot_be_answered_is_refused_with_its_code() {
    for (text, wanted) in [
        ("", "filter_syntax"),
        ("beds =", "filter_syntax"),
        ("beds = 10; DROP TABLE layer.building", "filter_syntax"),
        ("beds = 'many'", "filter_type_mismatch"),
        ("'many' = beds", "filter_type_mismatch"),
        ("name > 5", "filter_type_mismatch"),
        ("beds LIKE '1%'", "filter_type_mismatch"),
        ("name", "filter_type_mismatch"),
        ("5", "filter_operand_invalid"),
        ("pg_sleep(10) = 1", "filter_unsupported"),
        ("beds + 1 = 2", "filter_unsupported"),
        ("since LIKE '2000%'", "filter_type_mismatch"),
        ("since = 'yesterday'", "filter_type_mismatch"),
        ("since = DATE('2025-02-30')", "filter_operand_invalid"),
        ("T_AFTER(since, 'yesterday')", "filter_operand_invalid"),
        ("T_AFTER(beds, DATE('2000-01-01'))", "filter_type_mismatch"),
        ("T_DURING(since, INTERVAL('2000-01-01', '2000-13-01'))", "filter_operand_invalid"),
        ("S_INTERSECTS(geom, POINT(500 16))", "filter_geometry_invalid"),
        (
            "S_WITHIN(geom, GEOMETRYCOLLECTION(POLYGON((0 0, 2 0, 0 2, 0 0)), POLYGON((0 0, 3 0, 0 3, 0 0))))",
            "filter_geometry_invalid",
        ),
        ("S_INTERSECTS(geom, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "filter_geometry_invalid"),
        ("S_INTERSECTS(geom, POLYGON EMPTY)", "filter_geometry_invalid"),
        ("S_INTERSECTS(name, POINT(108 16))", "filter_operand_invalid"),
        ("wards = 1", "filter_property_unknown"),
    ] {
        assert_eq!(code(text), wanted, "{text}");
    }
}

#[test]
fn hostile_filters_are_refused_before_they_cost_anything() {
    let deep = |count: usize| format!("{}open{}", "(".repeat(count), ")".repeat(count));
    assert_eq!(code(&deep(MAX_DEPTH)), "accepted");
    let deepest = [deep(5_000), "NOT ".repeat(4_000) + "open", "-".repeat(9_000) + "1 = beds"];
    for text in &deepest {
        assert_eq!(code(text), "filter_too_large", "{:.20}", text);
    }
    let nots = "not(".repeat(3_000) + "open" + &")".repeat(3_000);
    assert_eq!(code(&nots), "filter_too_large");
    assert_eq!(code(&("beds = ".to_owned() + &"9".repeat(20_000))), "filter_too_large");
    let many: Vec<String> = (0..1_200).map(|n| format!("{n}")).collect();
    assert_eq!(code(&format!("beds IN ({})", many.join(","))), "filter_too_large");
    let json = "[".repeat(10_000);
    let refused = Filter::parse(&json, Language::Json, &layer(), Openness::Open).unwrap_err();
    assert_eq!(refused.code(), "filter_too_large");
}

#[test]
fn a_text_that_no_record_can_have_is_refused() {
    assert_eq!(code("name = 'a\0b'"), "filter_operand_invalid");
    assert_eq!(code("name LIKE CASEI('\0%')"), "filter_operand_invalid");
}
