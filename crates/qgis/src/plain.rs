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
//! - icons by a code as a style layer an icon.
//!
//! Nothing is there and hidden: some versions of QGIS draw it, in others an added layer is blank.

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

/// What a style is to draw.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'a> {
    /// What the map shows before anybody asks for more, with its ground.
    AsOnTheMap,
    /// Everything of some layers, without a ground.
    Only(&'a BTreeSet<LayerId>),
}

impl Shown<'_> {
    fn has(self, entry: &Value, layer: Option<&Layer>) -> bool {
        match self {
            Self::AsOnTheMap => entry["layout"]["visibility"] != "none",
            Self::Only(ids) => layer.is_some_and(|layer| ids.contains(&layer.id)),
        }
    }
}

/// Writes a style in the forms that QGIS reads; what it names stays what it was.
///
/// `in_use` must hold no value above the class that the style was made for. A value that it does
/// not hold is drawn as one without a colour. Ids stay unique: of several style layers made of one,
/// those after the first have a suffix.
pub fn write_plainly(style: &mut Value, catalog: &Catalog, in_use: &CodesInUse, shown: Shown<'_>) {
    let Some(entries) = style["layers"].as_array_mut() else { return };
    for mut entry in mem::take(entries) {
        let layer = source_layer(catalog, &entry);
        if !shown.has(&entry, layer) {
            continue;
        }
        if let Some(layout) = entry.get_mut("layout").and_then(Value::as_object_mut) {
            layout.remove("visibility");
        }
        if let Some(layer) = layer {
            let writer = Writer { layer, in_use };
            for part in ["filter", "layout", "paint"] {
                if let Some(value) = entry.get_mut(part) {
                    writer.rewrite(value);
                }
            }
        }
        steady_opacity(&mut entry);
        let parts = split_color(&entry).or_else(|| split_text(&entry)).unwrap_or(vec![entry]);
        for part in parts {
            entries.extend(split_icons(&part).unwrap_or(vec![part]));
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
fn split_color(entry: &Value) -> Option<Vec<Value>> {
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
    Some(vec![with, without])
}

/// An icon whose text comes at a zoom: `["step", ["zoom"], "", z, text]`.
fn split_text(entry: &Value) -> Option<Vec<Value>> {
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
    Some(vec![icon, words])
}

/// Icons that go by a code and have no text: one style layer for each icon, the last for all else.
fn split_icons(entry: &Value) -> Option<Vec<Value>> {
    let image = entry["layout"]["icon-image"].as_array()?;
    let [operator, input, branches @ .., fallback] = image.as_slice() else { return None };
    if *operator != "match" || entry["layout"].get("text-field").is_some() {
        return None;
    }
    let mut labels_by_icon: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for pair in branches.chunks_exact(2) {
        labels_by_icon.entry(pair[1].as_str()?).or_default().extend(pair[0].as_array()?.clone());
    }
    let all: Vec<Value> = labels_by_icon.values().flatten().cloned().collect();
    let coded = labels_by_icon.into_iter().map(|(icon, labels)| {
        let mut drawn =
            filtered(&renamed(entry, icon), json!(["match", input, labels, true, false]));
        drawn["layout"]["icon-image"] = json!(icon);
        drawn
    });
    let mut other = filtered(entry, json!(["match", input, all, false, true]));
    other["layout"]["icon-image"] = fallback.clone();
    Some([other].into_iter().chain(coded).collect())
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
