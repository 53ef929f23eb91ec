//! Takes out of a style what a class must not see.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use urbis_model::Openness;

use super::expression::{Comparison, subject, uses};
use super::walk::{READING, reading, source_layer};
use crate::{Catalog, Layer};

/// Start of a source's address behind the base.
const TILES: &str = "/tiles/";

/// Takes out the style layers whose source-layer is above the class or is no layer.
pub(super) fn cut_layers(style: &mut Value, catalog: &Catalog, class: Openness) {
    let Some(entries) = style["layers"].as_array_mut() else { return };
    entries.retain(|entry| match entry.get("source-layer") {
        Some(_) => source_layer(catalog, entry).is_some_and(|layer| layer.openness <= class),
        // An old way to take over the source-layer of another.
        None => entry.get("ref").is_none(),
    });
}

/// Takes out the style layers that read attributes above the class, and the codes above it from
/// all others; a style layer that draws nothing else goes too.
pub(super) fn cut_values(style: &mut Value, catalog: &Catalog, class: Openness) {
    let Some(entries) = style["layers"].as_array_mut() else { return };
    entries.retain_mut(|entry| {
        let Some(layer) = source_layer(catalog, entry) else { return true };
        if reads_above(entry, layer, class) {
            return false;
        }
        cut_codes(entry, layer, class);
        entry.get("filter").is_none_or(|filter| !is_never(filter))
    });
}

/// Takes out the sources that no style layer draws, and names above the class from the others.
pub(super) fn cut_sources(style: &mut Value, catalog: &Catalog, class: Openness) {
    let entries = style["layers"].as_array().into_iter().flatten();
    let drawn: BTreeSet<String> =
        entries.filter_map(|entry| Some(entry["source"].as_str()?.to_owned())).collect();
    let Some(sources) = style.get_mut("sources").and_then(Value::as_object_mut) else { return };
    sources.retain(|name, _| drawn.contains(name));
    for source in sources.values_mut() {
        if let Some(Value::String(url)) = source.get_mut("url") {
            cut_names(url, catalog, class);
        }
    }
}

fn reads_above(entry: &Value, layer: &Layer, class: Openness) -> bool {
    reading(entry).flat_map(uses).any(|used| {
        let attribute = layer.attribute(&used.attribute);
        attribute.is_none_or(|attribute| layer.openness_of(attribute) > class)
    })
}

/// `{base}/tiles/a,b`: names that the class does not know would be an error of the whole address.
fn cut_names(url: &mut String, catalog: &Catalog, class: Openness) {
    let Some((base, names)) = url.split_once(TILES) else { return };
    let is_seen = |name: &&str| {
        let is_named = |layer: &Layer| layer.id.as_str() == *name || layer.theme == *name;
        catalog.layers().any(|layer| layer.openness <= class && is_named(layer))
    };
    let seen: Vec<&str> = names.split(',').filter(is_seen).collect();
    *url = format!("{base}{TILES}{}", seen.join(","));
}

/// The codes of one attribute whose features the class does not see.
struct Hidden<'a> {
    attribute: &'a str,
    codes: Vec<&'a str>,
}

/// The codes whose features the class does not see, of the attribute that `openness_by` names.
pub(super) fn hidden_codes(layer: &Layer, class: Openness) -> Vec<&str> {
    let levels = layer.openness_by.iter().flat_map(|rule| &rule.levels);
    levels.filter(|(_, level)| **level > class).map(|(code, _)| code.as_str()).collect()
}

fn cut_codes(entry: &mut Value, layer: &Layer, class: Openness) {
    let Some(rule) = &layer.openness_by else { return };
    let codes = hidden_codes(layer, class);
    if codes.is_empty() {
        return;
    }
    let hidden = Hidden { attribute: &rule.attribute, codes };
    for part in READING {
        if let Some(value) = entry.get_mut(part) {
            hidden.cut(value);
        }
    }
}

