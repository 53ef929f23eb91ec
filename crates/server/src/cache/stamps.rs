//! When each tile last changed, so that a finished one is served exactly as long as it is right.
//!
//! ```text
//! tile, layer, class -> revision     a change of a feature: a few tiles at each zoom
//! range, layer, class -> revision    a change of a large feature, or of very many
//! zoom, layer -> revision            a layer that was loaded anew, or of which other features fit
//! floor                              everything: the city was loaded anew, or notes grew too many
//! ```
//!
//! Notes of tiles end at [`DEEPEST`]; below it the tile above answers. Every note that is given up
//! is folded into a coarser one with a revision that is no older, so what is forgotten makes
//! finished tiles be built again and never lets an old one pass.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use urbis_catalog::Catalog;
use urbis_model::{LayerId, Openness, Revision, TileAddress, TileRange};
use urbis_snapshot::{ChangedArea, Changes, LayerChanges};

use crate::tile_range::{at_most, drawing};

/// The deepest zoom at which tiles are told apart.
const DEEPEST: u8 = 16;

/// Tiles that are noted at most; a city of 12,000 km² has some 50,000 down to [`DEEPEST`].
const MAX_TILES: usize = 1 << 18;

/// A change in more tiles of a zoom is noted as a range.
const MAX_TILES_OF_AREA: u64 = 64;

/// Ranges that are kept; the older ones become notes of whole layers.
const MAX_RANGES: usize = 256;

/// Parts of the notes that are locked one at a time.
const SHARDS: usize = 64;

/// Place of a layer in the catalogue.
type LayerNumber = u16;

/// What of the city has changed, and when last.
#[derive(Debug)]
pub(crate) struct Stamps {
    floor: AtomicU64,
    shards: Vec<RwLock<HashMap<u64, Vec<LayerStamp>>>>,
    hasher: RandomState,
    noted: AtomicUsize,
    max_tiles: usize,
    wide: RwLock<Wide>,
}

/// The last changes of a layer in a tile.
#[derive(Debug)]
struct LayerStamp {
    layer: LayerNumber,
    last: ByClass,
}

/// What is noted for more than a few tiles.
#[derive(Debug, Default)]
struct Wide {
    /// The oldest first.
    ranges: Vec<WideStamp>,
    zooms: HashMap<(LayerNumber, u8), ByClass>,
}

#[derive(Debug, Clone, Copy)]
struct WideStamp {
    range: TileRange,
    layer: LayerNumber,
    last: ByClass,
}

/// The last revision at which a class saw a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct ByClass([u64; Openness::ALL.len()]);

impl ByClass {
    /// Seen by a class and by all that are stricter.
    fn from(openness: Openness, revision: Revision) -> Self {
        let seen = |class: Openness| if openness <= class { revision.0 } else { 0 };
        Self(Openness::ALL.map(seen))
    }

    fn merge(&mut self, other: Self) {
        for (last, other) in self.0.iter_mut().zip(other.0) {
            *last = other.max(*last);
        }
    }

    const fn of(self, class: Openness) -> u64 {
        self.0[class as usize]
    }
}

/// A tile as a class sees some layers of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Looked<'a> {
    pub layers: &'a [LayerNumber],
    pub tile: TileAddress,
    pub class: Openness,
}

impl Default for Stamps {
    fn default() -> Self {
        Self::with_room_for(MAX_TILES)
    }
}

impl Stamps {
    fn with_room_for(max_tiles: usize) -> Self {
        Self {
            floor: AtomicU64::new(0),
            shards: std::iter::repeat_with(RwLock::default).take(SHARDS).collect(),
            hasher: RandomState::new(),
            noted: AtomicUsize::new(0),
            max_tiles,
            wide: RwLock::default(),
        }
    }

