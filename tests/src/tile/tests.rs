//! The reader that tests read tiles with, against tiles of others.

use std::fs;
use std::path::PathBuf;

use fast_mvt::MvtError;
use geo::CoordsIter;
use serde_json::{Value as Json, json};

use super::*;
use crate::ROOT;

/// What of a tile's fixture both readers can say: layers of features, each with id, attributes and
/// the places of its drawing commands.
type Seen = Vec<(String, Vec<Json>)>;

fn fixtures(kind: &str) -> Vec<PathBuf> {
    let folder = ROOT.join("tests/fixtures/mvt").join(kind);
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "mvt")).collect()
}

fn read(tile: &[u8]) -> Result<Seen, MvtError> {
    if tile.is_empty() {
        return Ok(Vec::new());
    }
    let mut seen = Vec::new();
    for layer in MvtReaderRef::new(tile)?.layers() {
        let mut features = Vec::new();
        for feature in layer.features() {
            let mut attributes = serde_json::Map::new();
            for property in feature.properties() {
                let (name, value) = property?;
                attributes.insert(name.to_owned(), to_json(value));
            }
            let places: Vec<[i32; 2]> =
                feature.geometry()?.coords_iter().map(|place| [place.x, place.y]).collect();
            features
                .push(json!({ "id": feature.id(), "attributes": attributes, "places": places }));
        }
        seen.push((layer.name().to_owned(), features));
    }
    Ok(seen)
}

fn to_json(value: MvtValueRef<'_>) -> Json {
    match value {
        MvtValueRef::String(text) => json!(text),
        MvtValueRef::Float(number) => json!(f64::from(number)),
        MvtValueRef::Double(number) => json!(number),
        MvtValueRef::Int(number) | MvtValueRef::SInt(number) => json!(number as f64),
        MvtValueRef::UInt(number) => json!(number as f64),
        MvtValueRef::Bool(truth) => json!(truth),
        _ => Json::Null,
    }
}

#[test]
fn valid_tiles_of_others_are_read_as_their_authors_say() {
    let mut read_any = 0;
    for file in fixtures("valid") {
        let tile = fs::read(&file).expect("a tile");
        let said = fs::read(file.with_extension("json")).expect("its content");
        let said: Json = serde_json::from_slice(&said).expect("JSON");
        // A geometry of unknown type, and commands without their parameters, may be refused.
        let Ok(seen) = read(&tile) else {
            let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            assert!(["016", "039", "057"].contains(&name), "{name} is refused");
            continue;
        };
        assert_eq!(seen, expected(&said), "{}", file.display());
        read_any += 1;
    }
    assert!(read_any > 40, "only {read_any} tiles were read");
}

#[test]
fn broken_tiles_of_others_are_refused() {
    let accepted: Vec<_> = fixtures("fatal")
        .into_iter()
        .filter(|file| {
            // A value of an unknown type is left to later versions: it is read as nothing.
            let seen = read(&fs::read(file).expect("a tile"));
            seen.is_ok_and(|seen| !serde_json::to_string(&seen).expect("JSON").contains("null"))
        })
        .collect();
    assert!(accepted.is_empty(), "{accepted:?}");
}

fn expected(tile: &Json) -> Seen {
    let list = |value: &Json, name: &str| value[name].as_array().cloned().unwrap_or_default();
    list(tile, "layers")
        .iter()
        .map(|layer| {
            let (keys, values) = (list(layer, "keys"), list(layer, "values"));
            let features = list(layer, "features").into_iter().map(|feature| {
                let tags = list(&feature, "tags");
                let index = |tag: &Json| tag.as_u64().expect("an index") as usize;
                let attributes: serde_json::Map<String, Json> = tags
                    .chunks(2)
                    .map(|pair| {
                        let key = keys[index(&pair[0])].as_str().expect("a key").to_owned();
                        (key, expected_value(&values[index(&pair[1])]))
                    })
                    .collect();
                json!({ "id": feature.get("id"), "attributes": attributes,
                        "places": places(&list(&feature, "geometry")) })
            });
            (layer["name"].as_str().expect("a name").to_owned(), features.collect())
        })
        .collect()
}

/// The one member of a value; a text that the fixture spells as a number is a text.
fn expected_value(value: &Json) -> Json {
    let members = value.as_object().expect("a value");
    let (kind, value) = members.iter().next().expect("a member");
    match value.as_f64() {
        Some(_) if kind == "string_value" => json!(value.to_string()),
        Some(number) if kind == "float_value" => json!(f64::from(number as f32)),
        Some(number) => json!(number),
        None => value.clone(),
    }
}

/// Runs the commands of section 4.3 of the specification; a ring ends where it began.
fn places(commands: &[Json]) -> Vec<[i32; 2]> {
    let mut numbers = commands.iter().map(|number| number.as_u64().expect("a number") as u32);
    let (mut cursor, mut start, mut places) = ([0_i32; 2], [0_i32; 2], Vec::new());
    while let Some(command) = numbers.next() {
        if command & 7 == 7 {
            places.push(start);
            continue;
        }
        for _ in 0..command >> 3 {
            for axis in &mut cursor {
                let step = numbers.next().expect("a parameter");
                *axis = axis.saturating_add((step >> 1) as i32 ^ -((step & 1) as i32));
            }
            if command & 7 == 1 {
                start = cursor;
            }
            places.push(cursor);
        }
    }
    places
}
