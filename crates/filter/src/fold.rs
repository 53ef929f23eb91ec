//! Texts without their case or their accents.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is left out when texts are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Folding {
    /// The case: texts in lower case are compared, after the accents went.
    pub case: bool,
    /// The combining marks of the text's canonical decomposition, and the stroke of đ.
    pub accents: bool,
}

impl Folding {
    /// What either leaves out.
    pub(crate) const fn with(self, other: Self) -> Self {
        Self { case: self.case || other.case, accents: self.accents || other.accents }
    }

    /// A regular expression of what goes from a decomposed text (NFD) with its accents, for those
    /// who fold in another program; then go the strokes of đ and Đ, then the case.
    pub fn marks_pattern() -> &'static str {
        &MARKS
    }

    /// The text without it.
    pub fn fold(self, text: &str) -> String {
        let plain = if self.accents { without_accents(text) } else { text.to_owned() };
        if self.case { plain.to_lowercase() } else { plain }
    }
}

/// Every combining mark, as ranges within brackets.
static MARKS: LazyLock<String> = LazyLock::new(|| {
    let mut ranges: Vec<(char, char)> = Vec::new();
    for letter in ('\0'..=char::MAX).filter(|letter| is_combining_mark(*letter)) {
        match ranges.last_mut() {
            Some((_, last)) if *last as u32 + 1 == letter as u32 => *last = letter,
            _ => ranges.push((letter, letter)),
        }
    }
    let ranges: String = ranges.iter().map(|(first, last)| format!("{first}-{last}")).collect();
    format!("[{ranges}]+")
});

/// Of Vietnamese letters all signs go, that of đ too, which no normal form takes apart.
fn without_accents(text: &str) -> String {
    let letters = text.nfd().filter(|letter| !is_combining_mark(*letter));
    letters
        .map(|letter| match letter {
            'đ' => 'd',
            'Đ' => 'D',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_is_found_without_its_signs() {
        let folding = Folding { case: true, accents: true };
        assert_eq!(folding.fold("Đường Nguyễn Hữu Thọ"), "duong nguyen huu tho");
        assert_eq!(Folding { case: true, accents: false }.fold("ĐÀ NẴNG"), "đà nẵng");
        assert_eq!(Folding { case: false, accents: true }.fold("ĐÀ NẴNG"), "DA NANG");
        assert!(Folding::marks_pattern().starts_with("[\u{300}-\u{36f}\u{483}-\u{489}"));
    }
}
