//! A MapLibre style in the forms that QGIS reads: for its layers of vector tiles.
//!
//! QGIS makes its own symbols of a MapLibre style. Of a form that it does not know it says nothing
//! to the user: it draws all classes alike, or what a filter takes out. Here the same is said in
//! forms that QGIS 3.22 knows and that any reader of MapLibre styles draws alike:
//!
//! - a `match` with a list of labels in each branch, never a label by itself;
//! - the first of several codes as the list of all that features have and that start with it;
//! - `!=` for a `!` around `==`;
//! - a colour by an attribute or else another, and a text from a zoom on beside an icon, as two
//!   style layers;
//! - where a colour goes by a code, the opacity of the last zoom: QGIS reads one of the two;
//! - nothing hidden: the map has switches for what it hides, in QGIS an added layer would be blank.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use serde_json::{Map, Value, json};
use urbis_catalog::style::source_layer;
use urbis_catalog::{AttributeType, CODE_SEPARATOR, Catalog, Layer};
use urbis_model::LayerId;

use crate::fold::is_code_of;

/// The values of attributes of several codes that features have, by layer and attribute: `A+B`.
pub type CodesInUse = BTreeMap<(LayerId, String), BTreeSet<String>>;

/// Colours of a style layer, each with its opacity.
const PAINTS: [(&str, &str); 3] = [
    ("fill-color", "fill-opacity"),
    ("line-color", "line-opacity"),
    ("circle-color", "circle-opacity"),
];

/// Writes a style in the forms that QGIS reads; what it names stays what it was.
///
/// `in_use` must hold no value above the class that the style was made for. A value that it does
/// not hold is drawn as one without a colour. Ids stay unique: the second of two style layers made
/// of one has a suffix.
pub fn write_plainly(style: &mut Value, catalog: &Catalog, in_use: &CodesInUse) {
    let Some(entries) = style["layers"].as_array_mut() else { return };
    for mut entry in mem::take(entries) {
        if let Some(layer) = source_layer(catalog, &entry) {
            let writer = Writer { layer, in_use };
            for part in ["filter", "layout", "paint"] {
                if let Some(value) = entry.get_mut(part) {
                    writer.rewrite(value);
                }
            }
        }
        steady_opacity(&mut entry);
        if let Some(layout) = entry.get_mut("layout").and_then(Value::as_object_mut) {
            layout.remove("visibility");
        }
        match split_color(&entry).or_else(|| split_text(&entry)) {
            Some(two) => entries.extend(two),
            None => entries.push(entry),
        }
    }
}

/// Rewrites expressions over one layer.
#[derive(Debug, Clone, Copy)]
struct Writer<'a> {
    layer: &'a Layer,
    in_use: &'a CodesInUse,
}

impl Writer<'_> {
    fn rewrite(&self, value: &mut Value) {
        match value {
            Value::Array(items) => {
                if items.first().is_some_and(|operator| operator == "literal") {
                    return;
                }
                items.iter_mut().for_each(|item| self.rewrite(item));
                if let Some(other) = self.instead_of(items) {
                    *value = other;
                }
            }
            Value::Object(members) => members.values_mut().for_each(|member| self.rewrite(member)),
            _ => {}
        }
    }

    fn instead_of(&self, items: &[Value]) -> Option<Value> {
        match items {
            [operator, input, branches @ .., fallback] if *operator == "match" => {
                Some(self.matching(input, branches, fallback))
            }
            [operator, negated] if *operator == "!" => opposite(negated.as_array()?),
            _ => None,
        }
    }

    fn matching(&self, input: &Value, branches: &[Value], fallback: &Value) -> Value {
        let several = self.layer.attributes.iter().find(|attribute| {
            attribute.kind == AttributeType::Codes && is_code_of(input, attribute)
        });
        let mut plain = vec![json!("match")];
        plain.push(several.map_or_else(|| input.clone(), |found| json!(["get", found.name])));
        for pair in branches.chunks_exact(2) {
            let mut labels = match &pair[0] {
                Value::Array(labels) => labels.clone(),
                label => vec![label.clone()],
            };
            if let Some(attribute) = several {
                labels.extend(self.starting_with(&attribute.name, &labels));
            }
            plain.extend([Value::Array(labels), pair[1].clone()]);
        }
        plain.push(fallback.clone());
        Value::Array(plain)
    }

    /// The values of several codes whose first is among some.
    fn starting_with(&self, attribute: &str, codes: &[Value]) -> Vec<Value> {
        let found = self.in_use.get(&(self.layer.id.clone(), attribute.to_owned()));
        let several = found.into_iter().flatten().filter(|value| {
            let first = value.split_once(CODE_SEPARATOR).map(|(first, _)| first);
            first.is_some_and(|first| codes.iter().any(|code| *code == first))
        });
        several.map(|value| json!(value)).collect()
    }
}

