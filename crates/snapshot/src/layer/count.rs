//! How many features each class may see.

use urbis_model::Openness;

use crate::SnapshotFeature;
use crate::feature::CLASSES;
use crate::run::Entry;
use crate::runs::Runs;

/// Features by their openness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts([usize; CLASSES.len()]);

impl Counts {
    pub(super) fn of(features: &[SnapshotFeature]) -> Self {
        let mut counts = Self::default();
        features.iter().for_each(|feature| *counts.of_class(feature.openness()) += 1);
        counts
    }

    /// The counts after some entries are added to a set that has these.
    pub(super) fn after(mut self, before: &Runs, entries: &[Entry]) -> Self {
        for (id, feature) in entries {
            if let Some(gone) = before.find(*id) {
                *self.of_class(gone.openness()) -= 1;
            }
            if let Some(come) = feature {
                *self.of_class(come.openness()) += 1;
            }
        }
        self
    }

    /// Features that a class may see.
    pub(super) fn up_to(self, class: Openness) -> usize {
        self.0[..=class as usize].iter().sum()
    }

    const fn of_class(&mut self, class: Openness) -> &mut usize {
        &mut self.0[class as usize]
    }
}
