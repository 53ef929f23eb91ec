//! The city over HTTP: tiles, TileJSON, styles, nearest, everything at a place, the web map.
//!
//! [`serve()`] binds, loads the city, follows the change log and answers from memory until it is
//! told to stop. No request waits for the database: while PostgreSQL is away every answer goes on
//! and says by `Urbis-Age-Ms` how old it is.
//!
//! Every answer is cut to what its caller may see: everybody what is open, the holder of a key what
//! is up to the key's level. What is above it is not told of by any count, tag, hint or error.
//! What units and roads report is written to a spool on the node's disk before it is acknowledged,
//! and drained into the database; nothing else can be written.
//!
//! Axis order is longitude, latitude. Errors are `application/problem+json` with a stable code,
//! what was wrong and what to do.

mod access;
mod base_url;
mod body;
mod cache;
mod config;
mod dirty;
mod downloads;
mod drive;
mod encoding;
mod error;
mod etag;
mod events;
mod extent;
mod features;
mod files;
mod follow;
mod geojson;
mod hot;
mod http_service;
mod lanes;
mod layers;
mod live;
mod metrics;
mod middleware;
mod moment;
mod network_report;
mod pace;
mod packed;
mod present;
mod problem;
mod publication;
mod query;
mod reply;
mod router;
mod routes;
mod search_index;
mod searched;
mod seldom;
mod serve;
mod state;
#[cfg(test)]
mod test_support;
mod tile_build;
mod tile_range;
mod unit_news;
mod units;

pub use base_url::{BaseUrl, TrustedProxy};
pub use config::ServeConfig;
pub use downloads::DownloadSettings;
pub use error::ServerError;
pub use files::Files;
pub use http_service::HttpService;
pub use routes::ogc::{Selection, SelectionRefused};
pub use serve::serve;
pub use state::{AppState, Settings};
