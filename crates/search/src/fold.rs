//! From a text as people write it to the words that are compared.
//!
//! Small letters without tone and shape marks, đ = d, whatever Unicode form the text has; between a
//! letter and a digit a new word begins (`QL14B` is `ql 14b`). Two spellings of one thing are made
//! one: `quốc lộ` is `ql`, and before a number `kiệt`, `hẻm`, `ngõ`, `K` and `H` are `kiet`.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words of an alley, before its number.
pub(crate) const ALLEY_WORDS: [&str; 7] = ["k", "h", "kiet", "hem", "ngo", "ngach", "alley"];

/// The one of them that stands for all.
pub(crate) const ALLEY: &str = "kiet";

/// Small letters without marks; what is neither letter nor digit stays.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let bare = text.nfd().filter(|letter| !is_combining_mark(*letter));
    bare.flat_map(char::to_lowercase)
        .map(|letter| if letter == 'đ' { 'd' } else { letter })
        .collect()
}

/// Small letters with their marks, composed.
pub(crate) fn lower(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}

/// The folded words of a text, in order.
pub(crate) fn words(text: &str) -> Vec<String> {
    unify(split(&fold(text)).map(str::to_owned).collect())
}

/// Cuts a folded or small text into words.
pub(crate) fn split(text: &str) -> impl Iterator<Item = &str> {
    let pieces = text.split(|letter: char| !letter.is_alphanumeric());
    pieces.filter(|piece| !piece.is_empty()).flat_map(|piece| {
        let bytes = piece.as_bytes();
        let is_cut =
            |at: &usize| bytes[at - 1].is_ascii_alphabetic() && bytes[*at].is_ascii_digit();
        let cut = (1..bytes.len()).find(is_cut).unwrap_or(0);
        let (before, after) = piece.split_at(cut);
        [before, after].into_iter().filter(|word| !word.is_empty())
    })
}

/// Makes spellings of one thing one.
fn unify(words: Vec<String>) -> Vec<String> {
    let mut unified: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        let is_number = word.as_bytes()[0].is_ascii_digit();
        match unified.last_mut() {
            Some(last) if last == "quoc" && word == "lo" => *last = "ql".to_owned(),
            Some(last) if is_number && ALLEY_WORDS.contains(&last.as_str()) => {
                *last = ALLEY.to_owned();
                unified.push(word);
            }
            _ => unified.push(word),
        }
    }
    unified
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_case_and_unicode_form_do_not_count() {
        let decomposed: String = "Trần Cao Vân Đường".nfd().collect();
        for text in ["Trần Cao Vân Đường", "TRẦN CAO VÂN ĐƯỜNG", "tran cao van duong", &decomposed]
        {
            assert_eq!(words(text), ["tran", "cao", "van", "duong"], "{text}");
        }
    }

    #[test]
    fn a_road_number_is_one_however_it_is_written() {
        for text in ["QL14B", "ql 14b", "Quốc lộ 14B", "QL-14B"] {
            assert_eq!(words(text), ["ql", "14b"], "{text}");
        }
    }

    #[test]
    fn an_alley_is_one_however_it_is_called() {
        for text in ["K123 Trần Phú", "Kiệt 123 Trần Phú", "hẻm 123 trần phú"] {
            assert_eq!(words(text), ["kiet", "123", "tran", "phu"], "{text}");
        }
        assert_eq!(words("Hẻm núi"), ["hem", "nui"]);
    }
}
