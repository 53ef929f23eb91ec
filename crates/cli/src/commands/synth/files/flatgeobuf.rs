//! One FlatGeobuf a layer.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::Context;
use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geozero::{ColumnValue, PropertyProcessor, wkb::Ewkb};
use urbis_catalog::AttributeType;
use urbis_model::{AttributeValue, GeometryKind};
use urbis_synth::{CityBatch, CityLayer};

use super::{Target, geometry_of, type_of};

/// Bytes of an EWKB of several parts before its first part.
const MULTI_HEADER: usize = 13;

/// A folder of files, and the one that is being written.
pub struct Files {
    folder: PathBuf,
    open: Option<(CityLayer, FgbWriter<'static>)>,
}

impl Files {
    /// Begins with no layer.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), open: None }
    }

    fn close(&mut self) -> anyhow::Result<()> {
        if let Some((layer, writer)) = self.open.take() {
            let file = File::create(self.folder.join(format!("{}.fgb", layer.id())))?;
            writer.write(BufWriter::new(file))?;
        }
        Ok(())
    }
}

impl Target for Files {
    fn begin(&mut self, layer: CityLayer) -> anyhow::Result<()> {
        self.close()?;
        self.open = Some((layer, writer(layer)?));
        Ok(())
    }

    fn add(&mut self, layer: CityLayer, batch: &CityBatch) -> anyhow::Result<()> {
        let (_, writer) = self.open.as_mut().context("no layer was begun")?;
        write_batch(writer, layer, batch)
    }

    fn end(mut self: Box<Self>) -> anyhow::Result<()> {
        self.close()
    }
}

fn writer(layer: CityLayer) -> anyhow::Result<FgbWriter<'static>> {
    let (geometry, code) = geometry_of(layer);
    let geometry = match geometry {
        GeometryKind::MultiPolygon => GeometryType::MultiPolygon,
        GeometryKind::MultiLineString => GeometryType::LineString,
        GeometryKind::Point => GeometryType::Point,
    };
    let options = FgbWriterOptions {
        crs: FgbCrs { code: code as i32, org: Some("EPSG"), ..FgbCrs::default() },
        ..FgbWriterOptions::default()
    };
    let mut writer = FgbWriter::create_with_options(layer.id(), geometry, options)?;
    for field in layer.fields() {
        writer.add_column(field, column_type(field), |_, _| {});
    }
    Ok(writer)
}

fn column_type(field: &str) -> ColumnType {
    match type_of(field) {
        AttributeType::Boolean => ColumnType::Bool,
        AttributeType::Integer => ColumnType::Long,
        AttributeType::Float => ColumnType::Double,
        _ => ColumnType::String,
    }
}

fn write_batch(
    writer: &mut FgbWriter<'_>,
    layer: CityLayer,
    batch: &CityBatch,
) -> anyhow::Result<()> {
    for record in &batch.records {
        let mut wrong = None;
        // GDAL 3.6 cannot read this writer's lines of one part: the part is written by itself.
        let start = if layer == CityLayer::RoadSegment { MULTI_HEADER } else { 0 };
        writer.add_feature_geom(Ewkb(&record.ewkb[start..]), |feature| {
            for (number, (name, value)) in layer.fields().iter().zip(&record.values).enumerate() {
                let put = column_value(value)
                    .map_or(Ok(false), |value| feature.property(number, name, &value));
                wrong = put.err().or(wrong.take());
            }
        })?;
        if let Some(error) = wrong {
            return Err(error).context("cannot write a value");
        }
    }
    Ok(())
}

fn column_value(value: &AttributeValue) -> Option<ColumnValue<'_>> {
    Some(match value {
        AttributeValue::Null => return None,
        AttributeValue::Bool(truth) => ColumnValue::Bool(*truth),
        AttributeValue::Int(number) => ColumnValue::Long(*number),
        AttributeValue::Float(number) => ColumnValue::Double(*number),
        AttributeValue::Text(text) => ColumnValue::String(text),
    })
}
