//! Names: spelling, errors, beginnings, order, streets as one.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use urbis_search::{Ask, Language, Matched, SearchIndex};

use crate::support::{
    Features, ask, at, feature, found, index_of, layer, line, near, square, titles,
};

fn place(number: u64, name: &str, lon: f64) -> (&'static str, urbis_model::Feature) {
    (
        "place_name",
        feature("place_name", number, at(lon, 16.06), &[("name", name), ("kind", "quarter")]),
    )
}

fn road(number: u64, name: &str, lon: f64) -> (&'static str, urbis_model::Feature) {
    let along = line(&[(lon, 16.06), (lon + 0.001, 16.06)]);
    (
        "road_segment",
        feature("road_segment", number, along, &[("name", name), ("class", "residential")]),
    )
}

fn places() -> SearchIndex {
    index_of(&vec![
        place(1, "Trần Cao Vân", 108.20),
        place(2, "Đường Quốc lộ 14B", 108.21),
        place(3, "Thạc Gián", 108.22),
        place(4, "Nguyễn Văn Linh", 108.23),
        place(5, "Thanh Khê", 108.24),
    ])
}

#[test]
fn marks_case_and_unicode_form_are_of_no_account() {
    let index = places();
    let decomposed: String = "Trần Cao Vân".nfd().collect();
    for text in ["Trần Cao Vân", "tran cao van", "TRAN CAO VAN", "Trân cao vấn", &decomposed]
    {
        assert_eq!(titles(&index, text), ["Trần Cao Vân"], "{text}");
    }
    assert_eq!(titles(&index, "duong ql14b"), ["Đường Quốc lộ 14B"]);
    assert_eq!(titles(&index, "đường QL 14B"), ["Đường Quốc lộ 14B"]);
}

#[test]
fn abbreviations_are_written_out() {
    let index =
        index_of(&vec![place(1, "Đường Trần Phú", 108.2), place(2, "Phường Hải Châu", 108.3)]);
    for text in ["đ. Trần Phú", "Đ.Trần Phú", "d. tran phu", "đ trần phú"] {
        assert_eq!(titles(&index, text), ["Đường Trần Phú"], "{text}");
    }
    for text in ["p. hải châu", "P.Hải Châu", "p hai chau"] {
        assert_eq!(titles(&index, text), ["Phường Hải Châu"], "{text}");
    }
}

#[test]
fn one_error_is_forgiven_in_four_letters_and_two_in_eight() {
    let index = index_of(&vec![place(1, "Nguyễn Văn Linh", 108.2), place(2, "Metropole", 108.3)]);
    for text in ["nguyn van linh", "ngyuen van linh", "nguyeen van linh", "nguyen van lynh"] {
        assert_eq!(titles(&index, text), ["Nguyễn Văn Linh"], "{text}");
    }
    assert_eq!(titles(&index, "nguyen vam linh"), [""; 0], "three letters are right or wrong");
    assert_eq!(titles(&index, "ngn van linh"), [""; 0], "that is no word of it");
    assert_eq!(titles(&index, "metrpool"), ["Metropole"]);
    assert_eq!(titles(&index, "mtrpol"), [""; 0]);
}

#[test]
fn the_last_word_may_be_incomplete_and_no_other() {
    let index = places();
    assert_eq!(titles(&index, "tran c"), ["Trần Cao Vân"]);
    assert_eq!(titles(&index, "th"), ["Thạc Gián", "Thanh Khê"]);
    assert_eq!(titles(&index, "tra van"), [""; 0]);
    let hits = index.search(&ask("tran cao v"));
    assert_eq!(hits[0].matched, Matched::Start);
    assert_eq!(index.search(&ask("tran cao van"))[0].matched, Matched::Whole);
    assert_eq!(index.search(&ask("nguyn van linh"))[0].matched, Matched::Similar);
}

#[test]
fn the_whole_name_goes_before_a_longer_one_and_that_before_one_with_errors() {
    let index = index_of(&vec![
        place(1, "Chợ Thanh Khê Mới", 108.2),
        place(2, "Thanh Khê", 108.2),
        place(3, "Thanh Khêu", 108.2),
        place(4, "Thach Khê", 108.2),
    ]);
    let wanted = ["Thanh Khê", "Thanh Khêu", "Chợ Thanh Khê Mới", "Thach Khê"];
    assert_eq!(titles(&index, "thanh khe"), wanted);
}

#[test]
fn marks_that_were_typed_go_first() {
    let index = index_of(&vec![place(1, "Lê Lợi", 108.2), place(2, "Lệ Lôi", 108.2)]);
    assert_eq!(titles(&index, "lệ lôi"), ["Lệ Lôi", "Lê Lợi"]);
    assert_eq!(titles(&index, "lê lợi"), ["Lê Lợi", "Lệ Lôi"]);
}

#[test]
fn of_equal_names_the_class_decides_and_then_the_distance() {
    let mut features: Features = vec![place(1, "An Hải", 108.2), place(2, "An Hải", 108.3)];
    features.push(("bus_stop", feature("bus_stop", 3, at(108.25, 16.06), &[("name", "An Hải")])));
    let index = index_of(&features);
    let from = |lon| {
        let near = near(lon, 16.06);
        found(&index.search(&Ask { near, ..ask("an hai") }))
    };
    let name = |number| ("place_name".to_owned(), number);
    assert_eq!(from(108.2)[0], name(1));
    assert_eq!(from(108.3)[0], name(2));
    let anywhere = found(&index.search(&ask("an hai")));
    assert_eq!(anywhere, [name(1), name(2), ("bus_stop".to_owned(), 3)]);
}

