//! What a class may not see changes nothing that it finds.

use urbis_model::Openness;
use urbis_search::{Ask, SearchIndex};

use crate::support::{Features, Random, ask, at, feature, found, index_of, square};

const SEED: u64 = 21;
const WORDS: [&str; 8] = ["Trần", "Phú", "Cao", "Vân", "Hải", "Châu", "Nguyễn", "Thanh"];

fn name(random: &mut Random) -> String {
    let count = 1 + random.below(3);
    (0..count).map(|_| *random.pick(&WORDS)).collect::<Vec<_>>().join(" ")
}

/// Open places, and hidden cameras and parcels with the same words.
fn features(random: &mut Random) -> (Features, Features) {
    let mut open: Features = Vec::new();
    let mut hidden: Features = Vec::new();
    for number in 1..200 {
        let lon = 108.2 + random.below(1000) as f64 / 10_000.0;
        let values = [("name", &*name(random)), ("kind", "quarter")];
        open.push(("place_name", feature("place_name", number, at(lon, 16.06), &values)));
        let values = [("name", &*name(random)), ("camera_no", "C1")];
        hidden.push(("camera", feature("camera", 1_000 + number, at(lon, 16.06), &values)));
        let address = format!("{number} {}, phường Hải Châu", name(random));
        let land = if number % 2 == 0 { "CQP" } else { "ODT" };
        let values =
            [("sheet_no", "1"), ("parcel_no", "1"), ("land_use", land), ("address", &*address)];
        let parcel = feature("parcel", 2_000 + number, square(lon, 16.06, 0.0001), &values);
        if land == "CQP" { hidden.push(("parcel", parcel)) } else { open.push(("parcel", parcel)) }
    }
    (open, hidden)
}

#[test]
fn answers_are_the_same_whether_hidden_features_are_there_or_not() {
    let mut random = Random(SEED);
    let (open, hidden) = features(&mut random);
    let without = index_of(&open);
    let with = index_of(&open.into_iter().chain(hidden).collect());
    let mut texts: Vec<String> = (0..300).map(|_| name(&mut random)).collect();
    texts.extend((1..50).map(|number| format!("{number} {}", WORDS[number % WORDS.len()])));
    texts.extend(["1/1", "c1", "t", "ngu"].map(str::to_owned));
    let all = |index: &SearchIndex, text: &str, class| {
        index.search(&Ask { class, limit: 50, ..ask(text) })
    };
    let mut secrets = 0;
    for text in &texts {
        assert_eq!(all(&with, text, Openness::Open), all(&without, text, Openness::Open), "{text}");
        secrets += found(&all(&with, text, Openness::Restricted))
            .iter()
            .filter(|it| it.0 == "camera")
            .count();
    }
    assert!(secrets > 500, "only {secrets} hidden features were in the way");
}

#[test]
fn a_value_above_its_layer_finds_nothing_for_anybody() {
    let values = [("sheet_no", "1"), ("parcel_no", "1"), ("holder", "Nguyễn Văn An")];
    let index =
        index_of(&vec![("parcel", feature("parcel", 1, square(108.2, 16.06, 0.001), &values))]);
    for class in Openness::ALL {
        assert_eq!(index.search(&Ask { class, ..ask("nguyen van an") }), []);
    }
}
