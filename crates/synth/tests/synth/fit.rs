//! Every value fits the layer's definition, and every feature says that it is made up.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use urbis_catalog::{Attribute, AttributeType, CODE_SEPARATOR, Catalog, Layer};
use urbis_model::{AttributeValue, Feature, FeatureId, LayerId, LonLat, Moment, Validity};
use urbis_synth::{CityInput, grow};

use crate::SEED;
use crate::read::{features, text};
use crate::town::town;

fn catalog() -> Catalog {
    let layers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../layers");
    Catalog::load(&layers).expect("the layer files are right")
}

fn fits(attribute: &Attribute, value: &Value) -> bool {
    let in_range =
        |number: f64| attribute.range.is_none_or(|[low, high]| (low..=high).contains(&number));
    let is_code = |code: &str| attribute.values.contains_key(code);
    match (attribute.kind, value) {
        (_, Value::Null) => !attribute.required,
        (AttributeType::Text, Value::String(_)) => true,
        (AttributeType::Code, Value::String(code)) => is_code(code),
        (AttributeType::Codes, Value::String(codes)) => codes.split(CODE_SEPARATOR).all(is_code),
        (AttributeType::Integer, Value::Number(number)) => {
            number.as_i64().is_some_and(|number| in_range(number as f64))
        }
        (AttributeType::Float, Value::Number(number)) => number.as_f64().is_some_and(in_range),
        (AttributeType::Date, Value::String(day)) => day.len() == 10,
        _ => false,
    }
}

#[test]
fn every_value_fits_its_attribute_and_every_field_of_the_source_is_there() {
    let catalog = catalog();
    for grown in grow(&town(), SEED) {
        let layer = catalog.layer(&grown.layer).expect("the layer has a file");
        let source = layer.sources.iter().find(|source| source.synthetic).expect("it has one");
        for feature in features(std::slice::from_ref(&grown), layer.id.as_str()) {
            let members = feature["properties"].as_object().expect("an object");
            for name in source.fields.keys() {
                assert!(members.contains_key(name), "{}: no {name}", layer.id);
            }
            for (name, value) in members.iter().filter(|(name, _)| !name.starts_with("valid_")) {
                let index = layer.attribute_index(name).expect("it is an attribute");
                let attribute = &layer.attributes[index];
                assert!(fits(attribute, value), "{}.{name} = {value}", layer.id);
            }
        }
    }
}

#[test]
fn every_feature_says_that_it_is_made_up_and_has_a_key_of_its_own() {
    let catalog = catalog();
    for grown in grow(&town(), SEED) {
        let layer = catalog.layer(&grown.layer).expect("the layer has a file");
        let mut keys = BTreeSet::new();
        for feature in features(std::slice::from_ref(&grown), layer.id.as_str()) {
            assert_eq!(text(&feature, "source"), "synthetic");
            let key: Vec<&str> = layer.key.iter().map(|name| text(&feature, name)).collect();
            assert!(keys.insert(key.join("|")), "{}: {key:?} twice", layer.id);
            if let Some(holder) = feature["properties"].get("holder") {
                let holder = holder.as_str().expect("a name");
                assert!(holder.ends_with("(giả lập)"), "{holder} could be a person");
            }
        }
    }
}

#[test]
fn there_is_land_that_not_everybody_may_see() {
    let catalog = catalog();
    let grown = grow(&town(), SEED);
    for (name, attribute) in [("parcel", "land_use"), ("land_use_plan", "code")] {
        let layer = catalog.layer(&LayerId::new(name).expect("a name")).expect("it has a file");
        let rule = layer.openness_by.as_ref().expect("it has a rule");
        let found = features(&grown, name);
        for code in rule.levels.keys() {
            assert!(found.iter().any(|feature| text(feature, attribute) == code), "no {code}");
        }
    }
}

#[test]
fn parcels_lie_in_wards_and_are_numbered_within_their_sheet() {
    let parcels = features(&grow(&town(), SEED), "parcel");
    let mut numbers = BTreeSet::new();
    let mut wards = BTreeSet::new();
    for parcel in &parcels {
        let number = ["ward_code", "sheet_no", "parcel_no"].map(|name| text(parcel, name));
        assert!(numbers.insert(number), "{number:?} twice");
        wards.insert(number[0]);
    }
    assert_eq!(wards, BTreeSet::from(["20001", "20002"]));
    assert!(parcels.iter().any(|parcel| text(parcel, "address").contains("Đường Dọc")));
    let school = |parcel: &&Value| text(parcel, "land_use") == "DGD";
    assert!(parcels.iter().any(|parcel| school(&parcel)), "the school has no ground");
}

/// The features that a database would give for the town.
fn loaded(catalog: &Catalog) -> Vec<(LayerId, Vec<Feature>)> {
    let city = town();
    let roads = city.roads.into_iter().map(|road| {
        let values = [
            ("osm_id", road.key),
            ("class", road.class),
            ("service", road.service),
            ("name", road.name),
        ];
        let mut made = (road.lines.into(), values.map(text_value).to_vec());
        made.1.push(("bridge", AttributeValue::Bool(road.off_ground)));
        made
    });
    let wards = city.wards.into_iter().map(|ward| {
        let values = [("code", ward.code), ("full_name", ward.full_name)];
        (ward.area.into(), values.map(text_value).to_vec())
    });
    vec![
        features_of(catalog, "road_segment", roads.collect()),
        features_of(catalog, "admin_unit", wards.collect()),
    ]
}

type Named = (&'static str, AttributeValue);

fn text_value((name, text): (&'static str, String)) -> Named {
    (name, AttributeValue::text(text))
}

fn features_of(
    catalog: &Catalog,
    name: &str,
    made: Vec<(geo::Geometry, Vec<Named>)>,
) -> (LayerId, Vec<Feature>) {
    let id = LayerId::new(name).expect("a name");
    let layer: &Layer = catalog.layer(&id).expect("it has a file");
    let feature = |(index, (geometry, values)): (usize, (geo::Geometry, Vec<Named>))| {
        let mut attributes = vec![AttributeValue::Null; layer.attributes.len()];
        for (name, value) in values {
            attributes[layer.attribute_index(name).expect("an attribute")] = value;
        }
        let id = FeatureId::new(index as i64 + 1).expect("above zero");
        Feature { id, geometry: Some(geometry), attributes, validity: Validity::ALWAYS }
    };
    (id, made.into_iter().enumerate().map(feature).collect())
}

#[test]
fn what_grows_does_not_hang_on_ids_order_or_wards_of_the_past() {
    let catalog = catalog();
    let center = LonLat::new(108.203, 16.053).expect("on the earth");
    let mut layers = loaded(&catalog);
    let first = grow(&CityInput::from_layers(&catalog, center, &layers), SEED);
    assert!(first.iter().any(|layer| layer.layer.as_str() == "parcel" && layer.features > 1_000));

    // Codes were used again: the ward of before has the code of another, and holds no more.
    let mut past = layers[1].1[0].clone();
    past.geometry = layers[1].1[1].geometry.clone();
    past.validity = Validity { from: None, to: Some(Moment(1_751_302_800_000_000)) };
    layers[1].1.insert(0, past);
    for (_, features) in &mut layers {
        features.reverse();
        for (index, feature) in features.iter_mut().enumerate() {
            feature.id = FeatureId::new(1_000 + index as i64).expect("above zero");
        }
    }
    assert_eq!(first, grow(&CityInput::from_layers(&catalog, center, &layers), SEED));
}
