//! A tile through the reader of the crate `fast-mvt`, which shares nothing with our writer.

use fast_mvt::{MvtFeature, MvtGeometry, MvtLayer, MvtReaderRef};
use geo_types::{Coord, LineString, Polygon};
use urbis_catalog::Layer;
use urbis_model::{Openness, TileAddress};
use urbis_snapshot::{City, Visibility};
use urbis_tiles::{Renderer, area_version, render};

pub fn tile(z: u32, x: u32, y: u32) -> TileAddress {
    TileAddress::new(z, x, y).unwrap()
}

/// The tile that holds a place, by the textbook formula.
pub fn tile_at(z: u32, lon: f64, lat: f64) -> TileAddress {
    let (x, y) = mercator(lon, lat);
    let side = f64::from(1_u32 << z);
    tile(z, (x * side) as u32, (y * side) as u32)
}

/// Web Mercator with the world as the unit square, y growing south.
pub fn mercator(lon: f64, lat: f64) -> (f64, f64) {
    let y = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
    (lon / 360.0 + 0.5, y)
}

/// A place in the units of a tile, unrounded.
pub fn to_units(tile: TileAddress, lon: f64, lat: f64) -> (f64, f64) {
    let (x, y) = mercator(lon, lat);
    let side = f64::from(1_u32 << tile.z());
    ((x * side - f64::from(tile.x())) * 4096.0, (y * side - f64::from(tile.y())) * 4096.0)
}

pub fn decode(bytes: &[u8]) -> Vec<MvtLayer> {
    MvtReaderRef::new(bytes).unwrap().to_tile().unwrap().layers
}

/// The bytes that a class gets of a tile; each is rendered twice, the second time in room that
/// another tile may have left things in, and its version is the one that is had without rendering.
pub fn bytes(city: &City, layers: &[&Layer], tile: TileAddress, class: Openness) -> Vec<u8> {
    let visibility = Visibility::now(class);
    let fresh = Renderer::default().render(city, layers, tile, visibility);
    let again = render(city, layers, tile, visibility);
    assert_eq!(fresh, again, "tile {tile}");
    assert_eq!(fresh.version, area_version(city, layers, tile, visibility), "tile {tile}");
    fresh.bytes
}

/// The version that a class is told of a tile.
pub fn version_of(city: &City, layers: &[&Layer], tile: TileAddress, class: Openness) -> u64 {
    area_version(city, layers, tile, Visibility::now(class))
}

pub fn features(city: &City, layer: &Layer, tile: TileAddress) -> Vec<MvtFeature> {
    decode(&bytes(city, &[layer], tile, Openness::Open))
        .pop()
        .map(|layer| layer.features)
        .unwrap_or_default()
}

pub fn ids(features: &[MvtFeature]) -> Vec<u64> {
    features.iter().map(|feature| feature.id.unwrap()).collect()
}

pub fn polygons(geometry: &MvtGeometry) -> Vec<Polygon<i32>> {
    match geometry {
        MvtGeometry::Polygon(polygon) => vec![polygon.clone()],
        MvtGeometry::MultiPolygon(polygons) => polygons.0.clone(),
        other => panic!("wanted polygons, found {other:?}"),
    }
}

/// Twice the signed area, positive where the ring runs clockwise on screen.
pub fn twice_area(ring: &LineString<i32>) -> i64 {
    let cross = |a: Coord<i32>, b: Coord<i32>| {
        i64::from(a.x) * i64::from(b.y) - i64::from(b.x) * i64::from(a.y)
    };
    ring.lines().map(|line| cross(line.start, line.end)).sum()
}

/// Twice the area of some polygons without their holes.
pub fn twice_net_area(polygons: &[Polygon<i32>]) -> i64 {
    let net = |polygon: &Polygon<i32>| {
        let holes: i64 = polygon.interiors().iter().map(|hole| twice_area(hole).abs()).sum();
        twice_area(polygon.exterior()).abs() - holes
    };
    polygons.iter().map(net).sum()
}
