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

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use geo_types::Point;
    use tower::ServiceExt;
    use urbis_catalog::{Catalog, SearchRules};
    use urbis_model::{AttributeValue, Feature, FeatureId, Moment, Revision, Validity};

    use super::*;
    use crate::HttpService;
    use crate::test_support::points;

    /// Longest time that something which should come may take.
    const DEADLINE: Duration = Duration::from_secs(20);

    /// A city with one tree of this name.
    fn city(revision: u64, name: &str) -> City {
        let names = vec!["name".to_owned()];
        let mut layer = points("tree");
        layer.search = Some(SearchRules {
            names,
            aliases: Vec::new(),
            kind: None,
            rank: 1,
            merge_m: None,
            address: None,
            parcel: None,
            area: None,
        });
        let tree = Feature {
            id: FeatureId::new(1).unwrap(),
            geometry: Some(Point::new(108.2, 16.0).into()),
            attributes: vec![AttributeValue::text(name)],
            validity: Validity::ALWAYS,
        };
        let layers = vec![(layer.id.clone(), vec![tree])];
        let catalog = Arc::new(Catalog::from_layers(vec![layer]).unwrap());
        City::build(catalog, Revision(revision), layers, Moment(0))
    }

    /// Status, revision in the head, and body of a search.
    async fn search(state: &AppState) -> (StatusCode, Option<String>, serde_json::Value) {
        let request =
            Request::get("/search?q=cay").header("host", "a").body(Body::empty()).unwrap();
        let answer = HttpService::new(state.clone()).oneshot(request).await.unwrap();
        let revision = answer.headers().get("urbis-revision");
        let revision = revision.map(|revision| revision.to_str().unwrap().to_owned());
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, revision, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_search_says_the_revision_that_was_searched_and_follows() {
        let state = AppState::for_tests();
        assert_eq!(search(&state).await.0, StatusCode::SERVICE_UNAVAILABLE);
        state.publish_anew(city(1, "Cây Một"));
        let (status, _, problem) = search(&state).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::SERVICE_UNAVAILABLE, &"not_ready".into())
        );

        state.search_board().follow(state.unsearched().unwrap());
        assert!(state.unsearched().is_none());
        state.publish_anew(city(2, "Cây Hai"));
        let (status, revision, body) = search(&state).await;
        assert_eq!((status, revision.as_deref()), (StatusCode::OK, Some("1")));
        assert_eq!(
            (&body["revision"], &body["results"][0]["title"]),
            (&1.into(), &"Cây Một".into())
        );

        let following = tokio::spawn(state.clone().keep_searchable());
        let followed = async {
            while search(&state).await.2["revision"] != 2 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, followed).await.expect("the index follows");
        assert_eq!(search(&state).await.2["results"][0]["title"], "Cây Hai");
        following.abort();
    }
}
