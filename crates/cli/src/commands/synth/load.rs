//! Loads a made-up city by the store's own import: COPY into empty layers.

use std::convert::Infallible;
use std::time::Instant;

use anyhow::Context;
use urbis_catalog::{Catalog, Layer};
use urbis_ingest::Sink;
use urbis_model::{AttributeValue, Fault, ImportItem, ImportRecord};
use urbis_store::{ImportMode, ImportRequest, Matching, Store};
use urbis_synth::{CityLayer, CityRecord, FlawKind, LayerSummary, SyntheticCity};

use crate::environment::actor;
use crate::import::{find_layer, import_from};

/// Name of the source in every layer.
const SOURCE: &str = "synthetic";

/// Loads all layers, one after the other.
pub async fn all(
    store: &Store,
    catalog: &Catalog,
    city: &SyntheticCity,
    threads: usize,
) -> anyhow::Result<Vec<(CityLayer, LayerSummary)>> {
    let mut summaries = Vec::new();
    for kind in CityLayer::ALL {
        let start = Instant::now();
        let layer = find_layer(catalog, kind.id())?;
        let summary = one(store, layer, city.clone(), (kind, threads)).await?;
        tracing::info!(
            layer.id = %layer.id, rows = summary.records, duration_ms = start.elapsed().as_millis(),
            "loaded made-up features"
        );
        summaries.push((kind, summary));
    }
    Ok(summaries)
}

async fn one(
    store: &Store,
    layer: &Layer,
    city: SyntheticCity,
    (kind, threads): (CityLayer, usize),
) -> anyhow::Result<LayerSummary> {
    let columns = Columns::new(layer, kind);
    let grow = move |sink: Sink<'_>| {
        let mut row = 0;
        let summary = city.grow(kind, threads, &mut |batch| {
            let items = batch.records.into_iter().map(|record| {
                row += 1;
                ImportItem::Record(Box::new(columns.record(record, row)))
            });
            sink(items.collect()).is_ok()
        });
        Ok::<_, Infallible>(summary)
    };
    let request = ImportRequest {
        layer,
        source_name: SOURCE.to_owned(),
        matching: Matching::Key,
        clip: None,
        take: None,
        mode: ImportMode::Publish,
        actor: actor(),
    };
    let loaded = import_from(store, request, grow).await;
    let (summary, report) = loaded.with_context(|| format!("cannot load layer '{}'", layer.id))?;
    anyhow::ensure!(report.rejected == 0, "layer '{}': {:?}", layer.id, report.reject_sample);
    Ok(summary)
}

/// Which value of a record goes into which attribute of the layer.
struct Columns {
    of: Vec<Option<usize>>,
}

impl Columns {
    fn new(layer: &Layer, kind: CityLayer) -> Self {
        let field = |name: &str| kind.fields().iter().position(|field| *field == name);
        Self { of: layer.attributes.iter().map(|attribute| field(&attribute.name)).collect() }
    }

    fn record(&self, record: CityRecord, source_row: u64) -> ImportRecord {
        let value = |field: &Option<usize>| {
            field.map_or(AttributeValue::Null, |field| record.values[field].clone())
        };
        // What the reader of a file would find by itself.
        let invalid = record.flaw == Some(FlawKind::InvalidRing);
        let fault = || Fault {
            code: "geometry_invalid",
            detail: "the ring crosses itself, on purpose".to_owned(),
        };
        ImportRecord {
            source_hash: record.hash(),
            source_row,
            attributes: self.of.iter().map(value).collect(),
            valid_from: None,
            valid_to: None,
            faults: invalid.then(fault).into_iter().collect(),
            original_ewkb: None,
            source_key: record.key,
            geometry_ewkb: record.ewkb,
        }
    }
}
