//! House numbers, as doors and people write them.
//!
//! ```text
//! K123/H4/56 Trần Cao Vân    alley 123 of the street, side alley 4, house 56    123/4/56
//! 56 hẻm 4 kiệt 123 ...      the same, from the house outwards                  123/4/56
//! kiệt 123 Trần Cao Vân      the alley itself                                   123/
//! 12/3A, số 12               without the letters                                12/3a, 12
//! ```

use xxhash_rust::xxh3::xxh3_64;

use crate::fold::{ALLEY_WORDS, fold};

/// Longest number, so that a long text is no number.
const MAX_LEN: usize = 32;

/// Deepest alley of an alley.
const MAX_PARTS: usize = 6;

/// Words between nothing and a number that say that a number comes.
const HOUSE_WORDS: [&str; 3] = ["so", "nha", "no."];

/// The way from the street to the door: numbers of alleys and, at the end, of the house, joined by
/// `/`; of an alley itself the `/` is the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HouseNumber(String);

impl HouseNumber {
    /// Reads a number as it stands on the door.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let folded = fold(text);
        let tokens: Vec<&str> = folded.split_whitespace().collect();
        let (number, used) = Self::leading(&tokens)?;
        (used == tokens.len()).then_some(number)
    }

    /// The number at the start of folded tokens, and how many of them it takes.
    pub(crate) fn leading(tokens: &[&str]) -> Option<(Self, usize)> {
        let mut way = Way::default();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1);
            let named = next.filter(|_| ALLEY_WORDS.contains(token)).and_then(|next| parts(next));
            if let Some((numbers, _)) = named {
                way.alley(numbers);
                at += 2;
            } else if HOUSE_WORDS.contains(token)
                && (at == 0 || next.is_some_and(|n| parts(n).is_some()))
            {
                at += 1;
            } else if let Some((numbers, is_alley)) = parts(token).filter(|_| way.house.is_none()) {
                if is_alley && numbers.len() == 1 {
                    way.alley(numbers);
                } else {
                    way.house(numbers);
                }
                at += 1;
            } else {
                break;
            }
        }
        way.number().map(|number| (number, at))
    }

    /// The number as it is compared.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Says whether this is an alley itself.
    pub(crate) fn is_alley(&self) -> bool {
        self.0.ends_with('/')
    }

    /// The same numbers as those of a house in an alley; `None` where they are, or where there is no
    /// number of an alley before the last.
    pub(crate) fn to_house(&self) -> Option<Self> {
        let house = self.0.strip_suffix('/')?;
        house.contains('/').then(|| Self(house.to_owned()))
    }

    /// Says whether it is reached through an alley, or is the alley itself.
    pub(crate) fn is_in(&self, alley: &Self) -> bool {
        alley.is_alley() && self.0.starts_with(&alley.0)
    }

    /// Numbers that begin at one place of the street are together in this order; those that are
    /// equal have one key, and so have a few others.
    pub(crate) fn key(&self) -> u32 {
        (u32::from(self.first()) << 16) | (xxh3_64(self.0.as_bytes()) as u32 & 0xffff)
    }

    /// The keys of all numbers that begin with the same one.
    pub(crate) fn keys_beside(&self) -> std::ops::RangeInclusive<u32> {
        let first = u32::from(self.first()) << 16;
        first..=first | 0xffff
    }

    fn first(&self) -> u16 {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit);
        digits.fold(0, |number: u16, digit| {
            number.wrapping_mul(10).wrapping_add(u16::from(digit - b'0'))
        })
    }
}

/// A way to a door as it is read.
#[derive(Default)]
struct Way {
    alleys: Vec<Vec<String>>,
    house: Option<Vec<String>>,
    /// The house was named before the alleys.
    is_outwards: bool,
}

impl Way {
    fn alley(&mut self, numbers: Vec<String>) {
        self.is_outwards |= self.house.is_some();
        self.alleys.push(numbers);
    }

    fn house(&mut self, numbers: Vec<String>) {
        self.house = Some(numbers);
    }

    fn number(mut self) -> Option<HouseNumber> {
        if self.is_outwards {
            self.alleys.reverse();
        }
        let is_alley = self.house.is_none();
        let all: Vec<String> = self.alleys.into_iter().chain(self.house).flatten().collect();
        let mut text = all.join("/");
        if is_alley {
            text.push('/');
        }
        (!all.is_empty() && all.len() <= MAX_PARTS && text.len() <= MAX_LEN)
            .then_some(HouseNumber(text))
    }
}

/// The numbers of one folded token, and whether a letter before the first says that it is an alley's.
fn parts(token: &str) -> Option<(Vec<String>, bool)> {
    let token = token.trim_matches(['.', ',']);
    if token.len() > MAX_LEN {
        return None;
    }
    let is_named = !token.starts_with(|letter: char| letter.is_ascii_digit());
    let parts: Option<Vec<String>> = token.split('/').map(part).collect();
    Some((parts?, is_named))
}

/// One number: digits, perhaps letters and a second number after, perhaps an alley's letter before.
fn part(text: &str) -> Option<String> {
    let bare = ALLEY_WORDS.iter().filter_map(|word| text.strip_prefix(word));
    let bare =
        bare.chain([text]).find(|bare| bare.starts_with(|first: char| first.is_ascii_digit()))?;
    let is_number = bare.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let bare = &bare[bare[..digits - 1].bytes().take_while(|digit| *digit == b'0').count()..];
    (is_number && digits <= 5 && bare.len() <= 9).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, usize)> {
        let folded = fold(text);
        let tokens: Vec<&str> = folded.split_whitespace().collect();
        HouseNumber::leading(&tokens).map(|(number, used)| (number.0, used))
    }

    #[test]
    fn one_door_has_one_number_however_it_is_written() {
        for (text, number, used) in [
            ("12 Trần Phú", "12", 1),
            ("số nhà 12 Trần Phú", "12", 3),
            ("012 Trần Phú", "12", 1),
            ("12/3A Trần Phú", "12/3a", 1),
            ("K123/45 Trần Cao Vân", "123/45", 1),
            ("kiệt 123/45 Trần Cao Vân", "123/45/", 2),
            ("45 kiệt 123 Trần Cao Vân", "123/45", 3),
            ("kiệt 123 số 45 Trần Cao Vân", "123/45", 4),
            ("K123/H4/56 Trần Cao Vân", "123/4/56", 1),
            ("56 hẻm 4 kiệt 123 Trần Cao Vân", "123/4/56", 5),
            ("kiệt 123 Trần Cao Vân", "123/", 2),
            ("K123 Trần Cao Vân", "123/", 1),
            ("24A-26 Trần Phú", "24a-26", 1),
        ] {
            assert_eq!(read(text), Some((number.to_owned(), used)), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in
            ["Trần Phú", "K Trần Phú", "", "/", "12//3 Trần Phú", "1234567 Trần Phú", "Hẻm núi"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
