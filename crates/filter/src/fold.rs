//! Texts without their case or their accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is left out when texts are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Folding {
    pub(crate) case: bool,
    pub(crate) accents: bool,
}

impl Folding {
    /// What either leaves out.
    pub(crate) const fn with(self, other: Self) -> Self {
        Self { case: self.case || other.case, accents: self.accents || other.accents }
    }

    /// The text without it.
    pub(crate) fn fold(self, text: &str) -> String {
        let plain = if self.accents { without_accents(text) } else { text.to_owned() };
        if self.case { plain.to_lowercase() } else { plain }
    }
}

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
    }
}
