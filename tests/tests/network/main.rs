//! The road graph of real cities, read from OSM files without a database.
//!
//! `cargo test -p urbis-tests --test network -- --ignored --nocapture` proves 100,000 pairs a city,
//! one that the built `urbis` makes up among them, and prints how long a search takes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod city;
mod exact;
#[path = "../../../crates/network/tests/exact/hierarchy.rs"]
mod hierarchy;
mod speed;
