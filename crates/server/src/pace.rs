//! How long tiles of a kind took lately: a small one is built on the spot, where handing it to
//! another thread would cost as much as building it; a large one never holds up a connection.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Kinds that are told apart; two that meet share the slower one's pace.
const KINDS: usize = 1024;

/// The longest that connections of the same thread are held up.
const QUICK: Duration = Duration::from_micros(500);

/// The longest builds of each kind, fading; microseconds, 0 where none is known.
#[derive(Debug)]
pub(crate) struct Pace(Box<[AtomicU32]>);

/// Tiles of the same layers at the same zoom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TileKind(usize);

impl TileKind {
    pub fn new(names: &str, zoom: u8) -> Self {
        Self(xxh3_64_with_seed(names.as_bytes(), zoom.into()) as usize % KINDS)
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self(std::iter::repeat_with(AtomicU32::default).take(KINDS).collect())
    }
}

impl Pace {
    /// Says whether one more will surely take little time; not before one was built.
    pub fn is_quick(&self, kind: TileKind) -> bool {
        let slowest_us = self.0[kind.0].load(Ordering::Relaxed);
        slowest_us > 0 && Duration::from_micros(slowest_us.into()) < QUICK / 2
    }

    /// Notes a build; a slow one is remembered for some twenty quick ones.
    pub fn note(&self, kind: TileKind, took: Duration) {
        let took_us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX).max(1);
        let slowest = &self.0[kind.0];
        let faded = slowest.load(Ordering::Relaxed);
        slowest.store(took_us.max(faded - faded / 8), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_quick_once_known_and_until_one_was_slow() {
        let pace = Pace::default();
        let (kind, other) = (TileKind::new("land,street", 14), TileKind::new("land,street", 9));
        assert_ne!(kind, other);
        assert!(!pace.is_quick(kind), "nothing is known");
        pace.note(kind, Duration::from_nanos(10));
        assert!(pace.is_quick(kind) && !pace.is_quick(other));
        pace.note(kind, Duration::from_millis(1));
        assert!(!pace.is_quick(kind));
        let quick = (1..).find(|_| {
            pace.note(kind, Duration::from_micros(50));
            pace.is_quick(kind)
        });
        assert!((5..30).contains(&quick.unwrap()));
    }
}
