//! What is read from the database, piece by piece: nobody need hold a whole layer as it came.

use tokio::sync::mpsc;
use urbis_model::{Feature, FeatureId, LayerId};

use crate::StoreError;

/// Features of one piece; large enough that its way costs nothing beside them.
pub(crate) const FEATURES_OF_A_PART: usize = 2_000;

/// Takes pieces as they are read. A small bound on the channel is a bound on memory, too.
pub type PartSender = mpsc::Sender<Part>;

/// A piece of what is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// The next features of a layer that is read whole.
    Features {
        /// The layer.
        layer: LayerId,
        /// By ascending id, also from piece to piece.
        features: Vec<Feature>,
    },
    /// A layer that is read whole has no more features; it may have had none.
    LayerEnd {
        /// The layer.
        layer: LayerId,
    },
    /// Some changed features of a layer that is not read whole.
    Rows {
        /// The layer.
        layer: LayerId,
        /// New and changed features.
        upserted: Vec<Feature>,
        /// Features that no longer exist.
        removed: Vec<FeatureId>,
    },
}

impl Part {
    /// The layer that it belongs to.
    pub const fn layer(&self) -> &LayerId {
        match self {
            Self::Features { layer, .. } | Self::LayerEnd { layer } | Self::Rows { layer, .. } => {
                layer
            }
        }
    }
}

/// Hands a piece on; waits while the channel is full.
pub(crate) async fn send(parts: &PartSender, part: Part) -> Result<(), StoreError> {
    parts
        .send(part)
        .await
        .map_err(|unsent| StoreError::TakerGone { layer: unsent.0.layer().clone() })
}
