//! All words there are, in order: found whole, by their beginning, or with typing errors.

use std::ops::Range;

/// Longest word that errors are looked for in, letters.
const MAX_LEN: usize = 24;

/// Different words in byte order; a term is the number of one.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    text: String,
    ends: Vec<u32>,
}

impl Terms {
    /// Takes words in order, each once.
    pub(crate) fn new<'a>(sorted: impl Iterator<Item = &'a str>) -> Self {
        let mut terms = Self::default();
        for word in sorted {
            terms.text.push_str(word);
            terms.ends.push(terms.text.len() as u32);
        }
        terms.text.shrink_to_fit();
        terms.ends.shrink_to_fit();
        terms
    }

    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, term: u32) -> &str {
        let term = term as usize;
        let start = term.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[term] as usize]
    }

    /// The term of a word.
    pub(crate) fn find(&self, word: &str) -> Option<u32> {
        let at = self.first_not(0, |term| term < word);
        ((at as usize) < self.len() && self.get(at) == word).then_some(at)
    }

    /// The terms that begin so.
    pub(crate) fn starting(&self, start: &str) -> Range<u32> {
        let first = self.first_not(0, |term| term < start);
        first..self.first_not(first, |term| term.starts_with(start))
    }

    /// Calls with each term that is `edits` typing errors or fewer from a word, and how many: letters
    /// missing, too many, wrong, or two neighbours exchanged (optimal string alignment).
    ///
    /// Only words of plain letters are compared.
    ///
    /// Cost: one row of the table of distances for each letter that terms do not share with the
    /// one before; what cannot be near any more is passed over whole.
    pub(crate) fn similar(&self, word: &str, edits: u8, mut found: impl FnMut(u32, u8)) {
        if !word.is_ascii() || word.len() > MAX_LEN {
            return;
        }
        let mut rows = Rows::new(word.as_bytes());
        let mut term = 0;
        while (term as usize) < self.len() {
            let letters = self.get(term);
            match rows.follow(letters.as_bytes(), edits) {
                Ok(distance) => {
                    if distance <= edits && letters.is_ascii() {
                        found(term, distance);
                    }
                    term += 1;
                }
                Err(dead) => {
                    let dead = &letters.as_bytes()[..dead];
                    term = self.first_not(term, |other| other.as_bytes().starts_with(dead));
                }
            }
        }
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<u32>()
    }

    /// The first term from another on for which something that holds for those before ends.
    fn first_not(&self, from: u32, holds: impl Fn(&str) -> bool) -> u32 {
        let (mut low, mut high) = (from, self.len() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(self.get(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// The number of typing errors between two words, where it is at most `edits`; as
/// [`Terms::similar`] counts them.
pub(crate) fn distance(word: &str, other: &str, edits: u8) -> Option<u8> {
    if !word.is_ascii() || !other.is_ascii() || word.len() > MAX_LEN {
        return None;
    }
    let distance = Rows::new(word.as_bytes()).follow(other.as_bytes(), edits).ok();
    distance.filter(|distance| *distance <= edits)
}

/// The table of distances between the beginnings of a word and those of the term that was looked
/// at last.
struct Rows<'a> {
    word: &'a [u8],
    term: Vec<u8>,
    rows: Vec<[u8; MAX_LEN + 1]>,
}

impl<'a> Rows<'a> {
    fn new(word: &'a [u8]) -> Self {
        let first = std::array::from_fn(|column| column as u8);
        Self { word, term: Vec::new(), rows: vec![first] }
    }

    /// The distance of the next term; or how many of its letters rule out `edits` or fewer.
    fn follow(&mut self, next: &[u8], edits: u8) -> Result<u8, usize> {
        let shared = self.term.iter().zip(next).take_while(|(one, other)| one == other).count();
        self.term.truncate(shared);
        self.rows.truncate(shared + 1);
        for letter in &next[shared..] {
            let row = self.next_row(*letter);
            self.term.push(*letter);
            self.rows.push(row);
            let least = row[..=self.word.len()].iter().min();
            if least.is_none_or(|least| *least > edits) {
                return Err(self.term.len());
            }
        }
        Ok(self.rows[next.len()][self.word.len()])
    }

    fn next_row(&self, letter: u8) -> [u8; MAX_LEN + 1] {
        let depth = self.term.len();
        let above = &self.rows[depth];
        let mut row = [0; MAX_LEN + 1];
        row[0] = above[0].saturating_add(1);
        for (column, wanted) in self.word.iter().enumerate() {
            let replaced = above[column] + u8::from(*wanted != letter);
            let added = row[column].min(above[column + 1]).saturating_add(1);
            row[column + 1] = replaced.min(added);
            let is_exchanged = column > 0
                && depth > 0
                && self.word[column - 1] == letter
                && self.term[depth - 1] == *wanted;
            if is_exchanged {
                let before = self.rows[depth - 1][column - 1] + 1;
                row[column + 1] = row[column + 1].min(before);
            }
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fixed, so that a failure repeats.
    const SEED: u64 = 5;

    /// Words of few different letters, so that many are near each other.
    fn draw(count: usize, mut seed: u64) -> Vec<String> {
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize
        };
        (0..count)
            .map(|_| (0..1 + next() % 9).map(|_| ['a', 'b', 'n', 'g'][next() % 4]).collect())
            .collect()
    }

    #[test]
    fn words_with_errors_are_those_that_a_scan_finds() {
        let mut words = draw(2_000, SEED);
        words.extend(["".to_owned(), "đ".to_owned()]);
        words.sort();
        words.dedup();
        let terms = Terms::new(words.iter().map(String::as_str));
        for asked in draw(200, SEED + 1) {
            for edits in 0..=2 {
                let mut found = Vec::new();
                terms
                    .similar(&asked, edits, |term, distance| found.push((term as usize, distance)));
                let scan = words.iter().enumerate().filter(|(_, word)| word.is_ascii());
                let scan = scan.map(|(at, word)| (at, strsim::osa_distance(&asked, word)));
                let wanted: Vec<(usize, u8)> = scan
                    .filter(|(_, distance)| *distance <= usize::from(edits))
                    .map(|(at, distance)| (at, distance as u8))
                    .collect();
                assert_eq!(found, wanted, "{asked} {edits}");
            }
            let start = terms.starting(&asked);
            let scan = words.iter().filter(|word| word.starts_with(&asked)).count();
            assert_eq!(start.len(), scan, "{asked}");
        }
    }
}
