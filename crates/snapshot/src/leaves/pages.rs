//! Where the features of a set are, by their ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use urbis_model::FeatureId;

use crate::feature::SnapshotFeature;
use crate::key::Key;

/// Ids of a page that is built at once, and the most that it grows to.
const PAGE: usize = 512;
const MAX_PAGE: usize = 1024;

/// The place on the curve of each id, in pages by id; pages that do not change are shared.
#[derive(Debug, Clone, Default)]
pub(super) struct Pages {
    pages: Vec<Page>,
    len: usize,
}

/// Some ids in order.
#[derive(Debug, Clone)]
struct Page {
    /// No smaller id is in the page, unless it is the first one.
    first: FeatureId,
    places: Arc<[Place]>,
}

type Place = (FeatureId, u64);

impl Pages {
    pub(super) fn of<'a>(features: impl Iterator<Item = SnapshotFeature<'a>>) -> Self {
        let mut places: Vec<Place> =
            features.map(|feature| (feature.id(), feature.key().curve)).collect();
        places.sort_unstable();
        Self { len: places.len(), pages: places.chunks(PAGE).map(Page::new).collect() }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, id: FeatureId) -> Option<Key> {
        let page = self.pages.get(self.page_of(id))?;
        let at = page.places.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(Key { curve: page.places[at].1, id })
    }

    /// The pages after some ids moved, came or, without a place, went.
    pub(super) fn with(&self, changes: &BTreeMap<FeatureId, Option<u64>>) -> Self {
        let mut pages = Vec::with_capacity(self.pages.len() + 1);
        let mut rest = changes.iter().peekable();
        let mut len = self.len;
        for (index, page) in self.pages.iter().enumerate() {
            let end = self.pages.get(index + 1).map(|next| next.first);
            let is_here = |id: &FeatureId| end.is_none_or(|end| *id < end);
            let mut here = Vec::new();
            while let Some(change) = rest.next_if(|(id, _)| is_here(id)) {
                here.push(change);
            }
            if here.is_empty() {
                pages.push(page.clone());
                continue;
            }
            let places = page.with(&here);
            len = len + places.len() - page.places.len();
            pages.extend(split(&places));
        }
        let new: Vec<Place> = rest.filter_map(|(id, place)| Some((*id, (*place)?))).collect();
        len += new.len();
        pages.extend(split(&new));
        Self { pages, len }
    }

    pub(super) fn bytes(&self) -> usize {
        let places = self.pages.iter().map(|page| page.places.len() * size_of::<Place>());
        self.pages.capacity() * size_of::<Page>() + places.sum::<usize>()
    }

    fn page_of(&self, id: FeatureId) -> usize {
        self.pages.partition_point(|page| page.first <= id).saturating_sub(1)
    }
}

/// Pages of no more than the most; none of nothing.
fn split(places: &[Place]) -> impl Iterator<Item = Page> {
    let size = if places.len() <= MAX_PAGE { MAX_PAGE } else { PAGE };
    places.chunks(size).map(Page::new)
}

impl Page {
    fn new(places: &[Place]) -> Self {
        Self { first: places[0].0, places: places.into() }
    }

    fn with(&self, changes: &[(&FeatureId, &Option<u64>)]) -> Vec<Place> {
        let mut places = Vec::with_capacity(self.places.len() + changes.len());
        let mut old = self.places.iter().copied().peekable();
        for (id, place) in changes {
            while let Some(before) = old.next_if(|(before, _)| before < *id) {
                places.push(before);
            }
            old.next_if(|(before, _)| before == *id);
            places.extend(place.map(|place| (**id, place)));
        }
        places.extend(old);
        places
    }
}
