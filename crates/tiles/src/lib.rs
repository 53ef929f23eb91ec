//! Vector tiles: a snapshot of the city and a tile address in, Mapbox Vector Tile bytes out.
//!
//! - **In**: a [`urbis_snapshot::City`], layers in the order they shall have, a
//!   [`urbis_model::TileAddress`], who asks and for which moment.
//! - **Out**: an uncompressed tile of MVT 2.1, the same bytes for the same content, and a digest of
//!   all that the tile could show; or that alone, without rendering.
//!
//! One feature's way: its vertices of the zoom → tile units (`grid`) → cut at the buffer
//! (`clip`) → rounded, wound, freed of what is not seen (`geometry`) → joined with others of its
//! kind where the layer says so (`coalesce`) → commands and tags (`mvt`). What a tile holds whole
//! is ready instead (`ready`). Compression, caching and HTTP are left to the server.

mod area;
mod attributes;
mod clip;
mod coalesce;
mod explain;
mod geometry;
mod grid;
mod mvt;
mod paths;
mod ready;
mod render;
mod report;

pub use area::area_version;
pub use explain::{Explanation, LayerExplanation, Stages, explain};
pub use grid::{BUFFER, EXTENT, buffer_cells};
pub use render::{ENGINE_VERSION, Renderer, Tile, render};
pub use report::{ZoomReport, report};
