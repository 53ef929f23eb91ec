//! The road graph of small cities that are drawn by hand, and of random ones that change.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod city;
mod follow;
mod joins;
mod large;
mod random;
mod report;
mod same;
mod snaps;
mod turns;