#[test]
fn a_street_is_one_result_with_the_box_of_its_segments() {
    let mut features: Features =
        (0..20).map(|at| road(1 + at, "Trần Phú", 108.20 + 0.001 * at as f64)).collect();
    // Another town's, 20 km away.
    features.extend((0..3).map(|at| road(101 + at, "Trần Phú", 108.40 + 0.001 * at as f64)));
    let index = index_of(&features);
    let hits = index.search(&Ask { near: near(108.21, 16.06), ..ask("tran phu") });
    assert_eq!(hits.len(), 2, "{hits:#?}");
    let [west, south, east, north]: [f64; 4] = hits[0].bbox.into();
    for (found, wanted) in [(west, 108.20), (south, 16.06), (east, 108.22), (north, 16.06)] {
        assert!((found - wanted).abs() < 1e-6, "{:?}", hits[0]);
    }
    // On the street, in its middle.
    assert!((hits[0].place.lon() - 108.21).abs() < 1e-6, "{:?}", hits[0]);
    assert_eq!(hits[0].subtitle, "đường khu dân cư");
}

#[test]
fn segments_with_and_without_the_word_for_a_street_are_one() {
    let features: Features = vec![
        road(1, "Đường Trần Phú", 108.200),
        road(2, "Trần Phú", 108.201),
        road(3, "Đường", 108.3),
    ];
    let index = index_of(&features);
    for text in ["tran phu", "đường trần phú"] {
        assert_eq!(titles(&index, text), ["Trần Phú"], "{text}");
    }
    assert_eq!(titles(&index, "đường")[0], "Đường");
}

#[test]
fn a_road_is_found_by_its_number_and_by_its_name() {
    let along = line(&[(108.2, 16.06), (108.21, 16.06)]);
    let values = [
        ("name", "Nguyễn Tất Thành"),
        ("ref", "QL1A"),
        ("class", "trunk"),
        ("name_en", "Bay Road"),
    ];
    let index = index_of(&vec![("road_segment", feature("road_segment", 1, along, &values))]);
    assert_eq!(titles(&index, "ql1a"), ["QL1A"]);
    assert_eq!(titles(&index, "quốc lộ 1A"), ["QL1A"]);
    assert_eq!(titles(&index, "nguyen tat thanh"), ["Nguyễn Tất Thành"]);
    assert_eq!(titles(&index, "bay road"), ["Nguyễn Tất Thành"]);
}

#[test]
fn a_ward_narrows_the_search_and_stands_under_the_result() {
    let mut features: Features = vec![road(1, "Trần Phú", 108.201), road(2, "Trần Phú", 108.301)];
    for (number, west, name) in [(10, 108.2, "Hải Châu"), (11, 108.3, "Sơn Trà")] {
        let (full, english) = (format!("Phường {name}"), format!("{name} Ward"));
        let values = [
            ("name", name),
            ("full_name", full.as_str()),
            ("full_name_en", english.as_str()),
            ("type", "ward"),
            ("code", "20000"),
        ];
        features
            .push(("admin_unit", feature("admin_unit", number, square(west, 16.0, 0.1), &values)));
    }
    let index = index_of(&features);
    for text in [
        "trần phú, sơn trà",
        "trần phú phường sơn trà",
        "trần phú p. sơn trà",
        "trần phú q. Sơn Trà, TP. Đà Nẵng",
        "tran phu son tra",
    ] {
        let hits = index.search(&ask(text));
        assert_eq!(found(&hits), [("road_segment".to_owned(), 2)], "{text}");
        assert_eq!(hits[0].subtitle, "đường khu dân cư · Phường Sơn Trà");
    }
    let english = index.search(&Ask { language: Language::En, ..ask("tran phu son tra") });
    assert_eq!(english[0].subtitle, "residential street · Sơn Trà Ward");
    assert_eq!(titles(&index, "p. son tra"), ["Phường Sơn Trà"]);
    let both = ["Trần Phú", "Trần Phú"];
    assert_eq!(titles(&index, "trần phú")[..2], both);
    assert_eq!(titles(&index, "trần phú, nowhere")[..2], both, "an unknown area is passed over");
}

#[test]
fn only_the_layers_that_are_asked_for_are_searched() {
    let mut features: Features = vec![place(1, "An Hải", 108.2)];
    features.push(("bus_stop", feature("bus_stop", 3, at(108.25, 16.06), &[("name", "An Hải")])));
    let index = index_of(&features);
    let stops = BTreeSet::from([layer("bus_stop")]);
    let asked = Ask { layers: Some(&stops), ..ask("an hai") };
    assert_eq!(found(&index.search(&asked)), [("bus_stop".to_owned(), 3)]);
    assert_eq!(index.search(&Ask { layers: Some(&stops), ..ask("16.06, 108.22") }), []);
}

#[test]
fn coordinates_lead_to_their_place() {
    let index = places();
    for text in ["16.0610, 108.2270", "550840.1548 1776387.4104", "1776387,4104 550840,1548"] {
        let hits = index.search(&ask(text));
        assert!((hits[0].place.lon() - 108.2270).abs() < 1e-7, "{text}");
        assert!((hits[0].place.lat() - 16.0610).abs() < 1e-7, "{text}");
        assert_eq!(hits[0].feature, None);
    }
}

#[test]
fn odd_texts_find_nothing_and_do_no_harm() {
    let index = places();
    let long = "a ".repeat(99);
    let many = "trần ".repeat(28);
    for text in [
        "", " ", ",", "...", "/", "\u{0}", "đ.", ",,,;;", "Đ", "\u{301}", "🚒", &long, &many,
        "12/", "K", "°'\"",
    ] {
        let _ = index.search(&ask(text));
    }
    assert_eq!(index.search(&ask(&"tran".repeat(60))), []);
    assert_eq!(index.search(&Ask { limit: 0, ..ask("tran") }), []);
}
