//! What a filter may be at most: checked before anything is worked on.

use crate::FilterError;

/// Longest filter, bytes.
pub const MAX_BYTES: usize = 16_384;

/// Most operations and literals.
pub const MAX_NODES: usize = 1_000;

/// Deepest nesting.
pub const MAX_DEPTH: usize = 32;

/// Most vertices of all geometries together.
pub const MAX_VERTICES: usize = 2_000;

/// Words after which the parser goes a level deeper without a parenthesis.
const PREFIXES: [&str; 2] = ["not", "-"];

/// The parser calls itself for each parenthesis, bracket and prefix, so these are counted first,
/// whatever is between quotes.
pub(crate) fn check_text(text: &str) -> Result<(), FilterError> {
    if text.len() > MAX_BYTES {
        return Err(FilterError::TooLong { bytes: text.len() });
    }
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let spaced = text.to_ascii_lowercase().replace('-', " - ").replace(['(', ')'], " ");
    let run = spaced.split_whitespace().fold((0, 0), |(run, longest), word| {
        let run = if PREFIXES.contains(&word) { run + 1 } else { 0 };
        (run, longest.max(run))
    });
    // A geometry has three brackets of its own, a JSON operation two.
    if deepest > 3 * MAX_DEPTH || run.1 > MAX_DEPTH {
        return Err(FilterError::TooDeep);
    }
    Ok(())
}
