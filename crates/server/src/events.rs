//! The streams of changes: how many there are, and what ends them all or has them look again.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::problem::ApiError;

/// Streams that are open at once; beyond them a client is told to come back.
const MAX_STREAMS: usize = 1000;

/// What all streams share.
#[derive(Debug)]
pub(crate) struct Events {
    places: Arc<Semaphore>,
    keys: watch::Sender<()>,
    closed: watch::Sender<bool>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(MAX_STREAMS)),
            keys: watch::Sender::new(()),
            closed: watch::Sender::new(false),
        }
    }
}

impl Events {
    /// A place among the streams, held until it is dropped.
    ///
    /// # Errors
    ///
    /// [`ApiError::TooManyStreams`].
    pub fn take_place(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map_err(|_| ApiError::TooManyStreams { limit: MAX_STREAMS })
    }

    /// Has each stream look whether its key still opens what it did.
    pub fn change_keys(&self) {
        self.keys.send_replace(());
    }

    /// Changes with every change of keys.
    pub fn keys(&self) -> watch::Receiver<()> {
        self.keys.subscribe()
    }

    /// Ends all streams, those to come too: the node stops.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Becomes true when all streams end.
    pub fn closed(&self) -> watch::Receiver<bool> {
        self.closed.subscribe()
    }
}
