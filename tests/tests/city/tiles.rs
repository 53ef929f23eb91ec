//! Tiles against `ST_AsMVT`, read by two decoders.
//!
//! The rules that say at which zoom a feature is drawn are restated in SQL here; the geometry,
//! the clipping and the encoding are PostGIS's own.

use std::collections::BTreeSet;

use fast_mvt::MvtGeometry;
use geo_types::{Coord, Line};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{GeometryKind, Openness, TileAddress};
use urbis_tests::{
    City, ROOT, decode, decode_joined, decode_with_gdal, synthetic_database, tile_at,
};

use crate::rows::{self, seen_by};

mod joined;

/// Buffer around a tile, in units of a 4096-unit tile.
const BUFFER: f64 = 64.0;

/// A feature whose part of the tile is smaller than this may vanish by rounding alone, here or
/// in PostGIS; tile units.
const VANISHING: f64 = 3.0;

/// Rounding to the tile grid may differ by one unit on each axis.
const ONE_UNIT: f64 = 1.42;

/// Features of a layer that are compared, or all that the layer has where it has fewer.
const ENOUGH: usize = 100;

/// Zooms of the tiles that are compared.
const ZOOMS: [u8; 7] = [6, 8, 10, 12, 14, 15, 16];

/// Places the tiles are spread around: two in the centre, the edge of the extract, the hills
/// in the west, and Hoàng Sa.
const PLACES: [(f64, f64); 5] = [
    (108.2142, 16.0557),
    (108.2137, 16.0544),
    (108.2290, 16.0460),
    (107.85, 15.75),
    (111.6, 16.53),
];

/// Places of a layer's own features, beside those.
const OWN_PLACES: usize = 6;

#[test]
fn a_tile_holds_what_st_asmvt_holds_for_each_class() {
    let city = City::serve(synthetic_database());
    let catalog = Catalog::load(&ROOT.join("layers")).expect("the catalogue is valid");
    for class in [Openness::Open, Openness::Restricted] {
        let reader = Reader { city: &city, key: city.key(class.as_str()), class };
        let layers = catalog.layers().filter(|layer| layer.openness <= class);
        // Where nothing in the layer is hidden, one class sees what the other does.
        for layer in layers.filter(|layer| class == Openness::Restricted || hides(layer)) {
            let places = reader.places(layer);
            let tiles = ZOOMS.into_iter().flat_map(|z| tiles_around(&places, z));
            let compared: BTreeSet<u64> =
                tiles.flat_map(|tile| reader.compare(layer, tile)).collect();
            let wanted = reader.count(layer).min(ENOUGH);
            let found = compared.len();
            assert!(found * 2 >= wanted, "{found} features of {} compared for {class}", layer.id);
        }
    }
}

#[test]
fn gdal_reads_the_same_features_from_the_server() {
    let city = City::start();
    for (layer, z) in [("admin_unit", 10), ("road_segment", 15), ("building", 16)] {
        let mut compared = 0;
        for tile in tiles_around(&PLACES[..2], z) {
            let path = format!("/tiles/{layer}/{tile}");
            let ours: Vec<u64> = decode(&city.fetch(&path).body, layer).into_keys().collect();
            compared += ours.len();
            let theirs = decode_with_gdal(&format!("{}{path}.pbf", city.base), layer);
            assert_eq!(theirs, ours, "{path}");
        }
        assert!(compared > 0, "no feature of {layer} was compared");
    }
}

#[test]
fn a_list_and_a_theme_hold_the_layers_in_one_tile() {
    let city = City::start();
    let tile = tiles_around(&PLACES[..1], 15).remove(0);
    let single = |layer: &str| decode(&city.fetch(&format!("/tiles/{layer}/{tile}")).body, layer);
    let list = city.fetch(&format!("/tiles/building,road_segment/{tile}")).body;
    for layer in ["building", "road_segment"] {
        let in_list: Vec<u64> = decode(&list, layer).into_keys().collect();
        assert_eq!(in_list, single(layer).into_keys().collect::<Vec<_>>(), "{layer}");
    }
    let theme = city.fetch(&format!("/tiles/traffic/{tile}")).body;
    assert_eq!(decode(&theme, "road_segment").len(), single("road_segment").len());
}

