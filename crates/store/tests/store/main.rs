//! The store against a real PostGIS: one throw-away cluster, a fresh database a test.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod burst;
mod changes;
mod editor;
mod features;
mod harness;
mod import;
mod interleaving;
mod interrupted;
mod key;
mod live;
mod measure;
mod migrate;
mod qgis;
mod retention;
mod tail;
mod validity;
