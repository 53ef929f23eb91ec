//! The whole city as one file: heavy, so it is made once a class and revision, and kept until the
//! city changes.

use std::path::PathBuf;

use tokio::fs::File;
use tokio::sync::{Mutex, Semaphore};
use urbis_export::Format;
use urbis_model::{Moment, Openness, Revision};

use super::run::failed;
use super::{Downloads, Job};
use crate::etag::Etag;
use crate::problem::ApiError;

/// Requests that may wait for a file that is being made.
const MAX_WAITING: usize = 16;

/// The file of each class.
#[derive(Debug)]
pub(super) struct Cities {
    kept: [Mutex<Option<Kept>>; Openness::ALL.len()],
    waiting: Semaphore,
}

impl Default for Cities {
    fn default() -> Self {
        Self { kept: Default::default(), waiting: Semaphore::new(MAX_WAITING) }
    }
}

#[derive(Debug)]
struct Kept {
    revision: Revision,
    etag: Etag,
    path: PathBuf,
}

/// The file of a class, open: it can be sent also when another has taken its place.
#[derive(Debug)]
pub(crate) struct CityFile {
    pub file: File,
    /// Its length, bytes.
    pub length: u64,
    pub etag: Etag,
}

impl Downloads {
    /// The file of a class at a revision, or later.
    ///
    /// # Errors
    ///
    /// As [`Downloads::make`].
    pub async fn city(&self, class: Openness, revision: Revision) -> Result<CityFile, ApiError> {
        let shared = &self.0;
        let _waiting = shared.cities.waiting.try_acquire().map_err(|_| ApiError::DownloadsBusy)?;
        let mut kept = shared.cities.kept[class as usize].lock().await;
        // Later where this request waited while a file of a later revision was made.
        if let Some(known) = kept.as_ref().filter(|known| known.revision >= revision) {
            return open(known).await;
        }
        let job = Job { format: Format::GeoPackage, class, layer: None, query: String::new() };
        let made = shared.make(job).await?;
        let path = shared.folder.kept(&format!("city-{class}.gpkg"));
        let moved = tokio::fs::rename(made.path(), &path).await;
        moved.map_err(|cause| failed("keeping a file", &cause))?;
        // Two files of a revision, as after a start of the node, hold other moments: they differ.
        let made_at = Moment::now();
        let parts = [class.to_string(), revision.0.to_string(), made_at.0.to_string()];
        let etag = Etag::from_parts(&parts.each_ref().map(|part| part.as_bytes()));
        open(kept.insert(Kept { revision, etag, path })).await
    }
}

async fn open(kept: &Kept) -> Result<CityFile, ApiError> {
    let opened = async {
        let file = File::open(&kept.path).await?;
        let length = file.metadata().await?.len();
        Ok(CityFile { file, length, etag: kept.etag.clone() })
    };
    opened.await.map_err(|cause| failed("opening a file", &cause))
}
