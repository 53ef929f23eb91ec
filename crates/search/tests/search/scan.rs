//! The search against a plain scan of all names.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use urbis_search::Ask;

use crate::support::{Features, Random, ask, at, feature, found, index_of};

const SEED: u64 = 41;

const SYLLABLES: [&str; 24] = [
    "Trần",
    "Cao",
    "Vân",
    "Nguyễn",
    "Thị",
    "Minh",
    "Khai",
    "Hải",
    "Châu",
    "Thanh",
    "Khê",
    "Sơn",
    "Trà",
    "Ngũ",
    "Hành",
    "Phường",
    "Đường",
    "Điện",
    "Biên",
    "Phủ",
    "Metropole",
    "Apartment",
    "7A",
    "Thành",
];

/// Words that are passed over where a text has others.
const OPTIONAL: [&str; 1] = ["duong"];

fn bare(text: &str) -> Vec<String> {
    let plain = text
        .replace(['đ', 'Đ'], "d")
        .nfd()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .collect::<String>();
    plain.to_lowercase().split_whitespace().map(str::to_owned).collect()
}

/// Does a word of a name answer a word that was typed?
fn answers(known: &str, typed: &str, is_last: bool) -> bool {
    let has_digit = typed.chars().any(|c| c.is_ascii_digit());
    let errors = match typed.len() {
        _ if has_digit => 0,
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    known == typed
        || (is_last && known.starts_with(typed))
        || strsim::osa_distance(known, typed) <= errors
}

fn scan(names: &[(u64, String)], text: &str) -> BTreeSet<u64> {
    let typed = bare(text);
    let last = typed.len() - 1;
    let is_free =
        |at: usize| at < last.max(1) && OPTIONAL.contains(&typed[at].as_str()) && last > 0;
    let all = |known: &[String]| {
        (0..typed.len())
            .all(|at| is_free(at) || known.iter().any(|word| answers(word, &typed[at], at == last)))
    };
    names.iter().filter(|(_, name)| all(&bare(name))).map(|(number, _)| *number).collect()
}

/// A word with a letter gone, doubled, changed, or exchanged with its neighbour.
fn misspelled(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = random.below(letters.len() as u64) as usize;
    match random.below(4) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters[at]),
        2 => letters[at] = 'x',
        _ if at > 0 => letters.swap(at - 1, at),
        _ => {}
    }
    letters.into_iter().collect()
}

#[test]
fn a_name_is_found_where_a_scan_of_all_names_finds_it() {
    let mut random = Random(SEED);
    let names: Vec<(u64, String)> = (1..600)
        .map(|number| {
            let words: Vec<&str> =
                (0..1 + random.below(4)).map(|_| *random.pick(&SYLLABLES)).collect();
            (number, words.join(" "))
        })
        .collect();
    let features: Features = names
        .iter()
        .map(|(number, name)| {
            ("place_name", feature("place_name", *number, at(108.2, 16.0), &[("name", name)]))
        })
        .collect();
    let index = index_of(&features);
    let mut hits = 0;
    for _ in 0..1_500 {
        let mut words = bare(&random.pick(&names).1);
        words.truncate(1 + random.below(3) as usize);
        if random.below(2) == 0 {
            let at = random.below(words.len() as u64) as usize;
            words[at] = misspelled(&words[at], &mut random);
        }
        if random.below(3) == 0 {
            let last = words.last_mut().unwrap();
            last.truncate(1 + random.below(last.len().max(1) as u64) as usize);
        }
        words.retain(|word| !word.is_empty());
        let text = words.join(" ");
        // These begin the name of an area, and cut the text; that has tests of its own.
        let is_cut = words.iter().skip(1).any(|word| ["phuong", "xa"].contains(&word.as_str()));
        if text.is_empty() || is_cut || words[0].starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let asked = Ask { limit: 10_000, ..ask(&text) };
        let answer: BTreeSet<u64> =
            found(&index.search(&asked)).into_iter().map(|it| it.1).collect();
        let wanted = scan(&names, &text);
        assert_eq!(answer, wanted, "{text}");
        hits += wanted.len();
    }
    assert!(hits > 10_000, "only {hits} results were compared");
}
