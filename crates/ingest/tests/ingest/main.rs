//! What comes out of real files and of broken ones.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod choose;
mod city;
mod faults;
mod formats;
mod records;
mod relations;
mod support;
