//! The fleet and the spool as others use them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod fleet;
mod kill;
mod measure;
mod streets;
