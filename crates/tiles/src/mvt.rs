//! The bytes of a Mapbox Vector Tile, written by hand.
//!
//! By hand because it is the innermost loop of the tile path: bytes go from the snapshot into the
//! tile without a value in between. What that is worth is for `bench/` to measure. The reader in
//! the tests is another's.
//!
//! Source: Mapbox Vector Tile Specification 2.1, section 4 and its `vector_tile.proto`.

mod commands;
mod layer;
mod proto;
mod value;

pub(crate) use commands::{Commands, UnitXy};
pub(crate) use layer::LayerWriter;
