//! Runs the examples of a layer file through the code that reads files.

use std::collections::BTreeMap;

use gdal::errors::GdalError;
use urbis_catalog::{Example, Layer, Source};
use urbis_model::{AttributeValue, Fault, ImportItem, ImportRecord};

use crate::error::IngestError;
use crate::importer::Importer;
use crate::mapping::{Mapping, Presence};
use crate::raw::{self, Drawing, Quiet};
use crate::record::SourceRecord;
use crate::value::RawValue;

/// Field of an example's input that holds WKT.
const GEOMETRY: &str = "geometry";

/// Field of an example's input that is the source's own id.
const ID: &str = "@id";

/// What an example shows does not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExampleFailure {
    /// The layer has no source whose mapping could be run.
    #[error("the layer has no source whose mapping could be run")]
    NoSource,

    /// The mapping cannot be run.
    #[error("the mapping cannot be run")]
    Mapping {
        /// Why not.
        #[source]
        cause: IngestError,
    },

    /// The geometry is no WKT, or its CRS is not known.
    #[error("the geometry of the input cannot be read")]
    Geometry {
        /// What GDAL said.
        #[source]
        cause: GdalError,
    },

    /// An input or output field is of a type that no source has.
    #[error("field '{field}' is a list or a table, wanted text, a number, a boolean or a date")]
    FieldType {
        /// The field.
        field: String,
    },

    /// The source's conditions leave the record out.
    #[error("the source's `where` leaves the record out")]
    LeftOut,

    /// It was rejected and should not be, or for another reason.
    #[error("it is rejected as {code} ({detail})")]
    Rejected {
        /// The code that came out.
        code: &'static str,
        /// What it says.
        detail: String,
    },

    /// It was published and should not be.
    #[error("it is published, wanted reject {wanted}")]
    NotRejected {
        /// The code that should come out.
        wanted: String,
    },

    /// The faults are others.
    #[error("its faults are {found:?}, wanted {wanted:?}")]
    Faults {
        /// Codes and details that came out.
        found: Vec<String>,
        /// The code that should come out.
        wanted: Option<String>,
    },

    /// An attribute has another value.
    #[error("attribute '{name}' is {found}, wanted {wanted}")]
    Attribute {
        /// The attribute.
        name: String,
        /// The value that came out.
        found: String,
        /// The value that should.
        wanted: String,
    },
}

impl ExampleFailure {
    /// Stable code for reports and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSource => "example_no_source",
            Self::Mapping { .. } => "example_mapping",
            Self::Geometry { .. } => "example_geometry",
            Self::FieldType { .. } => "example_field_type",
            Self::LeftOut => "example_left_out",
            Self::Rejected { .. } => "example_rejected",
            Self::NotRejected { .. } => "example_not_rejected",
            Self::Faults { .. } => "example_faults",
            Self::Attribute { .. } => "example_attribute",
        }
    }
}

/// Runs one example of a layer.
///
/// Its input goes through the mapping of the source that knows most of its fields.
///
/// # Errors
///
/// [`ExampleFailure`] where something else comes out than the example says.
pub fn run_example(layer: &Layer, example: &Example) -> Result<(), ExampleFailure> {
    let _quiet = Quiet::start();
    let mut source = source_of(layer, example).ok_or(ExampleFailure::NoSource)?.clone();
    if example.input.contains_key(GEOMETRY) {
        source.xy = None;
    }
    let (fields, record) = record_of(example)?;
    let srid = example.srid(layer);
    let unusable = |cause| ExampleFailure::Mapping { cause };
    let mapping = Mapping::new(layer, &source, fields, Presence::Sparse).map_err(unusable)?;
    let mut importer = Importer::new(layer, mapping, srid, Drawing::Gis, None).map_err(unusable)?;
    match importer.take(&record).ok_or(ExampleFailure::LeftOut)? {
        ImportItem::Record(record) => check_record(layer, example, &record),
        ImportItem::Skipped { .. } => Err(ExampleFailure::LeftOut),
        ImportItem::Reject(reject) if example.reject.as_deref() == Some(reject.code) => Ok(()),
        ImportItem::Reject(reject) => {
            Err(ExampleFailure::Rejected { code: reject.code, detail: reject.detail })
        }
    }
}

