//! Where features are read from, and how many questions are answered at once.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use urbis_filter::FilterError;
use urbis_store::{FeatureReader, StoreError};

use crate::problem::ApiError;
use crate::seldom::Seldom;

/// Questions that are answered at once or wait for a connection; beyond them a client is told to
/// come back. Dispatch needs neither these nor their connections.
const MAX_QUESTIONS: usize = 32;

/// The reader of features and the places of those who ask it.
#[derive(Debug, Clone)]
pub(crate) struct Features {
    reader: FeatureReader,
    places: Arc<Semaphore>,
}

impl Features {
    /// Of the database of a URL; connects when the first question comes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`] where the URL is none.
    pub fn new(database_url: &str) -> Result<Self, StoreError> {
        let reader = FeatureReader::new(database_url)?;
        Ok(Self { reader, places: Arc::new(Semaphore::new(MAX_QUESTIONS)) })
    }

    /// The reader, and a place that must be held until the answer has left.
    ///
    /// # Errors
    ///
    /// [`ApiError::Overloaded`].
    pub fn admit(&self) -> Result<(&FeatureReader, OwnedSemaphorePermit), ApiError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map(|place| (&self.reader, place)).map_err(|_| ApiError::Overloaded)
    }
}

/// While the database is away every request fails.
static AWAY: Seldom = Seldom::new();

/// What a client is told of a question that failed; what is not its fault is logged, that the
/// database is away now and then.
pub(crate) fn refused(cause: &StoreError) -> ApiError {
    if let StoreError::FilterUnanswerable { layer, .. } = cause {
        let detail = "it cannot be compared with the features".to_owned();
        let cause = FilterError::Geometry { detail };
        return ApiError::FilterRefused { layer: layer.clone(), cause };
    }
    if cause.is_away() || matches!(cause, StoreError::FeaturesTooSlow) {
        if let Some(left_out) = AWAY.turn(Instant::now()) {
            let (code, cause) = (cause.code(), urbis_store::causes(cause));
            tracing::warn!(code, left_out, "features cannot be read: {cause}");
        }
        return ApiError::FeaturesAway;
    }
    tracing::error!(code = cause.code(), "reading features: {}", urbis_store::causes(cause));
    ApiError::Internal { doing: "reading features" }
}
