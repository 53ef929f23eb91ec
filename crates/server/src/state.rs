//! What every request shares: the city that is published, how old it is, and what is bounded.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use axum::http::HeaderMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit, broadcast};
use tokio::task::JoinSet;
use urbis_catalog::{Catalog, CitySettings};
use urbis_dispatch::SpoolLimits;
use urbis_model::{LayerId, Moment, Openness};
use urbis_snapshot::{Changes, City};
use urbis_store::{ChangesToken, KeyRecord, Position};

use crate::access::{Access, KeyRing, authorization};
use crate::base_url::BaseUrls;
use crate::cache::TileCache;
use crate::downloads::{DownloadSettings, Downloads};
use crate::events::Events;
use crate::features::Features;
use crate::lanes::{Lane, Lanes};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::network_report::NetworkReports;
use crate::pace::Pace;
use crate::packed::PackedFiles;
use crate::present::{Board, Published, RoadedCity};
use crate::problem::ApiError;
use crate::publication::{Difference, PUBLICATIONS_KEPT, Publication};
use crate::search_index::SearchBoard;
use crate::unit_news::{UnitNews, keep_telling};
use crate::{BaseUrl, Files, ServerError, TrustedProxy};

/// What a node is told about the city and its place in the world.
#[derive(Debug)]
pub struct Settings {
    /// Name, box and first view of the city.
    pub city: CitySettings,
    /// Base of every link; what the request says where absent.
    pub public_url: Option<BaseUrl>,
    /// Peers whose forwarded headers are believed.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// The bound address: base of links for a client that names no host.
    pub listen: SocketAddr,
    /// Web map and styles.
    pub files: Files,
    /// Most memory for finished tiles, mebibytes; with 0 none is kept.
    pub tile_cache_mb: u32,
}

/// What every request shares; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    city_settings: CitySettings,
    bases: BaseUrls,
    files: Files,
    packed: PackedFiles,
    tiles: TileCache,
    metrics: Metrics,
    pace: Pace,
    board: Arc<Board>,
    /// The catalogue, before there is a city that has one.
    catalog: OnceLock<Arc<Catalog>>,
    search: SearchBoard,
    live: ArcSwapOption<Live>,
    /// Where features are read from; said once.
    features: OnceLock<Features>,
    /// What makes files; said once.
    downloads: OnceLock<Downloads>,
    unit_news: UnitNews,
    publications: broadcast::Sender<Arc<Publication>>,
    events: Events,
    keys: ArcSwap<KeyRing>,
    imports: ArcSwap<BTreeMap<LayerId, Moment>>,
    started: Instant,
    /// What the database was when it was asked last, or before.
    position: ArcSwapOption<Position>,
    /// When memory last equalled the database, milliseconds after `started`.
    confirmed_ms: AtomicU64,
    lanes: Lanes,
    network_reports: NetworkReports,
    /// One report at a time: each renders many tiles.
    reports: Arc<Semaphore>,
    /// One explanation at a time: at low zooms it looks at the whole city.
    explanations: Arc<Semaphore>,
}

