//! A record as a source gives it, whatever the format.

use crate::value::RawValue;

/// One record of a source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SourceRecord {
    /// Row in the source's layer, counted from 1.
    pub(crate) row: u64,
    /// The source's own id of the record, `@id` in mappings.
    pub(crate) id: String,
    /// Values, in the order of the fields that the mapping was made for.
    pub(crate) values: Vec<RawValue>,
    /// ISO WKB in the source's CRS, with all dimensions and curves.
    pub(crate) geometry: Option<Vec<u8>>,
}
