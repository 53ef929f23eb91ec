//! House numbers, alleys, and what stands for them where there is none.

use urbis_search::{HitKind, SearchIndex};

use crate::support::{Features, ask, at, feature, found, index_of, line, square, titles};

fn door(number: u64, house: &str, street: &str, lon: f64) -> (&'static str, urbis_model::Feature) {
    let values = [("number", house), ("street", street)];
    ("address_point", feature("address_point", number, at(lon, 16.06), &values))
}

fn doors() -> SearchIndex {
    let mut features: Features = vec![
        door(1, "12", "Trần Cao Vân", 108.200),
        door(2, "12A", "Trần Cao Vân", 108.201),
        door(3, "K123/45", "Trần Cao Vân", 108.202),
        door(4, "K123/47", "Trần Cao Vân", 108.2021),
        door(5, "K123/H4/6", "Trần Cao Vân", 108.2022),
        door(6, "123", "Trần Cao Vân", 108.203),
        door(7, "12/3A", "Lê Duẩn", 108.21),
    ];
    let along = line(&[(108.2, 16.06), (108.21, 16.06)]);
    let values = [("name", "Trần Cao Vân"), ("class", "secondary")];
    features.push(("road_segment", feature("road_segment", 20, along, &values)));
    let parcel =
        [("address", "12 Trần Cao Vân, phường Hải Châu"), ("sheet_no", "1"), ("parcel_no", "2")];
    features.push(("parcel", feature("parcel", 30, square(108.2, 16.06, 0.0001), &parcel)));
    let parcel = [
        ("address", "K99/H2/7 Hoàng Diệu, phường Hải Châu"),
        ("sheet_no", "1"),
        ("parcel_no", "3"),
    ];
    features.push(("parcel", feature("parcel", 31, square(108.22, 16.06, 0.0001), &parcel)));
    index_of(&features)
}

/// The first result of a text.
fn first(index: &SearchIndex, text: &str) -> (HitKind, u64) {
    let hits = index.search(&ask(text));
    let hit = hits.first().unwrap_or_else(|| panic!("{text} finds nothing"));
    (hit.kind, hit.feature.as_ref().unwrap().1.value())
}

#[test]
fn a_door_is_found_however_its_number_is_written() {
    let index = doors();
    for (text, number) in [
        ("12 Trần Cao Vân", 1),
        ("số 12 đường trần cao vân", 1),
        ("12A tran cao van", 2),
        ("K123/45 Trần Cao Vân", 3),
        ("123/45 tran cao van", 3),
        ("kiệt 123/45 trần cao vân", 3),
        ("45 kiệt 123 trần cao vân", 3),
        ("hẻm 123/47 tran cao van", 4),
        ("123/4/6 tran cao van", 5),
        ("6 hẻm 4 kiệt 123 trần cao vân", 5),
        ("123 tran cao van", 6),
        ("12/3a le duan", 7),
        ("12/3A Lê Duản", 7),
        ("99/2/7 hoang dieu", 31),
    ] {
        assert_eq!(first(&index, text), (HitKind::Address, number), "{text}");
    }
}

#[test]
fn a_door_in_two_layers_is_one_result() {
    let hits = doors().search(&ask("12 tran cao van"));
    let doors = hits.iter().filter(|hit| hit.kind == HitKind::Address);
    assert_eq!(doors.map(|hit| hit.title.as_str()).collect::<Vec<_>>(), ["12 Trần Cao Vân"]);
}

#[test]
fn an_alley_is_one_result_among_its_houses() {
    let index = doors();
    for text in ["kiệt 123 trần cao vân", "K123 tran cao van", "hẻm 123 Trần Cao Vân"] {
        let hits = index.search(&ask(text));
        assert_eq!(hits[0].kind, HitKind::Alley, "{text} {hits:#?}");
        assert_eq!(hits[0].title, "Kiệt 123 Trần Cao Vân");
        let [west, _, east, _]: [f64; 4] = hits[0].bbox.into();
        assert!((west - 108.202).abs() < 1e-6 && (east - 108.2022).abs() < 1e-6, "{hits:#?}");
    }
}

#[test]
fn an_alley_that_is_a_road_is_found_by_its_name() {
    let along = line(&[(108.2, 16.06), (108.21, 16.06)]);
    let values = [("name", "K45 Ông Ích Khiêm"), ("class", "service")];
    let index = index_of(&vec![("road_segment", feature("road_segment", 20, along, &values))]);
    for text in ["kiệt 45 ông ích khiêm", "hem 45 ong ich khiem", "k45 ông ích"] {
        assert_eq!(titles(&index, text), ["K45 Ông Ích Khiêm"], "{text}");
    }
}

#[test]
fn where_nobody_has_the_number_the_street_is_found() {
    let hits = doors().search(&ask("999 tran cao van"));
    assert_eq!(found(&hits), [("road_segment".to_owned(), 20)]);
}

#[test]
fn the_street_may_be_misspelled_or_incomplete() {
    let index = doors();
    assert_eq!(first(&index, "12 tran cao v"), (HitKind::Address, 1));
    assert_eq!(first(&index, "99/2/7 hoanh dieu"), (HitKind::Address, 31));
}
