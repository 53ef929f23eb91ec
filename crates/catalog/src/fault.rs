//! What can be wrong with a layer definition that is good TOML.

use std::ops::RangeInclusive;

use urbis_model::{GeometryKind, LayerId, Openness, Srid};

use crate::{AttributeType, Nearest, NetworkRole};

/// A contradiction within one layer definition, or between it and the rest of the program.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LayerFault {
    /// The theme is not one of [`crate::Theme::KNOWN`], and no layer says what it is called.
    #[error("theme '{found}' is not known{nearest} (a new one needs a theme_title)")]
    ThemeUnknown {
        /// The word in the file.
        found: String,
        /// A theme that looks like it.
        nearest: Nearest,
    },

    /// A new theme's word cannot stand in an address.
    #[error("theme '{found}' is not a name of a-z, 0-9 and _, a letter first")]
    ThemeName {
        /// The word in the file.
        found: String,
    },

    /// A new theme is called like a layer, so that an address would mean two things.
    #[error("its theme '{found}' is also a layer's name")]
    ThemeIsName {
        /// The word in the file.
        found: String,
    },

    /// A name for a theme that has one.
    #[error("theme '{theme}' has its name already; leave theme_title out")]
    ThemeTitleKnown {
        /// The theme.
        theme: String,
    },

    /// Two layers name their theme differently.
    #[error("its theme_title of '{theme}' differs from that of layer '{other}'")]
    ThemeTitleDiffers {
        /// The theme.
        theme: String,
        /// The layer that names it otherwise.
        other: LayerId,
    },

    /// A layer is called like a theme, so that an address would mean two things.
    #[error("its name is a theme's name")]
    NameIsTheme,

    /// A layer ends like the indexes that are made beside every table.
    #[error("its name ends in '{ending}', which the database uses for indexes")]
    NameReserved {
        /// The ending.
        ending: &'static str,
    },

    /// Two definitions have one name.
    #[error("it is defined twice")]
    Duplicate,

    /// The storage CRS is not one that tables and transforms are tested for.
    #[error("storage_srid {found} is not supported, wanted one of {known:?}")]
    StorageSrid {
        /// The number in the file.
        found: Srid,
        /// The supported ones.
        known: Vec<u32>,
    },

    /// An attribute's name cannot be a column.
    #[error("attribute '{found}' is not a name of 1 to 48 of a-z, 0-9 and _, a letter first")]
    AttributeName {
        /// The name in the file.
        found: String,
    },

    /// An attribute is called like a column that every table has.
    #[error("attribute '{found}' has the name of a column that every layer has")]
    AttributeReserved {
        /// The name in the file.
        found: String,
    },

    /// Two attributes have one name.
    #[error("attribute '{found}' is defined twice")]
    AttributeDuplicate {
        /// The name in the file.
        found: String,
    },

    /// Something names an attribute that is not defined.
    #[error("{place} names the attribute '{found}', which is not defined{nearest}")]
    AttributeUnknown {
        /// The key in the file that names it.
        place: &'static str,
        /// The name in the file.
        found: String,
        /// An attribute that looks like it.
        nearest: Nearest,
    },

    /// An attribute would be seen by more people than its layer.
    #[error("attribute '{attribute}' is {found}, laxer than its layer, which is {layer}")]
    OpennessLaxer {
        /// The attribute.
        attribute: String,
        /// Its openness.
        found: Openness,
        /// The layer's.
        layer: Openness,
    },

    /// Features cannot be told apart by an attribute of this type.
    #[error("openness_by names '{attribute}', wanted an attribute of text, code, codes or boolean")]
    OpennessByType {
        /// The attribute.
        attribute: String,
    },

    /// `openness_by` names a value that the attribute never has.
    #[error("openness_by names '{found}', which '{attribute}' never is{nearest}")]
    OpennessByValue {
        /// The attribute.
        attribute: String,
        /// The value in the file.
        found: String,
        /// A value that looks like it.
        nearest: Nearest,
    },

    /// `openness_by` would show a feature to more people than its layer, or to the same.
    #[error(
        "openness_by makes '{value}' {found}, wanted stricter than its layer, which is {layer}"
    )]
    OpennessByLevel {
        /// The value in the file.
        value: String,
        /// Its openness.
        found: Openness,
        /// The layer's.
        layer: Openness,
    },

    /// A code list is missing, or stands where the type has none.
    #[error(
        "attribute '{attribute}': `values` must stand where the type is code or codes, may name \
         true and false where it is boolean, and stands nowhere else"
    )]
    CodeList {
        /// The attribute.
        attribute: String,
    },

    /// One spelling would mean two codes.
    #[error("attribute '{attribute}': the spelling '{spelling}' stands for two codes")]
    CodeSpelling {
        /// The attribute.
        attribute: String,
        /// The spelling, in lower case.
        spelling: String,
    },

    /// Several codes of one value could not be told apart.
    #[error("attribute '{attribute}': the code '{code}' is empty or has a + in it")]
    CodeSeparator {
        /// The attribute.
        attribute: String,
        /// The code in the file.
        code: String,
    },

    /// A colour that is not written `#rrggbb`.
    #[error("attribute '{attribute}': color '{found}' is not # and six of 0-9 and a-f")]
    CodeColor {
        /// The attribute.
        attribute: String,
        /// The colour in the file.
        found: String,
    },

    /// An icon that cannot be a name in the sprite.
    #[error("attribute '{attribute}': icon '{found}' is not a name of a-z, 0-9 and -")]
    CodeIcon {
        /// The attribute.
        attribute: String,
        /// The icon in the file.
        found: String,
    },

    /// A notice without a day.
    #[error("deprecated.since of '{what}' is {found}, wanted a day such as 2026-11-22")]
    DeprecationDay {
        /// The attribute, or the layer.
        what: String,
        /// The date in the file.
        found: String,
    },

    /// A range on something without order, or upside down.
    #[error(
        "attribute '{attribute}': range must be two finite numbers, smaller first, of a number"
    )]
    Range {
        /// The attribute.
        attribute: String,
    },

    /// Records could not be told apart.
    #[error("key must name at least one attribute, and every source must fill it")]
    Key,

    /// Zooms out of range or in the wrong order.
    #[error("{place} has zoom {found}, wanted {min} to {max}")]
    Zoom {
        /// The key in the file.
        place: &'static str,
        /// The zoom in the file.
        found: u8,
        /// Smallest allowed.
        min: u8,
        /// Largest allowed.
        max: u8,
    },

    /// `min_size_px` is not a size.
    #[error("tiles.min_size_px is {found}, wanted 0 to 512")]
    MinSize {
        /// The number in the file.
        found: f64,
    },

    /// `budget_kb` is not the size of a tile.
    #[error("tiles.budget_kb is {found}, wanted {} to {}", .known.start(), .known.end())]
    Budget {
        /// The number in the file.
        found: u32,
        /// Those that are allowed.
        known: RangeInclusive<u32>,
    },

    /// Points have no end and no edge to be joined at.
    #[error("tiles.coalesce stands in a layer of points, which cannot be joined")]
    CoalescePoints,

    /// Features would be joined by what is not in their tiles.
    #[error("tiles.coalesce names '{found}', which is not in tiles.attributes{nearest}")]
    CoalesceBy {
        /// The attribute in the file.
        found: String,
        /// An attribute of the tiles that looks like it.
        nearest: Nearest,
    },

    /// `zoom_by` names a value that the code list does not have.
    #[error("tiles.zoom_by names '{found}', which '{attribute}' never is{nearest}")]
    ZoomByValue {
        /// The attribute.
        attribute: String,
        /// The value in the file.
        found: String,
        /// A value that looks like it.
        nearest: Nearest,
    },

    /// The zoom at which a feature appears would tell what not everybody may know.
    #[error("tiles.zoom_by names '{attribute}', which is {found}, stricter than its layer")]
    ZoomByOpenness {
        /// The attribute.
        attribute: String,
        /// Its openness.
        found: Openness,
    },

    /// A source's CRS is not written `EPSG:n`.
    #[error("crs '{found}' is not understood, wanted EPSG:n")]
    Crs {
        /// The words in the file.
        found: String,
    },

    /// A source's file would lie outside the city's folder.
    #[error("source file '{found}' is not a path below the city's folder")]
    SourcePath {
        /// The path in the file.
        found: String,
    },

    /// A source attribute without a field, or a condition without a value.
    #[error("source '{file}': '{name}' lists nothing")]
    EmptyList {
        /// The source's file.
        file: String,
        /// The attribute or field.
        name: String,
    },

    /// A role without members, or members without a role.
    #[error(
        "source '{file}': geometry_of stands where the layer is 'relations', there always, and \
         makes points or lines; nothing else has members to name by @ and a role"
    )]
    Relations {
        /// The source's file.
        file: String,
    },

    /// Made-up records that would not say so.
    #[error(
        "source '{file}' is synthetic: the layer needs an attribute 'source' of type text, or of \
         type code with 'synthetic' in its list, and the source the constant source = \"synthetic\""
    )]
    SyntheticUnmarked {
        /// The source's file.
        file: String,
    },

    /// Records that say they are made up, from a source that does not.
    #[error("source '{file}' has source = \"synthetic\", but not synthetic = true")]
    SyntheticClaimed {
        /// The source's file.
        file: String,
    },

    /// Two layers would be the same part of the road graph.
    #[error("its network is '{role}', which layer '{other}' is already")]
    NetworkTwice {
        /// The role.
        role: NetworkRole,
        /// The layer that has it already.
        other: LayerId,
    },

    /// A part of the road graph is drawn as something else.
    #[error("as network '{role}' its geometry must be {wanted:?}")]
    NetworkGeometry {
        /// The role.
        role: NetworkRole,
        /// The kind that the role wants.
        wanted: GeometryKind,
    },

    /// A part of the road graph lacks what the graph cannot do without.
    #[error("as network '{role}' it needs an attribute '{name}'")]
    NetworkAttribute {
        /// The role.
        role: NetworkRole,
        /// The attribute that is not there.
        name: &'static str,
    },

    /// What is found by typing would tell of an attribute that not all who see the layer may see.
    #[error("search names '{attribute}', which is {found}: whoever sees the layer must see it")]
    SearchOpenness {
        /// The attribute.
        attribute: String,
        /// Its openness.
        found: Openness,
    },

    /// A rank among the results is out of range.
    #[error("search.rank is {found}, wanted {} to {}", .known.start(), .known.end())]
    SearchRank {
        /// The number in the file.
        found: u8,
        /// The known ones.
        known: RangeInclusive<u8>,
    },

    /// What is found by typing contradicts itself.
    #[error("its search has to have {wanted}")]
    Search {
        /// What should be there.
        wanted: &'static str,
    },

    /// An attribute that the road graph reads is of a type that it does not.
    #[error("as network '{role}' its attribute '{name}' must be one of {wanted:?}")]
    NetworkType {
        /// The role.
        role: NetworkRole,
        /// The attribute.
        name: &'static str,
        /// The types that it may have.
        wanted: &'static [AttributeType],
    },

    /// A code that the road graph looks for is not in the list.
    #[error("as network '{role}' the list of its attribute '{name}' needs the code '{code}'")]
    NetworkCode {
        /// The role.
        role: NetworkRole,
        /// The attribute.
        name: &'static str,
        /// The code that is not there.
        code: &'static str,
    },

    /// An example that says too much or too little.
    #[error("example '{title}' must have output, fault (perhaps with output), or reject alone")]
    ExampleOutcome {
        /// The example.
        title: String,
    },

    /// Too few examples.
    #[error("examples must show at least one output and at least one fault or reject")]
    ExamplesMissing,
}

