//! Routes, areas reached and the nearest by road, against the slowest answers that are surely
//! right.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod alternatives;
mod by_road;
mod city;
mod instructions;
mod oracle;
mod reach;
mod routes;
mod stands;
