//! Checks who may see what: nothing is laxer than the layer that it belongs to.

use urbis_model::Openness;

use super::known_attribute;
use crate::{Attribute, AttributeType, Layer, LayerFault, Nearest};

/// Checks that an attribute is not laxer than its layer.
pub(super) fn check_attribute(layer: &Layer, attribute: &Attribute) -> Result<(), LayerFault> {
    match attribute.openness {
        Some(found) if found < layer.openness => Err(LayerFault::OpennessLaxer {
            attribute: attribute.name.clone(),
            found,
            layer: layer.openness,
        }),
        _ => Ok(()),
    }
}

/// Checks the rule that tells features apart by the value of an attribute.
pub(super) fn check_openness_by(layer: &Layer) -> Result<(), LayerFault> {
    let Some(rule) = &layer.openness_by else { return Ok(()) };
    let attribute = known_attribute(layer, "openness_by", &rule.attribute)?;
    check_type(attribute)?;
    rule.levels.iter().try_for_each(|(value, level)| {
        check_value(attribute, value)?;
        check_level(layer, value, *level)
    })
}

fn check_type(attribute: &Attribute) -> Result<(), LayerFault> {
    match attribute.kind {
        AttributeType::Text
        | AttributeType::Code
        | AttributeType::Codes
        | AttributeType::Boolean => Ok(()),
        _ => Err(LayerFault::OpennessByType { attribute: attribute.name.clone() }),
    }
}

/// A text has any value, all others have those of their list.
fn check_value(attribute: &Attribute, value: &str) -> Result<(), LayerFault> {
    let listed = attribute.values.keys().map(String::as_str);
    let known: Vec<&str> = match attribute.kind {
        AttributeType::Text => return Ok(()),
        AttributeType::Boolean => Attribute::BOOLEANS.to_vec(),
        _ => listed.collect(),
    };
    if known.contains(&value) {
        return Ok(());
    }
    let nearest = Nearest::find(value, known);
    let (attribute, found) = (attribute.name.clone(), value.to_owned());
    Err(LayerFault::OpennessByValue { attribute, found, nearest })
}

fn check_level(layer: &Layer, value: &str, level: Openness) -> Result<(), LayerFault> {
    if level > layer.openness {
        return Ok(());
    }
    let (value, found) = (value.to_owned(), level);
    Err(LayerFault::OpennessByLevel { value, found, layer: layer.openness })
}
