//! Keeps memory equal to the database: the first load, then the tail of the change log.
//!
//! While the database is away the city that is published stays; its age grows. A loss is logged
//! once when it begins and once when it ends. Time goes on without the database: what becomes
//! valid or ends by the clock does so in memory too, at the latest when the poll that is under way
//! ends.
//!
//! A burst is read and built apart, while polls go on and bring the changes of other layers.

mod assemble;
mod imports;
mod tidy;
mod trouble;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use urbis_catalog::Catalog;
use urbis_model::{ChangeBatch, Moment, Revision};
use urbis_snapshot::{Changes, City, CityBuilder};
use urbis_store::{Burst, Node, Poll, Position, ReadBurst, Retention, Store, StoreError, Tail};

use crate::ServerError;
use crate::follow::assemble::{BuiltBurst, Load, PARTS_WAITING};
use crate::follow::imports::keep_imports;
use crate::follow::tidy::keep_tidy;
use crate::follow::trouble::{FIRST_BACKOFF, LAST_BACKOFF, Trouble};
use crate::present::RoadedCity;
use crate::publication::Difference;
use crate::state::AppState;

/// Time between polls; every change is visible within a tenth of a second.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A node that stops waits so long for the database to note it.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);

/// What the city is read from.
#[derive(Debug)]
pub(crate) struct Origin {
    pub database_url: String,
    pub catalog: Arc<Catalog>,
    /// Its place among those that follow the database; called after the address it listens on.
    pub node: Node,
    pub retention: Retention,
}

/// Loads the city and follows the change log for ever.
///
/// # Errors
///
/// [`ServerError::Load`] where the first load fails; what fails later is tried again.
pub(crate) async fn follow(state: &AppState, origin: &Origin) -> Result<Infallible, ServerError> {
    let store = connect(origin).await.map_err(|cause| ServerError::Load { cause })?;
    let tidying = keep_tidy(&store, &origin.catalog, origin.retention);
    let asking = keep_imports(&store, state);
    let follower = Follower {
        state,
        origin,
        store: store.clone(),
        tail: None,
        bursts: JoinSet::new(),
        trouble: Trouble::default(),
    };
    tokio::select! {
        failed = follower.follow() => failed,
        never = tidying => match never {},
        never = asking => match never {},
    }
}

/// Connects, and waits for a database that is away: a node that starts meanwhile takes live reports
/// already. One that was away is looked at as before a start: whether it has the tables, and
/// whether an importer that died left something behind.
async fn connect(origin: &Origin) -> Result<Store, StoreError> {
    let mut trouble = Trouble::default();
    loop {
        let connecting = async {
            let store = Store::connect(&origin.database_url).await?;
            if trouble.is_there() {
                store.check_migrated(&origin.catalog).await?;
                store.recover().await?;
            }
            Ok::<_, StoreError>(store)
        };
        match connecting.await {
            Ok(store) => {
                trouble.note(Ok(())).await;
                return Ok(store);
            }
            Err(error) if error.is_away() => trouble.note(Err(error)).await,
            Err(error) => return Err(error),
        }
    }
}

/// Takes a node that stops from the list, so that the change log waits for it no longer; where the
/// database is away it is forgotten in time.
pub(crate) async fn leave(origin: &Origin) {
    let leaving = async { Store::connect(&origin.database_url).await?.leave(&origin.node).await };
    match timeout(LEAVE_WITHIN, leaving).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "stopped without leaving the list of nodes"),
        Err(_) => tracing::debug!("stopped without leaving the list of nodes, no answer"),
    }
}

struct Follower<'a> {
    state: &'a AppState,
    origin: &'a Origin,
    store: Store,
    /// `None` where everything must be loaded anew.
    tail: Option<Tail>,
    /// The burst that is being read, if any.
    bursts: JoinSet<Result<(ReadBurst, BuiltBurst), StoreError>>,
    trouble: Trouble,
}

