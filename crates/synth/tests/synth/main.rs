//! What is grown, read back and measured.

#![expect(clippy::disallowed_methods, reason = "tests measure roughly")]

mod fit;
mod read;
mod shape;
mod town;

use urbis_model::LonLat;
use urbis_synth::{CityInput, grow};

use crate::town::town;

/// Fixed, so that a failure repeats.
const SEED: u64 = 7;

#[test]
fn the_same_town_and_seed_grow_the_same_bytes_and_another_seed_others() {
    let first = grow(&town(), SEED);
    assert_eq!(first, grow(&town(), SEED));
    let other = grow(&town(), SEED + 1);
    for (one, two) in first.iter().zip(&other) {
        // No ward of the town reaches the slopes around the real city.
        if one.features > 0 && one.layer.as_str() != "road_line" {
            assert_ne!(one.geojson, two.geojson, "{}", one.layer);
        }
    }
}

#[test]
fn a_city_without_streets_grows_layers_without_features() {
    let city = CityInput {
        center: LonLat::new(108.2, 16.05).expect("on the earth"),
        roads: Vec::new(),
        wards: Vec::new(),
        buildings: Vec::new(),
        water: Vec::new(),
    };
    for layer in grow(&city, SEED) {
        assert_eq!(layer.features, 0, "{}", layer.layer);
    }
}

#[test]
fn every_layer_grows_something_but_slopes_far_from_the_town() {
    for layer in grow(&town(), SEED) {
        let is_far = layer.layer.as_str() == "landslide_site";
        assert_eq!(layer.features == 0, is_far, "{}", layer.layer);
    }
}
