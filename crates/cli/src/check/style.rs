//! Proves that a style names only layers, attributes, codes and icons that exist, and no outside
//! host, in each of its palettes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use urbis_catalog::style::{Leak, Style, StyleError, Use, parts, reading, source_layer, uses};
use urbis_catalog::{AttributeType, CODE_SEPARATOR, Catalog, Layer, Nearest};
use urbis_model::Openness;

use crate::check::expression::malformed;
use crate::check::icon::{Sprites, hidden_icons, icons};
use crate::check::{Fault, chain};

/// Start of a source's address.
const TILES: &str = "{base}/tiles/";

/// Checks every `*.json` file of a folder, in order of their names; returns how many styles
/// they hold.
pub fn check_styles(
    catalog: &Catalog,
    folder: &Path,
    sprites: Option<&Sprites>,
) -> (usize, Vec<Fault>) {
    let files = match style_files(folder) {
        Ok(files) => files,
        Err(cause) => return (0, vec![Fault::new(folder.display().to_string(), chain(&cause))]),
    };
    let mut ids = BTreeSet::new();
    let mut faults = Vec::new();
    for path in files {
        let mut whats = Vec::new();
        match read_style(&path) {
            Ok((file, style)) => {
                let doubles = style.ids().filter(|id| !ids.insert((*id).to_owned()));
                whats.extend(doubles.map(|id| format!("another file has a style '{id}' too")));
                check_file(catalog, &file, &mut whats);
                check_palettes(catalog, &style, sprites, &mut whats);
            }
            Err(cause) => whats.push(cause),
        }
        let place = path.display().to_string();
        faults.extend(whats.into_iter().map(|what| Fault::new(place.clone(), what)));
    }
    (ids.len(), faults)
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

/// The file as it is, and as the styles that it holds.
fn read_style(path: &Path) -> Result<(Value, Style), String> {
    let text = fs::read_to_string(path).map_err(|cause| cause.to_string())?;
    let file: Value = serde_json::from_str(&text).map_err(|cause| cause.to_string())?;
    let id = path.file_stem().unwrap_or_default().to_string_lossy();
    let style = Style::parse(&id, file.clone()).map_err(|cause| chain(&cause))?;
    Ok((file, style))
}

/// What all styles of a file share.
fn check_file(catalog: &Catalog, file: &Value, faults: &mut Vec<String>) {
    faults.extend(outside_hosts(file));
    let sources = file["sources"].as_object().into_iter().flatten();
    for (name, source) in sources {
        let whats = check_address(catalog, source["url"].as_str().unwrap_or_default());
        faults.extend(whats.into_iter().map(|what| format!("source '{name}': {what}")));
    }
    for entry in file["layers"].as_array().into_iter().flatten() {
        let layer = source_layer(catalog, entry);
        let found = check_source(file, entry).into_iter().chain(check_layer(catalog, entry));
        let found = found.chain(layer.into_iter().flat_map(|layer| hidden_icons(layer, entry)));
        faults.extend(found.map(|what| format!("layer '{}': {what}", name_of(entry))));
    }
}

/// What may differ from palette to palette; a fault of all of them is said once.
fn check_palettes(
    catalog: &Catalog,
    style: &Style,
    sprites: Option<&Sprites>,
    faults: &mut Vec<String>,
) {
    for id in style.ids() {
        let checked = check_palette(catalog, style, (id, sprites));
        for what in checked.unwrap_or_else(|cause| vec![chain(&cause)]) {
            if !faults.contains(&what) {
                faults.push(what);
            }
        }
    }
}

fn check_palette(
    catalog: &Catalog,
    style: &Style,
    (id, sprites): (&str, Option<&Sprites>),
) -> Result<Vec<String>, StyleError> {
    let mut whats = check_layers(catalog, &style.fill(id, catalog)?, sprites);
    for class in Openness::ALL {
        whats.extend(style.leaks(id, catalog, class)?.into_iter().map(complain_of_leak));
    }
    Ok(whats)
}

fn check_layers(catalog: &Catalog, style: &Value, sprites: Option<&Sprites>) -> Vec<String> {
    let entries = style["layers"].as_array().into_iter().flatten();
    let check = |entry| {
        let uses = check_uses(catalog, entry);
        let broken = malformed(entry);
        let icons = icons(entry).into_iter().filter_map(|icon| sprites?.complaint(icon));
        let whats = uses.into_iter().chain(broken).chain(icons);
        whats.map(|what| format!("layer '{}': {what}", name_of(entry))).collect::<Vec<_>>()
    };
    entries.flat_map(check).collect()
}

/// What the cut of a class could not take out costs that class the whole style layer.
fn complain_of_leak(Leak { layer, word }: Leak) -> String {
    format!(
        "layer '{layer}': names '{word}' where it cannot be taken out, so whoever may not see \
         that loses the style layer; compare the attribute in a match, ==, != or in"
    )
}

fn name_of(entry: &Value) -> &str {
    entry["id"].as_str().unwrap_or("without an id")
}

/// A style served by us must work where there is no internet.
fn outside_hosts(file: &Value) -> impl Iterator<Item = String> {
    let texts = parts(file).filter_map(Value::as_str).filter(|text| text.contains("://"));
    texts.map(|text| format!("'{text}' names a host; begin with {{base}} instead"))
}

/// Tiles are of layers and themes that exist.
fn check_address(catalog: &Catalog, url: &str) -> Vec<String> {
    let Some(names) = url.strip_prefix(TILES) else { return Vec::new() };
    let of_layer = |layer: &Layer| [layer.id.to_string(), layer.theme.clone()];
    let known: BTreeSet<String> = catalog.layers().flat_map(of_layer).collect();
    let unknown = names.split(',').filter(|name| !known.contains(*name));
    let complain = |name| {
        let nearest = Nearest::find(name, known.iter().map(String::as_str));
        format!("'{name}' is no layer or theme{nearest}")
    };
    unknown.map(complain).collect()
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

fn check_layer(catalog: &Catalog, entry: &Value) -> Option<String> {
    if entry.get("ref").is_some() {
        return Some("takes over another with `ref`; write out what it draws".to_owned());
    }
    let name = entry["source-layer"].as_str()?;
    if source_layer(catalog, entry).is_some() {
        return None;
    }
    let nearest = Nearest::find(name, catalog.layers().map(|layer| layer.id.as_str()));
    Some(format!("source-layer '{name}' is not known{nearest}"))
}

fn check_uses(catalog: &Catalog, entry: &Value) -> Vec<String> {
    let Some(layer) = source_layer(catalog, entry) else { return Vec::new() };
    reading(entry).flat_map(uses).flat_map(|used| check_use(layer, &used)).collect()
}

fn check_use(layer: &Layer, used: &Use) -> Vec<String> {
    let name = used.attribute.as_str();
    let in_tiles = &layer.tiles.attributes;
    if !in_tiles.iter().any(|known| known == name) {
        let nearest = Nearest::find(name, in_tiles.iter().map(String::as_str));
        return vec![format!("attribute '{name}' is not in the tiles of '{}'{nearest}", layer.id)];
    }
    let has_codes = |kind| matches!(kind, AttributeType::Code | AttributeType::Codes);
    let Some(attribute) = layer.attribute(name).filter(|found| has_codes(found.kind)) else {
        return Vec::new();
    };
    let codes = used.values.iter().flat_map(|value| match attribute.kind {
        AttributeType::Codes => value.split(CODE_SEPARATOR).collect(),
        _ => vec![value.as_str()],
    });
    let unknown = codes.filter(|code| !attribute.values.contains_key(*code));
    let complain = |code| {
        let nearest = Nearest::find(code, attribute.values.keys().map(String::as_str));
        format!("'{code}' is no value of '{name}' in '{}'{nearest}", layer.id)
    };
    unknown.map(complain).collect()
}
