//! One finished tile, and the revisions at which it is right.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use urbis_model::Revision;

use crate::encoding::Encoding;
use crate::etag::Etag;

/// A tile as it is sent.
#[derive(Debug)]
pub(crate) struct FinishedTile {
    pub etag: Etag,
    /// `None` where nothing is in the tile.
    pub body: Option<(Encoding, Bytes)>,
    /// Places of its layers in the catalogue.
    layers: Box<[u16]>,
    revision: Revision,
    /// It is the same from `revision` to here; grows as it is looked at again.
    known_to: AtomicU64,
}

impl FinishedTile {
    /// A tile that was built from a city of this revision.
    pub fn new(
        revision: Revision,
        layers: Box<[u16]>,
        etag: Etag,
        body: Option<(Encoding, Bytes)>,
    ) -> Self {
        Self { etag, body, layers, revision, known_to: AtomicU64::new(revision.0) }
    }

    pub const fn revision(&self) -> Revision {
        self.revision
    }

    pub fn layers(&self) -> &[u16] {
        &self.layers
    }

    /// Says whether it was found to be right at a revision, which is no older than its own.
    pub fn is_known_at(&self, revision: Revision) -> bool {
        revision.0 <= self.known_to.load(Ordering::Acquire)
    }

    /// Says whether it is right now, when its last change was at this revision.
    pub fn holds_since(&self, last_change: Revision) -> bool {
        self.is_known_at(last_change)
    }

    /// Notes that it was found to be right at a revision.
    pub fn mark_known_at(&self, revision: Revision) {
        self.known_to.fetch_max(revision.0, Ordering::AcqRel);
    }

    /// Bytes that it takes, its place in the cache included.
    pub fn weight(&self) -> usize {
        /// The tag, the allocator's share, the cache's own notes.
        const OVERHEAD: usize = 160;
        let body = self.body.as_ref().map_or(0, |(_, body)| body.len());
        size_of::<Self>() + size_of_val(&*self.layers) + body + OVERHEAD
    }
}
