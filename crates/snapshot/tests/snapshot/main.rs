//! The city in memory against full scans and rebuilds.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod change;
mod coverage;
mod mesh;
mod odd;
mod odd_geometry;
mod search;
mod support;
mod synthetic;
mod time;
mod wards;
