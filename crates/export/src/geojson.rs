//! What stands around the features of a GeoJSON file.

use serde_json::json;
use urbis_catalog::Credit;
use urbis_model::Srid;

use crate::Sheet;

/// Begins a file; features joined by commas follow.
///
/// The member `crs` is there in every CRS but that of RFC 7946: GDAL and QGIS read it.
pub fn begin_geojson(sheet: &Sheet<'_>) -> Vec<u8> {
    let credit = Credit::of(sheet.layer);
    let mut head = json!({
        "type": "FeatureCollection",
        "name": sheet.layer.id,
        "title": sheet.layer.title,
        "licence": credit.licence(),
        "attribution": credit.attribution(),
    });
    if sheet.srid != Srid::WGS84 {
        let name = format!("urn:ogc:def:crs:EPSG::{}", sheet.srid.0);
        head["crs"] = json!({"type": "name", "properties": {"name": name}});
    }
    let mut bytes = head.to_string().into_bytes();
    bytes.pop();
    bytes.extend_from_slice(b",\"features\":[\n");
    bytes
}

/// Ends it.
pub const fn end_geojson() -> &'static [u8] {
    b"\n]}\n"
}
