//! Checks code lists: where they stand, what their spellings mean, how they are drawn.

use std::collections::BTreeMap;

use crate::{Attribute, AttributeType, CODE_SEPARATOR, CodeValue, LayerFault};

/// Checks the code list of an attribute, or that it has none.
pub(super) fn check_codes(attribute: &Attribute) -> Result<(), LayerFault> {
    let is_right = match attribute.kind {
        AttributeType::Code | AttributeType::Codes => !attribute.values.is_empty(),
        AttributeType::Boolean => {
            attribute.values.keys().all(|key| Attribute::BOOLEANS.contains(&&**key))
        }
        _ => attribute.values.is_empty(),
    };
    if !is_right {
        return Err(LayerFault::CodeList { attribute: attribute.name.clone() });
    }
    check_spellings(attribute)?;
    attribute.values.iter().try_for_each(|(code, value)| check_value(attribute, code, value))
}

fn check_spellings(attribute: &Attribute) -> Result<(), LayerFault> {
    let mut meaning = BTreeMap::new();
    for (code, value) in &attribute.values {
        for spelling in std::iter::once(code).chain(&value.from).chain(&value.from_start) {
            let spelling = spelling.to_lowercase();
            let other = meaning.insert(spelling.clone(), code);
            if other.is_some_and(|other| other != code) {
                let attribute = attribute.name.clone();
                return Err(LayerFault::CodeSpelling { attribute, spelling });
            }
        }
    }
    Ok(())
}

fn check_value(attribute: &Attribute, code: &str, value: &CodeValue) -> Result<(), LayerFault> {
    let attribute_name = || attribute.name.clone();
    if attribute.kind == AttributeType::Codes && (code.is_empty() || code.contains(CODE_SEPARATOR))
    {
        return Err(LayerFault::CodeSeparator {
            attribute: attribute_name(),
            code: code.to_owned(),
        });
    }
    if let Some(found) = value.color.as_ref().filter(|color| !is_color(color)) {
        return Err(LayerFault::CodeColor { attribute: attribute_name(), found: found.clone() });
    }
    if let Some(found) = value.icon.as_ref().filter(|icon| !is_icon(icon)) {
        return Err(LayerFault::CodeIcon { attribute: attribute_name(), found: found.clone() });
    }
    Ok(())
}

/// `#rrggbb`.
fn is_color(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_hexdigit();
    text.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.bytes().all(is_digit))
}

/// A name of a file of the sprite, without its ending.
fn is_icon(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_plain)
}
