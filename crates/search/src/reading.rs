//! What a text that somebody typed may mean: some readings, each tried.

use urbis_model::Openness;

use crate::areas::{Area, Areas};
use crate::asked::{AskedWord, End, ask};
use crate::fold::{fold, lower, split, words};
use crate::house::HouseNumber;
use crate::parcels::ParcelNumber;

/// One meaning of a text.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub meant: Meant,
    /// Results lie in one of these; anywhere where none is named.
    pub areas: Vec<&'a Area>,
    /// How much it counts beside the others, of 1.
    pub worth: f32,
}

/// A street is worth less than a door in it where a number was typed.
const WORTH_OF_STREET: f32 = 0.6;

/// What is looked for.
#[derive(Debug)]
pub(crate) enum Meant {
    /// Something of this name.
    Name(Asked),
    /// A door, or an alley, of a street.
    House { number: HouseNumber, street: Asked },
    /// A parcel.
    Parcel(ParcelNumber),
}

/// Words, and as they were typed where marks were typed.
#[derive(Debug)]
pub(crate) struct Asked {
    pub words: Vec<AskedWord>,
    /// Small letters with marks; only words that have marks.
    pub marked: Vec<String>,
}

/// Words that begin the name of an area.
const AREA_WORDS: [&[&str]; 8] = [
    &["phuong"],
    &["xa"],
    &["dac", "khu"],
    &["thi", "tran"],
    &["thi", "xa"],
    &["quan"],
    &["huyen"],
    &["thanh", "pho"],
];

/// What a dot shortens, and whether it does so without the dot, too.
const SHORTENED: [(&str, &str); 9] = [
    ("d", "duong"),
    ("p", "phuong"),
    ("q", "quan"),
    ("h", "huyen"),
    ("x", "xa"),
    ("tp", "thanh pho"),
    ("tx", "thi xa"),
    ("tt", "thi tran"),
    ("bv", "benh vien"),
];

/// Of those, the ones that are no words of their own without their dot.
const WITHOUT_DOT: [&str; 5] = ["p", "q", "tp", "tx", "bv"];

/// Longest name of an area, words.
const MAX_AREA_WORDS: usize = 6;

/// Reads a text.
pub(crate) fn read<'a>(text: &str, areas: &'a Areas, class: Openness) -> Vec<Reading<'a>> {
    let text = &lengthen(text);
    let mut readings = read_parcel(text, areas, class);
    let is_parcel = !readings.is_empty();
    let (head, named) = cut_areas(text);
    let named: Vec<&Area> = named.iter().flat_map(|name| named_area(name, areas, class)).collect();
    let end = if named.is_empty() { End::Open } else { End::Closed };
    readings.extend(read_head(&head, end, &named));
    if named.is_empty() {
        for (rest, found) in split_off_area(&head, areas, class) {
            readings.extend(read_head(&rest, End::Closed, &found));
        }
    }
    if is_parcel {
        // What looks like a door was a parcel's number: the ward behind it is no street.
        readings.retain(|reading| reading.worth > WORTH_OF_STREET);
    }
    readings
}

/// A name, and a house where it begins with a number.
fn read_head<'a>(head: &str, end: End, areas: &[&'a Area]) -> Vec<Reading<'a>> {
    let mut readings = Vec::new();
    let mut add = |meant, worth| readings.push(Reading { meant, areas: areas.to_vec(), worth });
    let asked = |text: &str| Asked { words: ask(&words(text), end), marked: marked(text) };
    let name = asked(head);
    if !name.words.is_empty() {
        add(Meant::Name(name), 1.0);
    }
    let folded = fold(head);
    let tokens: Vec<&str> = folded.split_whitespace().collect();
    let Some((number, used)) = HouseNumber::leading(&tokens) else { return readings };
    let whole: Vec<&str> = head.split_whitespace().skip(used).collect();
    let street = whole.join(" ");
    for number in alternatives(number) {
        let street = asked(&street);
        if !street.words.is_empty() {
            add(Meant::House { number, street }, 1.0);
        }
    }
    if used > 0 && !street.is_empty() {
        // The number may be nobody's; the street is there.
        add(Meant::Name(asked(&street)), WORTH_OF_STREET);
    }
    readings
}

/// `kiệt 123/45` may be alley 45 of alley 123, or house 45 in it.
fn alternatives(number: HouseNumber) -> Vec<HouseNumber> {
    match number.to_house() {
        Some(house) => vec![number, house],
        None => vec![number],
    }
}

/// Words with marks, as they were typed.
fn marked(text: &str) -> Vec<String> {
    let small = lower(text);
    split(&small).filter(|word| !word.is_ascii()).map(str::to_owned).collect()
}

