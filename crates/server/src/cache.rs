//! Tiles that are finished: packed, tagged, ready to be sent as they lie in memory.
//!
//! - **In**: a tile built from a city ([`FinishedTile`]), and where every city differs from the
//!   one before ([`Difference`]).
//! - **Out**: the finished tile, where it is what a request's own city would give.
//!
//! A finished tile holds from the revision it was built at for as long as nothing changes in it:
//! [`stamps`] knows. It is looked at again once a revision, by whoever asks for it; a change
//! elsewhere, of another layer, at another zoom or for another class leaves it alone. What is
//! missing is built once, whoever asks meanwhile: [`flights`].

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use urbis_catalog::Catalog;
use urbis_model::Revision;

use crate::publication::Difference;

mod finished;
mod flights;
mod key;
mod stamps;

pub(crate) use finished::FinishedTile;
pub(crate) use flights::{Landing, TileResult};
pub(crate) use key::{TileKey, TileKeyRef, View};
pub(crate) use stamps::{Looked, Stamps};

use flights::{Flight, Flights};

/// Bytes of a tile of a city, more or less: from it follows how many tiles room is made for.
const USUAL_LEN: u64 = 4096;

/// Finished tiles, and those that are being built.
#[derive(Debug)]
pub(crate) struct TileCache {
    /// `None` where nothing is kept.
    finished: Option<Cache<TileKey, Arc<FinishedTile>, Weight>>,
    stamps: Stamps,
    flights: Arc<Flights>,
}

/// What is known of a tile.
#[derive(Debug)]
pub(crate) enum Found {
    /// It is what the request's city gives.
    Finished(Arc<FinishedTile>),
    /// The tile is of a newer city: the request must take the city anew.
    Newer,
    /// It must be built.
    Nothing,
}

/// How to come by a tile that is not finished.
#[derive(Debug)]
pub(crate) enum Joined {
    /// Somebody has finished it meanwhile.
    Finished(Arc<FinishedTile>),
    /// It is being built; all who wait get the same.
    Flying(Flight),
    /// It is being built from a newer city: the request must take the city anew.
    Newer,
}

impl TileCache {
    /// Keeps up to so many bytes; with 0 none.
    pub fn new(capacity: u64) -> Self {
        let items = usize::try_from(capacity / USUAL_LEN).unwrap_or(usize::MAX).max(64);
        let keep = || Cache::with_weighter(items, capacity, Weight);
        Self {
            finished: (capacity > 0).then(keep),
            stamps: Stamps::default(),
            flights: Arc::default(),
        }
    }

    /// Notes where a city differs from the one before; before anybody sees it.
    pub fn note(&self, catalog: &Catalog, revision: Revision, difference: &Difference) {
        match difference {
            Difference::Everything => self.stamps.stamp_everything(revision),
            Difference::Changes(changes) => self.stamps.stamp(catalog, revision, changes),
        }
    }

    /// Looks for a tile as a city of this revision gives it.
    pub fn find(&self, key: TileKeyRef<'_>, revision: Revision) -> Found {
        let Some(tile) = self.finished.as_ref().and_then(|finished| finished.get(&key)) else {
            return Found::Nothing;
        };
        if revision < tile.revision() {
            return Found::Newer;
        }
        if tile.is_known_at(revision) {
            return Found::Finished(tile);
        }
        let looked = Looked { layers: tile.layers(), tile: key.view.tile, class: key.view.class };
        if tile.holds_since(self.stamps.last_change(looked)) {
            tile.mark_known_at(revision);
            return Found::Finished(tile);
        }
        Found::Nothing
    }

    /// Keeps a finished tile, where no newer one lies.
    pub fn keep(&self, key: TileKey, tile: &Arc<FinishedTile>) {
        let Some(finished) = &self.finished else { return };
        let is_overtaken = |lies: Arc<FinishedTile>| lies.revision() > tile.revision();
        if !finished.peek(&key).is_some_and(is_overtaken) {
            finished.insert(key, Arc::clone(tile));
        }
    }

    /// Number of tiles that are kept, right or not, and their bytes.
    pub fn size(&self) -> (usize, u64) {
        self.finished.as_ref().map_or((0, 0), |finished| (finished.len(), finished.weight()))
    }
}

/// A tile that somebody waits for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub key: TileKeyRef<'a>,
    /// [`Stamps::numbers`] of its layers.
    pub layers: &'a [u16],
    /// Of the request's city.
    pub revision: Revision,
}

/// Bytes that a tile takes.
#[derive(Debug, Clone)]
struct Weight;

impl Weighter<TileKey, Arc<FinishedTile>> for Weight {
    fn weight(&self, key: &TileKey, tile: &Arc<FinishedTile>) -> u64 {
        (key.weight() + tile.weight()) as u64
    }
}

#[cfg(test)]
mod tests {
    use urbis_model::{Openness, TileAddress};

    use super::*;
    use crate::encoding::Encoding;
    use crate::etag::Etag;

    #[test]
    fn a_build_that_was_overtaken_replaces_nothing() {
        let cache = TileCache::new(1 << 20);
        let tile = TileAddress::new(0, 0, 0).unwrap();
        let (class, encoding) = (Openness::Open, Encoding::Gzip);
        let key = TileKeyRef { names: "tree", view: View { tile, class, encoding, during: None } };
        for (built_at, kept) in [(5, 5), (4, 5), (6, 6)] {
            let etag = Etag::from_parts(&[]);
            let tile = FinishedTile::new(Revision(built_at), Box::from([0]), etag, None);
            cache.keep(key.to_key(), &Arc::new(tile));
            let Found::Finished(tile) = cache.find(key, Revision(9)) else { panic!() };
            assert_eq!(tile.revision(), Revision(kept));
        }
    }
}
