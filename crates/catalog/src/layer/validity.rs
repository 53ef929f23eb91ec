//! The two attributes that the features of every layer have: from when and until when they hold.

use std::sync::LazyLock;

use indexmap::IndexMap;
use urbis_model::Openness;

use super::{Attribute, AttributeType, Layer, Title};

static VALIDITY: LazyLock<[Attribute; 2]> = LazyLock::new(|| {
    let attribute = |name: &str, vi: &str, en: &str| Attribute {
        name: name.to_owned(),
        title: Title { vi: vi.to_owned(), en: en.to_owned() },
        kind: AttributeType::Datetime,
        unit: None,
        range: None,
        required: false,
        openness: None,
        deprecated: None,
        values: IndexMap::new(),
    };
    [
        attribute("valid_from", "Có hiệu lực từ", "Valid from"),
        attribute("valid_to", "Có hiệu lực đến", "Valid until"),
    ]
});

impl Attribute {
    /// `valid_from` and `valid_to`: the first moment at which a feature holds in the world and the
    /// first at which it holds no more, absent where none is known. They come after the attributes
    /// of the layer, whose definition may name none so.
    pub fn validity() -> &'static [Self; 2] {
        &VALIDITY
    }
}

impl Layer {
    /// The attributes that a class may see: those of the layer in their order, then
    /// [`Attribute::validity`].
    pub fn attributes_for(&self, class: Openness) -> impl Iterator<Item = &Attribute> {
        let all = self.attributes.iter().chain(Attribute::validity());
        all.filter(move |attribute| self.openness_of(attribute) <= class)
    }
}