/// Writes abbreviations out.
fn lengthen(text: &str) -> String {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let mut long = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let folded = fold(token);
        let is_last = at + 1 == tokens.len();
        let dotted =
            token.split_once('.').and_then(|(short, rest)| Some((long_of(&fold(short))?, rest)));
        match dotted {
            Some((word, rest))
                if !rest.starts_with(|c: char| c.is_ascii_digit()) || rest.is_empty() =>
            {
                long.push(word.to_owned());
                long.extend((!rest.is_empty()).then(|| rest.to_owned()));
            }
            _ if !is_last && WITHOUT_DOT.contains(&folded.as_str()) => {
                long.push(long_of(&folded).unwrap_or(token).to_owned());
            }
            _ if !is_last && lower(token) == "đ" => long.push("duong".to_owned()),
            _ => long.push((*token).to_owned()),
        }
    }
    long.join(" ")
}

fn long_of(short: &str) -> Option<&'static str> {
    SHORTENED.iter().find(|(known, _)| *known == short).map(|(_, long)| *long)
}

/// What comes before the first comma, or before a word that begins an area's name; and the names of
/// areas after.
fn cut_areas(text: &str) -> (String, Vec<Vec<String>>) {
    let mut segments = text.split([',', ';']);
    let first: Vec<&str> = segments.next().unwrap_or_default().split_whitespace().collect();
    let folded: Vec<String> = first.iter().map(|token| fold(token)).collect();
    let begins = |at: &usize| AREA_WORDS.iter().any(|name| begins_with(&folded[*at..], name));
    let starts: Vec<usize> = (1..first.len()).filter(begins).collect();
    let head_end = starts.first().copied().unwrap_or(first.len());
    let mut names = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let end = starts.get(at + 1).copied().unwrap_or(first.len());
        names.push(words(&first[*start..end].join(" ")));
    }
    names.extend(segments.map(words));
    (first[..head_end].join(" "), names)
}

fn begins_with(tokens: &[String], name: &[&str]) -> bool {
    tokens.len() > name.len() && tokens.iter().zip(name).all(|(token, word)| token == word)
}

/// The areas of a name; of one with a word before it that no area has, such as a district that is
/// now a ward, the areas of the rest.
fn named_area<'a>(name: &[String], areas: &'a Areas, class: Openness) -> Vec<&'a Area> {
    let found = areas.named(name, class);
    if !found.is_empty() {
        return found;
    }
    let begins = AREA_WORDS.iter().find(|words| begins_with(name, words));
    begins.map(|words| areas.named(&name[words.len()..], class)).unwrap_or_default()
}

/// Where the last words of a text are an area's name: the text without them, and the area.
fn split_off_area<'a>(
    head: &str,
    areas: &'a Areas,
    class: Openness,
) -> Vec<(String, Vec<&'a Area>)> {
    let tokens: Vec<&str> = head.split_whitespace().collect();
    let first = tokens.len().saturating_sub(MAX_AREA_WORDS).max(1);
    let splits = (first..tokens.len()).filter_map(|at| {
        let found = areas.named(&words(&tokens[at..].join(" ")), class);
        let rest = words(&tokens[..at].join(" "));
        // `phường Hải Châu` is the ward, and nothing that is called so in it.
        let is_name = AREA_WORDS.iter().any(|begin| begin.iter().eq(rest.iter()));
        (!found.is_empty() && !is_name).then(|| (tokens[..at].join(" "), found))
    });
    splits.collect()
}

/// `tờ 12 thửa 345`, `thửa đất số 345, tờ bản đồ số 12`, `12/345`; what is left names the area.
fn read_parcel<'a>(text: &str, areas: &'a Areas, class: Openness) -> Vec<Reading<'a>> {
    let mut words = words(text);
    let sheet = take_number(
        &mut words,
        &[&["to", "ban", "do", "so"], &["to", "ban", "do"], &["to", "so"], &["to"], &["sheet"]],
    );
    let number = take_number(
        &mut words,
        &[&["thua", "dat", "so"], &["thua", "dat"], &["thua", "so"], &["thua"], &["parcel"]],
    );
    let (number, rest) = match (sheet, number) {
        (Some(sheet), Some(number)) => (ParcelNumber::new(&sheet, &number), words),
        _ => {
            let (first, rest) = text.split_once([' ', ',']).unwrap_or((text, ""));
            let is_number = |text: &str| {
                !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit())
            };
            match first.split_once('/') {
                Some((sheet, number)) if is_number(sheet) && is_number(number) => {
                    (ParcelNumber::new(sheet, number), crate::fold::words(rest))
                }
                _ => return Vec::new(),
            }
        }
    };
    let found = named_area(&rest, areas, class);
    if !rest.is_empty() && found.is_empty() {
        return Vec::new();
    }
    vec![Reading { meant: Meant::Parcel(number), areas: found, worth: 1.0 }]
}

/// Takes a number and the words that announce it out of others.
fn take_number(words: &mut Vec<String>, announced: &[&[&str]]) -> Option<String> {
    for start in announced {
        let at = (0..words.len()).find(|at| {
            let number = words.get(at + start.len());
            begins_with(&words[*at..], start)
                && number.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        });
        if let Some(at) = at {
            let taken: Vec<String> = words.drain(at..=at + start.len()).collect();
            return taken.last().cloned();
        }
    }
    None
}
