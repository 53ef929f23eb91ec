//! Who may see an attribute, a feature, the features of a code.

use urbis_model::{AttributeValue, Openness};

use crate::{Attribute, AttributeType, CODE_SEPARATOR, Layer, OpennessBy};

impl Layer {
    /// Openness of an attribute: its own, or the layer's.
    pub fn openness_of(&self, attribute: &Attribute) -> Openness {
        attribute.openness.unwrap_or(self.openness)
    }

    /// Who may see a feature of these attributes, in the order of [`Self::attributes`].
    ///
    /// What cannot be read hides: where the attribute of `openness_by` has a list (a boolean's is
    /// `true` and `false`), a word that is not in it, letter by letter, counts as the strictest
    /// level of the rule. A text is compared without case. Blanks around a word count nowhere;
    /// of several codes the strictest decides. A feature without a value has the layer's openness.
    pub fn feature_openness(&self, attributes: &[AttributeValue]) -> Openness {
        let Some(rule) = &self.openness_by else { return self.openness };
        let index = self.attribute_index(&rule.attribute);
        let attribute = index.and_then(|index| self.attributes.get(index));
        let Some(attribute) = attribute else { return strictest(rule) };
        let level = |word: &str| level_of(rule, attribute, word.trim());
        let found = match index.and_then(|index| attributes.get(index)) {
            None | Some(AttributeValue::Null) => self.openness,
            Some(AttributeValue::Bool(value)) => level(if *value { "true" } else { "false" }),
            Some(AttributeValue::Text(text)) if attribute.kind == AttributeType::Codes => {
                text.split(CODE_SEPARATOR).map(level).max().unwrap_or_default()
            }
            Some(AttributeValue::Text(text)) => level(text),
            Some(AttributeValue::Int(_) | AttributeValue::Float(_)) => strictest(rule),
        };
        found.max(self.openness)
    }

    /// Who may see the features that have this code of an attribute.
    pub fn openness_of_code(&self, attribute: &Attribute, code: &str) -> Openness {
        let rule = self.openness_by.as_ref().filter(|rule| rule.attribute == attribute.name);
        let level = rule.and_then(|rule| rule.levels.get(code)).copied();
        level.unwrap_or_default().max(self.openness_of(attribute))
    }
}

/// The level of one word; the laxest where the rule does not name it.
fn level_of(rule: &OpennessBy, attribute: &Attribute, word: &str) -> Openness {
    if attribute.kind == AttributeType::Text {
        let same = rule.levels.iter().filter(|(named, _)| is_same(named, word));
        return same.map(|(_, level)| *level).max().unwrap_or_default();
    }
    match rule.levels.get(word) {
        Some(level) => *level,
        None if is_listed(attribute, word) => Openness::default(),
        None => strictest(rule),
    }
}

fn is_listed(attribute: &Attribute, word: &str) -> bool {
    match attribute.kind {
        AttributeType::Boolean => Attribute::BOOLEANS.contains(&word),
        _ => attribute.values.contains_key(word),
    }
}

fn is_same(named: &str, word: &str) -> bool {
    named.trim().to_lowercase() == word.to_lowercase()
}

fn strictest(rule: &OpennessBy) -> Openness {
    rule.levels.values().copied().max().unwrap_or(Openness::Restricted)
}
