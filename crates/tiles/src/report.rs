//! What each zoom of a layer shows and leaves out, and how large its tiles become.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use urbis_catalog::Layer;
use urbis_model::{FeatureId, GeometryKind, TileAddress, TileRange, WorldBox};
use urbis_snapshot::{City, LayerSnapshot, SnapshotFeature, Visibility};

use crate::render::Renderer;

mod measure;

use measure::measure;

/// Last zoom that is reported: below it a tile holds a few streets.
const LAST_ZOOM: u8 = 15;

/// Tiles that are rendered to find the largest of a zoom: those with the most vertices.
const MAX_TILES: usize = 2_048;

/// A feature in more tiles of a zoom than this does not tell which of them is full; the budget
/// leaves it out, too.
const MANY_TILES: u64 = 64;

/// One zoom of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoomReport {
    /// The zoom.
    pub zoom: u8,
    /// Features with a geometry: the sum of the next four.
    pub features: usize,
    /// Drawn.
    pub drawn: usize,
    /// Left out by `zoom_by`.
    pub by_class: usize,
    /// Left out by `min_size_px`.
    pub by_size: usize,
    /// Left out because a tile would be too large.
    pub by_budget: usize,
    /// Share of the length or area of the longest or largest tenth of all features that is drawn,
    /// 0 to 1; `None` of points.
    pub kept_of_largest: Option<f64>,
    /// The same of the tenth of those features that `zoom_by` does not leave out.
    pub kept_of_largest_in_class: Option<f64>,
    /// The tile with the most bytes, and how many, uncompressed; of a zoom with thousands of tiles
    /// among those with the most vertices. Features that meet more than 64 tiles of the zoom lead
    /// to none of them; `None` where no other is drawn.
    pub largest_tile: Option<(TileAddress, usize)>,
}

/// Reports on each zoom of a layer from its `minzoom` to its `maxzoom`, or to 15; empty where the
/// class may not see the layer.
///
/// Cost: seconds in a large layer; it renders every tile of the low zooms.
pub fn report(city: &City, layer: &Layer, visibility: Visibility) -> Vec<ZoomReport> {
    let Some(snapshot) = city.layer(&layer.id).filter(|_| layer.openness <= visibility.class)
    else {
        return Vec::new();
    };
    let all = Census::take(snapshot, layer, visibility);
    zooms(layer).map(|zoom| all.report(city, zoom)).collect()
}

fn zooms(layer: &Layer) -> RangeInclusive<u8> {
    layer.tiles.minzoom..=layer.tiles.maxzoom.min(LAST_ZOOM).max(layer.tiles.minzoom)
}

/// All features of a layer that somebody may see.
struct Census<'a> {
    snapshot: &'a LayerSnapshot,
    layer: &'a Layer,
    visibility: Visibility,
    features: Vec<Counted>,
}

/// One feature of a census.
struct Counted {
    id: FeatureId,
    /// First zoom by `zoom_by` alone.
    class_zoom: u8,
    first_zoom: u8,
    /// Length or area.
    size: f64,
}

impl<'a> Census<'a> {
    fn take(snapshot: &'a LayerSnapshot, layer: &'a Layer, visibility: Visibility) -> Self {
        let all = snapshot.in_box(WorldBox::WORLD, TileAddress::MAX_ZOOM, visibility);
        let features = all.into_iter().map(|feature| Counted {
            id: feature.id(),
            class_zoom: feature.class_zoom(layer).unwrap_or(layer.tiles.minzoom),
            first_zoom: feature.first_zoom(),
            size: measure(feature),
        });
        let mut features: Vec<Counted> = features.collect();
        features.sort_by(|a, b| b.size.total_cmp(&a.size));
        Self { snapshot, layer, visibility, features }
    }

    fn report(&self, city: &City, zoom: u8) -> ZoomReport {
        let drawn = self.snapshot.in_box(WorldBox::WORLD, zoom, self.visibility);
        let ids: HashSet<FeatureId> = drawn.iter().map(|feature| feature.id()).collect();
        let count =
            |is: &dyn Fn(&Counted) -> bool| self.features.iter().filter(|one| is(one)).count();
        let by_class = count(&|one| one.class_zoom > zoom);
        let by_rules = count(&|one| one.first_zoom > zoom);
        ZoomReport {
            zoom,
            features: self.features.len(),
            drawn: drawn.len(),
            by_class,
            by_size: by_rules - by_class,
            by_budget: self.features.len() - by_rules - drawn.len(),
            kept_of_largest: self.kept(&ids, u8::MAX),
            kept_of_largest_in_class: self.kept(&ids, zoom),
            largest_tile: self.largest_tile(city, zoom, &drawn),
        }
    }

    /// Share of the largest tenth that is drawn, of features up to a first zoom by class.
    fn kept(&self, drawn: &HashSet<FeatureId>, class_zoom: u8) -> Option<f64> {
        if self.layer.geometry == GeometryKind::Point {
            return None;
        }
        let in_class: Vec<&Counted> =
            self.features.iter().filter(|one| one.class_zoom <= class_zoom).collect();
        let largest = &in_class[..in_class.len().div_ceil(10)];
        let all: f64 = largest.iter().map(|one| one.size).sum();
        let kept = largest.iter().filter(|one| drawn.contains(&one.id));
        let kept: f64 = kept.map(|one| one.size).sum();
        Some(if all > 0.0 { kept / all } else { 1.0 })
    }

    fn largest_tile(
        &self,
        city: &City,
        zoom: u8,
        drawn: &[SnapshotFeature<'_>],
    ) -> Option<(TileAddress, usize)> {
        let mut renderer = Renderer::default();
        let rendered = fullest_tiles(zoom, drawn).into_iter().map(|tile| {
            (tile, renderer.render(city, &[self.layer], tile, self.visibility).bytes.len())
        });
        rendered.max_by_key(|(tile, bytes)| (*bytes, tile.x(), tile.y()))
    }
}

/// The tiles that the boxes of features meet, those with the most vertices first; without features
/// of many tiles.
fn fullest_tiles(zoom: u8, drawn: &[SnapshotFeature<'_>]) -> Vec<TileAddress> {
    let mut vertices: HashMap<(u32, u32), usize> = HashMap::new();
    for feature in drawn {
        let Some(world_box) = feature.world_box() else { continue };
        let tiles = TileRange::meeting(world_box, zoom);
        if tiles.len() > MANY_TILES {
            continue;
        }
        for place in tiles.tiles() {
            *vertices.entry(place).or_default() += feature.vertex_count();
        }
    }
    let mut tiles: Vec<((u32, u32), usize)> = vertices.into_iter().collect();
    tiles.sort_unstable_by_key(|(place, vertices)| (std::cmp::Reverse(*vertices), *place));
    tiles.truncate(MAX_TILES);
    let addresses = tiles.into_iter();
    addresses.filter_map(|((x, y), _)| TileAddress::new(u32::from(zoom), x, y).ok()).collect()
}
