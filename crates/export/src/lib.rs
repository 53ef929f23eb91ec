//! Files of one layer for those who take it home: CSV, FlatGeobuf, GeoJSON, Shapefile.
//!
//! - **In**: a [`Sheet`] (layer, attributes, CRS), then features one by one: id, WKB (little-endian,
//!   x = easting or longitude), values in the order of the sheet's attributes.
//! - **Out**: bytes that are appended to a buffer, a feature at a time, so that a file of any length
//!   needs no more memory than its longest feature; a Shapefile is written to a folder and packed.
//! - Coordinates are x before y in every format, whatever the axis order of the CRS. Lines and
//!   polygons are always the Multi kind; exteriors go counter-clockwise, but in a Shapefile.
//! - Licence and attribution are inside of every format that has a place for them.
//!
//! Who may see what is decided before a feature comes here; so are HTTP and the database.
//! GeoPackages need SQLite, and are written where GDAL is.

mod csv;
mod dbf;
mod error;
mod flatgeobuf;
mod format;
mod geojson;
mod names;
mod readme;
mod record_writer;
mod shape;
mod shapefile;
mod sheet;
mod zip;

pub use csv::CsvWriter;
pub use error::ExportError;
pub use flatgeobuf::FlatGeobufWriter;
pub use format::Format;
pub use geojson::{begin_geojson, end_geojson};
pub use record_writer::RecordWriter;
pub use shape::Shape;
pub use shapefile::ShapefileWriter;
pub use sheet::{FEATURE_ID, Sheet};