    /// The places of layers in a catalogue; what it does not know is left out.
    pub fn numbers<'a>(
        catalog: &Catalog,
        layers: impl Iterator<Item = &'a LayerId>,
    ) -> Vec<LayerNumber> {
        let place = |id: &LayerId| catalog.layers().position(|layer| layer.id == *id);
        layers.filter_map(|id| LayerNumber::try_from(place(id)?).ok()).collect()
    }

    /// Notes that everything may have changed.
    pub fn stamp_everything(&self, revision: Revision) {
        // First the floor, then what it stands for: whoever misses a note finds the floor.
        self.floor.fetch_max(revision.0, Ordering::Release);
        for shard in &self.shards {
            write(shard).clear();
        }
        *write(&self.wide) = Wide::default();
        self.noted.store(0, Ordering::Relaxed);
    }

    /// Notes changes; to be done before anybody sees the revision.
    pub fn stamp(&self, catalog: &Catalog, revision: Revision, changes: &Changes) {
        for (id, changes) in &changes.layers {
            for layer in Self::numbers(catalog, std::iter::once(id)) {
                self.stamp_layer(layer, revision, changes);
            }
        }
        if self.noted.load(Ordering::Relaxed) > self.max_tiles {
            self.stamp_everything(revision);
        }
    }

    /// The last revision at which a tile may have changed; 0 where it never did.
    pub fn last_change(&self, looked: Looked<'_>) -> Revision {
        let Looked { layers, tile, class } = looked;
        let (zoom, x, y) = at_most(tile, DEEPEST);
        let key = tile_key(zoom, x, y);
        let mut last = 0;
        if let Some(stamps) = read(self.shard(key)).get(&key) {
            let seen = stamps.iter().filter(|stamp| layers.contains(&stamp.layer));
            last = seen.map(|stamp| stamp.last.of(class)).max().unwrap_or(0);
        }
        let wide = read(&self.wide);
        let covers = |stamp: &&WideStamp| stamp.range.contains(zoom, x, y);
        for stamp in wide.ranges.iter().filter(covers) {
            if layers.contains(&stamp.layer) {
                last = last.max(stamp.last.of(class));
            }
        }
        if !wide.zooms.is_empty() {
            let of_zoom = layers.iter().filter_map(|layer| wide.zooms.get(&(*layer, tile.z())));
            last = of_zoom.map(|stamp| stamp.of(class)).fold(last, u64::max);
        }
        drop(wide);
        // Last: a note that was folded into the floor is missed above and found here.
        Revision(last.max(self.floor.load(Ordering::Acquire)))
    }

    fn stamp_layer(&self, layer: LayerNumber, revision: Revision, changes: &LayerChanges) {
        if let Some(zooms) = changes.zooms.clone() {
            let last = ByClass::from(Openness::Open, revision);
            write(&self.wide).stamp_zooms(layer, zooms, last);
        }
        changes.areas.iter().for_each(|area| self.stamp_area(layer, revision, *area));
    }

    fn stamp_area(&self, layer: LayerNumber, revision: Revision, area: ChangedArea) {
        let last = ByClass::from(area.openness, revision);
        for zoom in area.first_zoom..=DEEPEST.max(area.first_zoom) {
            // What is first drawn below the deepest zoom that is told apart dirties its tile there.
            let zoom = zoom.min(DEEPEST);
            let range = drawing(area.world_box, zoom);
            if range.len() > MAX_TILES_OF_AREA {
                write(&self.wide).stamp_range(WideStamp { range, layer, last });
                continue;
            }
            for (x, y) in range.tiles() {
                self.stamp_tile(tile_key(zoom, x, y), LayerStamp { layer, last });
            }
        }
    }

    fn stamp_tile(&self, key: u64, stamp: LayerStamp) {
        let mut shard = write(self.shard(key));
        let stamps = shard.entry(key).or_insert_with(|| {
            self.noted.fetch_add(1, Ordering::Relaxed);
            Vec::with_capacity(1)
        });
        match stamps.iter_mut().find(|earlier| earlier.layer == stamp.layer) {
            Some(earlier) => earlier.last.merge(stamp.last),
            None => stamps.push(stamp),
        }
    }

    fn shard(&self, key: u64) -> &RwLock<HashMap<u64, Vec<LayerStamp>>> {
        &self.shards[self.hasher.hash_one(key) as usize % SHARDS]
    }
}

