//! Patterns of `LIKE`: `%` is any run of characters, `_` any one, a backslash takes the next as it is.

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// This character.
    Letter(char),
    /// Any one character.
    AnyLetter,
    /// Any characters, also none; never twice in a row.
    AnyRun,
}

/// A pattern, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let piece = match letter {
                '%' => Piece::AnyRun,
                '_' => Piece::AnyLetter,
                '\\' => Piece::Letter(letters.next().unwrap_or('\\')),
                letter => Piece::Letter(letter),
            };
            // Two runs in a row are one.
            if piece != Piece::AnyRun || pieces.last() != Some(&Piece::AnyRun) {
                pieces.push(piece);
            }
        }
        Self(pieces)
    }

    /// The pieces in their order.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Says whether the whole text is of the pattern.
    ///
    /// Cost: at most the product of both lengths, since only the last run is tried again.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        let (mut at, mut piece) = (0, 0);
        let mut last_run: Option<(usize, usize)> = None;
        while at < letters.len() {
            match self.0.get(piece) {
                Some(Piece::AnyRun) => {
                    last_run = Some((piece, at));
                    piece += 1;
                    continue;
                }
                Some(Piece::AnyLetter) => {
                    (at, piece) = (at + 1, piece + 1);
                    continue;
                }
                Some(Piece::Letter(letter)) if *letter == letters[at] => {
                    (at, piece) = (at + 1, piece + 1);
                    continue;
                }
                _ => {}
            }
            let Some((run, start)) = last_run else { return false };
            last_run = Some((run, start + 1));
            (at, piece) = (start + 1, run + 1);
        }
        self.0[piece..].iter().all(|piece| *piece == Piece::AnyRun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By trying every run, recursively.
    fn slow(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('%', rest)) => (0..=text.len()).any(|skipped| slow(rest, &text[skipped..])),
            Some(('_', rest)) => !text.is_empty() && slow(rest, &text[1..]),
            Some((letter, rest)) => text.first() == Some(letter) && slow(rest, &text[1..]),
        }
    }

    #[test]
    fn patterns_find_what_trying_everything_finds() {
        let words = |alphabet: &str, most: usize| {
            let mut all = vec![String::new()];
            for start in 0.. {
                if start >= all.len() || all[start].chars().count() == most {
                    break;
                }
                let longer: Vec<String> =
                    alphabet.chars().map(|letter| format!("{}{letter}", all[start])).collect();
                all.extend(longer);
            }
            all
        };
        let mut found = 0;
        for pattern in words("ab%_", 4) {
            for text in words("ab", 4) {
                let letters = |text: &str| text.chars().collect::<Vec<char>>();
                let wanted = slow(&letters(&pattern), &letters(&text));
                assert_eq!(Pattern::new(&pattern).matches(&text), wanted, "{pattern} {text}");
                found += usize::from(wanted);
            }
        }
        assert!(found > 500);
    }

    #[test]
    fn a_backslash_takes_a_sign_as_it_is() {
        assert!(Pattern::new(r"100\%").matches("100%"));
        assert!(!Pattern::new(r"100\%").matches("1000"));
        assert!(Pattern::new(r"a\\").matches(r"a\"));
    }

    #[test]
    fn a_hostile_pattern_is_answered_at_once() {
        let text = "a".repeat(10_000);
        assert!(!Pattern::new(&("%a".repeat(1_000) + "b")).matches(&text));
    }
}
