//! Vector tiles: a snapshot of the city and a tile address in, Mapbox Vector Tile bytes out.
//!
//! - **In**: a [`urbis_snapshot::City`], layers in the order they shall have, a
//!   [`urbis_model::TileAddress`], the openness class of whoever asks.
//! - **Out**: an uncompressed tile of MVT 2.1, the same bytes for the same content; or, without
//!   rendering, a digest of all that the tile could show.
//!
//! Compression, caching and HTTP are left to the server.

mod render;

pub use render::{ENGINE_VERSION, area_version, render};