impl Wide {
    fn stamp_zooms(&mut self, layer: LayerNumber, zooms: impl Iterator<Item = u8>, last: ByClass) {
        for zoom in zooms {
            self.zooms.entry((layer, zoom)).or_default().merge(last);
        }
    }

    fn stamp_range(&mut self, stamp: WideStamp) {
        let place = |stamp: &WideStamp| (stamp.range, stamp.layer);
        if let Some(earlier) =
            self.ranges.iter_mut().find(|earlier| place(earlier) == place(&stamp))
        {
            earlier.last.merge(stamp.last);
            return;
        }
        if self.ranges.len() >= MAX_RANGES {
            let WideStamp { range: TileRange { zoom, .. }, layer, last } = self.ranges.remove(0);
            let deepest = if zoom == DEEPEST { TileAddress::MAX_ZOOM } else { zoom };
            self.stamp_zooms(layer, zoom..=deepest, last);
        }
        self.ranges.push(stamp);
    }
}

/// A tile in one number.
const fn tile_key(zoom: u8, x: u32, y: u32) -> u64 {
    (zoom as u64) << 58 | (x as u64) << 29 | y as u64
}

/// Nothing panics under these locks; if something did, what is noted would still be true.
fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use urbis_model::WorldBox;

    use super::*;
    use crate::test_support::Random;

    /// A square of the world that tiles of zoom 10 cut into a few; where all happens.
    const NEAR: (u32, u32) = (0xccf0_0000, 0x7440_0000);
    const SIDE: u64 = 1 << 24;

    fn area(random: &mut Random, longest: u64) -> ChangedArea {
        let (min_x, min_y) =
            (NEAR.0 + random.below(SIDE) as u32, NEAR.1 + random.below(SIDE) as u32);
        let world_box = WorldBox {
            min_x,
            min_y,
            max_x: min_x + random.below(longest) as u32,
            max_y: min_y + random.below(longest) as u32,
        };
        let openness = Openness::ALL[random.below(3) as usize];
        ChangedArea { world_box, first_zoom: random.below(20) as u8, openness }
    }

    /// Says whether a change shows in a tile, by the tile's own square.
    fn shows(area: ChangedArea, tile: TileAddress, class: Openness) -> bool {
        let square = crate::tile_range::drawn_box(tile);
        area.openness <= class && area.first_zoom <= tile.z() && area.world_box.intersects(&square)
    }

    fn some_tiles(random: &mut Random, count: usize) -> Vec<TileAddress> {
        let tile = |random: &mut Random| {
            let zoom = random.below(19) as u8;
            let index = |corner: u32, random: &mut Random| {
                (u64::from(corner) + random.below(SIDE)) >> (32 - zoom)
            };
            let (x, y) = (index(NEAR.0, random), index(NEAR.1, random));
            TileAddress::new(zoom.into(), x as u32, y as u32).unwrap()
        };
        (0..count).map(|_| tile(random)).collect()
    }

    /// Stamps random changes, one a revision from 1 on, of three layers.
    fn stamped(stamps: &Stamps, random: &mut Random, longest: u64) -> Vec<(u16, ChangedArea)> {
        let changes: Vec<_> =
            (0..300).map(|_| (random.below(3) as u16, area(random, longest))).collect();
        for (revision, (layer, area)) in (1..).zip(&changes) {
            let changes = LayerChanges { areas: vec![*area], zooms: None };
            stamps.stamp_layer(*layer, Revision(revision), &changes);
        }
        changes
    }

    #[test]
    fn the_last_change_of_a_tile_is_that_of_the_last_feature_it_draws() {
        let mut random = Random(31);
        let stamps = Stamps::default();
        let changes = stamped(&stamps, &mut random, 1 << 18);
        for tile in some_tiles(&mut random, 2_000) {
            for class in Openness::ALL {
                for layers in [&[0][..], &[1, 2], &[0, 1, 2], &[7]] {
                    let of_ours = |(layer, area): &&(u16, ChangedArea)| {
                        layers.contains(layer) && shows(*area, tile, class)
                    };
                    let zipped = (1..).zip(&changes);
                    let expected = zipped.filter(|(_, change)| of_ours(change)).map(|(n, _)| n);
                    let expected = Revision(expected.max().unwrap_or(0));
                    let found = stamps.last_change(Looked { layers, tile, class });
                    // At the deepest zoom that is told apart all that is deeper is noted, too.
                    if tile.z() < DEEPEST {
                        assert_eq!(found, expected, "{tile} {class} {layers:?}");
                    } else {
                        assert!(found >= expected, "{tile} {class} {layers:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn large_changes_are_never_missed_and_few_tiles_pay_for_them() {
        let mut random = Random(32);
        let stamps = Stamps::default();
        let changes = stamped(&stamps, &mut random, SIDE);
        let wide = stamps.wide.read().unwrap();
        assert!(wide.ranges.len() == MAX_RANGES && !wide.zooms.is_empty(), "both are tried");
        drop(wide);
        for tile in some_tiles(&mut random, 2_000) {
            let looked = Looked { layers: &[0, 1], tile, class: Openness::Internal };
            let last = (1..)
                .zip(&changes)
                .filter(|(_, (layer, area))| *layer < 2 && shows(*area, tile, looked.class))
                .map(|(revision, _)| revision)
                .max();
            assert!(stamps.last_change(looked).0 >= last.unwrap_or(0), "{tile}");
        }
        // A zoom at which nothing large was drawn before has no note of it.
        let other = Looked { layers: &[9], ..some_look() };
        assert_eq!(stamps.last_change(other), Revision(0));
    }

    fn some_look() -> Looked<'static> {
        let tile = TileAddress::new(14, 13_117, 7_451).unwrap();
        Looked { layers: &[0], tile, class: Openness::Open }
    }

    #[test]
    fn a_layer_that_changes_as_a_whole_is_stamped_at_its_zooms_alone() {
        let stamps = Stamps::default();
        let changes = LayerChanges { areas: vec![], zooms: Some(12..=14) };
        stamps.stamp_layer(0, Revision(5), &changes);
        for (zoom, expected) in [(11, 0), (12, 5), (14, 5), (15, 0), (18, 0)] {
            let tile = TileAddress::new(zoom, 0, 0).unwrap();
            let last = stamps.last_change(Looked { tile, ..some_look() });
            assert_eq!(last, Revision(expected), "{zoom}");
        }
        assert_eq!(stamps.last_change(Looked { layers: &[1], ..some_look() }), Revision(0));
    }

    #[test]
    fn above_the_cap_everything_counts_as_changed_and_nothing_as_unchanged() {
        let catalog = Catalog::from_layers(vec![]).unwrap();
        let stamps = Stamps::with_room_for(1_000);
        let mut random = Random(33);
        let changes = stamped(&stamps, &mut random, 1 << 12);
        assert!(stamps.noted.load(Ordering::Relaxed) > 1_000);
        let tiles = some_tiles(&mut random, 500);
        let look = |tile| Looked { layers: &[0, 1, 2], tile, class: Openness::Restricted };
        let before: Vec<_> = tiles.iter().map(|tile| stamps.last_change(look(*tile))).collect();

        stamps.stamp(&catalog, Revision(400), &Changes::default());
        assert_eq!(stamps.noted.load(Ordering::Relaxed), 0, "room for new notes");
        for (tile, before) in tiles.iter().zip(before) {
            assert!(before.0 <= changes.len() as u64);
            assert_eq!(stamps.last_change(look(*tile)), Revision(400));
        }
        // Notes go on.
        let area = ChangedArea { first_zoom: 0, ..area(&mut random, 1) };
        let changes = LayerChanges { areas: vec![area], zooms: None };
        stamps.stamp_layer(0, Revision(401), &changes);
        let tile = some_tiles(&mut random, 5_000)
            .into_iter()
            .find(|tile| shows(area, *tile, Openness::Restricted))
            .expect("one of many");
        assert_eq!(stamps.last_change(look(tile)), Revision(401));
    }
}
