//! The built binary over HTTP, on the bundled city.

mod coverage;
mod edits;
mod freshness;
mod hostile;
mod kills;
mod nearest;
mod tiles;
mod up;
mod walls;
