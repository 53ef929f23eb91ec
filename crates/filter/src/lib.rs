//! Filters of features in the Common Query Language CQL2, checked against a layer and evaluated in
//! memory.
//!
//! - **In**: CQL2 as text or as JSON, the layer that is asked, the class of the caller.
//! - **Out**: a [`Filter`] that says of a [`Record`] whether it is asked for. A property that the
//!   class may not see does not exist.
//! - **Conformance**: `basic-cql2`, `advanced-comparison-operators`,
//!   `case-insensitive-comparison`, `accent-insensitive-comparison`, `basic-spatial-functions`,
//!   `basic-spatial-functions-plus`, `spatial-functions`, `temporal-functions`,
//!   `property-property`, `arithmetic`. Comparing follows the three truth values of SQL: what is
//!   unknown is not asked for.
//! - **Geometry**: features in EPSG:4326, x = longitude, y = latitude; relations on the plane of
//!   degrees. Literals in a [`ShapeCrs`]: those in metres are for whoever can transform them, in
//!   memory they are related to nothing.
//! - **Bounds**: text of [`MAX_BYTES`], [`MAX_NODES`] nodes nested [`MAX_DEPTH`] deep, [`MAX_VERTICES`]
//!   vertices; more is refused before it is worked on.
//!
//! Source: OGC 21-065r2, Common Query Language (CQL2).

mod calculation;
mod check;
mod compare;
mod condition;
mod error;
mod fold;
mod limits;
mod literal;
mod pattern;
mod shape;
mod time;

use urbis_catalog::Layer;
use urbis_model::{Openness, Validity, Value};

pub use crate::calculation::{Calculation, MAX_EXPONENT, MAX_PART, MAX_QUOTIENT, Operator};
use crate::check::Checker;
pub use crate::compare::Comparison;
pub use crate::condition::{Condition, Operand, Source};
pub use crate::error::FilterError;
pub use crate::fold::Folding;
pub use crate::limits::{MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_VERTICES};
pub use crate::literal::Literal;
pub use crate::pattern::{Pattern, Piece};
pub use crate::shape::{Relation, Shape, ShapeCrs};

/// How a filter is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// `cql2-text`, such as `kind = 'hospital' AND beds > 100`.
    #[default]
    Text,
    /// `cql2-json`.
    Json,
}

impl Language {
    /// The language of a parameter `filter-lang`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "cql2-text" => Some(Self::Text),
            "cql2-json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// How a filter is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spelling {
    /// How it is written.
    pub language: Language,
    /// What its geometries are in.
    pub crs: ShapeCrs,
}

/// What a filter looks at.
pub trait Record {
    /// The value of an attribute, by its place in the layer's definition.
    fn value(&self, attribute: usize) -> Value<'_>;

    /// The geometry, EPSG:4326; `None` where there is none.
    fn geometry(&self) -> Option<geo_types::Geometry<f64>>;

    /// The box of [`Self::geometry`], where it is known without it: most questions of where a
    /// feature lies need no more.
    fn bounds(&self) -> Option<geo_types::Rect<f64>> {
        None
    }

    /// When it holds in the world.
    fn validity(&self) -> Validity;
}

/// Which features of one layer are asked for.
#[derive(Debug, Clone)]
pub struct Filter {
    condition: Condition,
}

impl Filter {
    /// Reads a filter of a layer for a caller who sees what `class` may; its geometries are in
    /// EPSG:4326, longitude first.
    ///
    /// # Errors
    ///
    /// [`FilterError`] says what is wrong, and names nothing that the class may not see.
    pub fn parse(
        text: &str,
        language: Language,
        layer: &Layer,
        class: Openness,
    ) -> Result<Self, FilterError> {
        Self::parse_as(text, Spelling { language, ..Spelling::default() }, layer, class)
    }

    /// The same with geometries in another CRS.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub fn parse_as(
        text: &str,
        spelling: Spelling,
        layer: &Layer,
        class: Openness,
    ) -> Result<Self, FilterError> {
        limits::check_text(text)?;
        limits::with_room(text, || {
            let parsed = match spelling.language {
                Language::Text => cql2::parse_text(text).map_err(FilterError::syntax)?,
                Language::Json => cql2::parse_json(text).map_err(FilterError::syntax)?,
            };
            let mut checker = Checker::new(layer, class, spelling.crs);
            Ok(Self { condition: checker.condition(&parsed, 0)? })
        })
    }

    /// The features of which a property has a value; a text names the day or the moment of
    /// a property that is one.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub fn equals(
        property: &str,
        value: Literal<'_>,
        layer: &Layer,
        class: Openness,
    ) -> Result<Self, FilterError> {
        let mut checker = Checker::new(layer, class, ShapeCrs::CRS84);
        Ok(Self { condition: checker.condition(&value.equals(property), 0)? })
    }

    /// The features that all of these filters ask for; every feature where there are none.
    pub fn all(filters: Vec<Self>) -> Self {
        let conditions = filters.into_iter().map(|filter| filter.condition).collect();
        Self { condition: Condition::All(conditions) }
    }

    /// What is asked of a record: for those who ask it in another language than Rust.
    pub const fn condition(&self) -> &Condition {
        &self.condition
    }

    /// Vertices of all its shapes.
    pub fn vertices(&self) -> usize {
        self.condition.vertices()
    }

    /// Says whether a record is asked for; one of which that is unknown is not.
    pub fn matches(&self, record: &impl Record) -> bool {
        self.condition.truth(record) == Some(true)
    }
}
