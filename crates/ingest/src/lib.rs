//! A source file in, records in the shape of a layer, faults and counted rejects out.
//!
//! The only crate with GDAL. A [`urbis_catalog::Source`] says which fields of a file become
//! which attributes; [`read_source`] runs it over a file, [`run_example`] over an example of the
//! layer file. One bad record is rejected or flagged and never stops a reading; what stops it is
//! an [`IngestError`].
//!
//! Everything is synchronous and stays on the caller's thread, where GDAL's handles were opened.

mod choose;
mod codes;
mod crs;
mod error;
mod example;
mod geometry;
mod geopackage;
mod importer;
mod mapping;
mod number;
mod open;
mod osm;
mod package;
mod parse;
mod progress;
mod raw;
mod read;
mod reading;
mod record;
mod reject;
mod relations;
mod table;
mod value;
mod wkb;

pub use choose::choose_source;
pub use error::{IngestError, Stop};
pub use example::{ExampleFailure, run_example};
pub use geopackage::{GeoPackage, NewTable};
pub use importer::Clip;
pub use package::{Package, PackageColumn, PackageLayer, esri_projection};
pub use progress::{Advance, Progress, Silent};
pub use read::{ReadOptions, ReadSummary, Sink, read_source};