impl LayerFault {
    /// Stable code for logs, reports and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ThemeUnknown { .. } => "theme_unknown",
            Self::ThemeName { .. } => "theme_name",
            Self::ThemeIsName { .. } => "theme_is_layer_name",
            Self::ThemeTitleKnown { .. } => "theme_title_known",
            Self::ThemeTitleDiffers { .. } => "theme_title_differs",
            Self::NameIsTheme => "layer_name_is_theme",
            Self::NameReserved { .. } => "layer_name_reserved",
            Self::Duplicate => "layer_duplicate",
            Self::StorageSrid { .. } => "storage_srid_unsupported",
            Self::AttributeName { .. } => "attribute_name",
            Self::AttributeReserved { .. } => "attribute_reserved",
            Self::AttributeDuplicate { .. } => "attribute_duplicate",
            Self::AttributeUnknown { .. } => "attribute_unknown",
            Self::OpennessLaxer { .. } => "openness_laxer",
            Self::OpennessByType { .. } => "openness_by_type",
            Self::OpennessByValue { .. } => "openness_by_value",
            Self::OpennessByLevel { .. } => "openness_by_level",
            Self::CodeList { .. } => "code_list",
            Self::CodeSpelling { .. } => "code_spelling",
            Self::CodeSeparator { .. } => "code_separator",
            Self::CodeColor { .. } => "code_color",
            Self::CodeIcon { .. } => "code_icon",
            Self::DeprecationDay { .. } => "deprecation_day",
            Self::Range { .. } => "attribute_range",
            Self::Key => "layer_key",
            Self::Zoom { .. } => "layer_zoom",
            Self::MinSize { .. } => "layer_min_size",
            Self::Budget { .. } => "layer_budget",
            Self::CoalescePoints => "coalesce_points",
            Self::CoalesceBy { .. } => "coalesce_by",
            Self::ZoomByValue { .. } => "zoom_by_value",
            Self::ZoomByOpenness { .. } => "zoom_by_openness",
            Self::Crs { .. } => "crs_unreadable",
            Self::SourcePath { .. } => "source_path",
            Self::EmptyList { .. } => "source_list_empty",
            Self::Relations { .. } => "source_relations",
            Self::SyntheticUnmarked { .. } => "synthetic_unmarked",
            Self::SyntheticClaimed { .. } => "synthetic_claimed",
            Self::NetworkTwice { .. } => "network_twice",
            Self::NetworkGeometry { .. } => "network_geometry",
            Self::NetworkAttribute { .. } => "network_attribute",
            Self::NetworkType { .. } => "network_type",
            Self::NetworkCode { .. } => "network_code",
            Self::SearchOpenness { .. } => "search_openness",
            Self::SearchRank { .. } => "search_rank",
            Self::Search { .. } => "search",
            Self::ExampleOutcome { .. } => "example_outcome",
            Self::ExamplesMissing => "examples_missing",
        }
    }
}
