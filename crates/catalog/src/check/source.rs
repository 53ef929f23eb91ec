//! Checks where records come from, and that made-up ones say so.

use std::path::{Component, Path};

use urbis_model::GeometryKind;

use super::{VALIDITY, known_attribute};
use crate::{AttributeType, Layer, LayerFault, SOURCE_ATTRIBUTE, SYNTHETIC, Source};

/// Checks every source of a layer.
pub(super) fn check_sources(layer: &Layer) -> Result<(), LayerFault> {
    layer.sources.iter().try_for_each(|source| check_source(layer, source))
}

fn check_source(layer: &Layer, source: &Source) -> Result<(), LayerFault> {
    check_crs(&source.crs)?;
    check_origin(layer, source)?;
    check_relations(layer, source)?;
    let is_below = Path::new(&source.file).components().all(|c| matches!(c, Component::Normal(_)));
    if source.file.is_empty() || !is_below {
        return Err(LayerFault::SourcePath { found: source.file.clone() });
    }
    for name in source.fields.keys().filter(|name| !VALIDITY.contains(&name.as_str())) {
        known_attribute(layer, "sources.fields", name)?;
    }
    for name in source.constants.keys().filter(|name| !VALIDITY.contains(&name.as_str())) {
        known_attribute(layer, "sources.constants", name)?;
    }
    let mut lists = source.fields.iter().chain(&source.filter);
    match lists.find(|(_, list)| list.is_empty()) {
        None => Ok(()),
        Some((name, _)) => {
            Err(LayerFault::EmptyList { file: source.file.clone(), name: name.clone() })
        }
    }
}

/// Relations have no geometry but that of their members, and nothing else has members.
fn check_relations(layer: &Layer, source: &Source) -> Result<(), LayerFault> {
    let is_of_relations = source.layer.as_deref() == Some(Source::RELATIONS);
    let is_drawn = layer.geometry != GeometryKind::MultiPolygon;
    let has_members = source.fields.values().flatten().any(|field| is_role(field));
    let is_right = match is_of_relations {
        true => source.geometry_of.is_some() && is_drawn,
        false => source.geometry_of.is_none() && !has_members,
    };
    if is_right {
        return Ok(());
    }
    Err(LayerFault::Relations { file: source.file.clone() })
}

fn is_role(field: &str) -> bool {
    field.starts_with('@') && field != "@id"
}

/// Whoever meets a feature must be able to tell whether it is made up.
fn check_origin(layer: &Layer, source: &Source) -> Result<(), LayerFault> {
    let says_synthetic =
        source.constants.get(SOURCE_ATTRIBUTE).and_then(toml::Value::as_str) == Some(SYNTHETIC);
    if says_synthetic == source.synthetic && (!source.synthetic || can_say_synthetic(layer)) {
        return Ok(());
    }
    let file = source.file.clone();
    Err(if source.synthetic {
        LayerFault::SyntheticUnmarked { file }
    } else {
        LayerFault::SyntheticClaimed { file }
    })
}

fn can_say_synthetic(layer: &Layer) -> bool {
    layer.attribute(SOURCE_ATTRIBUTE).is_some_and(|attribute| match attribute.kind {
        AttributeType::Text => true,
        AttributeType::Code => attribute.values.contains_key(SYNTHETIC),
        _ => false,
    })
}

/// Checks that a CRS is written `EPSG:n`.
pub(super) fn check_crs(words: &str) -> Result<(), LayerFault> {
    match crate::layer::parse_crs(words) {
        Some(_) => Ok(()),
        None => Err(LayerFault::Crs { found: words.to_owned() }),
    }
}
