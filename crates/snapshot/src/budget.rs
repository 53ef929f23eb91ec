//! What a layer takes in the tiles of each zoom, and so which of its features a zoom has room for.
//!
//! ```text
//! zoom 12   tile 3276/1876   priority 20: 180 kB   21: 210 kB   22: 150 kB
//!                            with a budget of 500 kB the cut is 21: 22 and 21 fit, 20 does not
//! ```
//!
//! One cut holds for all tiles of a zoom, the one that the fullest of them needs: no tile lacks a
//! feature that its neighbour shows. The bytes are an estimate of what a feature adds to a tile
//! after gzip; nothing is drawn to find them, and equal content has equal cuts, whatever the way
//! to it. Only features that everybody sees who sees the layer are counted, so that a cut tells
//! nothing of the others.
//!
//! Cost: a change copies the blocks of tiles that its features are in; a block is 4 x 4 tiles.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use urbis_catalog::{AttributeType, Layer};
use urbis_model::{TileRange, WorldBox};

use crate::Value;
use crate::feature::SnapshotFeature;

/// Deeper tiles hold little enough of anything.
const LAST_ZOOM: u8 = 15;

/// Tiles along one side of a block, as a power of two.
const BLOCK_BITS: u8 = 2;

/// A feature in more tiles of a zoom than this is large enough to be drawn there anyway.
const MANY_TILES: u64 = 64;

/// Bytes of a feature beside its vertices and attributes, and of ten vertices.
const FEATURE_BYTES: u64 = 12;
const TEN_VERTICES_BYTES: u64 = 23;

/// The loads of a layer's tiles.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    zooms: Vec<ZoomBudget>,
    /// Cuts of `zooms`, none greater than the one before.
    cuts: Vec<u8>,
    most: u64,
}

/// The loads of one zoom.
#[derive(Debug, Clone)]
struct ZoomBudget {
    zoom: u8,
    blocks: BTreeMap<(u32, u32), Arc<Block>>,
}

/// The loads of a block of tiles.
#[derive(Debug, Clone, Default)]
struct Block {
    /// Bytes by tile and priority: 256 times the number of the tile, and the priority. In order.
    loads: Vec<(u16, u64)>,
    /// `None` where loads changed since it was found.
    cut: Option<u8>,
}

impl Budget {
    pub(crate) fn new(layer: &Layer) -> Self {
        let zooms = layer.tiles.minzoom..=layer.tiles.maxzoom.min(LAST_ZOOM);
        let zooms: Vec<_> =
            zooms.map(|zoom| ZoomBudget { zoom, blocks: BTreeMap::new() }).collect();
        let most = u64::from(layer.tiles.budget_kb) * 1_000;
        Self { cuts: vec![0; zooms.len()], zooms, most }
    }

    /// The lowest priority that a zoom has room for.
    pub(crate) fn cut(&self, zoom: u8) -> u8 {
        let at = self.zooms.iter().position(|one| one.zoom == zoom);
        at.map_or(0, |at| self.cuts[at])
    }

    /// The zooms of which the cut is another than before.
    pub(crate) fn moved(&self, before: &Self) -> Option<RangeInclusive<u8>> {
        let pairs = self.cuts.iter().zip(&before.cuts).zip(&self.zooms);
        let mut moved = pairs.filter(|((now, then), _)| now != then).map(|(_, one)| one.zoom);
        let first = moved.next()?;
        Some(first..=moved.next_back().unwrap_or(first))
    }

    pub(crate) fn add(&mut self, layer: &Layer, feature: SnapshotFeature<'_>) {
        self.count(layer, feature, |load, bytes| *load += bytes);
    }

    /// Takes back a feature that was added.
    pub(crate) fn remove(&mut self, layer: &Layer, feature: SnapshotFeature<'_>) {
        self.count(layer, feature, |load, bytes| *load -= bytes);
    }

    fn count(
        &mut self,
        layer: &Layer,
        feature: SnapshotFeature<'_>,
        change: impl Fn(&mut u64, u64),
    ) {
        let Some(world_box) = feature.world_box() else { return };
        if feature.openness() > layer.openness {
            return;
        }
        let attributes = attribute_bytes(layer, feature);
        let first = feature.first_zoom();
        for one in self.zooms.iter_mut().filter(|one| first <= one.zoom) {
            let attributes = if layer.coalesce_at(one.zoom).is_some() { 0 } else { attributes };
            let bytes = FEATURE_BYTES + attributes + vertex_bytes(feature, one.zoom);
            one.count(world_box, feature.priority(), bytes, &change);
        }
    }

