//! Harness of the end-to-end tests: the built binary over HTTP, on a database of its own.
//!
//! [`City::start`] gives a running node on a free port with a fresh copy of the bundled city.
//! The cluster behind it is made once a test process and goes when the process ends. Edits are
//! made by `psql`, as a planner's tool would make them. When a [`City`] is dropped the node is
//! stopped and its log must hold no `warn` or `error` line that the test did not announce.

#![expect(clippy::panic, reason = "a harness fails its test by a panic")]

mod city;
mod http;
mod psql;
mod roads;
mod tile;

pub use city::{City, ROOT, bundled_database, empty_database, synthetic_database, urbis};
pub use http::Answer;
pub use psql::{Session, psql};
pub use roads::city_of_osm;
pub use tile::{DecodedFeature, Value, decode, decode_joined, decode_with_gdal, tile_at};

use std::time::{Duration, Instant};

/// Longest time that a test waits for something that should come.
const DEADLINE: Duration = Duration::from_secs(30);

/// Waits until a condition holds and gives what it gave.
///
/// # Panics
///
/// When it does not hold within the deadline.
pub fn wait_for<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(start.elapsed() < DEADLINE, "waited {DEADLINE:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
