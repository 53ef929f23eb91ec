//! What filters find among a few records, and what they refuse.

use geo_types::{Geometry, Point};
use urbis_catalog::Layer;
use urbis_filter::{Filter, FilterError, Language, Literal, MAX_DEPTH, Record, ShapeCrs, Spelling};
use urbis_model::{Moment, Openness, Srid, Validity, Value};

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

    /// Each from its day on; the first until 2025 began.
    fn validity(&self) -> Validity {
        let (from, to) = match self.3 {
            "1945-08-19" => (-769_046_400, Some(1_735_689_600)),
            "1990-01-01" => (631_152_000, None),
            "2000-02-29" => (951_782_400, None),
            _ => (1_751_328_000, None),
        };
        let moment = |seconds: i64| Moment(seconds * 1_000_000);
        Validity { from: Some(moment(from)), to: to.map(moment) }
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
        ("T_DURING(INTERVAL(since, since), INTERVAL('1990-01-01', '2001-01-01'))", &[3]),
        ("T_DURING(INTERVAL(since, since), INTERVAL('1990-01-01', '..'))", &[2, 3]),
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
fn numbers_are_calculated() {
    for (text, wanted) in [
        ("beds + 990 = 1000", &[1][..]),
        ("beds * 2 + 10 = 0", &[3]),
        ("beds * (2 + 10) = 120", &[1]),
        ("beds / 4 = 2.5", &[1]),
        ("beds div 4 = 2", &[1]),
        ("beds % 4 = 2", &[1]),
        ("beds ^ 2 = 25", &[3]),
        ("-beds = 5", &[3]),
        ("beds BETWEEN 3 * 3 AND 2 ^ 4", &[1]),
        ("beds IN (5 - 10, 2 * 5)", &[1, 3]),
        ("beds - beds = 0", &[0, 1, 3]),
        // What is no number is unknown, and so is its opposite.
        ("beds / (beds - 10) > 0", &[0, 3]),
        ("NOT beds / (beds - 10) > 0", &[]),
        ("beds / (beds - 10) IS NULL", &[1, 2]),
        ("1 / 0 = 1 OR beds = 10", &[1]),
        ("beds ^ 0.5 IS NULL", &[2, 3]),
    ] {
        assert_eq!(found(text), wanted, "{text}");
    }
}

#[test]
fn validity_is_a_property_of_every_feature() {
    for (text, wanted) in [
        ("valid_to IS NULL", &[1, 2, 3][..]),
        ("T_AFTER(valid_from, TIMESTAMP('1995-01-01T00:00:00Z'))", &[2, 3]),
        ("valid_from = '1990-01-01T00:00:00Z'", &[1]),
        ("valid_from < valid_to", &[0]),
        ("T_INTERSECTS(INTERVAL(valid_from, valid_to), DATE('1980-01-01'))", &[0]),
        ("T_CONTAINS(INTERVAL(valid_from, '..'), INTERVAL('1995-01-01', '1996-01-01'))", &[0, 1]),
    ] {
        assert_eq!(found(text), wanted, "{text}");
    }
}

#[test]
fn whatever_may_be_absent_can_be_asked_for() {
    for (text, wanted) in [
        ("geom IS NULL", &[][..]),
        ("geom IS NOT NULL", &[0, 1, 2, 3]),
        ("(beds > 5) IS NULL", &[2]),
        ("(beds > 5 OR true) IS NULL", &[]),
        ("INTERVAL(valid_from, valid_to) IS NULL", &[1, 2, 3]),
        ("POINT(1 2) IS NULL", &[]),
        ("DATE('2000-01-01') IS NOT NULL", &[0, 1, 2, 3]),
    ] {
        assert_eq!(found(text), wanted, "{text}");
    }
}

#[test]
fn geometries_stand_on_either_side_or_both() {
    for (text, wanted) in [
        ("S_EQUALS(geom, geom)", &[0, 1, 2, 3][..]),
        ("S_CROSSES(geom, geom)", &[]),
        ("S_WITHIN(POINT(1 1), BBOX(0, 0, 2, 2))", &[0, 1, 2, 3]),
        ("S_WITHIN(BBOX(0, 0, 2, 2), POINT(1 1))", &[]),
        ("S_CONTAINS(BBOX(108, 15, -108, 17), geom)", &[0, 1, 2]),
        ("S_INTERSECTS(geom, BBOX(180, 15, 108, 17))", &[3]),
        ("S_INTERSECTS(geom, BBOX(108.2, 16.06, 5, 108.22, 16.072, 9))", &[0, 1]),
        ("S_INTERSECTS(geom, POINT Z(108.22 16.06 4))", &[1]),
        ("S_INTERSECTS(geom, MULTIPOINT(108.22 16.06, 108.3 16.1))", &[1, 2]),
        (
            "S_INTERSECTS(geom, GEOMETRYCOLLECTION(POLYGON((108 15, 109 15, 109 16, 108 15)), \
             POLYGON((108 15, 109 15, 109 17, 108 15)), POINT(108.22 16.06)))",
            &[1],
        ),
    ] {
        assert_eq!(found(text), wanted, "{text}");
    }
}

#[test]
fn literals_come_in_the_order_of_their_crs() {
    let wgs84 = ShapeCrs { is_north_first: true, ..ShapeCrs::CRS84 };
    let metres = ShapeCrs {
        srid: Srid(5899),
        is_north_first: false,
        reach: [-1_500_000.0, -4_000_000.0, 2_500_000.0, 4_000_000.0],
    };
    let read = |text: &str, crs| {
        let spelling = Spelling { crs, ..Spelling::default() };
        Filter::parse_as(text, spelling, &layer(), Openness::Open)
    };
    for text in [
        "S_INTERSECTS(geom, POINT(16.06 108.22))",
        "S_WITHIN(geom, BBOX(16.05, 108.215, 16.061, 108.23))",
    ] {
        let filter = read(text, wgs84).expect(text);
        let found: Vec<usize> = (0..4).filter(|at| filter.matches(&PLACES[*at])).collect();
        assert_eq!(found, [1], "{text}");
        assert_eq!(read(text, ShapeCrs::CRS84).unwrap_err().code(), "filter_geometry_invalid");
    }
    // In memory no feature is known to lie anywhere to a place in metres, nor not to.
    let filter = read("S_DISJOINT(geom, POINT(548000 1774000))", metres).expect("in reach");
    assert!(PLACES.iter().all(|place| !filter.matches(place)));
    let far = read("S_DISJOINT(geom, POINT(548000 -5774000))", metres).unwrap_err();
    assert_eq!(far.code(), "filter_geometry_invalid");
}

#[test]
fn values_without_cql2_around_them_mean_the_same() {
    let equals = |name, value| Filter::equals(name, value, &layer(), Openness::Open);
    let both = Filter::all(vec![
        equals("open", Literal::Bool(true)).unwrap(),
        equals("name", Literal::Text("O'Brien")).unwrap(),
        equals("since", Literal::Text("2000-02-29")).unwrap(),
        equals("beds", Literal::Number(-5.0)).unwrap(),
    ]);
    let found: Vec<usize> = (0..4).filter(|at| both.matches(&PLACES[*at])).collect();
    assert_eq!(found, [3]);
    assert!(PLACES.iter().all(|place| Filter::all(vec![]).matches(place)));
    assert_eq!(equals("since", Literal::Text("soon")).unwrap_err().code(), "filter_type_mismatch");
    assert_eq!(equals("phone", Literal::Text("")).unwrap_err().code(), "filter_property_unknown");
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
        ("beds + 'a' = 2", "filter_operand_invalid"),
        ("beds + name = 2", "filter_type_mismatch"),
        ("beds ^ open = 2", "filter_type_mismatch"),
        ("valid_from > 5", "filter_type_mismatch"),
        ("T_DURING(since, INTERVAL('1990-01-01', '..'))", "filter_operand_invalid"),
        ("T_MEETS(INTERVAL('1990-01-01', '..'), valid_to)", "filter_operand_invalid"),
        ("S_INTERSECTS(geom, BBOX(108, 17, 109, 16))", "filter_geometry_invalid"),
        ("S_INTERSECTS(geom, BBOX(108, 17, 109))", "filter_geometry_invalid"),
        ("S_INTERSECTS(geom, name)", "filter_operand_invalid"),
        ("a_contains(name, ('a', 'b'))", "filter_unsupported"),
        ("since LIKE '2000%'", "filter_type_mismatch"),
        ("since = 'yesterday'", "filter_type_mismatch"),
        ("since = DATE('2025-02-30')", "filter_operand_invalid"),
        ("T_AFTER(since, 'yesterday')", "filter_operand_invalid"),
        ("T_AFTER(beds, DATE('2000-01-01'))", "filter_type_mismatch"),
        ("T_AFTER(since, INTERVAL('2000-01-01', '2000-13-01'))", "filter_operand_invalid"),
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
    // Long, but no deeper than others.
    let sums = ["1 + ", "1 * ", "2 ^ ", "1 - -"];
    for sum in sums {
        let text = sum.repeat(2_000) + "1 = beds";
        assert_eq!(code(&text), "filter_too_large", "{:.20}", text);
    }
    for chain in ["1+", "1^", "1=", "a or ", "a and ", "1 -", "1<>"] {
        let text = chain.repeat(16_300 / chain.len()) + "1";
        assert_ne!(code(&text), "accepted", "{chain}");
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
