//! A base and the runs of changes since, newest last.
//!
//! ```text
//! runs   [ base: all features as of the last fold ][ changes ][ changes ]
//!          a newer run hides what an older one holds under the same id
//! ```
//!
//! A change adds a run. Runs of like size are merged, so that there are few (logarithmically
//! many); when together they outgrow a share of the base, all are folded into a new base.

use std::sync::Arc;

use urbis_model::{FeatureId, Moment, WorldBox, WorldXy};

use crate::run::{Entry, Run, Tombstones};
use crate::stored::Stored;

/// Changes that a base always bears before it is folded.
const MIN_CHANGES_TO_FOLD: usize = 1024;

/// Above this share of the base (1 / n), changes are folded into it.
const BASE_PARTS_TO_FOLD: usize = 20;

/// A set of features, each id once; immutable.
#[derive(Debug, Clone)]
pub(crate) struct Runs {
    /// Oldest first; the first is the base and has no tombstones.
    runs: Vec<Arc<Run>>,
    len: usize,
}

impl Runs {
    /// A base of some features with different ids.
    pub(crate) fn new(features: Vec<Stored>) -> Self {
        let entries = features.into_iter().map(|feature| (feature.id(), Some(Arc::new(feature))));
        let base = Run::new(entries.collect());
        Self { len: base.entries().len(), runs: vec![Arc::new(base)] }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The feature of an id.
    pub(crate) fn find(&self, id: FeatureId) -> Option<&Arc<Stored>> {
        let entry = self.runs.iter().rev().find_map(|run| run.find(id));
        entry.and_then(|(_, feature)| feature.as_ref())
    }

    /// All features, in order of their ids.
    pub(crate) fn features(&self) -> impl Iterator<Item = &Stored> {
        let mut rests: Vec<&[Entry]> = self.runs.iter().map(|run| run.entries()).collect();
        std::iter::from_fn(move || next_entry(&mut rests))
            .filter_map(|(_, feature)| feature.as_deref())
    }

    /// Features whose box meets a box and whose first zoom is not above `zoom`, in no order.
    pub(crate) fn in_box(&self, world_box: WorldBox, zoom: u8) -> impl Iterator<Item = &Stored> {
        self.runs.iter().enumerate().flat_map(move |(age, run)| {
            let found = run.in_box(world_box, zoom).map(Arc::as_ref);
            found.filter(move |feature| self.is_current(feature.id(), age))
        })
    }

    /// Several sequences of features and their squared distance in cells, each nearest box first.
    pub(crate) fn near(
        &self,
        place: WorldXy,
    ) -> impl Iterator<Item = impl Iterator<Item = (&Stored, f64)>> {
        self.runs.iter().enumerate().flat_map(move |(age, run)| {
            run.near(place).map(move |near| {
                near.filter(move |(feature, _)| self.is_current(feature.id(), age))
            })
        })
    }

    /// Each start and each end of a validity after `after` and not after `until`, and whose it
    /// is; in no order.
    ///
    /// Cost: the runs, and what is found.
    pub(crate) fn changing(
        &self,
        after: Moment,
        until: Moment,
    ) -> impl Iterator<Item = (Moment, &Stored)> {
        self.runs.iter().enumerate().flat_map(move |(age, run)| {
            let changing = run.changes_after(after).take_while(move |(moment, _)| *moment <= until);
            changing.filter(move |(_, feature)| self.is_current(feature.id(), age))
        })
    }

    /// The first moment after another at which the validity of a feature starts or ends.
    pub(crate) fn next_change(&self, after: Moment) -> Option<Moment> {
        let firsts = self.runs.iter().enumerate().filter_map(|(age, run)| {
            let mut changes = run.changes_after(after);
            changes.find(|(_, feature)| self.is_current(feature.id(), age))
        });
        firsts.map(|(moment, _)| moment).min()
    }

    /// Says whether an entry would change anything.
    pub(crate) fn differs(&self, (id, feature): &Entry) -> bool {
        let version = |feature: &Arc<Stored>| feature.version();
        self.find(*id).map(version) != feature.as_ref().map(version)
    }

    /// The set with some entries more; each differs from what the set holds.
    pub(crate) fn with_entries(&self, entries: Vec<Entry>) -> Self {
        if entries.is_empty() {
            return self.clone();
        }
        let before = entries.iter().filter(|(id, _)| self.find(*id).is_some()).count();
        let after = entries.iter().filter(|(_, feature)| feature.is_some()).count();
        let mut runs = self.runs.clone();
        runs.push(Arc::new(Run::new(entries)));
        merge_runs(&mut runs);
        Self { len: self.len + after - before, runs }
    }

    /// Says whether no newer run has a word on the feature.
    fn is_current(&self, id: FeatureId, age: usize) -> bool {
        self.runs[age + 1..].iter().all(|run| run.find(id).is_none())
    }
}

/// Keeps the runs few and, together, small against the base.
fn merge_runs(runs: &mut Vec<Arc<Run>>) {
    let base = runs[0].entries().len();
    let changes: usize = runs[1..].iter().map(|run| run.entries().len()).sum();
    if changes > MIN_CHANGES_TO_FOLD.max(base / BASE_PARTS_TO_FOLD) {
        *runs = vec![Arc::new(Run::merge(runs, Tombstones::Drop))];
        return;
    }
    // A run is merged with the next older one until that is more than twice its size; the merge
    // is done once, over all of them.
    let mut first = runs.len() - 1;
    let mut size = runs[first].entries().len();
    while first > 1 && runs[first - 1].entries().len() <= 2 * size {
        first -= 1;
        size += runs[first].entries().len();
    }
    if first < runs.len() - 1 {
        let merged = Run::merge(&runs[first..], Tombstones::Keep);
        runs.truncate(first);
        runs.push(Arc::new(merged));
    }
}

/// Takes the entry of the smallest id from the newest run that has it, and steps all over it.
fn next_entry<'a>(rests: &mut [&'a [Entry]]) -> Option<&'a Entry> {
    let smallest = rests.iter().filter_map(|rest| rest.first()).map(|(id, _)| *id).min()?;
    let mut newest = None;
    for rest in rests {
        if let Some((entry, others)) = rest.split_first().filter(|(entry, _)| entry.0 == smallest) {
            newest = Some(entry);
            *rest = others;
        }
    }
    newest
}
