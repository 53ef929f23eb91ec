//! Which features of a layer a question may see.

use urbis_model::{Moment, Openness};

use crate::SnapshotFeature;
use crate::chunk::Chunk;

/// Which features a question may see: those open to its class that are valid at its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visibility {
    /// Who asks; a feature that is stricter is not there.
    pub class: Openness,
    /// The features that are valid then; `None` is the city's own moment, which is cheaper.
    pub on: Option<Moment>,
}

impl Visibility {
    /// What a class may see of the city at its own moment.
    pub const fn now(class: Openness) -> Self {
        Self { class, on: None }
    }

    /// Says whether a feature may be seen.
    ///
    /// Without a moment only the class is compared: a search of a layer knows by itself which of
    /// its features are valid at the city's moment.
    pub fn admits(self, feature: SnapshotFeature<'_>) -> bool {
        feature.openness() <= self.class
            && self.on.is_none_or(|moment| feature.validity().contains(moment))
    }

    /// Says whether it certainly admits all features of a chunk.
    pub(crate) fn admits_all(self, chunk: &Chunk) -> bool {
        self.on.is_none() && chunk.strictest <= self.class
    }
}