    /// Finds the cuts after all was added and taken back.
    pub(crate) fn settle(&mut self) {
        for one in &mut self.zooms {
            let stale = one.blocks.values_mut().filter(|block| block.cut.is_none());
            stale.for_each(|block| Arc::make_mut(block).settle(self.most));
            one.blocks.retain(|_, block| !block.loads.is_empty());
        }
        let own = self.zooms.iter().map(ZoomBudget::cut);
        self.cuts = own.collect();
        // What a zoom shows, all deeper ones show.
        for at in (1..self.cuts.len()).rev() {
            self.cuts[at - 1] = self.cuts[at - 1].max(self.cuts[at]);
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        let blocks = self.zooms.iter().flat_map(|one| one.blocks.values());
        let of_block = |block: &Arc<Block>| {
            size_of::<Block>() + block.loads.capacity() * size_of::<(u16, u64)>()
        };
        blocks.map(of_block).sum()
    }
}

impl ZoomBudget {
    fn count(
        &mut self,
        world_box: WorldBox,
        priority: u8,
        bytes: u64,
        change: &impl Fn(&mut u64, u64),
    ) {
        let tiles = TileRange::meeting(world_box, self.zoom);
        if tiles.len() > MANY_TILES {
            return;
        }
        let share = (bytes / tiles.len()).max(FEATURE_BYTES);
        for (x, y) in tiles.tiles() {
            let block = self.blocks.entry((x >> BLOCK_BITS, y >> BLOCK_BITS)).or_default();
            let mask = (1 << BLOCK_BITS) - 1;
            let number = (y & mask) << BLOCK_BITS | x & mask;
            let key = (number as u16) << 8 | u16::from(priority);
            Arc::make_mut(block).count(key, |load| change(load, share));
        }
    }

    fn cut(&self) -> u8 {
        self.blocks.values().filter_map(|block| block.cut).max().unwrap_or(0)
    }
}

impl Block {
    fn count(&mut self, key: u16, change: impl Fn(&mut u64)) {
        self.cut = None;
        let at = match self.loads.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(at) => at,
            Err(at) => {
                self.loads.insert(at, (key, 0));
                at
            }
        };
        change(&mut self.loads[at].1);
    }

    fn settle(&mut self, most: u64) {
        self.loads.retain(|(_, bytes)| *bytes > 0);
        let tiles = self.loads.chunk_by(|(one, _), (other, _)| one >> 8 == other >> 8);
        self.cut = tiles.map(|loads| cut_of(loads, most)).max().or(Some(0));
    }
}

/// The lowest priority of a tile that fits with all above it; the highest always fits.
fn cut_of(loads: &[(u16, u64)], most: u64) -> u8 {
    let mut left = most;
    let mut cut = None;
    for (key, bytes) in loads.iter().rev() {
        match left.checked_sub(*bytes) {
            Some(rest) => left = rest,
            None => return cut.unwrap_or(*key as u8),
        }
        cut = Some(*key as u8);
    }
    0
}

fn vertex_bytes(feature: SnapshotFeature<'_>, zoom: u8) -> u64 {
    let ranks = feature.ranks();
    let kept = ranks.iter().filter(|rank| **rank <= zoom).count();
    let count = if ranks.is_empty() { feature.vertex_count() } else { kept };
    count as u64 * TEN_VERTICES_BYTES / 10
}

/// What the attributes that everybody sees who sees the layer add, were they not joined.
fn attribute_bytes(layer: &Layer, feature: SnapshotFeature<'_>) -> u64 {
    let shown = layer.tile_attributes(layer.openness);
    let bytes = shown.map(|at| match (layer.attributes[at].kind, feature.attribute(at)) {
        (_, Value::Null) => 0,
        (AttributeType::Code | AttributeType::Codes | AttributeType::Boolean, _) => 1,
        (_, Value::Text(text)) => 2 + (text.len() as u64).min(40) / 2,
        _ => 3,
    });
    bytes.sum()
}
