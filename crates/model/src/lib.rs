//! The words every other crate uses: coordinates, tile addresses, layer ids, features, revisions.
//!
//! Nothing here does I/O, and nothing here knows a database, a file format or HTTP.
//! Axis order is x = longitude / easting, y = latitude / northing, always.

mod attribute;
mod bbox;
mod change;
mod coordinate;
mod error;
mod feature;
mod id;
mod import;
mod key;
mod live;
mod openness;
mod tile;
mod tile_range;
mod unit;
mod validity;
mod wkb;
mod world;

pub use attribute::{AttributeValue, Value};
pub use bbox::BBox;
pub use change::{ChangeBatch, LayerChange};
pub use coordinate::LonLat;
pub use error::ModelError;
pub use feature::{Feature, GeometryKind};
pub use id::{FeatureId, LayerId, Revision, Srid};
pub use import::{Fault, ImportItem, ImportRecord, Reject};
pub use key::KeyScope;
pub use live::{
    Agency, JudgedReport, Outcome, PositionReport, ReportId, RoadStateReport, Stamp,
    UnitDescription, UnitId, UnitReport, UnitState, UnitStatus, Verdict,
};
pub use openness::Openness;
pub use tile::TileAddress;
pub use tile_range::TileRange;
pub use unit::Metres;
pub use validity::{Moment, Validity};
pub use wkb::{Ring, WkbReader, wind_ring};
pub use world::{WorldBox, WorldXy};