impl AppState {
    /// The state of a node that has no city yet.
    pub fn new(settings: Settings) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let Settings { city, public_url, trusted_proxies, listen, files, tile_cache_mb } = settings;
        let fallback = BaseUrl::from_listen(listen);
        Self(Arc::new(Shared {
            city_settings: city,
            bases: BaseUrls { public_url, trusted_proxies, fallback },
            files,
            packed: PackedFiles::default(),
            metrics: Metrics::default(),
            pace: Pace::default(),
            tiles: TileCache::new(u64::from(tile_cache_mb) << 20),
            board: Arc::default(),
            catalog: OnceLock::new(),
            search: SearchBoard::default(),
            live: ArcSwapOption::empty(),
            features: OnceLock::new(),
            downloads: OnceLock::new(),
            unit_news: UnitNews::default(),
            publications: broadcast::Sender::new(PUBLICATIONS_KEPT),
            events: Events::default(),
            keys: ArcSwap::default(),
            imports: ArcSwap::default(),
            position: ArcSwapOption::empty(),
            started: Instant::now(),
            confirmed_ms: AtomicU64::new(0),
            lanes: Lanes::new(cores),
            network_reports: NetworkReports::default(),
            reports: Arc::new(Semaphore::new(1)),
            explanations: Arc::new(Semaphore::new(1)),
        }))
    }

    /// Makes a city that was loaded as a whole the one that requests see from now on, as fresh as
    /// can be; its roads are built first.
    ///
    /// Here and in [`Self::publish`] its revision is larger than that of the city before.
    pub fn publish_anew(&self, city: City) {
        self.replace(RoadedCity::build(city), Difference::Everything);
        self.confirm();
    }

    /// Makes a city the one that requests see from now on, as fresh as can be; `changes` says
    /// where it is drawn otherwise than the one before.
    pub fn publish(&self, city: City, changes: Changes) {
        let roaded = match self.0.board.load() {
            Some(before) => RoadedCity::from(&*before).follow(city),
            None => RoadedCity::build(city),
        };
        self.replace(roaded, Difference::Changes(changes));
        self.confirm();
    }

    /// Makes a city and its roads what requests see from now on, as old as those before: time went
    /// on, and nobody asked the database. Whoever did calls [`Self::confirm`] after.
    pub(crate) fn replace(&self, next: RoadedCity, difference: Difference) {
        let publication = Publication::new(next.city.revision(), difference);
        let catalog = Arc::clone(next.city.catalog());
        // Whoever sees the city must find no tile of the one before where they differ.
        let note = || self.0.tiles.note(&catalog, publication.revision, &publication.difference);
        self.0.board.change_city(next, note);
        // Nobody may be listening.
        drop(self.0.publications.send(Arc::new(publication)));
    }

    /// The present state and who may replace it.
    pub(crate) fn board(&self) -> &Board {
        &self.0.board
    }

    /// The index that searches read.
    pub(crate) fn search_board(&self) -> &SearchBoard {
        &self.0.search
    }

    /// The catalogue that cities of this node will have; said before the first, and once.
    pub fn expect_catalog(&self, catalog: Arc<Catalog>) {
        self.0.catalog.get_or_init(|| catalog);
    }

    /// The catalogue.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotReady`] where there is no city and nobody said which it will have.
    pub(crate) fn catalog(&self) -> Result<Arc<Catalog>, ApiError> {
        let of_city = || self.0.board.load().map(|present| Arc::clone(present.city.catalog()));
        self.0.catalog.get().cloned().or_else(of_city).ok_or(ApiError::NotReady)
    }

    /// Takes live reports from now on, and keeps them in a spool of this folder; what it holds
    /// already is part of the live state at once.
    ///
    /// # Errors
    ///
    /// [`ServerError::Spool`], such as where another node uses the folder.
    pub async fn open_live(&self, folder: PathBuf) -> Result<(), ServerError> {
        let board = Arc::clone(&self.0.board);
        let open = move || Live::open(&board, &folder, SpoolLimits::default());
        let opened = tokio::task::spawn_blocking(open).await;
        let opened = opened.expect("opening neither panics nor is cancelled");
        let live = opened.map_err(|cause| ServerError::Spool { cause })?;
        self.expect_keys(live.checkpoint().read_keys());
        self.0.live.store(Some(Arc::new(live)));
        let board = Arc::downgrade(&self.0.board);
        tokio::spawn(keep_telling(
            board,
            self.0.unit_news.clone(),
            self.0.city_settings.utc_offset,
        ));
        Ok(())
    }

    /// Takes no live report any more; those that were taken are written first.
    pub async fn close_live(&self) {
        let Some(live) = self.0.live.swap(None) else { return };
        let closed = tokio::task::spawn_blocking(|| live.close()).await;
        closed.expect("closing neither panics nor is cancelled");
    }

    /// Answers questions for features from this database; said once.
    ///
    /// # Errors
    ///
    /// [`ServerError::Load`] where the URL is none.
    pub fn open_features(&self, database_url: &str) -> Result<(), ServerError> {
        let features = Features::new(database_url).map_err(|cause| ServerError::Load { cause })?;
        self.0.features.get_or_init(|| features);
        Ok(())
    }

    /// Where features are read from.
    ///
    /// # Errors
    ///
    /// [`ApiError::FeaturesAway`] where nobody said.
    pub(crate) fn features(&self) -> Result<&Features, ApiError> {
        self.0.features.get().ok_or(ApiError::FeaturesAway)
    }

    /// Makes files to download in this way; said once.
    ///
    /// # Errors
    ///
    /// [`ServerError::Downloads`] where the folder cannot be used.
    pub fn open_downloads(
        &self,
        settings: DownloadSettings,
        database_url: &str,
    ) -> Result<(), ServerError> {
        let downloads = Downloads::open(settings, database_url.to_owned());
        let downloads = downloads.map_err(|cause| ServerError::Downloads { cause })?;
        self.0.downloads.get_or_init(|| downloads);
        Ok(())
    }

    /// Removes what was made to be downloaded.
    pub fn close_downloads(&self) {
        self.0.downloads.get().into_iter().for_each(Downloads::close);
    }

    /// What makes files.
    ///
    /// # Errors
    ///
    /// [`ApiError::DownloadsOff`] where nobody said how.
    pub(crate) fn downloads(&self) -> Result<&Downloads, ApiError> {
        self.0.downloads.get().ok_or(ApiError::DownloadsOff)
    }

    /// Where live reports go.
    ///
    /// # Errors
    ///
    /// [`ApiError::LiveOff`].
    pub(crate) fn live(&self) -> Result<Arc<Live>, ApiError> {
        self.0.live.load_full().ok_or(ApiError::LiveOff)
    }

    pub(crate) fn unit_news(&self) -> &UnitNews {
        &self.0.unit_news
    }

    pub(crate) fn events(&self) -> &Events {
        &self.0.events
    }

    /// Every publication from now on.
    pub(crate) fn publications(&self) -> broadcast::Receiver<Arc<Publication>> {
        self.0.publications.subscribe()
    }

    /// Makes these keys, and no others, open what they open; from the next request on.
    pub fn set_keys(&self, keys: Vec<KeyRecord>) {
        if let Some(live) = self.0.live.load_full() {
            live.keep_keys(keys.clone());
        }
        self.0.keys.store(Arc::new(KeyRing::new(keys)));
        self.0.events.change_keys();
    }

    /// Notes when each layer was imported last.
    pub(crate) fn note_imports(&self, imports: BTreeMap<LayerId, Moment>) {
        self.0.imports.store(Arc::new(imports));
    }

    /// When a layer was imported last; `None` where that is not known.
    pub(crate) fn imported(&self, layer: &LayerId) -> Option<Moment> {
        self.0.imports.load().get(layer).copied()
    }

    /// Keys that held when the database was seen last; those of the database take their place.
    fn expect_keys(&self, keys: Vec<KeyRecord>) {
        if self.0.board.is_empty() && self.0.keys.load().is_empty() {
            self.0.keys.store(Arc::new(KeyRing::new(keys)));
        }
    }

    /// What a request may see and do.
    ///
    /// # Errors
    ///
    /// [`ApiError::AuthorizationInvalid`], [`ApiError::KeyUnknown`]; [`ApiError::NotReady`] where
    /// there is a key and nobody can know yet whether it holds.
    pub(crate) fn access(&self, headers: &HeaderMap) -> Result<Access, ApiError> {
        let access = self.0.keys.load().access(headers);
        if self.0.board.is_empty() && authorization(headers)?.is_some() {
            // Only a key that is known from before says anything so early.
            return access.map_err(|_| ApiError::NotReady);
        }
        access
    }

    /// Notes that memory equals the database now.
    pub(crate) fn confirm(&self) {
        let elapsed = u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.confirmed_ms.store(elapsed, Ordering::Relaxed);
    }

    /// Notes what the database was, for those who are about to read all of it.
    pub(crate) fn note_position(&self, position: &Position) {
        let is_known = |known: &Arc<Position>| **known == *position;
        if !self.0.position.load().as_ref().is_some_and(is_known) {
            self.0.position.store(Some(Arc::new(position.clone())));
        }
    }

    /// Where whoever reads all that a class sees from now on can go on with changes; `None` before
    /// the first load.
    pub(crate) fn position(&self, class: Openness) -> Option<ChangesToken> {
        self.0.position.load().as_deref().map(|position| ChangesToken::at(position, class))
    }

    /// The city as it is now; a request takes it once and keeps it.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotReady`] before the first load.
    pub(crate) fn published(&self) -> Result<Published, ApiError> {
        let present = self.0.board.load().ok_or(ApiError::NotReady)?;
        let confirmed = Duration::from_millis(self.0.confirmed_ms.load(Ordering::Relaxed));
        Ok(Published::new(present, self.0.started.elapsed().saturating_sub(confirmed)))
    }

    pub(crate) fn city_settings(&self) -> &CitySettings {
        &self.0.city_settings
    }

    pub(crate) fn bases(&self) -> &BaseUrls {
        &self.0.bases
    }

    pub(crate) fn files(&self) -> Files {
        self.0.files
    }

    pub(crate) fn packed(&self) -> &PackedFiles {
        &self.0.packed
    }

    pub(crate) fn tiles(&self) -> &TileCache {
        &self.0.tiles
    }

    pub(crate) fn pace(&self) -> &Pace {
        &self.0.pace
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn network_reports(&self) -> &NetworkReports {
        &self.0.network_reports
    }

    /// A place among the requests that are answered; `None` where there are too many.
    pub(crate) fn admit(&self, lane: Lane) -> Option<SemaphorePermit<'_>> {
        self.0.lanes.admit(lane)
    }

    /// The place for a report; `None` while another is made.
    pub(crate) fn admit_report(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.reports).try_acquire_owned().ok()
    }

    /// The place for an explanation of a tile; `None` while another is made.
    pub(crate) fn admit_explanation(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.explanations).try_acquire_owned().ok()
    }

    /// Runs work of over half a millisecond off the threads that serve connections; few at once,
    /// the others wait in order.
    ///
    /// A client that leaves takes its waiting work with it; work that has begun runs to its end
    /// and counts until then.
    ///
    /// # Errors
    ///
    /// [`ApiError::Internal`] where the work panicked.
    pub(crate) async fn off_runtime<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        self.off_runtime_in(Lane::General, doing, work).await
    }

    /// The same on the threads of a lane.
    ///
    /// # Errors
    ///
    /// [`ApiError::Internal`] where the work panicked.
    pub(crate) async fn off_runtime_in<T: Send + 'static>(
        &self,
        lane: Lane,
        doing: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let workers = Arc::clone(self.0.lanes.workers(lane));
        let permit = workers.acquire_owned().await.map_err(|_| ApiError::Overloaded)?;
        // A set that is dropped with the request takes back what has not begun.
        let mut tasks = JoinSet::new();
        tasks.spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        match tasks.join_next().await {
            Some(Ok(done)) => Ok(done),
            Some(Err(_)) | None => Err(ApiError::Internal { doing }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::time::timeout;
    use urbis_catalog::{Title, View};

    use super::*;

    /// Time in which what should not come had every chance.
    const WHILE: Duration = Duration::from_millis(50);

    impl AppState {
        /// Without a city.
        pub(crate) fn for_tests() -> Self {
            Self::new(Settings {
                city: CitySettings {
                    title: Title { vi: "Thành phố".into(), en: "City".into() },
                    bbox: [107.0, 15.0, 109.0, 17.0].try_into().unwrap(),
                    view: View { center: [108.0, 16.0], zoom: 10.0 },
                    core: None,
                    utc_offset: urbis_catalog::UtcOffset::default(),
                },
                public_url: None,
                trusted_proxies: Vec::new(),
                listen: "127.0.0.1:0".parse().unwrap(),
                files: Files::embedded(),
                tile_cache_mb: 16,
            })
        }
    }

    #[tokio::test]
    async fn work_whose_client_left_counts_until_it_ends_and_never_begins_late() {
        let state = AppState::for_tests();
        let workers = state.0.lanes.workers(Lane::General);
        let places = workers.available_permits();
        let (begun, begins) = mpsc::channel();
        let mut ends = Vec::new();
        for _ in 0..places {
            let (end, ended) = mpsc::channel::<()>();
            let begun = begun.clone();
            let work = move || {
                begun.send(()).unwrap();
                ended.recv().unwrap();
            };
            // The client leaves while its work runs.
            assert!(timeout(WHILE, state.off_runtime("waiting", work)).await.is_err());
            begins.recv().unwrap();
            ends.push(end);
        }
        assert_eq!(workers.available_permits(), 0);
        let begun_late = begun.clone();
        let late = state.off_runtime("waiting", move || begun_late.send(()).unwrap());
        assert!(timeout(WHILE, late).await.is_err());

        ends.into_iter().for_each(|end| end.send(()).unwrap());
        assert_eq!(state.off_runtime("adding", || 1 + 1).await, Ok(2));
        let all = u32::try_from(places).unwrap();
        assert!(workers.acquire_many(all).await.is_ok());
        assert!(begins.try_recv().is_err(), "work of a client that left has begun");
    }
}
