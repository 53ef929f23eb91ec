//! What a publication draws otherwise, as the tiles that a class must ask for again.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use serde_json::{Value, json};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{LayerId, Openness, TileRange, WorldBox};
use urbis_snapshot::{Changes, LayerChanges};

use crate::layers::visible;
use crate::tile_range::drawing;

mod collapse;

use collapse::collapse;

/// Ranges of a zoom of a layer that are told apart, in the whole city and in one message; more
/// become one around all.
const MAX_OF_CITY: usize = 256;
const MAX_OF_MESSAGE: usize = 64;

/// Tiles by layer and zoom; no layer and no zoom without a tile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Touched(pub BTreeMap<LayerId, BTreeMap<u8, Vec<TileRange>>>);

/// The tiles that a publication makes look otherwise, worked out once a class, when the first of
/// the class asks.
#[derive(Debug, Default)]
pub(crate) struct DirtyTiles([OnceLock<Touched>; Openness::ALL.len()]);

impl DirtyTiles {
    /// The tiles that look otherwise to a class; of what it may not see there is no trace.
    ///
    /// Each layer goes on to the last zoom that a tile source of the class can have, since a
    /// source of several layers asks for all of them at each of its zooms. `changes` and `catalog`
    /// are the same in every call.
    pub fn touched(&self, changes: &Changes, catalog: &Catalog, class: Openness) -> &Touched {
        self.0[class as usize].get_or_init(|| {
            let deepest = visible(catalog, class).map(|layer| layer.tiles.maxzoom).max();
            let seen = changes.layers.iter().filter_map(|(id, changes)| {
                let layer = catalog.layer(id).filter(|layer| layer.openness <= class)?;
                let by_zoom = by_zoom(layer, changes, class, deepest.unwrap_or(0));
                (!by_zoom.is_empty()).then(|| (id.clone(), by_zoom))
            });
            Touched(seen.collect())
        })
    }
}

fn by_zoom(
    layer: &Layer,
    changes: &LayerChanges,
    class: Openness,
    deepest: u8,
) -> BTreeMap<u8, Vec<TileRange>> {
    let ranges_at = |zoom: u8| {
        if changes.zooms.as_ref().is_some_and(|zooms| zooms.contains(&zoom)) {
            return vec![whole(zoom)];
        }
        let seen = changes.areas.iter().filter(|area| area.openness <= class);
        let drawn = seen.filter(|area| area.first_zoom <= zoom);
        let ranges = drawn.map(|area| drawing(area.world_box, zoom)).collect();
        collapse(ranges, MAX_OF_CITY)
    };
    let zooms: RangeInclusive<u8> = layer.tiles.minzoom..=deepest;
    let named = zooms.map(|zoom| (zoom, ranges_at(zoom)));
    named.filter(|(_, ranges)| !ranges.is_empty()).collect()
}

/// All tiles of a zoom.
fn whole(zoom: u8) -> TileRange {
    TileRange::meeting(WorldBox::WORLD, zoom)
}

fn intersection(one: TileRange, other: TileRange) -> Option<TileRange> {
    let common = TileRange {
        zoom: one.zoom,
        min_x: one.min_x.max(other.min_x),
        min_y: one.min_y.max(other.min_y),
        max_x: one.max_x.min(other.max_x),
        max_y: one.max_y.min(other.max_y),
    };
    (common.min_x <= common.max_x && common.min_y <= common.max_y).then_some(common)
}

impl Touched {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number of ranges, of all layers and zooms.
    pub fn range_count(&self) -> usize {
        self.0.values().flat_map(BTreeMap::values).map(Vec::len).sum()
    }

    /// `{layer: [[z, min_x, min_y, max_x, max_y], ...]}`, all edges included.
    pub fn to_json(&self) -> Value {
        let ranges = |by_zoom: &BTreeMap<u8, Vec<TileRange>>| -> Value {
            let all =
                by_zoom.iter().flat_map(|(zoom, ranges)| ranges.iter().map(move |r| (zoom, r)));
            all.map(|(zoom, r)| json!([zoom, r.min_x, r.min_y, r.max_x, r.max_y])).collect()
        };
        let layers = self.0.iter().map(|(id, by_zoom)| (id.to_string(), ranges(by_zoom)));
        Value::Object(layers.collect())
    }

