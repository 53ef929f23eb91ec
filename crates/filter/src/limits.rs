//! What a filter may be at most: checked before anything is worked on.

use std::panic::resume_unwind;
use std::thread::{Builder, scope};

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

/// A filter of so many bytes is read on any thread, whatever is in it.
const SHORT_BYTES: usize = 1_000;

/// The stack for a longer one; only what is used of it is ever there.
const LONG_STACK: usize = MAX_BYTES * 4_096;

/// Runs the parser where it has room. A chain such as `1+1+1+...` is a level deeper for each sign,
/// and whoever runs out of stack takes the whole process with it.
pub(crate) fn with_room<T: Send>(
    text: &str,
    read: impl FnOnce() -> Result<T, FilterError> + Send,
) -> Result<T, FilterError> {
    if text.len() <= SHORT_BYTES { read() } else { on_stack(LONG_STACK, read) }
}

fn on_stack<T: Send>(
    bytes: usize,
    read: impl FnOnce() -> Result<T, FilterError> + Send,
) -> Result<T, FilterError> {
    scope(|threads| {
        let reading = Builder::new().stack_size(bytes).spawn_scoped(threads, read);
        let reading = reading.map_err(|_| FilterError::NoRoom)?;
        reading.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_not_to_blame_is_not_called_too_large() {
        assert_eq!(on_stack(LONG_STACK, || Ok(7)), Ok(7));
        // More than there are addresses.
        let refused = on_stack(1 << 60, || Ok(7)).expect_err("no thread has such a stack");
        assert_eq!(refused.code(), "filter_no_room");
    }
}
