//! Checks what of a layer is found by typing.

use std::ops::RangeInclusive;

use urbis_model::GeometryKind;

use super::known_attribute;
use crate::{AddressRules, Layer, LayerFault, SearchRules};

const RANKS: RangeInclusive<u8> = 1..=9;

/// Two streets of one name in one city are farther apart than this, metres.
const MAX_MERGE_M: u32 = 20_000;

/// Checks that what is searched is there, and that whoever sees the layer sees all of it.
pub(super) fn check_search(layer: &Layer) -> Result<(), LayerFault> {
    let Some(rules) = &layer.search else { return Ok(()) };
    for (place, name) in rules.attributes() {
        let attribute = known_attribute(layer, place, name)?;
        let found = layer.openness_of(attribute);
        if found > layer.openness {
            return Err(LayerFault::SearchOpenness { attribute: name.clone(), found });
        }
    }
    if !RANKS.contains(&rules.rank) {
        return Err(LayerFault::SearchRank { found: rules.rank, known: RANKS });
    }
    match wrong_part(layer, rules) {
        Some(wanted) => Err(LayerFault::Search { wanted }),
        None => Ok(()),
    }
}

/// What a table that contradicts itself should have been.
fn wrong_part(layer: &Layer, rules: &SearchRules) -> Option<&'static str> {
    let SearchRules { names, aliases, merge_m, address, parcel, area, .. } = rules;
    if names.is_empty() && address.is_none() && parcel.is_none() {
        return Some("names, an address or a parcel");
    }
    if names.is_empty() && (!aliases.is_empty() || merge_m.is_some() || area.is_some()) {
        return Some("names beside aliases, merge_m or area");
    }
    if merge_m.is_some_and(|metres| metres > MAX_MERGE_M) {
        return Some("a merge_m of at most 20000");
    }
    if area.is_some() && layer.geometry != GeometryKind::MultiPolygon {
        return Some("an area of a layer of polygons");
    }
    match address {
        None
        | Some(AddressRules { number: Some(_), street: Some(_), text: None })
        | Some(AddressRules { number: None, street: None, text: Some(_) }) => None,
        Some(_) => Some("an address of a number and a street, or of a text"),
    }
}
