//! Proves that the icons which code lists and styles name are in the sprite.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use urbis_catalog::style::{parts, reading};
use urbis_catalog::{Catalog, Layer, Nearest};

use crate::check::Fault;

/// Where the drawings of the sprite lie, beside the folder of the styles.
const FOLDER: &str = "web/sprites";

/// Properties of style layers that name an icon.
const PROPERTIES: [&str; 5] =
    ["icon-image", "fill-pattern", "line-pattern", "background-pattern", "fill-extrusion-pattern"];

/// The names in the sprite.
#[derive(Debug)]
pub struct Sprites {
    names: BTreeSet<String>,
}

impl Sprites {
    /// Reads the folder of the drawings; `None` where there is none, as beside an installed
    /// program, whose sprite is built in.
    pub fn beside(styles: &Path) -> Option<Self> {
        let folder = styles.parent().unwrap_or(Path::new("")).join(FOLDER);
        let names = fs::read_dir(folder).ok()?.filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_drawing = path.extension().is_some_and(|extension| extension == "svg");
            is_drawing.then(|| path.file_stem().map(|name| name.to_string_lossy().into_owned()))?
        });
        Some(Self { names: names.collect() })
    }

    /// What is wrong with the name of an icon.
    pub fn complaint(&self, icon: &str) -> Option<String> {
        if self.names.contains(icon) {
            return None;
        }
        let nearest = Nearest::find(icon, self.names.iter().map(String::as_str));
        Some(format!("icon '{icon}' is no file of {FOLDER}{nearest}"))
    }

    /// Checks the icons of every code list.
    pub fn check_codes(&self, catalog: &Catalog) -> Vec<Fault> {
        let mut faults = Vec::new();
        for layer in catalog.layers() {
            for attribute in &layer.attributes {
                let icons = attribute.values.values().filter_map(|value| value.icon.as_deref());
                let place = format!("layer '{}', attribute '{}'", layer.id, attribute.name);
                let icons: BTreeSet<&str> = icons.collect();
                let whats = icons.into_iter().filter_map(|icon| self.complaint(icon));
                faults.extend(whats.map(|what| Fault::new(place.clone(), what)));
            }
        }
        faults
    }
}

/// Every icon that a style layer can draw, as far as its expressions spell the name out.
pub(super) fn icons(entry: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    let parts = [&entry["layout"], &entry["paint"]].into_iter().filter_map(Value::as_object);
    for (name, value) in parts.flatten() {
        if PROPERTIES.contains(&name.as_str()) {
            results(value, &mut found);
        }
    }
    found
}

/// Icons that a style layer names itself although codes that not everybody may see decide what it
/// draws: such an icon is only in the sheets of those who may see all of the codes.
pub(super) fn hidden_icons(layer: &Layer, entry: &Value) -> Vec<String> {
    let attribute = layer.openness_by.as_ref().map(|rule| rule.attribute.as_str());
    let Some(attribute) = attribute.filter(|name| reads(entry, name)) else { return Vec::new() };
    let complain = |icon| {
        let path = format!("{}.{attribute}", layer.id);
        format!(
            "icon '{icon}' depends on '{attribute}', some of whose codes not everybody may see, \
             so not every sheet has it; give it to a code and draw {{icons:{path}}}"
        )
    };
    icons(entry).into_iter().map(complain).collect()
}

/// Says whether a style layer reads an attribute in any way; `web/icon-classes.mjs` says the same.
fn reads(entry: &Value, attribute: &str) -> bool {
    let token = format!("{{{attribute}}}");
    let mut texts = reading(entry).flat_map(parts).filter_map(Value::as_str);
    texts.any(|text| text == attribute || text.contains(&token))
}

/// The texts that an expression can come out as.
fn results<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    let items = match value {
        // An empty text is no icon; one with braces takes its name from the feature.
        Value::String(name) if !name.is_empty() && !name.contains('{') => {
            found.push(name);
            return;
        }
        Value::Array(items) => items.as_slice(),
        _ => return,
    };
    let Some((operator, rest)) = items.split_first() else { return };
    let last = rest.last().into_iter();
    let outcomes: Vec<&Value> = match operator.as_str().unwrap_or_default() {
        "image" | "literal" | "coalesce" => rest.iter().collect(),
        "case" => rest.chunks_exact(2).map(|pair| &pair[1]).chain(last).collect(),
        // An input, then labels or stops and their outcomes.
        "match" => rest.iter().skip(2).step_by(2).chain(last).collect(),
        "step" => rest.iter().skip(1).step_by(2).collect(),
        _ => Vec::new(),
    };
    outcomes.into_iter().for_each(|outcome| results(outcome, found));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_icon_that_depends_on_codes_that_are_not_for_all_belongs_to_its_code() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../layers");
        let catalog = Catalog::load(folder.as_ref()).unwrap();
        let layer = |id: &str| catalog.layers().find(|layer| layer.id.as_str() == id).unwrap();
        let by_code = json!({"layout": {"icon-image":
            ["match", ["get", "kind"], "hydrant", "drop", ["image", "{icons:place.kind}"]]}});
        let filtered =
            json!({"filter": ["==", "kind", "hydrant"], "layout": {"icon-image": "drop"}});
        let listed = json!({"filter": ["==", "kind", "hydrant"],
            "layout": {"icon-image": "{icons:emergency_place.kind}"}});
        let other = json!({"filter": ["has", "name"], "layout": {"icon-image": "drop"}});
        let count = |id: &str, entry: &Value| hidden_icons(layer(id), entry).len();
        let place = "emergency_place";
        assert_eq!([&by_code, &filtered].map(|entry| count(place, entry)), [1, 1]);
        assert_eq!([&listed, &other].map(|entry| count(place, entry)), [0, 0]);
        assert_eq!(count("public_place", &by_code), 0);
    }

    #[test]
    fn every_icon_that_an_expression_can_come_out_as_is_found() {
        let entry = json!({
            "layout": {
                "text-field": "not-an-icon",
                "icon-image": ["coalesce",
                    ["match", ["get", "kind"], "depot", "a", ["x", "y"], "b", "c"],
                    ["case", ["==", ["get", "kind"], "depot"], "d", "e"],
                    ["step", ["zoom"], "f", 12, "g", 14, ["image", "h"]],
                    ["concat", "shield-", ["get", "ref"]]]
            },
            "paint": {"fill-pattern": "i", "line-pattern": "{kind}", "fill-color": "red"}
        });
        let found: BTreeSet<&str> = icons(&entry).into_iter().collect();
        assert_eq!(found, BTreeSet::from(["a", "b", "c", "d", "e", "f", "g", "h", "i"]));
    }
}
