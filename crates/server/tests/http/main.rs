//! The service over a city in memory, without a socket and without a database.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod answers;
mod cache;
mod candidates;
mod city;
mod classes;
mod classified;
mod freshness;
mod hidden;
mod hostile;
mod keys;
mod links;
mod live;
mod live_writes;
mod nearest;
mod node;
mod recomputed;
mod reports;
mod restart;
mod roads;
mod units;
mod validity;
mod ways;