#[test]
fn the_same_revision_gives_the_same_bytes_after_a_restart() {
    let mut city = City::start();
    let paths: Vec<String> = (6..=16)
        .flat_map(|z| tiles_around(&PLACES, z))
        .map(|tile| format!("/tiles/admin_unit,building,road_segment/{tile}"))
        .collect();
    let fetch_all = |city: &City| -> Vec<_> {
        paths
            .iter()
            .map(|path| {
                let answer = city.fetch(path);
                (answer.status, answer.header("etag").map(str::to_owned), answer.body)
            })
            .collect()
    };
    let before = fetch_all(&city);
    city.restart();
    assert_eq!(before, fetch_all(&city));
}

fn tiles_around(places: &[(f64, f64)], z: u8) -> Vec<TileAddress> {
    let mut tiles: Vec<TileAddress> =
        places.iter().map(|(lon, lat)| tile_at(*lon, *lat, z)).collect();
    tiles.sort_by_key(|tile| (tile.x(), tile.y()));
    tiles.dedup();
    tiles
}

/// Says whether some attribute or feature of an open layer is not open.
fn hides(layer: &Layer) -> bool {
    let stricter = |attribute| layer.openness_of(attribute) > layer.openness;
    layer.openness_by.is_some() || layer.attributes.iter().any(stricter)
}

/// The attributes by which features are joined in a tile; `None` where each is drawn by itself.
fn joined_by(layer: &Layer, tile: TileAddress) -> Option<&Vec<String>> {
    let rule = layer.tiles.coalesce.as_ref()?;
    (tile.z() < rule.below).then_some(&rule.by)
}

/// Somebody who asks, and what the database says they may see.
struct Reader<'a> {
    city: &'a City,
    key: String,
    class: Openness,
}

