//! The bytes of a Mapbox Vector Tile, written by hand.
//!
//! By hand because it is the innermost loop of the tile path: bytes go from the snapshot into the
//! tile without a value in between; `docs/DECISIONS.md` has what that is worth. The reader in the
//! tests is another's.
//!
//! Source: Mapbox Vector Tile Specification 2.1, section 4 and its `vector_tile.proto`.

mod commands;
mod layer;
mod memo;
mod proto;
mod room;
mod tags;
mod values;

pub(crate) use commands::put_commands_from;
pub(crate) use layer::LayerWriter;
pub(crate) use proto::put_varint;
pub(crate) use room::Piece;

#[cfg(test)]
mod encoders;
