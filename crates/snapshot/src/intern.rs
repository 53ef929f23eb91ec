//! Texts that occur many times, kept once.

use std::collections::HashSet;
use std::sync::Arc;

use urbis_model::AttributeValue;

/// The texts of one load or one batch of changes.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    texts: HashSet<Arc<str>>,
}

impl Interner {
    /// Makes equal texts share their bytes.
    pub(crate) fn intern(&mut self, attributes: Vec<AttributeValue>) -> Box<[AttributeValue]> {
        attributes.into_iter().map(|value| self.intern_value(value)).collect()
    }

    fn intern_value(&mut self, value: AttributeValue) -> AttributeValue {
        let AttributeValue::Text(text) = value else { return value };
        if let Some(known) = self.texts.get(&text) {
            return AttributeValue::Text(Arc::clone(known));
        }
        self.texts.insert(Arc::clone(&text));
        AttributeValue::Text(text)
    }
}
