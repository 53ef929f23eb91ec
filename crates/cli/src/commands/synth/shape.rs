//! Reads the shape of the bundled city: wards, waters, land uses, slopes.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context;
use urbis_catalog::{Catalog, CitySettings, Layer};
use urbis_ingest::{ReadOptions, Silent, read_source};
use urbis_model::{AttributeValue, ImportItem, ImportRecord, LonLat};
use urbis_synth::{CityShape, CityWard, Slope, polygons_of_ewkb};

use crate::import::Job;

/// File of the slopes in the city's folder; a city without one has none.
const SLOPE: &str = "slope.pgm";

/// Reads what a city grows on from its sources, as an import would.
pub fn read(catalog: &Catalog, city: &Path) -> anyhow::Result<CityShape> {
    let [lon, lat] = CitySettings::load(city)?.core();
    let mut shape = CityShape {
        center: LonLat::new(lon, lat)?,
        wards: Vec::new(),
        water: Vec::new(),
        uses: Vec::new(),
        slope: read_slope(city)?,
    };
    for job in Job::all_of_city(catalog, city) {
        let layer = job.layer;
        let take: fn(&mut CityShape, &Layer, &ImportRecord) = match layer.id.as_str() {
            "admin_unit" => take_ward,
            "water_body" => take_water,
            "land_use" => take_use,
            _ => continue,
        };
        let mut sink = |items: Vec<ImportItem>| {
            for item in items {
                if let ImportItem::Record(record) = item {
                    take(&mut shape, layer, &record);
                }
            }
            Ok(())
        };
        read_source(layer, &job.source, &job.path, &ReadOptions::default(), &mut sink, &Silent)
            .with_context(|| format!("cannot read '{}'", job.path.display()))?;
    }
    shape.wards.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(shape)
}

fn read_slope(city: &Path) -> anyhow::Result<Option<Slope>> {
    let path = city.join(SLOPE);
    let bytes = match fs::read(&path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("cannot read '{}'", path.display()))?,
    };
    let slope = Slope::from_pgm(&bytes);
    slope.map(Some).with_context(|| format!("'{}' holds no slopes", path.display()))
}

fn take_ward(shape: &mut CityShape, layer: &Layer, record: &ImportRecord) {
    // The units of before July 2025 have an end.
    if record.valid_to.is_some() {
        return;
    }
    let Some(ground) = polygons_of_ewkb(&record.geometry_ewkb) else { return };
    let area_km2 = match value(layer, record, "area_km2") {
        Some(AttributeValue::Float(area)) => *area,
        Some(AttributeValue::Int(area)) => *area as f64,
        _ => 0.0,
    };
    let (code, full_name) = (text(layer, record, "code"), text(layer, record, "full_name"));
    shape.wards.push(CityWard { code, full_name, area_km2, ground });
}

fn take_water(shape: &mut CityShape, layer: &Layer, record: &ImportRecord) {
    // Wetland is grown over, the rest is not.
    if text(layer, record, "kind") != "wetland" {
        shape.water.extend(polygons_of_ewkb(&record.geometry_ewkb));
    }
}

fn take_use(shape: &mut CityShape, layer: &Layer, record: &ImportRecord) {
    let code = text(layer, record, "code");
    shape.uses.extend(polygons_of_ewkb(&record.geometry_ewkb).map(|area| (code, area)));
}

fn value<'a>(layer: &Layer, record: &'a ImportRecord, name: &str) -> Option<&'a AttributeValue> {
    record.attributes.get(layer.attribute_index(name)?)
}

fn text(layer: &Layer, record: &ImportRecord, name: &str) -> String {
    let text = value(layer, record, name).and_then(AttributeValue::as_text);
    text.unwrap_or_default().to_owned()
}
