//! The store against a real PostGIS: one throw-away cluster, a fresh database a test.

mod harness;
mod import;
mod interleaving;
mod migrate;
mod tail;
