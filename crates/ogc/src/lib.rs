//! The documents of OGC API: what there is, how it is asked for, as JSON and as pages for people.
//!
//! - **In**: the catalogue, the city, the class of the caller and where links start: a [`Site`];
//!   what only the city in memory knows of a layer: [`LayerFacts`].
//! - **Out**: the JSON of landing page, conformance, collections, queryables, schemas, tilesets,
//!   styles and OpenAPI 3.0, each with a page of HTML that says the same, Vietnamese before English.
//!   What the class may not see stands in none of them.
//! - **Links** are absolute: QGIS takes no other.
//! - **CRS**: boxes in CRS84, longitude before latitude, unless a document names another.
//!
//! Nothing here does I/O or knows HTTP; features are others' business, too.
//!
//! Source: OGC 17-069r4 (Features 1), 18-058r1 (Features 2), 19-079r2 (Features 3), 23-058r1
//! (Features 5), 20-057 (Tiles 1), 19-072 (Common 1), 20-024 (Common 2).

mod collection;
mod conformance;
mod crs;
mod dcat;
mod download;
mod html;
mod landing;
mod link;
mod media;
mod moment;
mod openapi;
mod schema;
mod site;
mod style_list;
mod tile_matrix_set;
mod tileset;

pub use collection::LayerFacts;
pub use conformance::CLASSES;
pub use crs::{CRS_LIST, CRS84};
pub use download::DOWNLOADS;
pub use html::{Asset, FeatureTable};
pub use link::{Link, Rel};
pub use media::MediaType;
pub use openapi::{DOWNLOAD_PARAMETERS, ITEMS_PARAMETERS, PageSize};
pub use schema::GEOMETRY_PROPERTY;
pub use site::Site;
pub use style_list::StyleEntry;
pub use tile_matrix_set::MATRIX_SET;
pub use tileset::TileLimits;
