//! What a layer, and the whole city, is downloaded as.

use urbis_catalog::Layer;

use crate::link::{Link, Rel};
use crate::{MediaType, Site};

/// The formats of a layer: what `f` calls each, its media type, and what people call it.
pub const DOWNLOADS: [(&str, MediaType, &str); 5] = [
    ("gpkg", MediaType::GeoPackage, "GeoPackage"),
    ("fgb", MediaType::FlatGeobuf, "FlatGeobuf"),
    ("geojson", MediaType::GeoJson, "GeoJSON"),
    ("csv", MediaType::Csv, "CSV"),
    ("shp", MediaType::Zip, "Shapefile (ZIP)"),
];

impl Site<'_> {
    /// Links to a layer as a file, one a format.
    pub(crate) fn download_links(&self, layer: &Layer) -> Vec<Link> {
        let link = |(name, media_type, title): (&str, MediaType, &str)| {
            let href = self.layer_url(layer, &format!("/download?f={name}"));
            let title = format!("Tải về / Download: {title}");
            Link::new(Rel::Enclosure, media_type, href).titled(title)
        };
        DOWNLOADS.into_iter().map(link).collect()
    }

    /// The link to the whole city as a file.
    pub(crate) fn city_download_link(&self) -> Link {
        Link::new(Rel::Enclosure, MediaType::GeoPackage, self.url("/download?f=gpkg"))
            .titled("Tải về tất cả các lớp / Download all layers: GeoPackage")
    }
}
