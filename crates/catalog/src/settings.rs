//! What a city is called and where it lies: `city.toml` in the city's folder.

use std::path::Path;

use serde::{Deserialize, Serialize};
use urbis_model::BBox;

use crate::parse::read_toml;
use crate::{CatalogError, Title};

/// Name of the settings file in a city's folder.
const FILE_NAME: &str = "city.toml";

/// The settings of a city.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitySettings {
    /// The city's name.
    pub title: Title,
    /// The part of the earth that maps show; far islands may lie outside. Degrees, EPSG:4326.
    pub bbox: BBox,
    /// What a map shows first.
    pub view: View,
}

/// What a map shows first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Longitude, latitude in degrees, EPSG:4326.
    pub center: [f64; 2],
    /// MapLibre zoom (512-pixel tiles).
    pub zoom: f64,
}

impl CitySettings {
    /// Reads `city.toml` of a city's folder.
    ///
    /// # Errors
    ///
    /// [`CatalogError`] where the file is missing, has an unknown key, or contradicts itself.
    pub fn load(dir: &Path) -> Result<Self, CatalogError> {
        let path = dir.join(FILE_NAME);
        let settings: Self = read_toml(&path)?;
        let [west, south, east, north] = settings.bbox.into();
        let [lon, lat] = settings.view.center;
        if !(west..=east).contains(&lon) || !(south..=north).contains(&lat) {
            return Err(CatalogError::ViewOutsideCity { path });
        }
        Ok(settings)
    }
}
