//! Parcels by sheet and number: a map of keys, no text.

use urbis_snapshot::SnapshotFeature;
use xxhash_rust::xxh3::xxh3_64;

use crate::fold::fold;
use crate::layers::{FeatureRef, text_of};

/// Parcels in order of the keys of their sheets and numbers.
#[derive(Debug, Default)]
pub(crate) struct Parcels {
    keys: Vec<u32>,
    /// Beside each key.
    features: Vec<FeatureRef>,
}

/// Sheet and number within it, as they are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParcelNumber {
    pub sheet: String,
    pub number: String,
}

impl ParcelNumber {
    pub(crate) fn new(sheet: &str, number: &str) -> Self {
        let plain = |text: &str| fold(text.trim()).trim_start_matches('0').to_owned();
        Self { sheet: plain(sheet), number: plain(number) }
    }

    /// Of a feature, by the places of sheet and number.
    pub(crate) fn of(feature: SnapshotFeature<'_>, sheet: usize, number: usize) -> Option<Self> {
        Some(Self::new(text_of(feature, sheet)?, text_of(feature, number)?))
    }

    fn key(&self) -> u32 {
        xxh3_64(format!("{}/{}", self.sheet, self.number).as_bytes()) as u32
    }
}

impl Parcels {
    /// Parcels with this number, in any area, and few others.
    pub(crate) fn find(&self, number: &ParcelNumber) -> &[FeatureRef] {
        let key = number.key();
        let first = self.keys.partition_point(|other| *other < key);
        let end = self.keys.partition_point(|other| *other <= key);
        &self.features[first..end]
    }

    pub(crate) const fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.keys.capacity() * size_of::<u32>() + self.features.capacity() * size_of::<FeatureRef>()
    }
}

/// Collects parcels.
#[derive(Debug, Default)]
pub(crate) struct ParcelsBuilder(Vec<(u32, FeatureRef)>);

impl ParcelsBuilder {
    /// Adds a feature; nothing where it has no number or no geometry.
    pub(crate) fn add(
        &mut self,
        [sheet, number, _]: [usize; 3],
        feature: SnapshotFeature<'_>,
        as_ref: FeatureRef,
    ) {
        let number = ParcelNumber::of(feature, sheet, number);
        let number = number.filter(|_| feature.world_box().is_some());
        self.0.extend(number.map(|number| (number.key(), as_ref)));
    }

    pub(crate) fn finish(mut self) -> Parcels {
        self.0.sort_unstable();
        let keys = self.0.iter().map(|parcel| parcel.0).collect();
        Parcels { keys, features: self.0.into_iter().map(|parcel| parcel.1).collect() }
    }
}