impl Hidden<'_> {
    fn cut(&self, value: &mut Value) {
        match value {
            Value::Array(items) => {
                if items.first().is_some_and(|operator| operator == "literal") {
                    return;
                }
                items.iter_mut().for_each(|item| self.cut(item));
                if let Some(other) = self.without(items) {
                    *value = other;
                }
            }
            Value::Object(members) => members.values_mut().for_each(|member| self.cut(member)),
            _ => {}
        }
    }

    fn hides(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| self.codes.contains(&text))
    }

    /// What stands in the place of an expression that names hidden codes.
    fn without(&self, items: &[Value]) -> Option<Value> {
        match items.first()?.as_str()? {
            "match" if subject(items.get(1)?) == Some(self.attribute) => {
                Some(self.without_branches(items))
            }
            "all" | "any" => Some(without_constants(items)),
            "!" if items.len() == 2 => items[1].as_bool().map(|held| json!(!held)),
            "case" => Some(without_cases(items)),
            _ => {
                let compared = Comparison::read(items)?;
                let names = compared.texts().any(|text| self.codes.contains(&text));
                (names && compared.attribute == self.attribute)
                    .then(|| self.without_texts(items, compared))
            }
        }
    }

    fn without_branches(&self, items: &[Value]) -> Value {
        let [operator, input, branches @ .., fallback] = items else {
            return Value::Array(items.to_vec());
        };
        let mut kept = vec![operator.clone(), input.clone()];
        for pair in branches.chunks_exact(2) {
            let label = match &pair[0] {
                Value::Array(labels) => {
                    let seen = labels.iter().filter(|label| !self.hides(label)).cloned();
                    Value::Array(seen.collect())
                }
                label if self.hides(label) => continue,
                label => label.clone(),
            };
            if label.as_array().is_none_or(|labels| !labels.is_empty()) {
                kept.extend([label, pair[1].clone()]);
            }
        }
        if kept.len() == 2 {
            return fallback.clone();
        }
        kept.push(fallback.clone());
        Value::Array(kept)
    }

    /// A comparison without hidden codes; with nothing left, what it is for every feature seen.
    fn without_texts(&self, items: &[Value], compared: Comparison<'_>) -> Value {
        let is_list = items[0].as_str().is_some_and(|operator| operator.ends_with("in"));
        if is_list && compared.texts().any(|text| !self.codes.contains(&text)) {
            return Value::Array(
                items.iter().filter_map(|item| self.without_members(item)).collect(),
            );
        }
        match (compared.is_old, compared.is_negative) {
            (false, holds) => json!(holds),
            // The old filters have no constants.
            (true, true) => json!(["all"]),
            (true, false) => json!(["any"]),
        }
    }

    fn without_members(&self, item: &Value) -> Option<Value> {
        match item.as_array().map(Vec::as_slice) {
            Some([operator, Value::Array(members)]) if operator == "literal" => {
                let seen = members.iter().filter(|member| !self.hides(member)).cloned();
                Some(json!(["literal", seen.collect::<Vec<_>>()]))
            }
            _ => (!self.hides(item)).then(|| item.clone()),
        }
    }
}

/// `all` and `any` without what decides nothing, or what decides them.
fn without_constants(items: &[Value]) -> Value {
    let is_all = items[0] == "all";
    let decides = |item: &&Value| if is_all { is_never(item) } else { is_always(item) };
    if let Some(decided) = items[1..].iter().find(decides) {
        return decided.clone();
    }
    let says = |item: &&Value| if is_all { !is_always(item) } else { !is_never(item) };
    items[..1].iter().chain(items[1..].iter().filter(says)).cloned().collect()
}

/// A `case` without outcomes that no feature has any more: they may name what is hidden.
fn without_cases(items: &[Value]) -> Value {
    let [operator, branches @ .., fallback] = items else { return Value::Null };
    let mut kept = vec![operator.clone()];
    let mut last = fallback;
    for pair in branches.chunks_exact(2) {
        match pair[0].as_bool() {
            Some(false) => {}
            Some(true) => {
                last = &pair[1];
                break;
            }
            None => kept.extend_from_slice(pair),
        }
    }
    if kept.len() == 1 {
        return last.clone();
    }
    kept.push(last.clone());
    Value::Array(kept)
}

fn is_never(filter: &Value) -> bool {
    *filter == json!(false) || *filter == json!(["any"])
}

fn is_always(filter: &Value) -> bool {
    *filter == json!(true) || *filter == json!(["all"])
}
