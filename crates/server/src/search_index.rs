//! The index of the search, which follows the city in its own time.
//!
//! Nobody waits for it: a publication of the city does not, and a search is answered from the index
//! that there is, which holds its own city and says its revision. Building takes one thread, beside
//! those that serve, and at most a fifth of its time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use tokio::sync::broadcast::error::RecvError;
use urbis_search::SearchIndex;
use urbis_snapshot::City;

use crate::AppState;

/// Shortest pause between two states of the index.
const PAUSE: Duration = Duration::from_millis(50);

/// The pause after a build, in times that it took.
const PAUSE_SHARE: u32 = 4;

/// The index that searches read.
#[derive(Debug, Default)]
pub(crate) struct SearchBoard {
    index: ArcSwapOption<SearchIndex>,
}

impl SearchBoard {
    /// The index; `None` before the first is built.
    pub fn load(&self) -> Option<Arc<SearchIndex>> {
        self.index.load_full()
    }

    /// Makes the index that of a city.
    fn follow(&self, city: Arc<City>) {
        let started = Instant::now();
        let (before, revision) = (self.load(), city.revision());
        let next = match &before {
            Some(before) => before.follow(&city),
            None => SearchIndex::build(city),
        };
        let memory = next.memory();
        self.index.store(Some(Arc::new(next)));
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (names, bytes) = (memory.names, memory.bytes);
        let (addresses, parcels) = (memory.addresses, memory.parcels);
        if before.is_none() {
            tracing::info!(names, addresses, parcels, bytes, duration_ms, "search index built");
        } else {
            tracing::debug!(%revision, bytes, duration_ms, "search index follows");
        }
    }
}

impl AppState {
    /// Keeps the index of the search beside the city, for ever; without it every search answers 503.
    pub async fn keep_searchable(self) -> Infallible {
        let mut publications = self.publications();
        loop {
            if let Some(city) = self.unsearched() {
                let started = Instant::now();
                let state = self.clone();
                let follow = move || state.search_board().follow(city);
                if tokio::task::spawn_blocking(follow).await.is_err() {
                    tracing::error!("building the search index ended by a panic");
                }
                tokio::time::sleep(PAUSE.max(started.elapsed() * PAUSE_SHARE)).await;
                continue;
            }
            if matches!(publications.recv().await, Err(RecvError::Closed)) {
                // The sender is in the state that is held here.
                std::future::pending::<()>().await;
            }
        }
    }

    /// The city that is published, where the index is of another.
    fn unsearched(&self) -> Option<Arc<City>> {
        let city = Arc::clone(&self.board().load()?.city);
        let searched = self.search_board().load();
        let is_same = searched.is_some_and(|index| Arc::ptr_eq(index.city(), &city));
        (!is_same).then_some(city)
    }
}
