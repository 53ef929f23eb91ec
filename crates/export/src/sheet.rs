//! What a file of a layer is: its columns and its CRS.

use urbis_catalog::{Attribute, Layer};
use urbis_model::Srid;

/// The column with the id of a feature, before all attributes.
pub const FEATURE_ID: &str = "feature_id";

/// A layer as one file shows it.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// The attributes of the file, in the order of its values.
    pub attributes: Vec<&'a Attribute>,
    /// CRS of the coordinates, which are x before y.
    pub srid: Srid,
}
