//! Bytes, keys and values.

use std::collections::BTreeSet;
use std::path::PathBuf;

use urbis_catalog::{AttributeType, Catalog};
use urbis_model::AttributeValue;
use urbis_synth::{CityLayer, SyntheticCity, hash_of_all};

use crate::grown::{SCALE, SEED, grow, grown, shape, text};

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let hash = |seed: u64, threads: usize| {
        hash_of_all(grow(&SyntheticCity::plan(shape(), seed, SCALE), threads).summaries.values())
    };
    let first = hash_of_all(grown().summaries.values());
    assert_eq!(first, hash(SEED, 1));
    assert_eq!(first, hash(SEED, 5));
    assert_ne!(first, hash(SEED + 1, 2));
}

/// Of [`SEED`] and [`SCALE`]. Whoever changes what grows writes down what it says then.
const WRITTEN_DOWN: u128 = 0x1241_9cae_5b61_7bc7_1bf2_e416_1a39_2a7a;

#[test]
fn the_same_seed_gives_the_bytes_of_every_other_process_build_and_machine() {
    let found = hash_of_all(grown().summaries.values());
    assert_eq!(found, WRITTEN_DOWN, "{found:#034x}");
}

#[test]
fn every_key_is_unique_and_says_that_it_is_made_up() {
    for (layer, records) in &grown().layers {
        let keys: BTreeSet<&str> = records.iter().map(|record| record.key.as_str()).collect();
        assert_eq!(keys.len(), records.len());
        assert!(keys.iter().all(|key| key.starts_with("synth-")));
        assert!(records.iter().all(|record| text(*layer, record, "source") == "synthetic"));
    }
}

#[test]
fn every_value_is_one_that_its_layer_allows() {
    let layers = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../layers");
    let catalog = Catalog::load(&layers).unwrap();
    for (kind, records) in &grown().layers {
        let layer = catalog.layers().find(|layer| layer.id.as_str() == kind.id()).unwrap();
        assert_eq!(layer.key, [kind.fields()[0]]);
        let attributes: Vec<_> = kind
            .fields()
            .iter()
            .map(|name| layer.attributes.iter().find(|own| own.name == *name).unwrap())
            .collect();
        for record in records {
            assert_eq!(record.values.len(), attributes.len());
            for (attribute, value) in attributes.iter().zip(&record.values) {
                let number = match (attribute.kind, value) {
                    (_, AttributeValue::Null) => {
                        assert!(!attribute.required, "{}", attribute.name);
                        continue;
                    }
                    (AttributeType::Text, AttributeValue::Text(_))
                    | (AttributeType::Boolean, AttributeValue::Bool(_)) => continue,
                    (AttributeType::Code | AttributeType::Codes, AttributeValue::Text(codes)) => {
                        let known = |code: &str| attribute.values.contains_key(code);
                        assert!(codes.split('+').all(known), "{} {codes}", attribute.name);
                        continue;
                    }
                    (AttributeType::Integer, AttributeValue::Int(number)) => *number as f64,
                    (AttributeType::Float, AttributeValue::Float(number)) => *number,
                    (kind, value) => panic!("{}: {kind:?} {value:?}", attribute.name),
                };
                if let Some([low, high]) = attribute.range {
                    assert!((low..=high).contains(&number), "{} {number}", attribute.name);
                }
            }
        }
    }
}

#[test]
fn a_larger_scale_is_more_city_not_another() {
    let counts = |scale: f64| {
        let city = SyntheticCity::plan(shape(), SEED, scale);
        city.grow(CityLayer::Parcel, 2, &mut |_| true).records as f64
    };
    let (small, large) = (grown().layers[&CityLayer::Parcel].len() as f64, counts(0.02));
    assert!((1.6..2.4).contains(&(large / small)), "{small} {large}");
    // A hundredth of three million, about: only whole cells grow.
    assert!((24_000.0..40_000.0).contains(&small), "{small}");
}
