//! The formats that a layer is downloaded in.

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// GeoPackage 1.2, for QGIS and every other GIS.
    GeoPackage,
    /// FlatGeobuf 3 without an index, streamed.
    FlatGeobuf,
    /// GeoJSON (RFC 7946), streamed.
    GeoJson,
    /// CSV (RFC 4180) in UTF-8 with a byte order mark, streamed.
    Csv,
    /// A Shapefile and what belongs to it in one ZIP.
    Shapefile,
}

impl Format {
    /// All of them, the one that most people want first.
    pub const ALL: [Self; 5] =
        [Self::GeoPackage, Self::FlatGeobuf, Self::GeoJson, Self::Csv, Self::Shapefile];

    /// What `f` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GeoPackage => "gpkg",
            Self::FlatGeobuf => "fgb",
            Self::GeoJson => "geojson",
            Self::Csv => "csv",
            Self::Shapefile => "shp",
        }
    }

    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What the name of a file ends with.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Shapefile => "zip",
            other => other.name(),
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::GeoPackage => "application/geopackage+sqlite3",
            Self::FlatGeobuf => "application/vnd.flatgeobuf",
            Self::GeoJson => "application/geo+json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Shapefile => "application/zip",
        }
    }

    /// Whether it is degrees where nothing else is asked for: what is read as text is. The others
    /// have the CRS that the layer is stored in, where nothing is lost by a transformation.
    pub const fn is_in_degrees(self) -> bool {
        matches!(self, Self::GeoJson | Self::Csv)
    }
}
