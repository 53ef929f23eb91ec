//! What `urbis check` looks at beyond the layer files themselves: examples, vehicle profiles, styles,
//! the city, and what apps were promised before.

mod against;
mod expression;
mod icon;
mod style;

use std::path::Path;

use serde::Serialize;
use urbis_catalog::{Catalog, CitySettings};

pub use against::check_against;
pub use icon::Sprites;
pub use style::check_styles;

/// One fault, in a sentence that says where and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// File, or layer and example.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

/// Runs every layer's examples through the reader.
pub fn check_examples(catalog: &Catalog) -> (usize, Vec<Fault>) {
    let examples = catalog
        .layers()
        .flat_map(|layer| layer.examples.iter().map(move |example| (layer, example)));
    let mut faults = Vec::new();
    let mut count = 0;
    for (layer, example) in examples {
        count += 1;
        if let Err(failure) = urbis_ingest::run_example(layer, example) {
            let place = format!("layer '{}', example '{}'", layer.id, example.title);
            faults.push(Fault::new(place, failure.to_string()));
        }
    }
    (count, faults)
}

/// Checks the city's settings, and that every source file that a layer names is there; made-up
/// ones are written only when somebody asks for them.
pub fn check_city(catalog: &Catalog, city: &Path) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Err(error) = CitySettings::load(city) {
        faults.push(Fault::new(city.display().to_string(), chain(&error)));
    }
    for layer in catalog.layers() {
        for source in layer.sources.iter().filter(|source| !source.synthetic) {
            let path = city.join(&source.file);
            if !path.exists() {
                let place = format!("layer '{}'", layer.id);
                faults.push(Fault::new(place, format!("source '{}' is missing", path.display())));
            }
        }
    }
    faults
}

/// Reads the vehicle profiles, at the first fault no further; a folder that is not there holds none.
pub fn check_profiles(catalog: &Catalog, profiles: &Path) -> (usize, Vec<Fault>) {
    if !profiles.exists() {
        return (0, Vec::new());
    }
    match catalog.clone().load_profiles(profiles) {
        Ok(catalog) => (catalog.profiles().len(), Vec::new()),
        Err(error) => (0, vec![Fault::new(profiles.display().to_string(), chain(&error))]),
    }
}

/// An error with its causes, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text += &format!(": {cause}");
        next = cause.source();
    }
    text
}
