//! What a layer promises to those who read its tiles.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use urbis_catalog::Layer;
use urbis_model::Openness;

/// The part of a layer's definition that apps depend on.
///
/// Keys that it does not know are passed over: an older or a newer program wrote them.
#[derive(Debug, Deserialize)]
pub(super) struct Promise {
    /// Geometry kind, as the file spells it.
    pub(super) geometry: String,
    /// The group whose tiles have it.
    pub(super) theme: Option<String>,
    openness: Option<String>,
    openness_by: Option<OpennessBy>,
    deprecated: Option<IgnoredAny>,
    pub(super) tiles: Tiles,
    attributes: Vec<Attribute>,
}

/// Who may see a feature, by the value of an attribute.
#[derive(Debug, Deserialize)]
struct OpennessBy {
    attribute: String,
    levels: BTreeMap<String, String>,
}

/// What of it is in tiles.
#[derive(Debug, Deserialize)]
pub(super) struct Tiles {
    pub(super) minzoom: u8,
    pub(super) maxzoom: u8,
    pub(super) attributes: Vec<String>,
}

/// One attribute.
#[derive(Debug, Deserialize)]
pub(super) struct Attribute {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) unit: Option<String>,
    openness: Option<String>,
    deprecated: Option<IgnoredAny>,
    #[serde(default)]
    pub(super) values: BTreeMap<String, IgnoredAny>,
}

impl Promise {
    /// Reads a layer file of another time.
    pub(super) fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// What a layer of the catalogue promises.
    pub(super) fn of(layer: &Layer) -> Self {
        serde_json::to_value(layer)
            .and_then(serde_json::from_value)
            .expect("a checked layer has every key that its file must have")
    }

    /// Its end was announced.
    pub(super) fn is_deprecated(&self) -> bool {
        self.deprecated.is_some()
    }

    /// Who may see it; a word that the program does not know is the strictest.
    pub(super) fn openness(&self) -> Openness {
        level(self.openness.as_ref()).unwrap_or_default()
    }

    /// Who may see an attribute of it.
    pub(super) fn openness_of(&self, attribute: &Attribute) -> Openness {
        level(attribute.openness.as_ref()).unwrap_or_else(|| self.openness())
    }

    /// The attribute and each of its values whose features not all may see that see the layer.
    pub(super) fn rules(&self) -> impl Iterator<Item = (&str, &str)> {
        self.openness_by.iter().flat_map(|rule| {
            rule.levels.keys().map(|value| (rule.attribute.as_str(), value.as_str()))
        })
    }

    /// Who may see the features that have this value of an attribute.
    pub(super) fn openness_of_value(&self, attribute: &str, value: &str) -> Openness {
        let rule = self.openness_by.as_ref().filter(|rule| rule.attribute == attribute);
        let own = level(rule.and_then(|rule| rule.levels.get(value)));
        own.unwrap_or_default().max(self.openness())
    }

    /// Says whether features may have had this value: a list that lacks it rules it out.
    pub(super) fn may_have(&self, attribute: &str, value: &str) -> bool {
        let list = self.attribute(attribute).map(|attribute| &attribute.values);
        list.is_none_or(|list| list.is_empty() || list.contains_key(value))
    }

    /// The attributes in its tiles, in their order.
    pub(super) fn in_tiles(&self) -> impl Iterator<Item = &Attribute> {
        self.tiles.attributes.iter().filter_map(|name| self.attribute(name))
    }

    /// The attribute of that name, in the tiles or not.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

impl Attribute {
    /// Its end was announced.
    pub(super) fn is_deprecated(&self) -> bool {
        self.deprecated.is_some()
    }
}

fn level(word: Option<&String>) -> Option<Openness> {
    word.map(|word| word.parse().unwrap_or(Openness::Restricted))
}
