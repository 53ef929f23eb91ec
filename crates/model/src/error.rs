//! What a value from outside can be refused for, before it becomes a type of this crate.

/// Why a value was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A coordinate is not a finite number within the range of its axis.
    #[error("{axis} is {found}, wanted a number from {min} to {max}")]
    CoordinateOutOfRange {
        /// `longitude` or `latitude`.
        axis: &'static str,
        /// The value as it came.
        found: f64,
        /// Smallest allowed value, degrees.
        min: f64,
        /// Largest allowed value, degrees.
        max: f64,
    },

    /// The edges of a box are in the wrong order.
    #[error(
        "bbox {west},{south},{east},{north} is inside out, wanted west <= east and south <= north"
    )]
    BBoxInsideOut {
        /// West edge, degrees.
        west: f64,
        /// South edge, degrees.
        south: f64,
        /// East edge, degrees.
        east: f64,
        /// North edge, degrees.
        north: f64,
    },

    /// A tile address outside the grid of its zoom.
    #[error(
        "tile {z}/{x}/{y} is not on the grid, wanted zoom 0 to {max_zoom} and x, y below 2^zoom"
    )]
    TileOffGrid {
        /// Zoom as it came.
        z: u32,
        /// Column as it came.
        x: u32,
        /// Row as it came.
        y: u32,
        /// Largest zoom served.
        max_zoom: u8,
    },

    /// A layer id that is not an identifier.
    #[error("layer id '{found}' is not valid, wanted 1 to 48 of a-z, 0-9 and _, a letter first")]
    LayerIdInvalid {
        /// The id as it came.
        found: String,
    },

    /// A feature id outside the range that a double holds exactly.
    #[error("feature id {found} is not valid, wanted 1 to 2^53 - 1")]
    FeatureIdOutOfRange {
        /// The id as it came.
        found: i64,
    },

    /// A word that is not a level of openness.
    #[error("openness '{found}' is not known, wanted open, internal or restricted")]
    OpennessUnknown {
        /// The word as it came.
        found: String,
    },

    /// A word that is not a scope of a key.
    #[error("scope '{found}' is not known, wanted read, edit:LAYER, ingest, dispatch or admin")]
    KeyScopeUnknown {
        /// The word as it came.
        found: String,
    },

    /// A name that is not a unit's.
    #[error("unit id '{found}' is not valid, wanted 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'")]
    UnitIdInvalid {
        /// The name as it came.
        found: String,
    },

    /// A text that is not a UUID.
    #[error("report id '{found}' is not valid, wanted a UUID with hyphens")]
    ReportIdInvalid {
        /// The text as it came.
        found: String,
    },

    /// A number that is no agency's.
    #[error("agency '{found}' is not known, wanted 112, 113, 114 or 115")]
    AgencyUnknown {
        /// The number as it came.
        found: String,
    },

    /// A word that is not a status of a unit.
    #[error(
        "status '{found}' is not known, wanted available, assigned, en_route, on_scene, \
         to_hospital, returning or out_of_service"
    )]
    UnitStatusUnknown {
        /// The word as it came.
        found: String,
    },
}

impl ModelError {
    /// Stable code for logs, problems and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CoordinateOutOfRange { .. } => "coordinate_out_of_range",
            Self::BBoxInsideOut { .. } => "bbox_inside_out",
            Self::TileOffGrid { .. } => "tile_off_grid",
            Self::LayerIdInvalid { .. } => "layer_id_invalid",
            Self::FeatureIdOutOfRange { .. } => "feature_id_out_of_range",
            Self::OpennessUnknown { .. } => "openness_unknown",
            Self::KeyScopeUnknown { .. } => "key_scope_unknown",
            Self::UnitIdInvalid { .. } => "unit_id_invalid",
            Self::ReportIdInvalid { .. } => "report_id_invalid",
            Self::AgencyUnknown { .. } => "agency_unknown",
            Self::UnitStatusUnknown { .. } => "unit_status_unknown",
        }
    }
}