fn opposite(compared: &[Value]) -> Option<Value> {
    let [operator, left, right] = compared else { return None };
    match operator.as_str()? {
        "==" => Some(json!(["!=", left, right])),
        "!=" => Some(json!(["==", left, right])),
        _ => None,
    }
}

/// An opacity that follows the zoom beside a colour that follows a code: that of the last zoom.
fn steady_opacity(entry: &mut Value) {
    let Some(paint) = entry.get_mut("paint").and_then(Value::as_object_mut) else { return };
    for (color, opacity) in PAINTS {
        let last = match paint.get(opacity) {
            Some(Value::Array(stops)) => stops.last().filter(|_| stops[0] == "interpolate"),
            _ => None,
        };
        if let Some(last) = last.cloned().filter(|_| paint.get(color).is_some_and(Value::is_array))
        {
            paint.insert(opacity.to_owned(), last);
        }
    }
}

/// `["to-color", ["get", a], fallback]`: features with the attribute, and those without.
fn split_color(entry: &Value) -> Option<[Value; 2]> {
    let (name, found, fallback) = PAINTS.iter().find_map(|(name, _)| {
        match entry["paint"][name].as_array().map(Vec::as_slice) {
            Some([operator, found, fallback]) if *operator == "to-color" => {
                Some((*name, found, fallback))
            }
            _ => None,
        }
    })?;
    let [operator, attribute] = found.as_array()?.as_slice() else { return None };
    if *operator != "get" {
        return None;
    }
    let has = json!(["has", attribute]);
    let lacks = json!(["!", has]);
    let mut with = filtered(entry, has);
    with["paint"][name] = found.clone();
    let mut without = filtered(&renamed(entry, "usual"), lacks);
    without["paint"][name] = fallback.clone();
    Some([with, without])
}

/// An icon whose text comes at a zoom: `["step", ["zoom"], "", z, text]`.
fn split_text(entry: &Value) -> Option<[Value; 2]> {
    let text_field = entry["layout"]["text-field"].as_array()?;
    let [operator, input, nothing, zoom, text] = text_field.as_slice() else { return None };
    if *operator != "step" || *input != json!(["zoom"]) || *nothing != "" {
        return None;
    }
    let icon = without_members(entry, "text-");
    let mut words = without_members(&renamed(entry, "text"), "icon-");
    let from = entry["minzoom"].as_f64().unwrap_or(0.0).max(zoom.as_f64()?);
    words["minzoom"] = json!(from);
    words["layout"]["text-field"] = text.clone();
    Some([icon, words])
}

fn renamed(entry: &Value, suffix: &str) -> Value {
    let mut renamed = entry.clone();
    renamed["id"] = json!(format!("{}-{suffix}", entry["id"].as_str().unwrap_or_default()));
    renamed
}

fn filtered(entry: &Value, condition: Value) -> Value {
    let mut filtered = entry.clone();
    filtered["filter"] = match entry.get("filter") {
        Some(filter) => json!(["all", filter, condition]),
        None => condition,
    };
    filtered
}

fn without_members(entry: &Value, start: &str) -> Value {
    let mut rest = entry.clone();
    for part in ["layout", "paint"] {
        if let Some(members) = rest.get_mut(part).and_then(Value::as_object_mut) {
            let kept = mem::take(members).into_iter().filter(|(name, _)| !name.starts_with(start));
            *members = kept.collect::<Map<_, _>>();
        }
    }
    rest
}
