//! What the tail of the change log hands to the city in memory.

use std::collections::BTreeMap;

use crate::{Feature, FeatureId, LayerId};

/// All changes between two database snapshots, by layer.
///
/// Several changes of one feature are one entry: its last state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangeBatch {
    /// The changed layers.
    pub layers: BTreeMap<LayerId, LayerChange>,
}

/// How one layer changed.
#[derive(Debug, Clone, PartialEq)]
pub enum LayerChange {
    /// The layer was loaded in bulk or truncated: these are all its features now.
    Reset(Vec<Feature>),
    /// Some features changed.
    Rows {
        /// New and changed features.
        upserted: Vec<Feature>,
        /// Features that no longer exist.
        removed: Vec<FeatureId>,
    },
}
