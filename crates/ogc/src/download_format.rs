//! The formats of files that `/download` gives, as catalogues and pages name them.

/// A format of downloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadFormat {
    /// What `f` says.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// The name of the format in the EU's list of file types, where that has it.
    pub file_type: Option<&'static str>,
}

impl DownloadFormat {
    /// All formats of one layer, the richest first.
    pub const ALL: [Self; 5] = [
        Self::new("gpkg", "GeoPackage", "application/geopackage+sqlite3", Some("GPKG")),
        Self::new("fgb", "FlatGeobuf", "application/vnd.flatgeobuf", None),
        Self::new("geojson", "GeoJSON", "application/geo+json", Some("GEOJSON")),
        Self::new("csv", "CSV", "text/csv", Some("CSV")),
        Self::new("shp", "Shapefile (zip)", "application/zip", Some("SHP")),
    ];

    const fn new(
        name: &'static str,
        title: &'static str,
        media_type: &'static str,
        file_type: Option<&'static str>,
    ) -> Self {
        Self { name, title, media_type, file_type }
    }
}
