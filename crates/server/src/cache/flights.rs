//! One build of a tile, however many wait for it.
//!
//! A build belongs to those who wait: each of them drives it, one that leaves takes nothing from
//! the others, and with the last one a build that has not begun is taken back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use urbis_model::Revision;

use super::{FinishedTile, Found, Joined, Looked, TileCache, TileKey, Wanted};
use crate::problem::ApiError;

/// What a build ends with.
pub(crate) type TileResult = Result<Arc<FinishedTile>, ApiError>;

/// A build that may be waited for by many.
pub(crate) type Flight = Shared<BoxFuture<'static, TileResult>>;

/// The builds that somebody waits for.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    flying: Mutex<HashMap<TileKey, Flying>>,
    started: AtomicU64,
}

#[derive(Debug)]
struct Flying {
    number: u64,
    /// Of the city that it is built from.
    revision: Revision,
    flight: WeakShared<BoxFuture<'static, TileResult>>,
}

/// Held by a build until it ends, well or not.
#[derive(Debug)]
pub(crate) struct Landing {
    flights: Arc<Flights>,
    key: TileKey,
    number: u64,
}

impl Landing {
    /// The tile that is built.
    pub const fn key(&self) -> &TileKey {
        &self.key
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut flying = self.flights.flying();
        if flying.get(&self.key).is_some_and(|flying| flying.number == self.number) {
            flying.remove(&self.key);
        }
    }
}

impl TileCache {
    /// Waits with others for a tile, where what they get is right for this request, too, or has it
    /// built by what `start` gives.
    pub fn join(
        &self,
        wanted: Wanted<'_>,
        start: impl FnOnce(Landing) -> BoxFuture<'static, TileResult>,
    ) -> Joined {
        let Wanted { key, layers, revision } = wanted;
        let looked = Looked { layers, tile: key.view.tile, class: key.view.class };
        let holds = |since: Revision| self.stamps.last_change(looked) <= since;
        let owned = key.to_key();
        // Let go after the lock: whoever lets go last lands the flight, which takes the lock.
        let mut outdated = None;
        let mut flying = self.flights.flying();
        let earlier = flying.get(&owned).map(|flying| (flying.revision, flying.flight.upgrade()));
        if let Some((built_at, Some(flight))) = earlier {
            if built_at == revision || (built_at < revision && holds(built_at)) {
                return Joined::Flying(flight);
            }
            outdated = Some(flight);
            if built_at > revision {
                return Joined::Newer;
            }
        }
        // A build keeps its tile before it lands, so none that has landed is missed here.
        match self.find(key, revision) {
            Found::Finished(tile) => return Joined::Finished(tile),
            Found::Newer => return Joined::Newer,
            Found::Nothing => {}
        }
        let number = self.flights.started.fetch_add(1, Ordering::Relaxed);
        let flights = Arc::clone(&self.flights);
        let flight = start(Landing { flights, key: owned.clone(), number }).shared();
        if let Some(weak) = flight.downgrade() {
            flying.insert(owned, Flying { number, revision, flight: weak });
        }
        drop(flying);
        drop(outdated);
        Joined::Flying(flight)
    }
}

impl Flights {
    /// Nothing panics under the lock.
    fn flying(&self) -> MutexGuard<'_, HashMap<TileKey, Flying>> {
        self.flying.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
