//! Fills a template: colours of the palette, colours and icons of code lists.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use urbis_model::{LayerId, Openness};

use super::StyleError;
use crate::{Attribute, AttributeType, CODE_SEPARATOR, Catalog, CodeValue, Layer, Nearest};

/// What stays for the server to fill.
const BASE: &str = "base";

/// Entry of every palette that draws a value without a colour.
const UNKNOWN_COLOR: &str = "unknown";

/// Icon of a value without one.
const UNKNOWN_ICON: &str = "dot";

/// What a template is filled with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filling<'a> {
    pub(super) palette: &'a Map<String, Value>,
    pub(super) catalog: &'a Catalog,
    pub(super) class: Openness,
}

/// Which part of a code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Color,
    Icon,
}

/// Reads the palettes of a file; all must have the same names.
pub(super) fn read_palettes(
    value: Value,
) -> Result<IndexMap<String, Map<String, Value>>, StyleError> {
    let Value::Object(members) = value else { return Err(StyleError::Palettes) };
    let read = |(id, palette)| match palette {
        Value::Object(colors) => Ok((id, colors)),
        _ => Err(StyleError::Palettes),
    };
    let palettes: IndexMap<_, _> = members.into_iter().map(read).collect::<Result<_, _>>()?;
    if palettes.is_empty() {
        return Err(StyleError::Palettes);
    }
    for key in palettes.values().flat_map(Map::keys) {
        if let Some((id, _)) = palettes.iter().find(|(_, colors)| !colors.contains_key(key)) {
            return Err(StyleError::PaletteKey { palette: id.clone(), key: key.clone() });
        }
    }
    Ok(palettes)
}

/// Replaces every text that is exactly `{name}`, `{colors:LAYER.ATTRIBUTE}` or
/// `{icons:LAYER.ATTRIBUTE}`.
pub(super) fn fill(value: &mut Value, filling: &Filling<'_>) -> Result<(), StyleError> {
    match value {
        Value::String(text) => {
            if let Some(found) = placeholder(text).filter(|name| *name != BASE) {
                *value = filling.value_of(found)?;
            }
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill(item, filling)),
        Value::Object(members) => members.values_mut().try_for_each(|member| fill(member, filling)),
        _ => Ok(()),
    }
}

/// What stands between the braces of a text that is nothing else.
fn placeholder(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    (!name.is_empty() && name.chars().all(is_plain)).then_some(name)
}

impl Filling<'_> {
    fn value_of(&self, name: &str) -> Result<Value, StyleError> {
        match name.split_once(':') {
            Some(("colors", path)) => self.codes(path, Part::Color),
            Some(("icons", path)) => self.codes(path, Part::Icon),
            _ => self.color(name),
        }
    }

    fn color(&self, name: &str) -> Result<Value, StyleError> {
        self.palette.get(name).cloned().ok_or_else(|| {
            let nearest = Nearest::find(name, self.palette.keys().map(String::as_str));
            StyleError::ColorUnknown { found: name.to_owned(), nearest }
        })
    }

    /// A `match` over the codes that the class may see; the fallback where it may see none.
    fn codes(&self, path: &str, part: Part) -> Result<Value, StyleError> {
        let (layer, attribute) = self.find(path)?;
        let fallback = match part {
            Part::Color => self.color(UNKNOWN_COLOR)?,
            Part::Icon => json!(UNKNOWN_ICON),
        };
        if !attribute.values.values().any(|value| part.of(value).is_some()) {
            return Err(StyleError::CodeListBare { found: path.to_owned(), part: part.name() });
        }
        let seen = attribute
            .values
            .iter()
            .filter(|(code, _)| layer.openness_of_code(attribute, code) <= self.class);
        let pairs = seen.filter_map(|(code, value)| Some((code, part.of(value)?)));
        let branches: Vec<Value> =
            pairs.flat_map(|(code, drawn)| [json!(code), json!(drawn)]).collect();
        if branches.is_empty() {
            return Ok(fallback);
        }
        let start = [json!("match"), code_expression(attribute)];
        Ok(start.into_iter().chain(branches).chain([fallback]).collect())
    }

    fn find(&self, path: &str) -> Result<(&Layer, &Attribute), StyleError> {
        let unknown = |nearest| StyleError::CodeListUnknown { found: path.to_owned(), nearest };
        let (layer_id, name) = path.split_once('.').unwrap_or((path, ""));
        let layer = LayerId::new(layer_id).ok().and_then(|id| self.catalog.layer(&id));
        let layer = layer.ok_or_else(|| {
            let known = self.catalog.layers().map(|layer| layer.id.as_str());
            unknown(Nearest::find(layer_id, known))
        })?;
        let mut lists = layer.attributes.iter().filter(|attribute| !attribute.values.is_empty());
        let found = lists.clone().find(|attribute| attribute.name == name);
        let attribute = found.ok_or_else(|| {
            let known = lists.by_ref().map(|attribute| attribute.name.as_str());
            unknown(Nearest::find(name, known))
        })?;
        Ok((layer, attribute))
    }
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Color => "color",
            Self::Icon => "icon",
        }
    }

    fn of(self, value: &CodeValue) -> Option<&str> {
        match self {
            Self::Color => value.color.as_deref(),
            Self::Icon => value.icon.as_deref(),
        }
    }
}

/// The MapLibre expression that gives a feature's code of an attribute, of several the first; a
/// text for a boolean.
pub fn code_expression(attribute: &Attribute) -> Value {
    let get = json!(["get", attribute.name]);
    match attribute.kind {
        // A separator put behind is found also where there is one code or none.
        AttributeType::Codes => {
            let separator = CODE_SEPARATOR.to_string();
            let ended = json!(["concat", get, separator]);
            json!(["slice", ended, 0, ["index-of", separator, ended]])
        }
        // Labels of a match are texts or numbers.
        AttributeType::Boolean => json!(["to-string", get]),
        _ => get,
    }
}
