//! The CRSs that features are asked and answered in.

use urbis_filter::ShapeCrs;
use urbis_model::Srid;

use super::area::metres_of;

/// A CRS of OGC API Features, Part 2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum FeatureCrs {
    /// WGS 84, longitude and latitude in degrees: what GeoJSON is in.
    #[default]
    Crs84,
    /// EPSG:4326, WGS 84, **latitude and longitude** in degrees.
    Wgs84,
    /// EPSG:5899, VN-2000 / TM-3 107°45', easting and northing in metres.
    Vn2000Tm3,
    /// EPSG:3405, VN-2000 / UTM zone 48N, easting and northing in metres.
    Vn2000Utm48,
    /// EPSG:3406, VN-2000 / UTM zone 49N, easting and northing in metres.
    Vn2000Utm49,
    /// EPSG:3857, Web Mercator, easting and northing in its metres.
    WebMercator,
}

impl FeatureCrs {
    /// All of them, that of GeoJSON first.
    pub const ALL: [Self; 6] = [
        Self::Crs84,
        Self::Wgs84,
        Self::Vn2000Tm3,
        Self::Vn2000Utm48,
        Self::Vn2000Utm49,
        Self::WebMercator,
    ];

    /// The URI that `crs`, `bbox-crs` and `Content-Crs` name it by.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Crs84 => "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            Self::Wgs84 => "http://www.opengis.net/def/crs/EPSG/0/4326",
            Self::Vn2000Tm3 => "http://www.opengis.net/def/crs/EPSG/0/5899",
            Self::Vn2000Utm48 => "http://www.opengis.net/def/crs/EPSG/0/3405",
            Self::Vn2000Utm49 => "http://www.opengis.net/def/crs/EPSG/0/3406",
            Self::WebMercator => "http://www.opengis.net/def/crs/EPSG/0/3857",
        }
    }

    /// The CRS of a URI, letter by letter.
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|crs| crs.uri() == uri)
    }

    /// The EPSG number; that of CRS84, which has none, is 4326.
    pub const fn srid(self) -> Srid {
        match self {
            Self::Crs84 | Self::Wgs84 => Srid::WGS84,
            Self::Vn2000Tm3 => Srid::VN2000_DA_NANG,
            Self::Vn2000Utm48 => Srid(3405),
            Self::Vn2000Utm49 => Srid(3406),
            Self::WebMercator => Srid(3857),
        }
    }

    /// The CRS of a stored layer, easting or longitude first.
    pub fn of_storage(srid: Srid) -> Option<Self> {
        Self::ALL.into_iter().find(|crs| crs.srid() == srid)
    }

    /// Whether its coordinates are degrees.
    pub const fn is_geographic(self) -> bool {
        matches!(self, Self::Crs84 | Self::Wgs84)
    }

    /// Whether the northing or latitude comes first.
    pub const fn is_north_first(self) -> bool {
        matches!(self, Self::Wgs84)
    }

    /// The same as filters are read in it.
    pub const fn of_shapes(self) -> ShapeCrs {
        let reach = if self.is_geographic() { ShapeCrs::CRS84.reach } else { metres_of(self) };
        ShapeCrs { srid: self.srid(), is_north_first: self.is_north_first(), reach }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_crs_is_found_by_its_own_uri_and_no_other() {
        for crs in FeatureCrs::ALL {
            assert_eq!(FeatureCrs::from_uri(crs.uri()), Some(crs));
        }
        for uri in ["", "CRS84", "EPSG:5899", "http://www.opengis.net/def/crs/EPSG/0/5898"] {
            assert_eq!(FeatureCrs::from_uri(uri), None, "{uri}");
        }
    }
}
