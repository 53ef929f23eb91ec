//! How long deep tiles of a kind took lately: a small one is built on the spot, since handing it to
//! another thread would cost as much as building it.
//!
//! What tiles of a kind took says little of the next one: after many of the sea comes that of the
//! dense centre. So only deep tiles, whose ground is small, are of a kind at all; a dense one may
//! still hold up its thread for as long as it takes itself.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::encoding::Encoding;

/// Kinds that are told apart; two that meet share the slower one's pace.
const KINDS: usize = 1024;

/// Shallower tiles may hold very much, whatever others of their zoom hold.
const FIRST_ZOOM: u8 = 15;

/// A kind is quick while the slowest of it lately took less.
const QUICK: Duration = Duration::from_micros(250);

/// The longest builds of each kind, fading; microseconds, 0 where none is known.
#[derive(Debug)]
pub(crate) struct Pace(Box<[AtomicU32]>);

/// Tiles of the same layers at the same deep zoom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TileKind(usize);

impl TileKind {
    /// `None` where a tile may be large, or takes long to pack.
    pub fn new(names: &str, zoom: u8, encoding: Encoding) -> Option<Self> {
        let is_small = zoom >= FIRST_ZOOM && encoding != Encoding::Brotli;
        is_small.then(|| Self(xxh3_64_with_seed(names.as_bytes(), zoom.into()) as usize % KINDS))
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self(std::iter::repeat_with(AtomicU32::default).take(KINDS).collect())
    }
}

impl Pace {
    /// Says whether one more will likely take little time; not before one was built.
    pub fn is_quick(&self, kind: TileKind) -> bool {
        let slowest_us = self.0[kind.0].load(Ordering::Relaxed);
        slowest_us > 0 && Duration::from_micros(slowest_us.into()) < QUICK
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
        let kind_at = |zoom| TileKind::new("land,street", zoom, Encoding::Gzip).unwrap();
        let (kind, other) = (kind_at(16), kind_at(15));
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

    #[test]
    fn what_may_be_large_is_never_quick() {
        assert_eq!(TileKind::new("land", 14, Encoding::Identity), None);
        assert_eq!(TileKind::new("land", 18, Encoding::Brotli), None);
    }
}
