//! The city in memory against full scans and rebuilds.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may panic, and one prints what it measures"
)]

mod budget;
mod change;
mod coverage;
mod leaves;
mod long;
mod mesh;
mod odd;
mod odd_geometry;
mod search;
mod since;
mod speed;
mod support;
mod synthetic;
mod time;
mod wards;