fn source_of<'a>(layer: &'a Layer, example: &Example) -> Option<&'a Source> {
    let known = |source: &&Source| {
        let aliases = source.fields.values().flatten();
        aliases.filter(|alias| example.input.contains_key(*alias)).count()
    };
    // The first of equals.
    layer.sources.iter().rev().max_by_key(known)
}

fn record_of(example: &Example) -> Result<(Vec<String>, SourceRecord), ExampleFailure> {
    let mut record =
        SourceRecord { row: 1, id: "1".to_owned(), values: Vec::new(), geometry: None };
    let mut fields = Vec::new();
    for (field, value) in &example.input {
        let raw = RawValue::from_toml(value)
            .ok_or_else(|| ExampleFailure::FieldType { field: field.clone() })?;
        match field.as_str() {
            GEOMETRY => record.geometry = Some(wkb_of(&raw)?),
            ID => record.id = raw.to_text().unwrap_or_default(),
            _ => {
                fields.push(field.clone());
                record.values.push(raw);
            }
        }
    }
    Ok((fields, record))
}

fn wkb_of(wkt: &RawValue) -> Result<Vec<u8>, ExampleFailure> {
    raw::wkb_from_wkt(&wkt.to_text().unwrap_or_default())
        .map_err(|cause| ExampleFailure::Geometry { cause })
}

fn check_record(
    layer: &Layer,
    example: &Example,
    record: &ImportRecord,
) -> Result<(), ExampleFailure> {
    if let Some(wanted) = &example.reject {
        return Err(ExampleFailure::NotRejected { wanted: wanted.clone() });
    }
    check_faults(example, &record.faults)?;
    let empty = BTreeMap::new();
    for (name, wanted) in example.output.as_ref().unwrap_or(&empty) {
        let found = output(layer, record, name);
        if !is_equal(&found, wanted) {
            let (found, wanted) = (format!("{found:?}"), wanted.to_string());
            return Err(ExampleFailure::Attribute { name: name.clone(), found, wanted });
        }
    }
    Ok(())
}

fn check_faults(example: &Example, faults: &[Fault]) -> Result<(), ExampleFailure> {
    let is_right = match &example.fault {
        Some(wanted) => faults.iter().any(|fault| fault.code == wanted),
        None => faults.is_empty(),
    };
    if is_right {
        return Ok(());
    }
    let found = faults.iter().map(|fault| format!("{} ({})", fault.code, fault.detail)).collect();
    Err(ExampleFailure::Faults { found, wanted: example.fault.clone() })
}

fn output(layer: &Layer, record: &ImportRecord, name: &str) -> AttributeValue {
    let instant =
        |end: &Option<String>| end.clone().map_or(AttributeValue::Null, AttributeValue::text);
    match (name, layer.attribute_index(name)) {
        ("valid_from", _) => instant(&record.valid_from),
        ("valid_to", _) => instant(&record.valid_to),
        (_, Some(index)) => record.attributes[index].clone(),
        (_, None) => AttributeValue::Null,
    }
}

fn is_equal(found: &AttributeValue, wanted: &toml::Value) -> bool {
    match (found, wanted) {
        (AttributeValue::Bool(found), toml::Value::Boolean(wanted)) => found == wanted,
        (AttributeValue::Int(found), toml::Value::Integer(wanted)) => found == wanted,
        (AttributeValue::Float(found), toml::Value::Float(wanted)) => found == wanted,
        (AttributeValue::Float(found), toml::Value::Integer(wanted)) => *found == *wanted as f64,
        (AttributeValue::Text(found), toml::Value::String(wanted)) => **found == **wanted,
        (AttributeValue::Text(found), toml::Value::Datetime(wanted)) => {
            **found == wanted.to_string()
        }
        _ => false,
    }
}
