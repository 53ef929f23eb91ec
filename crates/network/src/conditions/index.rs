//! Conditions by id and by link; a change copies only the pages that it touches.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Condition, ConditionId};
use crate::{LinkId, Travel};

/// Links in one page.
const PAGE: usize = 1_024;

/// A condition on a stretch of a link.
#[derive(Debug, Clone)]
pub(crate) struct Affected {
    pub from_mm: u32,
    pub to_mm: u32,
    pub travel: Option<Travel>,
    pub condition: Arc<Condition>,
}

/// By link.
type Page = BTreeMap<u32, Vec<Affected>>;

/// All conditions that hold; immutable when shared, cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    by_id: Arc<BTreeMap<ConditionId, Arc<Condition>>>,
    pages: Vec<Arc<Page>>,
}

impl Conditions {
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// All, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Condition>> {
        self.by_id.values()
    }

    pub fn find(&self, id: &ConditionId) -> Option<&Arc<Condition>> {
        self.by_id.get(id)
    }

    /// The links on which something lies, in order.
    pub fn links(&self) -> impl Iterator<Item = LinkId> {
        self.pages.iter().flat_map(|page| page.keys()).map(|link| LinkId(*link))
    }

    /// What lies on a link, in the order of ids.
    #[inline]
    pub fn on(&self, link: LinkId) -> &[Affected] {
        let number = link.0 as usize;
        let page = self.pages.get(number / PAGE).filter(|page| !page.is_empty());
        page.and_then(|page| page.get(&link.0)).map_or(&[], Vec::as_slice)
    }

    /// Adds a condition, in place of the one with its id.
    pub fn put(&mut self, condition: Arc<Condition>) {
        self.remove(&condition.id);
        for span in &condition.spans {
            let number = span.link.0 as usize;
            if self.pages.len() <= number / PAGE {
                self.pages.resize_with(number / PAGE + 1, Arc::default);
            }
            let page = Arc::make_mut(&mut self.pages[number / PAGE]);
            let (from_mm, to_mm, travel) = (span.from_mm, span.to_mm, span.travel);
            let affected = Affected { from_mm, to_mm, travel, condition: Arc::clone(&condition) };
            let there = page.entry(span.link.0).or_default();
            // In order of ids, so that no answer depends on the order in which they came.
            let at = there.partition_point(|other| other.condition.id <= condition.id);
            there.insert(at, affected);
        }
        Arc::make_mut(&mut self.by_id).insert(condition.id.clone(), condition);
    }

    /// Takes out a condition.
    pub fn remove(&mut self, id: &ConditionId) -> Option<Arc<Condition>> {
        self.by_id.get(id)?;
        let removed = Arc::make_mut(&mut self.by_id).remove(id)?;
        for span in &removed.spans {
            let number = span.link.0 as usize;
            let Some(page) = self.pages.get_mut(number / PAGE) else { continue };
            let page = Arc::make_mut(page);
            if let Some(there) = page.get_mut(&span.link.0) {
                there.retain(|other| other.condition.id != *id);
                if there.is_empty() {
                    page.remove(&span.link.0);
                }
            }
        }
        Some(removed)
    }
}
