//! Files that are made before they are sent: GeoPackages and Shapefiles.
//!
//! Another process makes each: GDAL or SQLite may crash there, and what it does is ended by killing
//! it. A file lies in a folder of its own below that of the node, which goes when the file was
//! sent, its client left, its maker failed, or the node ends; a node that was killed leaves a folder
//! that the next one clears away. So many are made at a time, each no larger and taking no longer
//! than is said; who comes beyond that comes back later.

mod city;
mod folder;
mod run;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use urbis_export::Format;
use urbis_model::{LayerId, Openness};

use self::city::Cities;
use self::folder::Folder;
use crate::problem::ApiError;

pub(crate) use self::run::Made;

/// Longest time that a file may take.
const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Features that are streamed into files at once; each takes a connection for a piece at a time.
const MAX_STREAMS: usize = 8;

/// How files are made.
#[derive(Debug, Clone)]
pub struct DownloadSettings {
    /// The program; it is told by further arguments what to make.
    pub program: PathBuf,
    /// Its first arguments.
    pub arguments: Vec<OsString>,
    /// Folder in which the node makes one of its own.
    pub folder: PathBuf,
    /// Largest file, bytes.
    pub max_bytes: u64,
    /// Most files that are made at a time.
    pub at_once: usize,
}

/// What makes files, and the places of those who wait for one.
#[derive(Debug, Clone)]
pub(crate) struct Downloads(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: DownloadSettings,
    database_url: String,
    folder: Folder,
    places: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    cities: Cities,
}

/// A file to make.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    pub format: Format,
    pub class: Openness,
    /// The whole city where absent.
    pub layer: Option<&'a LayerId>,
    /// What of it, as the query of the request says.
    pub query: String,
}

impl Downloads {
    /// Opens the folder, and clears away what nodes left that are gone.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be made.
    pub fn open(settings: DownloadSettings, database_url: String) -> std::io::Result<Self> {
        let folder = Folder::open(&settings.folder)?;
        let places = Arc::new(Semaphore::new(settings.at_once));
        let streams = Arc::new(Semaphore::new(MAX_STREAMS));
        let cities = Cities::default();
        let shared = Shared { settings, database_url, folder, places, streams, cities };
        Ok(Self(Arc::new(shared)))
    }

    /// Makes a file of a layer.
    ///
    /// # Errors
    ///
    /// [`ApiError::DownloadsBusy`], [`ApiError::DownloadTooLarge`], [`ApiError::FeaturesAway`],
    /// [`ApiError::Internal`].
    pub async fn make(&self, job: Job<'_>) -> Result<Made, ApiError> {
        self.0.make(job).await
    }

    /// A place among those whose features are streamed; held until the last byte is sent.
    ///
    /// # Errors
    ///
    /// [`ApiError::DownloadsBusy`].
    pub fn admit_stream(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        Arc::clone(&self.0.streams).try_acquire_owned().map_err(|_| ApiError::DownloadsBusy)
    }

    /// Removes every file; nothing is made any more.
    pub fn close(&self) {
        self.0.places.close();
        self.0.folder.remove();
    }
}
