//! House numbers by street.

use std::collections::HashMap;

use urbis_snapshot::SnapshotFeature;

use crate::fold::words;
use crate::house::HouseNumber;
use crate::layers::{AddressColumns, FeatureRef, text_of};
use crate::texts::{Texts, TextsBuilder, span};

/// Features that have a house number, by the street's words and the number's key.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    /// Streets by their words, each once, whatever its marks and wherever it is.
    pub streets: Texts,
    /// Where the houses of each street end.
    ends: Vec<u32>,
    /// Keys of the numbers of each street, in order.
    keys: Vec<u32>,
    /// Beside each key.
    features: Vec<FeatureRef>,
}

impl Addresses {
    /// The features of a street whose number has one of the keys.
    pub(crate) fn houses(&self, street: u32, keys: std::ops::RangeInclusive<u32>) -> &[FeatureRef] {
        let all = span(&self.ends, street);
        let of_street = &self.keys[all.clone()];
        let first = of_street.partition_point(|key| key < keys.start());
        let end = of_street.partition_point(|key| key <= keys.end());
        &self.features[all][first..end.max(first)]
    }

    pub(crate) const fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.streets.bytes()
            + (self.ends.capacity() + self.keys.capacity()) * size_of::<u32>()
            + self.features.capacity() * size_of::<FeatureRef>()
    }
}

/// The number and the street of a feature.
pub(crate) fn address_of(
    columns: AddressColumns,
    feature: SnapshotFeature<'_>,
) -> Option<(HouseNumber, &str)> {
    match columns {
        AddressColumns::Apart { number, street } => {
            let number = HouseNumber::read(text_of(feature, number)?)?;
            Some((number, text_of(feature, street)?))
        }
        AddressColumns::Text(text) => split_address(text_of(feature, text)?),
    }
}

/// The number and the street at the start of an address.
fn split_address(text: &str) -> Option<(HouseNumber, &str)> {
    let first = text.split([',', ';']).next().unwrap_or(text);
    let folded = crate::fold::fold(first);
    let tokens: Vec<&str> = folded.split_whitespace().collect();
    let (number, used) = HouseNumber::leading(&tokens)?;
    let mut street = first.trim_start();
    for _ in 0..used {
        let token = street.find(char::is_whitespace).unwrap_or(street.len());
        street = street[token..].trim_start();
    }
    (!street.is_empty()).then(|| (number, street.trim_end()))
}

/// Collects houses.
#[derive(Debug, Default)]
pub(crate) struct AddressesBuilder {
    texts: TextsBuilder,
    /// Streets as they came; `None` where one has no word.
    raw: HashMap<String, Option<u32>>,
    folded: HashMap<Vec<String>, u32>,
    houses: Vec<(u32, u32, FeatureRef)>,
}

impl AddressesBuilder {
    /// Adds a feature; nothing where it has no number or no geometry.
    pub(crate) fn add(
        &mut self,
        columns: AddressColumns,
        feature: SnapshotFeature<'_>,
        as_ref: FeatureRef,
    ) {
        let Some((number, street)) = address_of(columns, feature) else { return };
        if feature.world_box().is_none() {
            return;
        }
        if let Some(street) = self.street(street) {
            self.houses.push((street, number.key(), as_ref));
        }
    }

    fn street(&mut self, street: &str) -> Option<u32> {
        if let Some(known) = self.raw.get(street) {
            return *known;
        }
        let folded = words(street);
        let known = self.folded.get(&folded).copied().or_else(|| self.texts.add(street));
        if let Some(known) = known {
            self.folded.insert(folded, known);
        }
        self.raw.insert(street.to_owned(), known);
        known
    }

    pub(crate) fn finish(mut self) -> Addresses {
        self.houses.sort_unstable();
        let streets = self.texts.finish();
        let ends = 0..streets.len() as u32;
        let ends = ends.map(|street| self.houses.partition_point(|house| house.0 <= street) as u32);
        Addresses {
            ends: ends.collect(),
            keys: self.houses.iter().map(|house| house.1).collect(),
            features: self.houses.iter().map(|house| house.2).collect(),
            streets,
        }
    }
}
