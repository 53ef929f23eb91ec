//! The city in memory: one immutable [`City`] a revision, with every layer's features, their
//! zoom ranks and spatial search.
//!
//! - **In**: features as the store loads them (EPSG:4326) and the batches of the change log.
//! - **Out**: features on the world grid ([`urbis_model::WorldXy`]), by id, by box, by nearness,
//!   and digests of what a box shows, for ETags.
//!
//! A reader takes one `Arc<City>` and keeps it; a change makes a new `City` that shares all that
//! did not change. What a tile or an answer looks like is left to other crates.

mod budget;
mod builder;
mod changes;
mod chunk;
mod city;
mod column;
mod digest;
mod feature;
mod first_zoom;
mod hash;
mod key;
mod layer;
mod leaves;
mod memory;
mod prepared;
mod priority;
mod rank;
mod rows;
mod shape;
mod tally;
mod validities;
mod value;
mod visibility;

pub use builder::CityBuilder;
pub use changes::{ChangedArea, Changes, LayerChanges};
pub use city::City;
pub use column::Codes;
pub use digest::AreaDigest;
pub use feature::SnapshotFeature;
pub use layer::LayerSnapshot;
pub use leaves::near::NearFeatures;
pub use memory::LayerMemory;
pub use prepared::Prepared;
pub use shape::{Part, Path, Polygon};
pub use tally::Tally;
pub use urbis_model::Value;
pub use value::Dictionary;
pub use visibility::Visibility;
