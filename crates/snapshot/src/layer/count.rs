//! How many features each class may see, and how many of them nobody observed.

use urbis_model::Openness;

use crate::run::Entry;
use crate::runs::Runs;
use crate::stored::Stored;

/// Features by their openness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts([Tally; Openness::ALL.len()]);

/// Features of one openness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    all: usize,
    synthetic: usize,
}

impl Counts {
    pub(super) fn of(features: &[Stored]) -> Self {
        let mut counts = Self::default();
        features.iter().for_each(|feature| counts.add(feature));
        counts
    }

    /// The counts after some entries are added to a set that has these.
    pub(super) fn after(mut self, before: &Runs, entries: &[Entry]) -> Self {
        for (id, feature) in entries {
            if let Some(gone) = before.find(*id) {
                self.remove(gone);
            }
            if let Some(come) = feature {
                self.add(come);
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

    fn seen_by(self, class: Openness) -> impl Iterator<Item = Tally> {
        self.0.into_iter().take(class as usize + 1)
    }

    fn add(&mut self, feature: &Stored) {
        let tally = &mut self.0[feature.openness() as usize];
        tally.all += 1;
        tally.synthetic += usize::from(feature.is_synthetic());
    }

    fn remove(&mut self, feature: &Stored) {
        let tally = &mut self.0[feature.openness() as usize];
        tally.all -= 1;
        tally.synthetic -= usize::from(feature.is_synthetic());
    }
}
