//! The roads of an OSM file as a city in memory, without a database.

use std::path::Path;
use std::sync::Arc;

use geozero::ToGeo;
use geozero::wkb::Ewkb;
use urbis_catalog::{Catalog, NetworkRole};
use urbis_ingest::{ReadOptions, Silent, read_source};
use urbis_model::{
    Feature, FeatureId, ImportItem, ImportRecord, LayerId, Moment, Revision, Validity,
};
use urbis_snapshot::City;

/// What of an OSM file the road graph reads: roads, turn restrictions and barriers, as the layer
/// files of a catalogue say.
///
/// # Panics
///
/// Where the file cannot be read.
pub fn city_of_osm(file: &Path, catalog: Arc<Catalog>) -> City {
    let roles = [NetworkRole::Roads, NetworkRole::TurnRestrictions, NetworkRole::Barriers];
    let mut layers: Vec<(LayerId, Vec<Feature>)> = Vec::new();
    let mut next = 0;
    for role in roles {
        let layer = catalog.network_layer(role).expect("a layer for each role");
        let mut features = Vec::new();
        for source in layer.sources.iter().filter(|source| source.file.ends_with(".osm.pbf")) {
            let mut take = |items: Vec<ImportItem>| {
                for item in items {
                    if let ImportItem::Record(record) = item {
                        next += 1;
                        features.push(feature_of(next, &record));
                    }
                }
                Ok(())
            };
            let read =
                read_source(layer, source, file, &ReadOptions::default(), &mut take, &Silent);
            read.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
        layers.push((layer.id.clone(), features));
    }
    City::build(catalog, Revision(1), layers, Moment::now())
}

/// Roads and what stands on them are stored in degrees.
fn feature_of(number: i64, record: &ImportRecord) -> Feature {
    Feature {
        id: FeatureId::new(number).expect("a small number"),
        geometry: Ewkb(&record.geometry_ewkb).to_geo().ok(),
        attributes: record.attributes.clone(),
        validity: Validity::ALWAYS,
    }
}