impl Reader<'_> {
    /// Places to compare at: the fixed ones and some of the layer's own features.
    fn places(&self, layer: &Layer) -> Vec<(f64, f64)> {
        let own = rows::places(self.city, layer, &seen_by(layer, self.class), OWN_PLACES);
        PLACES.into_iter().chain(own).collect()
    }

    fn count(&self, layer: &Layer) -> usize {
        let sql = format!(
            "SELECT count(*) FROM layer.{} WHERE geom IS NOT NULL AND {}",
            layer.id,
            seen_by(layer, self.class)
        );
        self.city.psql(&sql).parse().expect("a number")
    }

    /// Compares one layer of one tile; gives the features that both hold.
    fn compare(&self, layer: &Layer, tile: TileAddress) -> Vec<u64> {
        let id = layer.id.as_str();
        let answer = self.city.fetch_with(&self.key, &format!("/tiles/{id}/{tile}"));
        assert!(matches!(answer.status, 200 | 204), "{id} {tile}: {}", answer.status);
        let (theirs, vanishing) = self.oracle(layer, tile);
        let theirs = decode(&theirs, id);
        if joined_by(layer, tile).is_some() {
            let ours = decode_joined(&answer.body, id);
            joined::compare(&format!("{id} {tile}"), &ours, &theirs, &vanishing);
            return theirs.into_keys().collect();
        }
        let ours = decode(&answer.body, id);

        let our_ids: BTreeSet<u64> = ours.keys().copied().collect();
        let their_ids: BTreeSet<u64> = theirs.keys().copied().collect();
        let disputed: Vec<u64> = our_ids
            .symmetric_difference(&their_ids)
            .copied()
            .filter(|id| !vanishing.contains(id))
            .collect();
        assert!(disputed.is_empty(), "{id} {tile}: not in both: {disputed:?}");

        for (feature_id, feature) in &ours {
            let Some(twin) = theirs.get(feature_id) else { continue };
            assert_eq!(feature.attributes, twin.attributes, "{id} {tile} feature {feature_id}");
            if tile.z() >= layer.tiles.maxzoom {
                let apart = apart(&feature.geometry, &twin.geometry);
                assert!(apart <= ONE_UNIT, "{id} {tile} feature {feature_id}: {apart} units apart");
            }
        }
        our_ids.intersection(&their_ids).copied().collect()
    }

    /// The tile as PostGIS makes it, and features of which so little lies in it that rounding
    /// decides.
    fn oracle(&self, layer: &Layer, tile: TileAddress) -> (Vec<u8>, BTreeSet<u64>) {
        let row = self.city.psql(&format!(
            "SELECT ({}), (SELECT string_agg(feature_id::text, ',') FROM ({}) v)",
            self.st_asmvt(layer, tile),
            self.vanishing_ids(layer, tile)
        ));
        let (hex, ids) = row.split_once('|').expect("two columns");
        let bytes = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"))
            .collect();
        let ids = ids.split(',').filter(|id| !id.is_empty());
        (bytes, ids.map(|id| id.parse().expect("an id")).collect())
    }

    /// SQL of the tile as PostGIS makes it, in hexadecimal.
    fn st_asmvt(&self, layer: &Layer, tile: TileAddress) -> String {
        let id = layer.id.as_str();
        let columns: String = layer
            .tile_attributes(self.class)
            .map(|index| &layer.attributes[index].name)
            .filter(|name| joined_by(layer, tile).is_none_or(|names| names.contains(name)))
            .map(|name| format!(", \"{name}\""))
            .collect();
        format!(
            "SELECT encode(ST_AsMVT(f, '{id}', 4096, 'tile_geom', 'feature_id'), 'hex') FROM (
               SELECT feature_id {columns},
                      ST_AsMVTGeom(mercator, {envelope}, 4096, {BUFFER}::int, true) AS tile_geom
               FROM ({visible}) v ORDER BY feature_id) f WHERE tile_geom IS NOT NULL",
            envelope = envelope(tile),
            visible = self.visible(layer, tile),
        )
    }

    /// SQL of the features that rounding may let vanish.
    fn vanishing_ids(&self, layer: &Layer, tile: TileAddress) -> String {
        let small = match layer.geometry {
            // A point on the edge of the buffer.
            GeometryKind::Point => format!(
                "NOT ST_Intersects(mercator, ST_Expand({}, ({BUFFER} - 1) * unit))",
                envelope(tile)
            ),
            GeometryKind::MultiLineString => format!("ST_Length(part) < {VANISHING} * unit"),
            // A polygon vanishes when its width does, which area over perimeter bounds.
            GeometryKind::MultiPolygon => format!(
                "ST_Area(part) < {VANISHING} * unit * greatest(ST_Perimeter(part), {VANISHING} * unit)"
            ),
        };
        format!(
            "SELECT feature_id FROM (
               SELECT feature_id, unit, mercator,
                      ST_Intersection(ST_MakeValid(mercator), ST_Expand({envelope}, {BUFFER} * unit)) AS part
               FROM ({visible}) v, (SELECT {circumference} / 4096 / 2.0 ^ {z} AS unit) u) p
             WHERE {small}",
            envelope = envelope(tile),
            visible = self.visible(layer, tile),
            circumference = CIRCUMFERENCE,
            z = tile.z(),
        )
    }

    /// The features that the layer's rules draw at the tile's zoom, with their geometry in 3857.
    fn visible(&self, layer: &Layer, tile: TileAddress) -> String {
        let z = tile.z();
        let rules = &layer.tiles;
        let mut conditions = vec![format!("{} <= {z}", rules.minzoom), seen_by(layer, self.class)];
        if let Some(zoom_by) = &rules.zoom_by {
            let cases: String = zoom_by
                .zooms
                .iter()
                .map(|(value, zoom)| format!(" WHEN '{value}' THEN {zoom}"))
                .collect();
            conditions.push(format!(
                "CASE {} {cases} ELSE {} END <= {z}",
                zoom_by.attribute, zoom_by.otherwise
            ));
        }
        if z < rules.maxzoom {
            conditions.push(format!(
                "greatest(ST_XMax(mercator) - ST_XMin(mercator), ST_YMax(mercator) - ST_YMin(mercator))
                 >= {} * {CIRCUMFERENCE} / 512 / 2.0 ^ {z}",
                rules.min_size_px
            ));
        }
        format!(
            "SELECT * FROM (SELECT *, ST_Transform(geom, 3857) AS mercator FROM layer.{}) m
             WHERE mercator && ST_Expand({}, {BUFFER} * {CIRCUMFERENCE} / 4096 / 2.0 ^ {z}) AND {}",
            layer.id,
            envelope(tile),
            conditions.join(" AND ")
        )
    }
}