impl Follower<'_> {
    async fn follow(mut self) -> Result<Infallible, ServerError> {
        self.load_first().await?;
        let mut ticks = interval(POLL_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.keep_time().await;
            let outcome = self.step().await;
            self.trouble.note(outcome).await;
        }
    }

    /// Brings memory up to date once.
    async fn step(&mut self) -> Result<(), StoreError> {
        self.end_burst().await?;
        let Some(tail) = &mut self.tail else { return self.load().await };
        match tail.poll().await? {
            Poll::Unchanged if self.is_behind() => {}
            Poll::Unchanged => self.state.confirm(),
            // The layers come with the next poll, which confirms.
            Poll::KeysChanged(keys) => self.state.set_keys(keys),
            Poll::Changed(batch) => self.apply(batch).await,
            Poll::Burst(batch, burst) => {
                self.begin_burst(burst);
                self.apply(batch).await;
            }
            Poll::Reload { reason } => {
                tracing::info!(reason, "loading the city anew");
                self.tail = None;
            }
        }
        // Not before the city shows it: files that were made of the city before lack it.
        if let Some(tail) = &self.tail {
            self.state.note_position(tail.position());
        }
        Ok(())
    }

    /// Says whether some layers are older than the rest.
    fn is_behind(&self) -> bool {
        self.tail.as_ref().is_some_and(|tail| tail.waiting_layers().next().is_some())
    }

    /// Reads and builds a burst, from the city as it is now, while polls go on.
    fn begin_burst(&mut self, burst: Burst) {
        let Some(before) = self.present() else { return };
        let layers: Vec<&str> = burst.layers().map(|layer| layer.as_str()).collect();
        tracing::info!(layers = layers.join(","), "many changes at once, reading them apart");
        let (parts, taken) = mpsc::channel(PARTS_WAITING);
        let building = tokio::task::spawn_blocking(move || BuiltBurst::take(before, taken));
        self.bursts.spawn(async move {
            let read = burst.read(parts).await?;
            Ok((read, building.await.expect("building neither panics nor is cancelled")))
        });
    }

    /// Brings a burst into the city once it is built.
    async fn end_burst(&mut self) -> Result<(), StoreError> {
        if self.tail.is_none() {
            // It belongs to a city that is loaded anew.
            self.bursts = JoinSet::new();
        }
        match self.bursts.try_join_next() {
            None => Ok(()),
            Some(Ok(Ok((read, built)))) => {
                let revision = self.next_revision();
                self.change(move |before| built.join(&before.city, revision)).await;
                self.tail.iter_mut().for_each(|tail| tail.settle(&read));
                Ok(())
            }
            Some(Ok(Err(error))) => {
                self.tail.iter_mut().for_each(Tail::abandon);
                Err(error)
            }
            Some(Err(cause)) => {
                tracing::error!(%cause, "building a burst failed, loading the city anew");
                self.tail = None;
                Ok(())
            }
        }
    }

    /// Loads for the first time; waits while another session holds a table, and while the database
    /// is away.
    async fn load_first(&mut self) -> Result<(), ServerError> {
        let mut backoff = FIRST_BACKOFF;
        loop {
            match self.load().await {
                Ok(()) => {
                    self.trouble.note(Ok(())).await;
                    return Ok(());
                }
                Err(error) if error.is_away() => self.trouble.note(Err(error)).await,
                Err(StoreError::LayerLocked { .. }) => {
                    if backoff == FIRST_BACKOFF {
                        tracing::info!("a layer is locked, waiting for another session to end");
                    }
                    sleep(backoff).await;
                    backoff = (backoff * 2).min(LAST_BACKOFF);
                }
                Err(cause) => return Err(ServerError::Load { cause }),
            }
        }
    }

    /// Reads everything, publishes it and goes on from there.
    async fn load(&mut self) -> Result<(), StoreError> {
        let started = Instant::now();
        let catalog = &self.origin.catalog;
        let builder = CityBuilder::new(Arc::clone(catalog), Moment::now());
        let (parts, taken) = mpsc::channel(PARTS_WAITING);
        let taking = tokio::task::spawn_blocking(move || Load::take(builder, taken));
        let loaded = self.store.load(catalog, &self.origin.node, parts).await?;
        let tail = self.open_tail(loaded.position).await?;
        // Before the city: no key is unknown to a node that is ready.
        self.state.set_keys(loaded.keys);
        self.state.note_position(tail.position());
        self.tail = Some(tail);
        let Some(Load { builder, rows }) = self.finish(taking).await else { return Ok(()) };
        let (state, revision) = (self.state.clone(), self.next_revision());
        let publish = move || {
            let city = builder.finish(revision).advance(revision, Moment::now()).0;
            state.publish_anew(city);
        };
        if self.build(publish).await.is_none() {
            return Ok(());
        }
        let duration_ms = started.elapsed().as_millis();
        tracing::info!(rows, duration_ms, revision = revision.0, "city loaded");
        Ok(())
    }

    async fn open_tail(&self, position: Position) -> Result<Tail, StoreError> {
        let Origin { database_url, catalog, .. } = &self.origin;
        Tail::open(database_url, Arc::clone(catalog), position, self.origin.node.clone()).await
    }

    async fn apply(&mut self, batch: ChangeBatch) {
        if batch.layers.is_empty() {
            return;
        }
        let (revision, now) = (self.next_revision(), Moment::now());
        let change = move |before: RoadedCity| {
            let (city, changes) = changed(&before.city, revision, batch, now);
            (before.follow(city), changes)
        };
        self.change(change).await;
    }

    /// Publishes what becomes of the present city and its roads.
    async fn change(
        &mut self,
        change: impl FnOnce(RoadedCity) -> (RoadedCity, Changes) + Send + 'static,
    ) {
        let Some(before) = self.present() else { return };
        let state = self.state.clone();
        let publish = move || {
            let (next, changes) = change(before);
            state.replace(next, Difference::Changes(changes));
        };
        if self.build(publish).await.is_some() && !self.is_behind() {
            self.state.confirm();
        }
    }

    /// The city that is published and its roads; where there is none everything is loaded anew.
    fn present(&mut self) -> Option<RoadedCity> {
        let present = self.state.board().load();
        if present.is_none() {
            self.tail = None;
        }
        present.map(|present| RoadedCity::from(&*present))
    }

    /// Publishes what became valid or ended since the city's moment, if anything did.
    ///
    /// The database knows nothing of it, so its position and the age of the city stay. The
    /// revision grows by one, so that whoever watches it looks again; the next change of the
    /// database gives a larger one, whether its own count has caught up or not.
    async fn keep_time(&mut self) {
        let now = Moment::now();
        let Some(before) = self.state.board().load() else { return };
        if before.city.next_change().is_none_or(|next| next > now) {
            return;
        }
        let revision = Revision(before.city.revision().0 + 1);
        let state = self.state.clone();
        let publish = move || {
            let (city, changes) = before.city.advance(revision, now);
            let next = RoadedCity::from(&*before).follow(city);
            state.replace(next, Difference::Changes(changes));
        };
        if self.build(publish).await.is_some() {
            tracing::debug!(revision = revision.0, "time went on: features began or ended");
        }
    }

    /// Builds a city off the runtime.
    async fn build<T: Send + 'static>(
        &mut self,
        build: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        self.finish(tokio::task::spawn_blocking(build)).await
    }

    /// Waits for what is built off the runtime; keys are followed meanwhile, so that one that is
    /// revoked while a large layer is built stops all the same. A panic there is a bug: everything is
    /// loaded anew, so that memory never stays behind in silence.
    async fn finish<T>(&mut self, mut building: JoinHandle<T>) -> Option<T> {
        let built = loop {
            // A poll of keys that has begun is waited for: dropped halfway it takes the tail's
            // connection along, and the first rows over a new one take a tenth of a second.
            tokio::select! {
                built = &mut building => break built,
                () = sleep(POLL_INTERVAL) => self.follow_keys().await,
            }
        };
        match built {
            Ok(built) => Some(built),
            Err(cause) => {
                tracing::error!(%cause, "building the city failed, loading it anew");
                self.tail = None;
                None
            }
        }
    }

    /// Takes in changed keys. What goes wrong is for the next poll to say.
    async fn follow_keys(&mut self) {
        let Some(tail) = &mut self.tail else { return };
        if let Ok(Some(keys)) = tail.poll_keys().await {
            self.state.set_keys(keys);
        }
    }

    /// Follows the database's own count of transactions, and grows by at least one.
    fn next_revision(&self) -> Revision {
        let before = self.state.published().map_or(0, |published| published.revision().0);
        let count = self.tail.as_ref().map_or(0, |tail| tail.position().xmax());
        Revision(count.max(before + 1))
    }
}

