//! One GeoPackage, a table a layer.

use std::path::Path;

use urbis_ingest::{GeoPackage, NewTable};
use urbis_model::Srid;
use urbis_synth::{CityBatch, CityLayer};

use super::{Target, geometry_of, type_of};

/// The file that is being written.
pub struct Tables {
    file: GeoPackage,
}

impl Tables {
    /// Begins a file, in the place of one that is there.
    pub fn new(path: &Path) -> anyhow::Result<Self> {
        Ok(Self { file: GeoPackage::create(path)? })
    }
}

impl Target for Tables {
    fn begin(&mut self, layer: CityLayer) -> anyhow::Result<()> {
        let (geometry, srid) = geometry_of(layer);
        let columns = layer.fields().iter().map(|field| (*field, type_of(field))).collect();
        let table = NewTable { name: layer.id(), geometry, srid: Srid(srid), columns };
        Ok(self.file.add_table(&table)?)
    }

    fn add(&mut self, layer: CityLayer, batch: &CityBatch) -> anyhow::Result<()> {
        let records = batch.records.iter();
        let features = records.map(|record| (record.ewkb.as_slice(), record.values.as_slice()));
        Ok(self.file.add(layer.id(), features)?)
    }

    fn end(self: Box<Self>) -> anyhow::Result<()> {
        Ok(())
    }
}
