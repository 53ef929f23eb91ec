//! An index that follows its city finds what one built anew does.

use std::sync::Arc;

use urbis_model::{Feature, Moment, Openness, Validity};
use urbis_search::{Ask, SearchIndex};

use crate::support::{
    Features, NOW, Random, ask, at, changed, city_of, feature, found, line, square, titles,
};

const SEED: u64 = 31;
const WORDS: [&str; 6] = ["Trần", "Phú", "Hải", "Châu", "Nguyễn", "Lợi"];

fn name(random: &mut Random) -> String {
    let words: Vec<&str> = (0..1 + random.below(2)).map(|_| *random.pick(&WORDS)).collect();
    let before = if random.below(3) == 0 { "Đường " } else { "" };
    format!("{before}{}", words.join(" "))
}

/// A feature of some layer; always the same layer for one number.
fn drawn(random: &mut Random, number: u64) -> (&'static str, Feature) {
    let (lon, lat) =
        (108.2 + random.below(30) as f64 / 1_000.0, 16.0 + random.below(30) as f64 / 1_000.0);
    let name = name(random);
    let land = *random.pick(&["ODT", "CQP"]);
    match number % 4 {
        0 => ("place_name", feature("place_name", number, at(lon, lat), &[("name", &name)])),
        1 => {
            let along = line(&[(lon, lat), (lon + 0.002, lat)]);
            (
                "road_segment",
                feature(
                    "road_segment",
                    number,
                    along,
                    &[("name", &name), ("class", "residential")],
                ),
            )
        }
        2 => {
            let address = format!("{} {name}, phường An Hải", 1 + random.below(5));
            let (sheet, parcel) =
                ((1 + random.below(3)).to_string(), (1 + random.below(3)).to_string());
            let values = [
                ("address", &*address),
                ("sheet_no", &*sheet),
                ("parcel_no", &*parcel),
                ("land_use", land),
            ];
            ("parcel", feature("parcel", number, square(lon, lat, 0.0005), &values))
        }
        _ => {
            let values =
                [("name", &*name), ("full_name", &*name), ("code", "20000"), ("type", "ward")];
            ("admin_unit", feature("admin_unit", number, square(lon, lat, 0.01), &values))
        }
    }
}

fn assert_same(followed: &SearchIndex, anew: &SearchIndex, random: &mut Random) {
    for _ in 0..30 {
        let text = match random.below(4) {
            0 => format!("{}/{}", 1 + random.below(3), 1 + random.below(3)),
            1 => format!("{} {}", 1 + random.below(5), name(random)),
            2 => format!("{}, {}", name(random), name(random)),
            _ => name(random),
        };
        for class in Openness::ALL {
            let asked = Ask { class, limit: 100, ..ask(&text) };
            assert_eq!(followed.search(&asked), anew.search(&asked), "{text}");
        }
    }
}

#[test]
fn after_any_changes_it_finds_what_one_built_anew_finds() {
    let mut random = Random(SEED);
    let first: Features = (1..160).map(|number| drawn(&mut random, number)).collect();
    let mut city = city_of(&first);
    let mut index = SearchIndex::build(Arc::clone(&city));
    for step in 0..25 {
        let upserted: Features = (0..4)
            .map(|_| {
                let number = 1 + random.below(200);
                drawn(&mut random, number)
            })
            .collect();
        let gone = 1 + random.below(200);
        let layers = ["place_name", "road_segment", "parcel", "admin_unit"];
        city = changed(&city, &upserted, &[(layers[(gone % 4) as usize], gone)]);
        index = index.follow(&city);
        assert_eq!(index.revision(), city.revision(), "{step}");
        assert_same(&index, &SearchIndex::build(Arc::clone(&city)), &mut random);
    }
}

#[test]
fn a_street_grows_by_a_segment_and_stays_one() {
    let road = |number: u64, lon: f64| {
        let along = line(&[(lon, 16.06), (lon + 0.001, 16.06)]);
        ("road_segment", feature("road_segment", number, along, &[("name", "Trần Phú")]))
    };
    let city = city_of(&vec![road(1, 108.2), road(2, 108.201)]);
    let index = SearchIndex::build(Arc::clone(&city));
    let city = changed(&city, &vec![road(3, 108.202)], &[]);
    let hits = index.follow(&city).search(&ask("tran phu"));
    assert_eq!(hits.len(), 1);
    let [_, _, east, _]: [f64; 4] = hits[0].bbox.into();
    assert!((east - 108.203).abs() < 1e-6);
}

#[test]
fn what_ends_is_found_no_more_and_what_begins_is() {
    let name = |number, name, validity| {
        let place = feature("place_name", number, at(108.2, 16.06), &[("name", name)]);
        ("place_name", Feature { validity, ..place })
    };
    let then = Moment(NOW.0 + 1_000);
    let city = city_of(&vec![
        name(1, "Cũ", Validity { from: None, to: Some(then) }),
        name(2, "Mới", Validity { from: Some(then), to: None }),
    ]);
    let index = SearchIndex::build(Arc::clone(&city));
    assert_eq!((titles(&index, "cu"), titles(&index, "moi")), (vec!["Cũ".to_owned()], vec![]));
    let later = Arc::new(city.advance(urbis_model::Revision(2), then).0);
    let index = index.follow(&later);
    assert_eq!((titles(&index, "cu"), titles(&index, "moi")), (vec![], vec!["Mới".to_owned()]));
    assert_eq!(found(&index.search(&ask("moi"))), [("place_name".to_owned(), 2)]);
}