/// The city with a batch of changes, as it is now: no revision shows what has ended, or lacks what
/// has begun, because its features came at that moment. Time never goes back.
fn changed(before: &City, revision: Revision, batch: ChangeBatch, now: Moment) -> (City, Changes) {
    let (advanced, mut changes) = before.advance(revision, now.max(before.at()));
    let (city, changed) = advanced.apply(revision, batch);
    changes.extend(changed);
    (city, changes)
}

#[cfg(test)]
mod tests {
    use geo_types::point;
    use urbis_model::{AttributeValue, Feature, FeatureId, LayerChange, Openness, Validity};

    use super::*;
    use crate::test_support::points;

    fn tree(number: i64, from: Option<i64>, to: Option<i64>) -> Feature {
        Feature {
            id: FeatureId::new(number).unwrap(),
            geometry: Some(point!(x: 108.0, y: 16.0).into()),
            attributes: vec![AttributeValue::Null],
            validity: Validity { from: from.map(Moment), to: to.map(Moment) },
        }
    }

    #[test]
    fn a_change_shows_the_city_of_its_own_moment() {
        let layer = points("tree");
        let id = layer.id.clone();
        let catalog = Arc::new(Catalog::from_layers(vec![layer]).unwrap());
        let trees = vec![tree(1, None, Some(10)), tree(2, Some(20), None), tree(3, Some(90), None)];
        let before = City::build(catalog, Revision(1), vec![(id.clone(), trees)], Moment(0));
        let planted = |number| {
            let change =
                LayerChange::Rows { upserted: vec![tree(number, None, None)], removed: vec![] };
            ChangeBatch { layers: [(id.clone(), change)].into() }
        };
        let shown = |city: &City| {
            let drawn = city.layer(&id).unwrap().features();
            let drawn = drawn.filter(|tree| tree.validity().contains(city.at()));
            let mut ids: Vec<u64> = drawn.map(|tree| tree.id().value()).collect();
            ids.sort_unstable();
            assert_eq!(city.layer(&id).unwrap().count(Openness::Open), ids.len());
            (city.revision().0, city.at().0, ids)
        };
        let (after, _) = changed(&before, Revision(2), planted(4), Moment(50));
        assert_eq!(shown(&after), (2, 50, vec![2, 4]));
        assert_eq!(after.next_change(), Some(Moment(90)));
        // A clock that was set back ends nothing again.
        let (later, _) = changed(&after, Revision(3), planted(5), Moment(5));
        assert_eq!(shown(&later), (3, 50, vec![2, 4, 5]));
    }
}
