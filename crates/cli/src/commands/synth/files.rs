//! Writes a made-up city into a folder: FlatGeobuf a layer, and lists as CSV.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geozero::{ColumnValue, PropertyProcessor, wkb::Ewkb};
use urbis_model::AttributeValue;
use urbis_synth::{CityBatch, CityLayer, CityRecord, LayerSummary, SyntheticCity};

use crate::args::SynthArgs;

/// Bytes of an EWKB of several parts before its first part.
const MULTI_HEADER: usize = 13;

/// Writes everything.
pub fn write(
    city: &SyntheticCity,
    folder: &Path,
    asked: &SynthArgs,
) -> anyhow::Result<Vec<(CityLayer, LayerSummary)>> {
    fs::create_dir_all(folder)?;
    let mut lists = Lists::new(folder)?;
    let mut summaries = Vec::new();
    for layer in CityLayer::ALL {
        summaries.push((layer, write_layer(city, layer, folder, (asked.threads, &mut lists))?));
    }
    lists.end()?;
    write_crossings(city, folder)?;
    write_traces(city, folder, asked.trace_seconds)?;
    Ok(summaries)
}

fn write_layer(
    city: &SyntheticCity,
    layer: CityLayer,
    folder: &Path,
    (threads, lists): (usize, &mut Lists),
) -> anyhow::Result<LayerSummary> {
    let mut writer = writer(layer)?;
    let mut fault = None;
    let summary = city.grow(layer, threads, &mut |batch| {
        let written =
            write_batch(&mut writer, layer, &batch).and_then(|()| lists.add(layer, &batch));
        fault = written.err();
        fault.is_none()
    });
    if let Some(error) = fault {
        return Err(error);
    }
    let file = BufWriter::new(File::create(folder.join(format!("{}.fgb", layer.id())))?);
    writer.write(file)?;
    Ok(summary)
}

fn writer(layer: CityLayer) -> anyhow::Result<FgbWriter<'static>> {
    let (geometry, code) = match layer {
        CityLayer::Parcel | CityLayer::Building => (GeometryType::MultiPolygon, 5899),
        CityLayer::RoadSegment => (GeometryType::LineString, 4326),
        CityLayer::UtilityNode => (GeometryType::Point, 5899),
    };
    let options = FgbWriterOptions {
        crs: FgbCrs { code, org: Some("EPSG"), ..FgbCrs::default() },
        ..FgbWriterOptions::default()
    };
    let mut writer = FgbWriter::create_with_options(layer.id(), geometry, options)?;
    for field in layer.fields() {
        writer.add_column(field, column_type(field), |_, _| {});
    }
    Ok(writer)
}

fn column_type(field: &str) -> ColumnType {
    match field {
        "bridge" => ColumnType::Bool,
        "floors" | "lanes" | "maxspeed_kmh" | "layer" | "installed" => ColumnType::Long,
        _ if field.ends_with("_m") || field.ends_with("_m2") => ColumnType::Double,
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

/// The lists that go beside the layers.
struct Lists {
    flaws: BufWriter<File>,
    turns: BufWriter<File>,
}

impl Lists {
    fn new(folder: &Path) -> anyhow::Result<Self> {
        let create = |name: &str| File::create(folder.join(name)).map(BufWriter::new);
        let mut lists =
            Self { flaws: create("flaws.csv")?, turns: create("turn_restrictions.csv")? };
        writeln!(lists.flaws, "layer,key,kind")?;
        writeln!(lists.turns, "from,via_lon,via_lat,to,kind")?;
        Ok(lists)
    }

    fn add(&mut self, layer: CityLayer, batch: &CityBatch) -> anyhow::Result<()> {
        let flawed = |record: &CityRecord| Some((record.key.clone(), record.flaw?));
        for (key, kind) in batch.records.iter().filter_map(flawed) {
            writeln!(self.flaws, "{},{key},{}", layer.id(), kind.name())?;
        }
        for turn in &batch.restrictions {
            let [lon, lat] = [turn.via.0, turn.via.1].map(|cells| cells as f64 / 1e8);
            writeln!(self.turns, "{},{lon:.8},{lat:.8},{},{}", turn.from, turn.to, turn.kind)?;
        }
        Ok(())
    }

    fn end(mut self) -> anyhow::Result<()> {
        self.flaws.flush()?;
        Ok(self.turns.flush()?)
    }
}

fn write_crossings(city: &SyntheticCity, folder: &Path) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(folder.join("crossings.csv"))?);
    writeln!(file, "kind,from_lon,from_lat,to_lon,to_lat")?;
    let railway = city.railway();
    let bridges = city.bridges().into_iter().map(|ends| ("bridge", ends));
    let level = city.level_crossings().into_iter().map(|at| ("level_crossing", [at, at]));
    let rails = railway.windows(2).map(|pair| ("railway", [pair[0], pair[1]]));
    for (kind, [from, to]) in bridges.chain(level).chain(rails) {
        writeln!(file, "{kind},{:.8},{:.8},{:.8},{:.8}", from.x, from.y, to.x, to.y)?;
    }
    Ok(file.flush()?)
}

fn write_traces(city: &SyntheticCity, folder: &Path, seconds: u32) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(folder.join("traces.csv"))?);
    writeln!(file, "vehicle,t_s,lon,lat,speed_kmh,heading")?;
    let mut fault = None;
    city.drive(seconds, &mut |row| {
        let written = writeln!(
            file,
            "{},{},{:.7},{:.7},{:.0},{:.0}",
            row.vehicle, row.second, row.at.x, row.at.y, row.speed_kmh, row.heading
        );
        fault = written.err();
        fault.is_none()
    });
    match fault {
        Some(error) => Err(error.into()),
        None => Ok(file.flush()?),
    }
}
