//! Writes a made-up city into a folder: its layers in one of several formats, and lists as CSV.

mod flatgeobuf;
mod geopackage;
mod message;
mod pbf;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use urbis_catalog::AttributeType;
use urbis_model::GeometryKind;
use urbis_synth::{CityBatch, CityLayer, CityRecord, LayerSummary, SyntheticCity};

use crate::args::{CityFormat, SynthArgs};

/// Where layers go: one after the other, in batches.
trait Target {
    /// Begins a layer.
    fn begin(&mut self, layer: CityLayer) -> anyhow::Result<()>;

    /// Adds records to the layer that was begun last.
    fn add(&mut self, layer: CityLayer, batch: &CityBatch) -> anyhow::Result<()>;

    /// Writes what waits; nothing comes after it.
    fn end(self: Box<Self>) -> anyhow::Result<()>;
}

/// Writes everything.
pub fn write(
    city: &SyntheticCity,
    folder: &Path,
    asked: &SynthArgs,
) -> anyhow::Result<Vec<(CityLayer, LayerSummary)>> {
    fs::create_dir_all(folder)?;
    let mut lists = Lists::new(folder)?;
    let mut target: Box<dyn Target> = match asked.format {
        CityFormat::Fgb => Box::new(flatgeobuf::Files::new(folder)),
        CityFormat::Gpkg => Box::new(geopackage::Tables::new(&folder.join("city.gpkg"))?),
        CityFormat::Pbf => Box::new(pbf::Network::new(city, &folder.join("roads.osm.pbf"))?),
    };
    let mut summaries = Vec::new();
    for layer in CityLayer::ALL {
        target.begin(layer)?;
        let mut fault = None;
        let summary = city.grow(layer, asked.threads, &mut |batch| {
            let written = target.add(layer, &batch).and_then(|()| lists.add(layer, &batch));
            fault = written.err();
            fault.is_none()
        });
        if let Some(error) = fault {
            return Err(error);
        }
        summaries.push((layer, summary));
    }
    target.end()?;
    lists.end()?;
    write_crossings(city, folder)?;
    write_traces(city, folder, asked.trace_seconds)?;
    Ok(summaries)
}

/// What the geometries of a layer are, and the EPSG number of their CRS.
const fn geometry_of(layer: CityLayer) -> (GeometryKind, u32) {
    match layer {
        CityLayer::Parcel | CityLayer::Building => (GeometryKind::MultiPolygon, 5899),
        CityLayer::RoadSegment => (GeometryKind::MultiLineString, 4326),
        CityLayer::UtilityNode => (GeometryKind::Point, 5899),
        CityLayer::TurnRestriction | CityLayer::RoadBarrier => (GeometryKind::Point, 4326),
    }
}

/// The type of a field of any layer.
fn type_of(field: &str) -> AttributeType {
    match field {
        "bridge" => AttributeType::Boolean,
        "floors" | "lanes" | "maxspeed_kmh" | "layer" | "installed" => AttributeType::Integer,
        _ if field.ends_with("_m") || field.ends_with("_m2") => AttributeType::Float,
        _ => AttributeType::Text,
    }
}

/// The lists that go beside the layers.
struct Lists {
    flaws: BufWriter<File>,
}

impl Lists {
    fn new(folder: &Path) -> anyhow::Result<Self> {
        let flaws = BufWriter::new(File::create(folder.join("flaws.csv"))?);
        let mut lists = Self { flaws };
        writeln!(lists.flaws, "layer,key,kind")?;
        Ok(lists)
    }

    fn add(&mut self, layer: CityLayer, batch: &CityBatch) -> anyhow::Result<()> {
        let flawed = |record: &CityRecord| Some((record.key.clone(), record.flaw?));
        for (key, kind) in batch.records.iter().filter_map(flawed) {
            writeln!(self.flaws, "{},{key},{}", layer.id(), kind.name())?;
        }
        Ok(())
    }

    fn end(mut self) -> anyhow::Result<()> {
        Ok(self.flaws.flush()?)
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
