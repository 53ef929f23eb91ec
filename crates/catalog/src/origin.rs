//! Tells made-up features from real ones, by one word everywhere.

use urbis_model::AttributeValue;

use crate::Layer;

/// Attribute that says where a feature comes from.
pub const SOURCE_ATTRIBUTE: &str = "source";

/// Its value in every feature of a synthetic source, and in no other.
pub const SYNTHETIC: &str = "synthetic";

impl Layer {
    /// Says whether a feature of these attributes, in the order of [`Self::attributes`], is made
    /// up; a layer without the attribute [`SOURCE_ATTRIBUTE`] has no made-up features.
    pub fn is_synthetic(&self, attributes: &[AttributeValue]) -> bool {
        let origin = self.attribute_index(SOURCE_ATTRIBUTE).and_then(|index| attributes.get(index));
        origin.and_then(AttributeValue::as_text) == Some(SYNTHETIC)
    }
}
