//! Measures how fast features of a layer are read: `features_speed <database url> <layers folder>
//! <layer> <west,south,east,north> <filter>` prints milliseconds a case, best and median of several.
//!
//! Over HTTP, beside what the same rows cost `psql`: `make bench-features`.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use urbis_catalog::{Catalog, Layer};
use urbis_filter::{Filter, Language};
use urbis_model::{FeatureId, Openness};
use urbis_store::{FeatureAsk, FeatureBox, FeatureCrs, FeatureCursor, FeatureReader};

const RUNS: usize = 15;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, layers, name, corners, filter] = args.as_slice() else {
        return Err(
            "wanted: database url, layers folder, layer, west,south,east,north, filter".into()
        );
    };
    let catalog = Catalog::load(layers.as_ref())?;
    let layer = catalog.layers().find(|layer| layer.id.as_str() == name).ok_or("no such layer")?;
    let reader = FeatureReader::new(url)?;
    let numbers: Vec<f64> = corners.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let bbox = Some(FeatureBox::new(numbers.as_slice().try_into()?, FeatureCrs::Crs84)?);
    let filter = Filter::parse(filter, Language::Text, layer, Openness::Open)?;
    let page = FeatureAsk { limit: 1_000, ..FeatureAsk::all(layer, Openness::Open) };
    let after = deep(&reader, layer).await?;
    for (case, ask) in [
        ("page", page),
        ("page of a box", FeatureAsk { bbox, ..page }),
        ("page of a filter", FeatureAsk { filter: Some(&filter), ..page }),
        ("page of both", FeatureAsk { bbox, filter: Some(&filter), ..page }),
        ("page in 5899", FeatureAsk { crs: FeatureCrs::Vn2000Tm3, ..page }),
        ("deep page", FeatureAsk { after, ..page }),
    ] {
        let mut times = Vec::new();
        let mut count = 0;
        for _ in 0..RUNS {
            let began = Instant::now();
            count = reader.page(&ask).await?.count;
            times.push(began.elapsed());
        }
        times.sort_unstable();
        println!("{case}: {count} features, best {:?}, median {:?}", times[0], times[RUNS / 2]);
    }
    for crs in [FeatureCrs::Crs84, FeatureCrs::Vn2000Tm3] {
        let whole = FeatureAsk { crs, ..FeatureAsk::all(layer, Openness::Open) };
        let (first, all, count, bytes) = stream(&reader, &whole).await?;
        println!("stream {crs:?}: {count} features, {bytes} bytes, first {first:?}, all {all:?}");
    }
    Ok(())
}

/// The cursor before the last tenth.
async fn deep(
    reader: &FeatureReader,
    layer: &Layer,
) -> Result<Option<FeatureCursor>, Box<dyn Error>> {
    let all = FeatureAsk::all(layer, Openness::Open);
    let count = reader.count(&all).await?;
    let first = reader.page(&FeatureAsk { limit: 1, ..all }).await?;
    let first = first.next.map_or(0, |cursor| cursor.id.to_i64());
    let id = FeatureId::new(first + (count / 10 * 9).cast_signed())?;
    Ok(Some(FeatureCursor { id, has_geometry: true }))
}

async fn stream(
    reader: &FeatureReader,
    ask: &FeatureAsk<'_>,
) -> Result<(Duration, Duration, u64, usize), Box<dyn Error>> {
    let began = Instant::now();
    let mut pieces = Box::pin(reader.stream(ask));
    let (mut first, mut count, mut bytes) = (None, 0, 0);
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        first.get_or_insert_with(|| began.elapsed());
        count += piece.count;
        bytes += piece.features.len();
    }
    Ok((first.unwrap_or_default(), began.elapsed(), count, bytes))
}
