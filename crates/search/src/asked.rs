//! The words that somebody typed, as they are compared.

use std::collections::BTreeMap;

use crate::terms::{Terms, distance};

/// How good a match is, of 100: the very word.
const WHOLE: u8 = 100;
/// A word that begins so.
const STARTS: u8 = 90;
/// A word with one, or two, letters otherwise.
const SIMILAR: [u8; 3] = [WHOLE, 75, 60];

/// Words that say what a thing is and are often left out, or added.
const OPTIONAL: [&str; 8] = ["duong", "pho", "quan", "huyen", "tp", "street", "road", "ward"];

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedWord {
    pub folded: String,
    /// A text without it is found too.
    pub is_optional: bool,
    /// It may be the beginning of a word: somebody is still typing it.
    pub is_open: bool,
}

impl AskedWord {
    /// The terms that match it, and how well, of 100.
    ///
    /// One typing error is forgiven in words of 4 to 7 letters, two in longer ones, none in
    /// shorter ones and in numbers.
    pub(crate) fn terms(&self, terms: &Terms) -> BTreeMap<u32, u8> {
        let mut found = BTreeMap::new();
        if self.is_open {
            found.extend(terms.starting(&self.folded).map(|term| (term, STARTS)));
        }
        let mut add = |term, quality: u8| {
            let best = found.entry(term).or_insert(quality);
            *best = quality.max(*best);
        };
        terms.find(&self.folded).into_iter().for_each(|term| add(term, WHOLE));
        let edits = forgiven(&self.folded);
        if edits > 0 {
            terms.similar(&self.folded, edits, |term, distance| {
                add(term, SIMILAR[usize::from(distance)]);
            });
        }
        found
    }

    /// How good a match with a text's word is, of 100; 0 where it is none.
    pub(crate) fn quality_of(&self, word: &str) -> u8 {
        if self.folded == word {
            return WHOLE;
        }
        if self.is_open && word.starts_with(&self.folded) {
            return STARTS;
        }
        let edits = forgiven(&self.folded);
        if edits == 0 || self.folded.len().abs_diff(word.len()) > usize::from(edits) {
            return 0;
        }
        let distance = distance(&self.folded, word, edits);
        distance.map_or(0, |distance| SIMILAR[usize::from(distance)])
    }
}

/// Folded words as they are asked for, in order; the last may be a beginning where `is_open`.
pub(crate) fn ask(words: &[String], end: End) -> Vec<AskedWord> {
    let all_optional = words.iter().all(|word| OPTIONAL.contains(&word.as_str()));
    let last = words.len().saturating_sub(1);
    let asked = words.iter().enumerate().map(|(at, word)| AskedWord {
        folded: word.clone(),
        is_optional: !all_optional && at < last.max(1) && OPTIONAL.contains(&word.as_str()),
        is_open: at == last && end == End::Open,
    });
    asked.collect()
}

/// Says whether a folded word is one that is often left out.
pub(crate) fn is_optional(word: &str) -> bool {
    OPTIONAL.contains(&word)
}

/// Whether somebody is still typing the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Open,
    Closed,
}

/// Number of typing errors that are forgiven in a folded word.
pub(crate) fn forgiven(word: &str) -> u8 {
    if word.bytes().any(|letter| letter.is_ascii_digit()) {
        return 0;
    }
    match word.chars().count() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}
