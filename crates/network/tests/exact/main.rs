//! The search against answers that cannot share its faults: every link by itself with all of its
//! history, and another program's contraction hierarchies.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod areas;
mod brute;
mod cch;
mod epochs;
mod hierarchy;
mod matching;
mod speed;
mod town;
