//! Drops the style layers that still name what a class must not see.
//!
//! The cut knows the forms in which styles name codes; an expression can say the same in others.
//! So what is left is read as text: who may not see a code does not get a style layer with it.

use serde_json::Value;
use urbis_model::Openness;

use super::cut::hidden_codes;
use super::walk::{parts, reading, source_layer};
use crate::{Catalog, Layer};

/// Members of a style layer whose words are no values of features.
const FIXED: [&str; 3] = ["type", "source", "source-layer"];

/// A style layer that a class does not get, because what it must not see could not be taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// Id of the style layer.
    pub layer: String,
    /// The code or the attribute that it still names.
    pub word: String,
}

/// Drops every style layer that holds a code or an attribute of its source-layer above the
/// class, wherever and however it stands there.
pub(super) fn drop_leaks(style: &mut Value, catalog: &Catalog, class: Openness) -> Vec<Leak> {
    let mut leaks = Vec::new();
    let Some(entries) = style["layers"].as_array_mut() else { return leaks };
    entries.retain(|entry| {
        let layer = source_layer(catalog, entry);
        let Some(word) = layer.and_then(|layer| leak(entry, layer, class)) else { return true };
        let id = entry["id"].as_str().unwrap_or_default();
        leaks.push(Leak { layer: id.to_owned(), word: word.to_owned() });
        false
    });
    leaks
}

fn leak<'a>(entry: &Value, layer: &'a Layer, class: Openness) -> Option<&'a str> {
    let members = || entry.as_object().into_iter().flatten();
    let named = |code: &&str| {
        let mut values = members().filter(|(name, _)| !FIXED.contains(&name.as_str()));
        values.any(|(_, value)| any_text(value, |text| has_word(text, code)))
    };
    let above = layer.attributes.iter().filter(|known| layer.openness_of(known) > class);
    let mut names = above.map(|attribute| attribute.name.as_str());
    // Names of attributes are everyday words: only the whole text counts, and only where it is read.
    let read = |name: &&str| reading(entry).any(|part| any_text(part, |text| text == *name));
    hidden_codes(layer, class).into_iter().find(named).or_else(|| names.find(read))
}

fn any_text(value: &Value, holds: impl Fn(&str) -> bool) -> bool {
    parts(value).any(|part| match part {
        Value::String(text) => holds(text),
        Value::Object(members) => members.keys().any(|name| holds(name)),
        _ => false,
    })
}

/// Says whether a text has a word in it, in whatever case, alone or between other words.
fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    let ends = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let stands_alone = |start: usize| {
        let behind = text[start + word.len()..].chars().next();
        ends(text[..start].chars().next_back()) && ends(behind)
    };
    !word.is_empty() && text.match_indices(&word).any(|(start, _)| stands_alone(start))
}
