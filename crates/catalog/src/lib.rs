//! Reads and checks `layers/`, what each layer is, and `profiles/vehicle/`, what each vehicle can
//! do, in the words of the field.
//!
//! A layer is one TOML file; tables, tiles, TileJSON, the legend and the import all derive
//! from the [`Layer`] that is read here. Nothing here knows a database or a source format.

mod catalog;
mod check;
mod credit;
mod digest;
mod error;
mod fault;
mod layer;
mod network;
mod openness;
mod origin;
mod parse;
mod profile;
mod settings;
pub mod style;
mod theme;

pub use catalog::Catalog;
pub use credit::{Credit, licence_page};
pub use error::{CatalogError, Nearest};
pub use fault::LayerFault;
pub use layer::{
    AddressRules, AreaRules, Attribute, AttributeType, CODE_SEPARATOR, Coalesce, CodeValue,
    Deprecation, Edits, Example, GeometryOf, ImportRules, Layer, OnInvalid, OpennessBy,
    ParcelRules, SearchRules, Source, TileRules, Title, ZoomBy,
};
pub use network::NetworkRole;
pub use origin::{SOURCE_ATTRIBUTE, SYNTHETIC};
pub use profile::{
    Access, Boat, Deck, DepthSpeed, Lights, OnewayWaiver, ProfileFault, ProfileIndex, TurnWaiver,
    VehicleProfile, Waivers, WeightLimits,
};
pub use settings::{CitySettings, UtcOffset, UtcOffsetInvalid, View};
pub use theme::{Theme, ThemeTitle};
