//! Vector tiles read by decoders that others wrote.

use std::collections::BTreeMap;
use std::process::Command;

use fast_mvt::{MvtGeometry, MvtReaderRef, MvtValueRef};
use urbis_model::{LonLat, TileAddress, WorldXy};

/// The tile of a zoom that holds a place.
///
/// # Panics
///
/// When the place is not on the earth.
pub fn tile_at(lon: f64, lat: f64, z: u8) -> TileAddress {
    let cell = WorldXy::from_lonlat(LonLat::new(lon, lat).expect("on the earth"));
    let (x, y) = (cell.x >> (32 - z), cell.y >> (32 - z));
    TileAddress::new(u32::from(z), x, y).expect("on the grid")
}

/// A feature of a decoded tile.
#[derive(Debug, Clone)]
pub struct DecodedFeature {
    /// Geometry in tile units, y growing south.
    pub geometry: MvtGeometry,
    /// Attributes by name.
    pub attributes: BTreeMap<String, Value>,
}

/// An attribute value of a tile.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// Any number; all of ours are exact in a double.
    Number(f64),
    /// True or false.
    Bool(bool),
}

/// Decodes one layer of a tile, by feature id.
///
/// # Panics
///
/// When the tile is not valid, a feature has no id, or two share one.
pub fn decode(tile: &[u8], layer_id: &str) -> BTreeMap<u64, DecodedFeature> {
    let mut features = BTreeMap::new();
    for (id, feature) in decode_all(tile, layer_id) {
        let id = id.expect("each feature has an id");
        let twin = features.insert(id, feature);
        assert!(twin.is_none(), "feature {id} stands twice in layer {layer_id}");
    }
    features
}

/// Decodes one layer of a tile whose features were joined.
///
/// # Panics
///
/// When the tile is not valid, or a feature has an id.
pub fn decode_joined(tile: &[u8], layer_id: &str) -> Vec<DecodedFeature> {
    let all = decode_all(tile, layer_id).into_iter();
    all.map(|(id, feature)| {
        assert_eq!(id, None, "a joined feature of layer {layer_id} has an id");
        feature
    })
    .collect()
}

fn decode_all(tile: &[u8], layer_id: &str) -> Vec<(Option<u64>, DecodedFeature)> {
    if tile.is_empty() {
        return Vec::new();
    }
    let reader = MvtReaderRef::new(tile).expect("a valid tile");
    let layers = reader.layers().filter(|layer| layer.name() == layer_id);
    let mut features = Vec::new();
    for feature in layers.flat_map(|layer| layer.features().collect::<Vec<_>>()) {
        let attributes = feature
            .properties()
            .map(|property| property.expect("a valid property"))
            .map(|(name, value)| (name.to_owned(), to_value(value)))
            .collect();
        let geometry = feature.geometry().expect("a valid geometry");
        features.push((feature.id(), DecodedFeature { geometry, attributes }));
    }
    features
}

fn to_value(value: MvtValueRef<'_>) -> Value {
    match value {
        MvtValueRef::String(text) => Value::Text(text.to_owned()),
        MvtValueRef::Float(number) => Value::Number(f64::from(number)),
        MvtValueRef::Double(number) => Value::Number(number),
        MvtValueRef::Int(number) | MvtValueRef::SInt(number) => Value::Number(number as f64),
        MvtValueRef::UInt(number) => Value::Number(number as f64),
        MvtValueRef::Bool(flag) => Value::Bool(flag),
        other => panic!("no such value in our tiles: {other:?}"),
    }
}

/// Ids of the features of one layer as GDAL's MVT driver reads them from the server.
///
/// # Panics
///
/// When `ogrinfo` fails on the tile.
pub fn decode_with_gdal(url: &str, layer_id: &str) -> Vec<u64> {
    let output = Command::new("ogrinfo")
        .args(["-ro", "-al", "-q", "-geom=NO", "-oo", "CLIP=NO", &format!("MVT:{url}"), layer_id])
        .output()
        .expect("ogrinfo starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{url}\n{}", String::from_utf8_lossy(&output.stderr));
    let mut ids: Vec<u64> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("mvt_id (Integer64) = "))
        .map(|id| id.parse().expect("an id is a number"))
        .collect();
    ids.sort_unstable();
    ids
}

#[cfg(test)]
mod tests;