    /// What of it lies in these layers and in an area (everywhere where there is none).
    pub fn cut(&self, layers: &[LayerId], area: Option<WorldBox>) -> Self {
        let cut_zoom = |(zoom, ranges): (&u8, &Vec<TileRange>)| {
            // Without the buffer: the tiles that an area shows, not those that could draw it.
            let shown = area.map_or(whole(*zoom), |area| TileRange::meeting(area, *zoom));
            let inside = ranges.iter().filter_map(|range| intersection(*range, shown));
            let inside = collapse(inside.collect(), MAX_OF_MESSAGE);
            (!inside.is_empty()).then_some((*zoom, inside))
        };
        let cut = layers.iter().filter_map(|id| {
            let by_zoom: BTreeMap<u8, Vec<_>> =
                self.0.get(id)?.iter().filter_map(cut_zoom).collect();
            (!by_zoom.is_empty()).then(|| (id.clone(), by_zoom))
        });
        Self(cut.collect())
    }

    /// Adds other tiles.
    pub fn extend(&mut self, later: Self) {
        for (id, by_zoom) in later.0 {
            let all = self.0.entry(id).or_default();
            for (zoom, ranges) in by_zoom {
                let both = all.entry(zoom).or_default();
                both.extend(ranges);
                *both = collapse(std::mem::take(both), MAX_OF_MESSAGE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use urbis_model::TileAddress;
    use urbis_snapshot::ChangedArea;
    use urbis_tiles::BUFFER;

    use super::*;
    use crate::test_support::points;

    fn layer(id: &str, openness: Openness, maxzoom: u8) -> Layer {
        let mut layer = points(id);
        layer.openness = openness;
        layer.tiles.minzoom = 5;
        layer.tiles.maxzoom = maxzoom;
        layer
    }

    fn id(name: &str) -> LayerId {
        LayerId::new(name).unwrap()
    }

    /// Trees for everybody to zoom 7, shrubs for everybody to zoom 8, mines for few to zoom 9.
    fn catalog() -> Catalog {
        let layers = vec![
            layer("tree", Openness::Open, 7),
            layer("shrub", Openness::Open, 8),
            layer("mine", Openness::Restricted, 9),
        ];
        Catalog::from_layers(layers).unwrap()
    }

    fn area(x: u32, y: u32, first_zoom: u8, openness: Openness) -> ChangedArea {
        let world_box = WorldBox { min_x: x, min_y: y, max_x: x + (9 << 22), max_y: y + (1 << 20) };
        ChangedArea { world_box, first_zoom, openness }
    }

    /// What each class is told of some changes, in the order of the classes.
    fn told(layers: Vec<(&str, LayerChanges)>) -> [Touched; 3] {
        let layers = layers.into_iter().map(|(name, changes)| (id(name), changes)).collect();
        let (dirty, changes, catalog) = (DirtyTiles::default(), Changes { layers }, catalog());
        Openness::ALL.map(|class| dirty.touched(&changes, &catalog, class).clone())
    }

    fn told_to_all(layers: Vec<(&str, LayerChanges)>) -> Touched {
        let [open, ..] = told(layers);
        open
    }

    fn tiles(touched: &Touched, name: &str) -> BTreeSet<(u8, u32, u32)> {
        let by_zoom = touched.0.get(&id(name)).into_iter().flatten();
        let ranges = by_zoom.flat_map(|(zoom, ranges)| ranges.iter().map(move |r| (*zoom, *r)));
        let all = ranges.flat_map(|(zoom, r)| {
            (r.min_x..=r.max_x).flat_map(move |x| (r.min_y..=r.max_y).map(move |y| (zoom, x, y)))
        });
        all.collect()
    }

    /// Every tile of a zoom, asked one by one whether it could draw the change.
    fn scan(
        areas: &[ChangedArea],
        class: Openness,
        zooms: RangeInclusive<u8>,
    ) -> BTreeSet<(u8, u32, u32)> {
        let mut found = BTreeSet::new();
        for zoom in zooms {
            let count = 1_u32 << zoom;
            let buffer = ((BUFFER + 1) << 20).div_ceil(1 << zoom);
            for (x, y) in (0..count).flat_map(|x| (0..count).map(move |y| (x, y))) {
                let square = TileAddress::new(zoom.into(), x, y).unwrap().world_box(buffer);
                let is_drawn = |area: &&ChangedArea| {
                    area.openness <= class
                        && area.first_zoom <= zoom
                        && area.world_box.intersects(&square)
                };
                if areas.iter().any(|area| is_drawn(&area)) {
                    found.insert((zoom, x, y));
                }
            }
        }
        found
    }

    #[test]
    fn a_class_hears_of_the_tiles_that_can_draw_what_it_sees_and_of_no_other() {
        let areas = vec![
            area(0x3000_0000, 0x4000_0000, 5, Openness::Open),
            area(0xc7ff_0000, 0x6a00_0000, 7, Openness::Open),
            area(0x10ff_ff00, 0xefff_ffff, 6, Openness::Internal),
            area(0x8000_0000, 0x8000_0000, 0, Openness::Restricted),
        ];
        let changes = LayerChanges { areas: areas.clone(), zooms: None };
        let told = told(vec![("tree", changes.clone()), ("mine", changes)]);
        for (class, touched) in Openness::ALL.into_iter().zip(&told) {
            // Shrubs, and mines for few, are in deeper tiles, which may hold trees too.
            let deepest = if class == Openness::Restricted { 9 } else { 8 };
            assert_eq!(tiles(touched, "tree"), scan(&areas, class, 5..=deepest), "{class}");
            assert_eq!(tiles(touched, "shrub"), BTreeSet::new());
            let sees_mines = class == Openness::Restricted;
            assert_eq!(!tiles(touched, "mine").is_empty(), sees_mines, "{class}");
        }
    }

    #[test]
    fn what_a_class_does_not_see_leaves_no_trace() {
        let hidden = vec![area(0x3000_0000, 0x4000_0000, 5, Openness::Internal)];
        let rows = LayerChanges { areas: hidden, zooms: None };
        let all = LayerChanges { areas: vec![], zooms: Some(0..=22) };
        let told = told(vec![("tree", rows), ("mine", all), ("gone", LayerChanges::default())]);
        assert_eq!(told.map(|touched| touched.0.len()), [0, 1, 2]);
    }

    #[test]
    fn a_layer_that_changed_as_a_whole_is_touched_at_all_its_zooms() {
        let all = LayerChanges { areas: vec![], zooms: Some(0..=22) };
        let touched = told_to_all(vec![("tree", all)]);
        let by_zoom = &touched.0[&id("tree")];
        assert_eq!(by_zoom.keys().copied().collect::<Vec<_>>(), [5, 6, 7, 8]);
        assert_eq!(by_zoom[&5], [TileRange { zoom: 5, min_x: 0, min_y: 0, max_x: 31, max_y: 31 }]);
    }

    #[test]
    fn a_subscriber_gets_the_tiles_of_its_layers_that_its_area_shows() {
        let areas: Vec<_> =
            (0..30).map(|n| area(n * 0x0700_0000, 0x4000_0000, 5, Openness::Open)).collect();
        let changes = LayerChanges { areas: areas.clone(), zooms: None };
        let touched = told_to_all(vec![("tree", changes.clone()), ("shrub", changes)]);
        let shown =
            WorldBox { min_x: 0x3000_0000, min_y: 0, max_x: 0x5fff_ffff, max_y: 0x4000_0000 };
        let cut = touched.cut(&[id("tree"), id("mine")], Some(shown));
        let in_area = |(zoom, x, y): &(u8, u32, u32)| {
            let tile = TileAddress::new(u32::from(*zoom), *x, *y).unwrap();
            tile.world_box(0).intersects(&shown)
        };
        let expected: BTreeSet<_> =
            scan(&areas, Openness::Open, 5..=8).into_iter().filter(in_area).collect();
        assert_eq!(tiles(&cut, "tree"), expected);
        assert_eq!(cut.0.len(), 1);
        let far = WorldBox { min_x: 0, min_y: 0xf000_0000, max_x: u32::MAX, max_y: u32::MAX };
        assert!(touched.cut(&[id("tree")], Some(far)).is_empty());
        assert_eq!(touched.cut(&[id("tree"), id("shrub")], None), touched);
    }

    #[test]
    fn news_of_several_revisions_are_those_of_all() {
        let one = vec![area(0x3000_0000, 0x4000_0000, 5, Openness::Open)];
        let two = vec![area(0x3100_0000, 0x4000_0000, 6, Openness::Open)];
        let touched = |areas: &[ChangedArea], name: &'static str| {
            let changes = LayerChanges { areas: areas.to_vec(), zooms: None };
            told_to_all(vec![(name, changes)])
        };
        let mut both = touched(&one, "tree");
        both.extend(touched(&two, "tree"));
        both.extend(touched(&two, "shrub"));
        let all: Vec<_> = one.iter().chain(&two).copied().collect();
        assert_eq!(tiles(&both, "tree"), tiles(&touched(&all, "tree"), "tree"));
        assert_eq!(tiles(&both, "shrub"), tiles(&touched(&two, "shrub"), "shrub"));
    }
}
