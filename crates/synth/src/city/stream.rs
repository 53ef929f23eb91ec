//! The records of a layer in batches, in one order, grown on some threads.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use xxhash_rust::xxh3::Xxh3;

use super::record::{self, CityLayer, CityRecord};
use super::turn::TurnRestriction;
use super::{City, SyntheticCity, barrier, cell, road, turn, utility};
use crate::ring::line_m;

/// Cells of one batch.
const BATCH_CELLS: usize = 6;

/// Batches that wait on each thread.
const WAITING: usize = 4;

/// Some records, in order.
#[derive(Debug, Default)]
pub struct CityBatch {
    /// The records.
    pub records: Vec<CityRecord>,
    /// Forbidden turns between them, where they are streets: what the layer of them holds, for who
    /// writes both into one.
    pub restrictions: Vec<TurnRestriction>,
    /// Length of the streets among them, metres; flaws are not counted.
    pub length_m: f64,
}

/// What a layer came to.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerSummary {
    /// Records, flaws included.
    pub records: u64,
    /// Records that are wrong on purpose.
    pub flaws: u64,
    /// Length of the streets, kilometres.
    pub length_km: f64,
    /// XXH3 of keys, geometries and values.
    pub hash: u128,
}

impl SyntheticCity {
    /// Grows one layer on at most `threads` threads beside the caller's; `sink` gets its batches in
    /// order and says whether to go on.
    ///
    /// Cost: a quarter of a minute of one processor for the full size. Some thousand records are
    /// in memory at a time.
    pub fn grow(
        &self,
        layer: CityLayer,
        threads: usize,
        sink: &mut dyn FnMut(CityBatch) -> bool,
    ) -> LayerSummary {
        let units = self.city.units();
        let batches = units.div_ceil(BATCH_CELLS);
        let threads = threads.clamp(1, batches);
        let mut tally = Tally::default();
        std::thread::scope(|scope| {
            let mut channels: Vec<Receiver<CityBatch>> = Vec::new();
            for thread in 0..threads {
                let (send, receive) = sync_channel(WAITING);
                let city = Arc::clone(&self.city);
                scope.spawn(move || work(&city, layer, (thread, threads, batches), &send));
                channels.push(receive);
            }
            for batch in 0..batches {
                let Ok(batch) = channels[batch % threads].recv() else { break };
                tally.count(&batch);
                if !sink(batch) {
                    break;
                }
            }
            // Threads that wait to send end when nobody listens.
            drop(channels);
        });
        tally.summary()
    }
}

/// Grows every batch of one thread.
fn work(
    city: &City,
    layer: CityLayer,
    (first, step, batches): (usize, usize, usize),
    send: &SyncSender<CityBatch>,
) {
    for number in (first..batches).step_by(step) {
        if send.send(batch(city, layer, number)).is_err() {
            return;
        }
    }
}

fn batch(city: &City, layer: CityLayer, number: usize) -> CityBatch {
    let mut batch = CityBatch::default();
    for unit in number * BATCH_CELLS..((number + 1) * BATCH_CELLS).min(city.units()) {
        let grown = cell::grow_unit(city, unit);
        let streets = &grown.streets;
        batch.records.extend(match layer {
            CityLayer::Parcel => record::parcels(city, unit, &grown.lots),
            CityLayer::Building => record::buildings(city, unit, &grown.lots),
            CityLayer::RoadSegment => road::records(city, unit, streets),
            CityLayer::UtilityNode => utility::records(city, unit, streets),
            CityLayer::TurnRestriction => turn::records(city, unit, streets),
            CityLayer::RoadBarrier => barrier::records(city, unit, streets),
        });
        if layer == CityLayer::RoadSegment {
            batch.restrictions.extend(turn::restrictions(city, unit, streets));
            batch.length_m += streets.iter().map(|street| line_m(&street.line)).sum::<f64>();
        }
    }
    batch
}

/// Counts while batches go by.
#[derive(Default)]
struct Tally {
    records: u64,
    flaws: u64,
    length_m: f64,
    hash: Xxh3,
}

impl Tally {
    fn count(&mut self, batch: &CityBatch) {
        self.records += batch.records.len() as u64;
        self.length_m += batch.length_m;
        for record in &batch.records {
            self.flaws += u64::from(record.flaw.is_some());
            record.add_to(&mut self.hash);
        }
    }

    fn summary(&self) -> LayerSummary {
        LayerSummary {
            records: self.records,
            flaws: self.flaws,
            length_km: self.length_m / 1000.0,
            hash: self.hash.digest128(),
        }
    }
}

/// One hash over all layers, in their order.
pub fn hash_of_all<'a>(summaries: impl IntoIterator<Item = &'a LayerSummary>) -> u128 {
    let mut hash = Xxh3::new();
    for summary in summaries {
        hash.update(&summary.hash.to_le_bytes());
    }
    hash.digest128()
}
