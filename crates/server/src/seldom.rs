//! Lines of the log that each request of many would write: one now and then, and how many were not
//! written.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Least time between two lines.
const PAUSE: Duration = Duration::from_secs(10);

/// One kind of lines.
#[derive(Debug)]
pub(crate) struct Seldom(Mutex<Lines>);

#[derive(Debug)]
struct Lines {
    written: Option<Instant>,
    left_out: u64,
}

impl Seldom {
    /// Nothing was written yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Lines { written: None, left_out: 0 }))
    }

    /// Says, where a line may be written now, how many were left out since the last.
    pub fn turn(&self, now: Instant) -> Option<u64> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.written.is_some_and(|written| now < written + PAUSE) {
            lines.left_out += 1;
            return None;
        }
        lines.written = Some(now);
        Some(std::mem::take(&mut lines.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_a_while_says_how_many_were_left_out() {
        let (lines, first) = (Seldom::new(), Instant::now());
        let at = |tenths: u32| lines.turn(first + PAUSE * tenths / 10);
        assert_eq!(
            [0, 1, 9, 10, 11, 30, 40].map(at),
            [Some(0), None, None, Some(2), None, Some(1), Some(0)]
        );
    }
}
