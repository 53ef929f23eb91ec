//! The bytes of a Mapbox Vector Tile, written by hand.
//!
//! By hand because it is the innermost loop of the tile path: the crate `mvt`, measured for this,
//! took three times as long, most of it in objects a vertex. The reader in the tests is another's.
//!
//! Source: Mapbox Vector Tile Specification 2.1, section 4 and its `vector_tile.proto`.

mod commands;
mod layer;
mod proto;
mod value;

pub(crate) use commands::{Commands, UnitXy};
pub(crate) use layer::LayerWriter;
