//! The links of each segment, in pages by a hash of its id.

use std::collections::BTreeMap;
use std::sync::Arc;

use urbis_model::FeatureId;

use crate::LinkId;

/// Segments of a page when the table is built.
const PAGE: usize = 256;

/// The links of each segment; a change rewrites the pages of the segments that it names.
#[derive(Debug, Clone)]
pub(crate) struct Segments {
    /// As many as a power of two.
    pages: Vec<Arc<Page>>,
}

#[derive(Debug, Clone, Default)]
struct Page {
    /// In order, with where their links end; they start where those before end.
    segments: Vec<(FeatureId, u32)>,
    links: Vec<LinkId>,
}

impl Default for Segments {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl Segments {
    /// A table without a segment, for about so many.
    pub fn with_capacity(segments: usize) -> Self {
        let pages = (segments / PAGE).next_power_of_two().max(16);
        Self { pages: vec![Arc::default(); pages] }
    }

    /// The links of a segment, by part, then along it; none where it has none.
    pub fn get(&self, segment: FeatureId) -> &[LinkId] {
        let page = &self.pages[self.page_of(segment)];
        match page.segments.binary_search_by_key(&segment, |(id, _)| *id) {
            Ok(at) => page.links_at(at),
            Err(_) => &[],
        }
    }

    /// Replaces the links of some segments, each once.
    pub fn apply<'a>(&mut self, changes: impl IntoIterator<Item = (FeatureId, &'a [LinkId])>) {
        let mut changes: Vec<(usize, FeatureId, &[LinkId])> = changes
            .into_iter()
            .map(|(segment, links)| (self.page_of(segment), segment, links))
            .collect();
        changes.sort_unstable_by_key(|(page, segment, _)| (*page, *segment));
        for changes in changes.chunk_by(|one, other| one.0 == other.0) {
            let page = &mut self.pages[changes[0].0];
            *page = Arc::new(page.with(changes));
        }
    }

    /// All segments that have links, in no order.
    pub fn ids(&self) -> impl Iterator<Item = FeatureId> {
        self.pages.iter().flat_map(|page| page.segments.iter().map(|(id, _)| *id))
    }

    fn page_of(&self, segment: FeatureId) -> usize {
        // Fibonacci hashing: ids of one import follow each other.
        let hash = segment.value().wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (hash >> 32) as usize & (self.pages.len() - 1)
    }

    pub fn bytes(&self) -> usize {
        let page = |page: &Arc<Page>| {
            page.segments.capacity() * size_of::<(FeatureId, u32)>()
                + page.links.capacity() * size_of::<LinkId>()
        };
        self.pages.iter().map(page).sum()
    }
}

impl Page {
    fn links_at(&self, at: usize) -> &[LinkId] {
        let start = at.checked_sub(1).map_or(0, |before| self.segments[before].1);
        &self.links[start as usize..self.segments[at].1 as usize]
    }

    fn with(&self, changes: &[(usize, FeatureId, &[LinkId])]) -> Self {
        let old = (0..self.segments.len()).map(|at| (self.segments[at].0, self.links_at(at)));
        let mut all: BTreeMap<FeatureId, &[LinkId]> = old.collect();
        all.extend(changes.iter().map(|(_, segment, links)| (*segment, *links)));
        let mut page = Self::default();
        for (segment, links) in all.into_iter().filter(|(_, links)| !links.is_empty()) {
            page.links.extend_from_slice(links);
            page.segments.push((segment, page.links.len() as u32));
        }
        page.segments.shrink_to_fit();
        page.links.shrink_to_fit();
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: i64) -> FeatureId {
        FeatureId::new(number).unwrap()
    }

    #[test]
    fn a_segment_has_the_links_that_it_was_given_last() {
        let mut segments = Segments::with_capacity(10_000);
        let links: Vec<LinkId> = (0..30_000).map(LinkId).collect();
        let all = (1..10_000).map(|n| (id(n), &links[n as usize..n as usize + n as usize % 3]));
        segments.apply(all);
        let before = segments.clone();
        segments.apply([(id(5), &links[..4]), (id(7), &links[..0]), (id(20_000), &links[..1])]);
        assert_eq!(segments.get(id(5)), &links[..4]);
        assert_eq!(segments.get(id(7)), []);
        assert_eq!(segments.get(id(20_000)), &links[..1]);
        assert_eq!(segments.get(id(8)), &links[8..10]);
        assert_eq!(before.get(id(5)), &links[5..7]);
        assert_eq!(before.get(id(20_000)), []);
        assert_eq!(segments.ids().count(), 6_666);
    }
}
