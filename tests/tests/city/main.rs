//! The built binary over HTTP, on the bundled city.

#![expect(clippy::panic, reason = "a test may panic")]

mod canary;
mod changes;
mod coverage;
mod crawl;
mod dispatch;
mod edits;
mod engine;
mod filters;
mod freshness;
mod hostile;
mod keys;
mod kills;
mod nearest;
mod new_layer;
mod ogc;
mod rows;
mod search;
mod tiles;
mod time;
mod up;
mod walls;
