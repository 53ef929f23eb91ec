//! Texts by their words: which of many texts have all the words that somebody typed.

use std::collections::HashMap;

use crate::asked::AskedWord;
use crate::fold::words;
use crate::terms::Terms;

/// Texts by their words; a text is the number in which it was added.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    terms: Terms,
    /// Texts of each term, in order, one term after the other.
    postings: Vec<u32>,
    posting_ends: Vec<u32>,
    /// Terms of each text in their order, one text after the other.
    words: Vec<u32>,
    word_ends: Vec<u32>,
    /// The texts as they came.
    raw: String,
    raw_ends: Vec<u32>,
}

/// How well a text's words are those that were asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rough {
    pub text: u32,
    /// Up to 1.
    pub quality: f32,
}

impl Texts {
    pub(crate) const fn len(&self) -> usize {
        self.raw_ends.len()
    }

    /// A text as it came.
    pub(crate) fn raw(&self, text: u32) -> &str {
        let span = span(&self.raw_ends, text);
        &self.raw[span]
    }

    /// The folded words of a text, in order.
    pub(crate) fn words(&self, text: u32) -> impl Iterator<Item = &str> {
        self.words[span(&self.word_ends, text)].iter().map(|term| self.terms.get(*term))
    }

    /// The texts that have exactly these folded words, in this order.
    pub(crate) fn find(&self, words: &[String]) -> Vec<u32> {
        let terms: Option<Vec<u32>> = words.iter().map(|word| self.terms.find(word)).collect();
        let Some(terms) = terms else { return Vec::new() };
        let rarest = terms.iter().min_by_key(|term| span(&self.posting_ends, **term).len());
        let candidates = rarest.map(|term| &self.postings[span(&self.posting_ends, *term)]);
        let is_same = |text: &&u32| self.words[span(&self.word_ends, **text)] == terms;
        candidates.unwrap_or_default().iter().filter(is_same).copied().collect()
    }

    /// The texts that have all words that must be there, and roughly how well; in order.
    ///
    /// Cost: the texts of all terms that match a word are read.
    pub(crate) fn search(&self, asked: &[AskedWord]) -> Vec<Rough> {
        let mut sums = vec![0_u16; self.len()];
        let mut hits = vec![0_u8; self.len()];
        let mut best = vec![0_u8; self.len()];
        let mut needed = 0;
        for word in asked {
            let mut touched = Vec::new();
            for (term, quality) in word.terms(&self.terms) {
                for text in &self.postings[span(&self.posting_ends, term)] {
                    let best = &mut best[*text as usize];
                    if *best == 0 {
                        touched.push(*text);
                    }
                    *best = quality.max(*best);
                }
            }
            needed += u8::from(!word.is_optional);
            for text in touched {
                let text = text as usize;
                sums[text] += u16::from(std::mem::take(&mut best[text]));
                hits[text] += u8::from(!word.is_optional);
            }
        }
        let whole = |text: u32| {
            let quality = f32::from(sums[text as usize]) / 100.0;
            let words = span(&self.word_ends, text).len() as f32;
            Rough { text, quality: quality / words.max(f32::from(needed)) }
        };
        let texts = 0..self.len() as u32;
        texts.filter(|text| needed > 0 && hits[*text as usize] == needed).map(whole).collect()
    }

    pub(crate) const fn bytes(&self) -> usize {
        let numbers = self.postings.capacity()
            + self.posting_ends.capacity()
            + self.words.capacity()
            + self.word_ends.capacity()
            + self.raw_ends.capacity();
        self.terms.bytes() + numbers * size_of::<u32>() + self.raw.capacity()
    }
}

/// The part of an array of ends that belongs to one item.
pub(crate) fn span(ends: &[u32], item: u32) -> std::ops::Range<usize> {
    let start = item.checked_sub(1).map_or(0, |before| ends[before as usize]);
    start as usize..ends[item as usize] as usize
}

/// Collects texts.
#[derive(Debug, Default)]
pub(crate) struct TextsBuilder {
    /// Words in the order in which they came first.
    known: HashMap<String, u32>,
    words: Vec<u32>,
    word_ends: Vec<u32>,
    raw: String,
    raw_ends: Vec<u32>,
}

impl TextsBuilder {
    /// Adds a text; `None` where it has no word.
    pub(crate) fn add(&mut self, raw: &str) -> Option<u32> {
        let words = words(raw);
        if words.is_empty() {
            return None;
        }
        for word in words {
            let next = self.known.len() as u32;
            self.words.push(*self.known.entry(word).or_insert(next));
        }
        self.word_ends.push(self.words.len() as u32);
        self.raw.push_str(raw);
        self.raw_ends.push(self.raw.len() as u32);
        Some(self.raw_ends.len() as u32 - 1)
    }

    pub(crate) fn finish(self) -> Texts {
        let Self { known, mut words, word_ends, mut raw, mut raw_ends } = self;
        let mut sorted: Vec<(String, u32)> = known.into_iter().collect();
        sorted.sort_unstable();
        let mut terms = vec![0; sorted.len()];
        for (term, (_, came)) in (0..).zip(&sorted) {
            terms[*came as usize] = term;
        }
        words.iter_mut().for_each(|word| *word = terms[*word as usize]);
        let (postings, posting_ends) = invert(&words, &word_ends, sorted.len());
        let terms = Terms::new(sorted.iter().map(|(word, _)| word.as_str()));
        words.shrink_to_fit();
        raw.shrink_to_fit();
        raw_ends.shrink_to_fit();
        Texts { terms, postings, posting_ends, words, word_ends, raw, raw_ends }
    }
}

/// From the terms of texts to the texts of terms; a text that has a term twice is there once.
fn invert(words: &[u32], word_ends: &[u32], terms: usize) -> (Vec<u32>, Vec<u32>) {
    let mut pairs: Vec<(u32, u32)> = (0..word_ends.len() as u32)
        .flat_map(|text| words[span(word_ends, text)].iter().map(move |term| (*term, text)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let ends = (0..terms as u32).map(|term| pairs.partition_point(|(of, _)| *of <= term) as u32);
    let ends = ends.collect();
    (pairs.into_iter().map(|(_, text)| text).collect(), ends)
}
