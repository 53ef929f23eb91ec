//! One module a command.

pub mod check;
pub mod export;
pub mod fleet;
pub mod import;
pub mod key;
pub mod layers;
pub mod migrate;
pub mod prune;
pub mod qgis;
pub mod serve;
pub mod signal;
pub mod status;
pub mod synth;
pub mod up;

use std::path::Path;

use anyhow::Context;
use urbis_catalog::Catalog;

use crate::settings::Settings;

/// Reads the layer files and the vehicle profiles.
///
/// # Errors
///
/// Where a folder or a file in it is wrong.
pub fn load_with_profiles(settings: &Settings) -> anyhow::Result<Catalog> {
    let catalog = load_catalog(&settings.layers)?;
    let profiles = &settings.profiles;
    if !profiles.exists() {
        return Ok(catalog);
    }
    catalog.load_profiles(profiles).with_context(|| {
        format!(
            "cannot use the vehicle profiles in '{}' (--profiles says where they are)",
            profiles.display()
        )
    })
}

/// Reads the layer files.
///
/// # Errors
///
/// Where the folder or a file in it is wrong.
pub fn load_catalog(layers: &Path) -> anyhow::Result<Catalog> {
    Catalog::load(layers).with_context(|| {
        format!(
            "cannot use the layer files in '{}' (--layers says where they are)",
            layers.display()
        )
    })
}
