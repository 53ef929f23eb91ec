//! What CSV and FlatGeobuf have in common: a head, then features one by one.

use urbis_model::{AttributeValue, FeatureId};

use crate::{CsvWriter, FlatGeobufWriter, Format, Sheet};

/// Writes the features of a sheet one by one.
pub trait RecordWriter {
    /// What the file begins with.
    fn header(&self) -> &[u8];

    /// Adds a feature: its WKB as in the crate's doc, its values in the order of the sheet.
    fn put(
        &mut self,
        bytes: &mut Vec<u8>,
        id: FeatureId,
        wkb: Option<&[u8]>,
        values: &[AttributeValue],
    );
}

impl dyn RecordWriter {
    /// The writer of a format; `None` where it is not written so.
    pub fn of(format: Format, sheet: &Sheet<'_>) -> Option<Box<dyn RecordWriter + Send>> {
        match format {
            Format::Csv => Some(Box::new(CsvWriter::new(sheet))),
            Format::FlatGeobuf => Some(Box::new(FlatGeobufWriter::new(sheet))),
            Format::GeoPackage | Format::GeoJson | Format::Shapefile => None,
        }
    }
}
