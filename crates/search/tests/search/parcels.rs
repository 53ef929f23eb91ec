//! Parcels by sheet and number.

use urbis_model::Openness;
use urbis_search::{Ask, HitKind, Language, SearchIndex};

use crate::support::{Features, ask, feature, found, index_of, near, square};

fn parcels() -> SearchIndex {
    let mut features: Features = Vec::new();
    for (number, ward, sheet, parcel, west) in [
        (1, "20242", "12", "345", 108.201),
        (2, "20243", "12", "345", 108.301),
        (3, "20242", "12", "346", 108.202),
        (4, "20242", "345", "12", 108.203),
        (5, "20242", "7", "31a", 108.204),
    ] {
        let values = [("ward_code", ward), ("sheet_no", sheet), ("parcel_no", parcel)];
        features.push(("parcel", feature("parcel", number, square(west, 16.06, 0.0001), &values)));
    }
    for (number, west, code, name) in
        [(10, 108.2, "20242", "Hải Châu"), (11, 108.3, "20243", "Sơn Trà")]
    {
        let full = format!("Phường {name}");
        let values =
            [("name", name), ("full_name", full.as_str()), ("type", "ward"), ("code", code)];
        features
            .push(("admin_unit", feature("admin_unit", number, square(west, 16.0, 0.1), &values)));
    }
    index_of(&features)
}

#[test]
fn a_parcel_is_found_by_sheet_and_number_in_each_ward() {
    let index = parcels();
    for text in [
        "tờ 12 thửa 345",
        "to 12 thua 345",
        "thửa 345 tờ 12",
        "Thửa đất số 345, tờ bản đồ số 12",
        "12/345",
        "012/0345",
        "sheet 12 parcel 345",
    ] {
        let hits = index.search(&Ask { near: near(108.3, 16.06), ..ask(text) });
        assert_eq!(found(&hits), [("parcel".to_owned(), 2), ("parcel".to_owned(), 1)], "{text}");
        assert!(
            hits.iter().all(|hit| hit.kind == HitKind::Parcel && hit.title == "Tờ 12 thửa 345")
        );
    }
    assert_eq!(found(&index.search(&ask("tờ 7 thửa 31A"))), [("parcel".to_owned(), 5)]);
}

#[test]
fn a_ward_says_which_parcel_is_meant() {
    let index = parcels();
    for text in [
        "tờ 12 thửa 345 phường Hải Châu",
        "tờ 12 thửa 345, hải châu",
        "12/345 hai chau",
        "12/345, P. Hải Châu",
        "thua 345 to 12 20242",
    ] {
        let hits = index.search(&ask(text));
        assert_eq!(found(&hits), [("parcel".to_owned(), 1)], "{text}");
        assert_eq!(hits[0].subtitle, "Thửa đất · Phường Hải Châu");
    }
    assert_eq!(found(&index.search(&ask("tờ 12 thửa 345 phường nào đó"))), []);
    let english = index.search(&Ask { language: Language::En, ..ask("12/345 son tra") });
    assert_eq!(english[0].title, "Sheet 12 parcel 345");
}

#[test]
fn a_parcel_of_defence_land_is_found_by_its_offices_alone() {
    let values =
        [("ward_code", "20242"), ("sheet_no", "1"), ("parcel_no", "1"), ("land_use", "CQP")];
    let index =
        index_of(&vec![("parcel", feature("parcel", 1, square(108.2, 16.06, 0.001), &values))]);
    assert_eq!(found(&index.search(&ask("1/1"))), []);
    assert_eq!(found(&index.search(&Ask { class: Openness::Internal, ..ask("1/1") })), []);
    assert_eq!(found(&index.search(&Ask { class: Openness::Restricted, ..ask("1/1") })).len(), 1);
}
