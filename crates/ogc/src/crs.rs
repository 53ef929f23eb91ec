//! The CRS in which features are asked for and given (OGC API Features, part 2).

use urbis_catalog::Layer;

/// WGS 84 in degrees, longitude before latitude: what is meant where nothing is said.
pub const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// All of them by their one URI and a name for people; CRS84 first, as the standard asks.
///
/// Axes are easting before northing but in EPSG:4326, whose latitude comes first.
pub const CRS_LIST: [(&str, &str); 6] = [
    (CRS84, "WGS 84 (lon, lat), CRS84"),
    ("http://www.opengis.net/def/crs/EPSG/0/4326", "WGS 84 (lat, lon), EPSG:4326"),
    ("http://www.opengis.net/def/crs/EPSG/0/5899", "VN-2000 / TM-3 107°45', EPSG:5899"),
    ("http://www.opengis.net/def/crs/EPSG/0/3405", "VN-2000 / UTM 48N, EPSG:3405"),
    ("http://www.opengis.net/def/crs/EPSG/0/3406", "VN-2000 / UTM 49N, EPSG:3406"),
    ("http://www.opengis.net/def/crs/EPSG/0/3857", "Web Mercator, EPSG:3857"),
];

/// The URIs of all.
pub(crate) fn crs_uris() -> [&'static str; 6] {
    CRS_LIST.map(|(uri, _)| uri)
}

/// The CRS that a layer is stored in, its URI and name. What is stored in WGS 84 has its longitude
/// first, which is CRS84.
pub(crate) fn storage_crs(layer: &Layer) -> (&'static str, &'static str) {
    let ending = format!("/EPSG/0/{}", layer.storage_srid.0);
    let is_stored = |(uri, _): &(&str, &str)| uri.ends_with(&ending) && !uri.ends_with("/4326");
    CRS_LIST.into_iter().find(is_stored).unwrap_or(CRS_LIST[0])
}
