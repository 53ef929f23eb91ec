//! What people type, and what they find.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod addresses;
mod classes;
mod follow;
mod names;
mod parcels;
mod scan;
mod support;
