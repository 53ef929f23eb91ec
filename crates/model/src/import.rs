//! What a source record becomes on its way into the database.

use crate::AttributeValue;

/// One thing that was read from a source.
#[derive(Debug, Clone, PartialEq)]
pub enum ImportItem {
    /// A record that can be published, perhaps with faults.
    Record(Box<ImportRecord>),
    /// A record that cannot.
    Reject(Reject),
    /// A record that the clip leaves out; the source still has it.
    Skipped {
        /// Identifies the record within its source; `None` where its key cannot be read.
        source_key: Option<String>,
    },
}

/// A source record in the shape of its layer.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportRecord {
    /// Identifies the record within its source over re-imports.
    pub source_key: String,
    /// Hash of the record as the source gave it, before mapping and repair.
    pub source_hash: u128,
    /// Row in the source, counted from 1.
    pub source_row: u64,
    /// EWKB in the layer's storage CRS, x = easting or longitude; of the layer's geometry kind.
    pub geometry_ewkb: Vec<u8>,
    /// One value an attribute, in the order of the layer's definition.
    pub attributes: Vec<AttributeValue>,
    /// Start of validity in the world, RFC 3339; `None` where the source does not say.
    pub valid_from: Option<String>,
    /// End of validity in the world, RFC 3339, exclusive.
    pub valid_to: Option<String>,
    /// What is wrong with the record and was published all the same.
    pub faults: Vec<Fault>,
    /// EWKB of the geometry before repair, where it was repaired.
    pub original_ewkb: Option<Vec<u8>>,
}

/// Something wrong with a published record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable code, such as `geometry_invalid`.
    pub code: &'static str,
    /// What was found, for people.
    pub detail: String,
}

/// A record that could not be read; it is counted and kept, and the import goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Row in the source, counted from 1.
    pub source_row: u64,
    /// Identifies the record within its source; `None` where its key cannot be read.
    pub source_key: Option<String>,
    /// Stable code, such as `geometry_missing`.
    pub code: &'static str,
    /// What to mend.
    pub detail: String,
    /// The record's bytes as the source gave them.
    pub raw: Vec<u8>,
}