/// Width of the Web Mercator square, metres of EPSG:3857.
const CIRCUMFERENCE: &str = "40075016.685578488";

fn envelope(tile: TileAddress) -> String {
    format!("ST_TileEnvelope({}, {}, {})", tile.z(), tile.x(), tile.y())
}

/// Largest distance from a vertex of one geometry to the lines of the other, both ways, tile units.
fn apart(ours: &MvtGeometry, theirs: &MvtGeometry) -> f64 {
    one_way(ours, theirs).max(one_way(theirs, ours))
}

fn one_way(from: &MvtGeometry, to: &MvtGeometry) -> f64 {
    // A point is a line without length.
    let lines = lines(to);
    lines_vertices(from)
        .into_iter()
        .filter(|vertex| !on_clip_edge(*vertex))
        .map(|vertex| lines.iter().map(|line| distance(vertex, line)).fold(f64::INFINITY, f64::min))
        .fold(0.0, f64::max)
}

/// A concave polygon may be joined along the edge it was cut at, or fall apart there.
fn on_clip_edge(vertex: Coord<f64>) -> bool {
    let near = |value: f64| value <= 1.0 - BUFFER || value >= 4095.0 + BUFFER;
    near(vertex.x) || near(vertex.y)
}

fn lines_vertices(geometry: &MvtGeometry) -> Vec<Coord<f64>> {
    lines(geometry).into_iter().flat_map(|line| [line.start, line.end]).collect()
}

fn lines(geometry: &MvtGeometry) -> Vec<Line<f64>> {
    let to_f64 = |c: Coord<i32>| Coord { x: f64::from(c.x), y: f64::from(c.y) };
    let of_line = |line: &geo_types::LineString<i32>| -> Vec<Line<f64>> {
        line.lines().map(|line| Line::new(to_f64(line.start), to_f64(line.end))).collect()
    };
    let of_polygon = |polygon: &geo_types::Polygon<i32>| -> Vec<Line<f64>> {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).flat_map(of_line).collect()
    };
    let of_point = |point: geo_types::Point<i32>| Line::new(to_f64(point.0), to_f64(point.0));
    match geometry {
        MvtGeometry::Point(point) => vec![of_point(*point)],
        MvtGeometry::LineString(line) => of_line(line),
        MvtGeometry::MultiLineString(lines) => lines.iter().flat_map(of_line).collect(),
        MvtGeometry::Polygon(polygon) => of_polygon(polygon),
        MvtGeometry::MultiPolygon(polygons) => polygons.iter().flat_map(of_polygon).collect(),
        other => panic!("no such geometry in our layers: {other:?}"),
    }
}

fn distance(from: Coord<f64>, line: &Line<f64>) -> f64 {
    let along = line.end - line.start;
    let length_squared = along.x * along.x + along.y * along.y;
    let offset = from - line.start;
    let t = if length_squared > 0.0 {
        ((offset.x * along.x + offset.y * along.y) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (offset.x - t * along.x).hypot(offset.y - t * along.y)
}
