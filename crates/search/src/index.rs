//! The index of one city, and how it follows the next.
//!
//! ```text
//! base    built from a whole city: parts by openness
//! delta   the same of what changed since: hides its features and groups in the base
//! ```
//!
//! The delta is made anew, from the base on, each time; when it has grown large, a new base is built.
//! An index holds its city, so an answer never mixes two.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use urbis_model::{Openness, Revision};
use urbis_snapshot::{City, SnapshotFeature};

use crate::areas::Areas;
use crate::layers::{FeatureRef, SearchedLayers, text_of};
use crate::part::{Part, Parts, PartsBuilder};

/// More changed features than this, and than a share of all, and the base is built anew.
const MAX_CHANGED: usize = 10_000;
const MAX_CHANGED_SHARE: usize = 50;

/// What is found by typing, in one state of the city; immutable.
#[derive(Debug, Clone)]
pub struct SearchIndex {
    pub(crate) city: Arc<City>,
    pub(crate) areas: Areas,
    base: Arc<Base>,
    delta: Arc<Delta>,
}

#[derive(Debug)]
struct Base {
    city: Arc<City>,
    layers: SearchedLayers,
    parts: Parts,
}

/// What differs from the base.
#[derive(Debug, Default)]
struct Delta {
    hidden: Hidden,
    parts: Parts,
}

/// What of the base is no more as it was.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    features: HashSet<FeatureRef>,
    groups: [HashSet<u32>; Openness::ALL.len()],
}

/// What an index takes of memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SearchMemory {
    /// Names that are searched: results that they can be, each counted once.
    pub names: usize,
    /// Houses.
    pub addresses: usize,
    /// Parcels.
    pub parcels: usize,
    /// Bytes of all of it; the city itself is not in it, nor the allocator's own share.
    pub bytes: usize,
}

/// A part that is searched, and what of it is not there any more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Searched<'a> {
    pub part: &'a Part,
    hidden: Option<(&'a Hidden, usize)>,
}

impl SearchIndex {
    /// Builds the index of a city from all its features: seconds for millions.
    pub fn build(city: Arc<City>) -> Self {
        let layers = SearchedLayers::of(city.catalog());
        let parts = PartsBuilder::new(&layers, &city).all();
        let areas = Areas::of(&layers, &city);
        let base = Arc::new(Base { city: Arc::clone(&city), layers, parts });
        Self { city, areas, base, delta: Arc::default() }
    }

    /// The index of another state of the same city: as quick as what differs is little.
    #[must_use]
    pub fn follow(&self, city: &Arc<City>) -> Self {
        if !Arc::ptr_eq(city.catalog(), self.base.city.catalog()) {
            return Self::build(Arc::clone(city));
        }
        let changed = self.changed_in(city);
        let all: usize =
            self.layers().iter().filter_map(|(_, it)| city.layer(&it.id)).map(|it| it.len()).sum();
        if changed.len() > MAX_CHANGED.max(all / MAX_CHANGED_SHARE) {
            return Self::build(Arc::clone(city));
        }
        let (hidden, fresh) = self.base.hide(city, changed);
        let parts = PartsBuilder::new(self.layers(), city).some(&fresh);
        Self {
            city: Arc::clone(city),
            areas: self.areas_in(city),
            base: Arc::clone(&self.base),
            delta: Arc::new(Delta { hidden, parts }),
        }
    }

    /// The revision of the city that is searched.
    pub fn revision(&self) -> Revision {
        self.city.revision()
    }

    /// The city that is searched.
    pub const fn city(&self) -> &Arc<City> {
        &self.city
    }

    /// What it takes of memory.
    pub fn memory(&self) -> SearchMemory {
        let mut memory = SearchMemory { bytes: self.areas.bytes(), ..SearchMemory::default() };
        for part in self.base.parts.iter().chain(&self.delta.parts) {
            memory.names += part.names.len();
            memory.addresses += part.addresses.len();
            memory.parcels += part.parcels.len();
            memory.bytes += part.names.bytes() + part.addresses.bytes() + part.parcels.bytes();
        }
        memory
    }

    pub(crate) fn layers(&self) -> &SearchedLayers {
        &self.base.layers
    }

    /// The parts that a class may see.
    pub(crate) fn searched(&self, class: Openness) -> impl Iterator<Item = Searched<'_>> {
        let count = class as usize + 1;
        let base = self.base.parts.iter().take(count).enumerate();
        let base = base.map(|(at, part)| Searched { part, hidden: Some((&self.delta.hidden, at)) });
        base.chain(self.delta.parts.iter().take(count).map(|part| Searched { part, hidden: None }))
    }

    /// Features that differ from the base's.
    fn changed_in(&self, city: &City) -> BTreeSet<FeatureRef> {
        let mut changed = BTreeSet::new();
        for (number, layer) in self.layers().iter() {
            let states = [city, &*self.base.city].map(|city| city.layer(&layer.id));
            let [Some(now), Some(before)] = states else { continue };
            if !std::ptr::eq(now, before) {
                let ids = now.changed_since(before).into_iter();
                changed.extend(ids.map(|id| FeatureRef::new(number, id)));
            }
        }
        changed
    }

    fn areas_in(&self, city: &City) -> Areas {
        let is_same =
            self.layers().iter().filter(|(_, layer)| layer.area.is_some()).all(|(_, layer)| {
                let [now, before] = [city, &*self.city].map(|city| city.layer(&layer.id));
                now.zip(before).is_some_and(|(now, before)| std::ptr::eq(now, before))
            });
        if is_same { self.areas.clone() } else { Areas::of(self.layers(), city) }
    }
}

impl Base {
    /// What changed features hide, and all features that must be looked at anew: with each feature
    /// those that were, or may now be, in one group with it.
    fn hide(
        &self,
        city: &City,
        mut changed: BTreeSet<FeatureRef>,
    ) -> (Hidden, BTreeSet<FeatureRef>) {
        let mut hidden = Hidden::default();
        let mut titles = BTreeSet::new();
        for feature in &changed {
            let layer = self.layers.get(feature.layer());
            for city in [city, &*self.city] {
                let found = self.layers.feature(city, *feature);
                let of = |found: SnapshotFeature<'_>| {
                    let names = layer.names.iter().filter_map(|index| text_of(found, *index));
                    names.map(str::to_owned).collect::<Vec<_>>()
                };
                let names = found.map(of).unwrap_or_default();
                titles.extend(names.into_iter().map(|name| (feature.layer(), name)));
            }
        }
        for (layer, title) in &titles {
            let is_merged = self.layers.get(*layer).merge_m.is_some();
            for (part, groups) in self.parts.iter().zip(&mut hidden.groups) {
                for group in part.names.titled(*layer, title) {
                    let members = part.names.members(group);
                    if is_merged || members.iter().any(|member| changed.contains(member)) {
                        groups.insert(group);
                    }
                }
            }
        }
        for (part, groups) in self.parts.iter().zip(&hidden.groups) {
            changed.extend(groups.iter().flat_map(|group| part.names.members(*group)));
        }
        hidden.features = changed.iter().copied().collect();
        (hidden, changed)
    }
}

impl Searched<'_> {
    /// Says whether a group of names is as it was.
    pub(crate) fn has_group(&self, group: u32) -> bool {
        self.hidden.is_none_or(|(hidden, part)| !hidden.groups[part].contains(&group))
    }

    /// Says whether a feature is as it was.
    pub(crate) fn has_feature(&self, feature: FeatureRef) -> bool {
        self.hidden.is_none_or(|(hidden, _)| !hidden.features.contains(&feature))
    }
}
