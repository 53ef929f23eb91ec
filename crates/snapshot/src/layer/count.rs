//! How many features each class may see, and how many of them nobody observed.

use urbis_model::Openness;

use crate::SnapshotFeature;
use crate::leaves::{Entry, Leaves};

/// Features by their openness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts([Counted; Openness::ALL.len()]);

/// Features of one openness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counted {
    all: usize,
    synthetic: usize,
}

impl Counts {
    pub(super) fn of<'a>(features: impl Iterator<Item = SnapshotFeature<'a>>) -> Self {
        let mut counts = Self::default();
        features.for_each(|feature| counts.add(feature));
        counts
    }

    /// The counts after some entries are put into a set that has these.
    pub(super) fn after(mut self, before: &Leaves, entries: &[Entry<'_>]) -> Self {
        for (id, after) in entries {
            if let Some(gone) = before.find(*id) {
                self.remove(gone.feature);
            }
            if let Some(come) = after {
                self.add(*come);
            }
        }
        self
    }

    /// Features that a class may see.
    pub(super) fn up_to(self, class: Openness) -> usize {
        self.seen_by(class).map(|tally| tally.all).sum()
    }

    /// Made-up features that a class may see.
    pub(super) fn synthetic_up_to(self, class: Openness) -> usize {
        self.seen_by(class).map(|tally| tally.synthetic).sum()
    }

    fn seen_by(self, class: Openness) -> impl Iterator<Item = Counted> {
        self.0.into_iter().take(class as usize + 1)
    }

    fn add(&mut self, feature: SnapshotFeature<'_>) {
        let tally = &mut self.0[feature.openness() as usize];
        tally.all += 1;
        tally.synthetic += usize::from(feature.is_synthetic());
    }

    fn remove(&mut self, feature: SnapshotFeature<'_>) {
        let tally = &mut self.0[feature.openness() as usize];
        tally.all -= 1;
        tally.synthetic -= usize::from(feature.is_synthetic());
    }
}
