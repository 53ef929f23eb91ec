//! Milliseconds of every arc for every vehicle profile, in pages that versions share.
//!
//! A version is changed by copying the pages in which a weight differs: a closed street costs one
//! page a profile, and readers of the version before see nothing of it.

mod driver;
mod timing;

use std::sync::Arc;

use urbis_catalog::ProfileIndex;

use crate::ArcId;

pub(crate) use driver::Driver;
pub(crate) use timing::Timing;

/// The time of what cannot be driven.
pub const IMPASSABLE: u32 = u32::MAX;

/// Arcs in one page: 16 KB, which are copied in about a microsecond.
const PAGE: usize = 4_096;

/// The weights of all arcs, by profile; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weights {
    /// By profile, then by page.
    pages: Vec<Vec<Arc<[u32]>>>,
}

impl Weights {
    /// Weights of so many profiles and no arc.
    pub fn new(profiles: usize) -> Self {
        Self { pages: vec![Vec::new(); profiles] }
    }

    /// The weight of an arc; [`IMPASSABLE`] of one that is not there.
    #[inline]
    pub fn weight(&self, profile: ProfileIndex, arc: ArcId) -> u32 {
        let arc = arc.0 as usize;
        let page = self.pages.get(profile.index()).and_then(|pages| pages.get(arc / PAGE));
        page.map_or(IMPASSABLE, |page| page[arc % PAGE])
    }

    /// The pages of one profile.
    #[inline]
    pub fn of(&self, profile: ProfileIndex) -> WeightsOf<'_> {
        WeightsOf { pages: self.pages.get(profile.index()).map_or(&[], Vec::as_slice) }
    }

    /// Makes room for so many arcs, impassable ones.
    pub fn resize(&mut self, arcs: usize) {
        for pages in &mut self.pages {
            pages.resize_with(arcs.div_ceil(PAGE), || vec![IMPASSABLE; PAGE].into());
        }
    }

    /// Says what all arcs of a profile take, from the first on.
    pub fn fill(&mut self, profile: ProfileIndex, arcs: impl Iterator<Item = u32>) {
        let Some(pages) = self.pages.get_mut(profile.index()) else { return };
        let arcs: Vec<u32> = arcs.collect();
        let page = |arcs: &[u32]| {
            let mut page = vec![IMPASSABLE; PAGE];
            page[..arcs.len()].copy_from_slice(arcs);
            page.into()
        };
        *pages = arcs.chunks(PAGE).map(page).collect();
    }

    /// Says what an arc takes; copies its page where that is shared and differs.
    pub fn put(&mut self, profile: ProfileIndex, arc: ArcId, ms: u32) {
        let at = arc.0 as usize;
        let pages = self.pages.get_mut(profile.index());
        let Some(page) = pages.and_then(|pages| pages.get_mut(at / PAGE)) else { return };
        if page[at % PAGE] != ms {
            Arc::make_mut(page)[at % PAGE] = ms;
        }
    }
}

/// The weights of one profile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WeightsOf<'a> {
    pages: &'a [Arc<[u32]>],
}

impl WeightsOf<'_> {
    /// The weight of an arc; [`IMPASSABLE`] of one that is not there.
    #[inline]
    pub fn weight(&self, arc: ArcId) -> u32 {
        let arc = arc.0 as usize;
        self.pages.get(arc / PAGE).map_or(IMPASSABLE, |page| page[arc % PAGE])
    }
}
