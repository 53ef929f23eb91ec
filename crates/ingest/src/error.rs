//! Faults that stop an import. One bad feature is not a fault: it becomes a
//! [`urbis_model::Reject`].

use std::path::PathBuf;

use gdal::errors::GdalError;
use urbis_model::{LayerId, Srid};

/// Why an import stopped.
///
/// Nothing must be published of what was read before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The file is missing, unreadable, or in no format that is allowed.
    #[error("cannot open source file '{}'", .path.display())]
    SourceUnreadable {
        /// The file.
        path: PathBuf,
        /// What GDAL said.
        #[source]
        cause: GdalError,
    },

    /// The path is not that of a file on a disk.
    #[error("source '{}' is not a file", .path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What the system said, where it said something.
        #[source]
        cause: Option<std::io::Error>,
    },

    /// The file broke off or contradicts itself further in.
    #[error("source file '{}' is broken after row {row}", .path.display())]
    SourceBroken {
        /// The file.
        path: PathBuf,
        /// The last row that could be read, counted from 1.
        row: u64,
        /// What GDAL said.
        #[source]
        cause: GdalError,
    },

    /// The members of relations are read from one format alone.
    #[error(
        "cannot read the members of relations from '{}', only from .osm.pbf \
         (`osmium cat FILE -o FILE.osm.pbf` makes one)",
        .path.display()
    )]
    RelationsNotPbf {
        /// The file.
        path: PathBuf,
    },

    /// An OSM PBF file that cannot be read through.
    #[error("OSM file '{}' is broken", .path.display())]
    PbfBroken {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        #[source]
        cause: osmpbf::Error,
    },

    /// The file has no layer of that name, or several and none is named.
    #[error("source of layer '{layer}' has no layer '{wanted}', only {known:?}")]
    UnknownSourceLayer {
        /// Our layer.
        layer: LayerId,
        /// The name in the definition; empty where it names none.
        wanted: String,
        /// The layers in the file.
        known: Vec<String>,
    },

    /// The file and its layer definition disagree about the CRS. Never guessed.
    #[error("source of layer '{layer}' is in {found}, its definition or --crs says {declared}")]
    CrsMismatch {
        /// The layer.
        layer: LayerId,
        /// What the definition, or who imports, says.
        declared: Srid,
        /// What the file says: `EPSG:n`, or a name.
        found: String,
    },

    /// Neither the file nor a definition says in which CRS the coordinates are.
    #[error(
        "'{}' does not say its CRS, and no source of layer '{layer}' names this file; \
         say it with --crs EPSG:n",
        .path.display()
    )]
    CrsUnknown {
        /// The layer.
        layer: LayerId,
        /// The file.
        path: PathBuf,
    },

    /// A CRS that PROJ does not have, or cannot transform to the layer's.
    #[error("cannot transform from {from} to {to}")]
    Transform {
        /// CRS of the source.
        from: Srid,
        /// CRS of the layer's table.
        to: Srid,
        /// What PROJ said.
        #[source]
        cause: GdalError,
    },

    /// The definition reads a field that the source does not have.
    #[error("source of layer '{layer}' has no field '{field}', only {known:?}")]
    MissingField {
        /// The layer.
        layer: LayerId,
        /// All names under which it was looked for, with slashes between.
        field: String,
        /// The fields in the file.
        known: Vec<String>,
    },

    /// The polygon to cut by is none.
    #[error("cannot use the geometry to clip by")]
    Clip {
        /// What GDAL said.
        #[source]
        cause: GdalError,
    },

    /// A file to write cannot be made, or GDAL refuses what goes into it.
    #[error("cannot write '{}'", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What GDAL said.
        #[source]
        cause: GdalError,
    },

    /// So much was rejected that the source is probably not what we think it is.
    #[error("rejected {rejected} of {read} features of layer '{layer}', limit is {limit}")]
    TooManyRejects {
        /// The layer.
        layer: LayerId,
        /// Rejected so far.
        rejected: u64,
        /// Read so far.
        read: u64,
        /// The layer's limit.
        limit: u64,
    },

    /// The receiver of the records wants no more.
    #[error("the import was stopped after {read} features")]
    Stopped {
        /// Read so far.
        read: u64,
    },
}

impl IngestError {
    /// Stable code for logs, reports and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SourceUnreadable { .. } => "source_unreadable",
            Self::NotAFile { .. } => "source_not_a_file",
            Self::SourceBroken { .. } => "source_broken",
            Self::RelationsNotPbf { .. } => "relations_not_pbf",
            Self::PbfBroken { .. } => "pbf_broken",
            Self::UnknownSourceLayer { .. } => "unknown_source_layer",
            Self::CrsMismatch { .. } => "crs_mismatch",
            Self::CrsUnknown { .. } => "crs_unknown",
            Self::Transform { .. } => "crs_transform",
            Self::MissingField { .. } => "missing_field",
            Self::Clip { .. } => "clip_unusable",
            Self::Unwritable { .. } => "file_unwritable",
            Self::TooManyRejects { .. } => "too_many_rejects",
            Self::Stopped { .. } => "stopped",
        }
    }
}

/// What the receiver of records answers to end the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop;
