//! How well a text is what somebody asked for.

use crate::asked::is_optional;
use crate::fold::{lower, split};
use crate::hit::Matched;
use crate::reading::Asked;
use crate::texts::Texts;

/// What a text loses of its worth where its words come in another order.
const OTHER_ORDER: f32 = 0.95;
/// Where marks were typed and it has others.
const OTHER_MARKS: f32 = 0.97;
/// The part that is lost as words of the text were not asked for.
const UNASKED: f32 = 0.2;
/// Where a word has other letters: a longer name that has the very words goes before.
const OTHER_LETTERS: f32 = 0.9;

/// How well a text matches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Match {
    /// Up to 1.
    pub quality: f32,
    pub matched: Matched,
}

/// Judges a text that has all words which must be there.
pub(crate) fn judge(texts: &Texts, text: u32, asked: &Asked) -> Match {
    let words: Vec<&str> = texts.words(text).collect();
    let (mut sum, mut count, mut worst, mut is_ordered) = (0_u32, 0_u32, 100, true);
    let mut before = None;
    let mut seen = vec![false; words.len()];
    for word in &asked.words {
        let qualities = words.iter().enumerate().map(|(at, known)| (word.quality_of(known), at));
        // The first of the best that nobody else has.
        let best = qualities.filter(|(quality, _)| *quality > 0);
        let best = best.max_by_key(|(quality, at)| (*quality, !seen[*at], std::cmp::Reverse(*at)));
        let Some((quality, at)) = best else {
            count += u32::from(!word.is_optional);
            continue;
        };
        seen[at] = true;
        is_ordered &= before.is_none_or(|before| before < at);
        before = Some(at);
        sum += u32::from(quality);
        count += 1;
        worst = quality.min(worst);
    }
    // What is often left out is not missed.
    let missed =
        words.iter().zip(&seen).filter(|(word, seen)| !**seen && !is_optional(word)).count();
    let found = seen.iter().filter(|seen| **seen).count();
    let covered = found as f32 / (found + missed).max(1) as f32;
    let mut quality = sum as f32 / 100.0 / count.max(1) as f32 * (1.0 - UNASKED * (1.0 - covered));
    let matched = Matched::from_quality(worst);
    if matched == Matched::Similar {
        quality *= OTHER_LETTERS;
    }
    if !is_ordered {
        quality *= OTHER_ORDER;
    }
    if !has_marks(texts.raw(text), &asked.marked) {
        quality *= OTHER_MARKS;
    }
    Match { quality, matched }
}

fn has_marks(raw: &str, marked: &[String]) -> bool {
    if marked.is_empty() {
        return true;
    }
    let small = lower(raw);
    let has = |word: &String| split(&small).any(|known| known.starts_with(word.as_str()));
    marked.iter().all(has)
}
