//! Tables of text: which of their columns hold a point.
//!
//! GDAL's own search takes x and y one by one, and so may pair a longitude with a northing.

use urbis_catalog::Layer;

/// Columns of points in tables whose layer names none, x (easting, longitude) and y (northing,
/// latitude). In pairs, because a table may have several; compared in lower case.
const POINT_COLUMNS: [[&str; 2]; 14] = [
    ["lon", "lat"],
    ["lng", "lat"],
    ["long", "lat"],
    ["longitude", "latitude"],
    ["kinh độ", "vĩ độ"],
    ["kinh_độ", "vĩ_độ"],
    ["kinh do", "vi do"],
    ["kinh_do", "vi_do"],
    ["kinhdo", "vido"],
    ["easting", "northing"],
    ["x", "y"],
    ["x(m)", "y(m)"],
    ["x (m)", "y (m)"],
    ["x_m", "y_m"],
];

/// The columns that hold a point: those that a source of the layer names, else the usual ones.
pub(crate) fn point_columns(layer: &Layer, known: &[String]) -> Option<[String; 2]> {
    let named = layer.sources.iter().filter_map(|source| source.xy.as_ref());
    let named = named.map(|pair| pair.each_ref().map(String::as_str));
    let find = |name: &str| {
        let name = name.to_lowercase();
        known.iter().find(|field| field.trim().to_lowercase() == name).cloned()
    };
    named.chain(POINT_COLUMNS).find_map(|[x, y]| Some([find(x)?, find(y)?]))
}
