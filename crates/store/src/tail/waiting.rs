//! Transactions that have ended and are yet to be read: they count as in progress until then.

use std::collections::BTreeSet;

use urbis_model::LayerId;

/// What a tail waits for while a burst is read: the burst, and whatever touches its layers.
///
/// A transaction is in memory whole or not at all. One that changes a layer of the burst waits with
/// it, and the other layers that it changes wait, too: so every layer equals one snapshot, and a
/// layer that does not wait equals the newest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) layers: BTreeSet<LayerId>,
    pub(super) xids: BTreeSet<u64>,
}

impl Waiting {
    /// Says whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }
}
