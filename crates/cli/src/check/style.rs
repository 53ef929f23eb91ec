//! Proves that a style names only layers, attributes and codes that exist, and no outside host.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use urbis_catalog::style::{Use, uses};
use urbis_catalog::{AttributeType, Catalog, Layer, Nearest};
use urbis_model::LayerId;

use crate::check::{Fault, chain};

/// Checks every `*.json` file of a folder, in order of their names; returns how many there are.
pub fn check_styles(catalog: &Catalog, folder: &Path) -> (usize, Vec<Fault>) {
    let files = match style_files(folder) {
        Ok(files) => files,
        Err(cause) => return (0, vec![Fault::new(folder.display().to_string(), chain(&cause))]),
    };
    let faults = files.iter().flat_map(|path| check_file(catalog, path)).collect();
    (files.len(), faults)
}

fn style_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn check_file(catalog: &Catalog, path: &Path) -> Vec<Fault> {
    let read = fs::read_to_string(path).map_err(|cause| cause.to_string());
    let style = read
        .and_then(|text| serde_json::from_str::<Value>(&text).map_err(|cause| cause.to_string()));
    let whats = match style {
        Ok(style) => check_style(catalog, &style),
        Err(cause) => vec![cause],
    };
    whats.into_iter().map(|what| Fault::new(path.display().to_string(), what)).collect()
}

fn check_style(catalog: &Catalog, style: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    outside_hosts(style, &mut faults);
    let Some(layers) = style["layers"].as_array() else {
        faults.push("has no list of layers".into());
        return faults;
    };
    for entry in layers {
        let id = entry["id"].as_str().unwrap_or("without an id");
        let found = check_source(style, entry).into_iter().chain(check_layer(catalog, entry));
        faults.extend(found.map(|what| format!("layer '{id}': {what}")));
    }
    faults
}

/// A style served by us must work where there is no internet.
fn outside_hosts(value: &Value, faults: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains("://") => {
            faults.push(format!("'{text}' names a host; begin with {{base}} instead"));
        }
        Value::Array(items) => items.iter().for_each(|item| outside_hosts(item, faults)),
        Value::Object(members) => members.values().for_each(|item| outside_hosts(item, faults)),
        _ => {}
    }
}

fn check_source(style: &Value, entry: &Value) -> Option<String> {
    let source = entry["source"].as_str()?;
    let known = style["sources"].as_object()?;
    if known.contains_key(source) {
        return None;
    }
    let nearest = Nearest::find(source, known.keys().map(String::as_str));
    Some(format!("source '{source}' is not known{nearest}"))
}

fn check_layer(catalog: &Catalog, entry: &Value) -> Vec<String> {
    let Some(name) = entry["source-layer"].as_str() else { return Vec::new() };
    let layer = LayerId::new(name).ok().and_then(|id| catalog.layer(&id));
    let Some(layer) = layer else {
        let nearest = Nearest::find(name, catalog.layers().map(|layer| layer.id.as_str()));
        return vec![format!("source-layer '{name}' is not known{nearest}")];
    };
    ["filter", "layout", "paint"]
        .iter()
        .flat_map(|part| uses(&entry[*part]))
        .flat_map(|used| check_use(layer, &used))
        .collect()
}

fn check_use(layer: &Layer, used: &Use) -> Vec<String> {
    let name = used.attribute.as_str();
    let in_tiles = &layer.tiles.attributes;
    if !in_tiles.iter().any(|known| known == name) {
        let nearest = Nearest::find(name, in_tiles.iter().map(String::as_str));
        return vec![format!("attribute '{name}' is not in the tiles of '{}'{nearest}", layer.id)];
    }
    let attribute = layer.attributes.iter().find(|attribute| attribute.name == name);
    let Some(attribute) = attribute.filter(|found| found.kind == AttributeType::Code) else {
        return Vec::new();
    };
    let unknown = used.values.iter().filter(|value| !attribute.values.contains_key(*value));
    let complain = |value: &String| {
        let nearest = Nearest::find(value, attribute.values.keys().map(String::as_str));
        format!("'{value}' is no value of '{name}' in '{}'{nearest}", layer.id)
    };
    unknown.map(complain).collect()
}
