//! The reports of a unit that came last, to tell a repetition from a late one.

use std::sync::Arc;

use urbis_model::ReportId;

/// Reports of one unit that are remembered: a minute at one report a second.
const REMEMBERED: usize = 64;

/// Ids of the last reports of one unit. A repetition of an older one is out of order: it changes
/// nothing either.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent(Arc<Vec<ReportId>>);

impl Recent {
    pub(super) fn contains(&self, id: ReportId) -> bool {
        self.0.contains(&id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = ReportId> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn push(&mut self, id: ReportId) {
        if self.contains(id) {
            return;
        }
        let ids = Arc::make_mut(&mut self.0);
        if ids.len() == REMEMBERED {
            ids.remove(0);
        }
        ids.push(id);
    }
}
