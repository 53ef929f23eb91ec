//! `/ogc`: where a client begins.

use serde_json::{Value, json};

use crate::link::{Link, Rel, as_page};
use crate::{MediaType, Site};

impl Site<'_> {
    /// The landing page.
    pub fn landing(&self) -> Value {
        json!({
            "title": self.landing_title(),
            "description": "Bản đồ hạ tầng của thành phố / The infrastructure of the city",
            "links": self.landing_links(),
        })
    }

    pub(crate) fn landing_title(&self) -> String {
        format!("Urbis – {}", self.city.title.vi)
    }

    fn landing_links(&self) -> Vec<Link> {
        let to = |rel, media_type, path, title: &str| {
            Link::new(rel, media_type, self.url(path)).titled(title)
        };
        let [itself, page] = Link::pair(MediaType::Json, &self.url(""));
        let api_page = as_page(&self.url("/api"));
        vec![
            itself,
            page,
            to(Rel::ServiceDesc, MediaType::OpenApi, "/api", "OpenAPI 3.0"),
            Link::new(Rel::ServiceDoc, MediaType::Html, api_page).titled("API"),
            to(Rel::Conformance, MediaType::Json, "/conformance", "Các tiêu chuẩn / Standards met"),
            to(Rel::Data, MediaType::Json, "/collections", "Các lớp dữ liệu / Layers"),
            to(
                Rel::DescribedBy,
                MediaType::JsonLd,
                "/dcat",
                "Danh mục dữ liệu / DCAT-AP catalogue",
            ),
            Link::new(Rel::Monitor, MediaType::Json, format!("{}/changes", self.base))
                .titled("Các thay đổi / Changes"),
            to(Rel::Tilesets, MediaType::Json, "/tiles", "Ô bản đồ / Vector tiles"),
            to(Rel::TilingSchemes, MediaType::Json, "/tileMatrixSets", "Lưới ô / Tile matrix sets"),
            to(Rel::Styles, MediaType::Json, "/styles", "Kiểu bản đồ / Styles"),
            Link::new(Rel::Preview, MediaType::Html, format!("{}/", self.base))
                .titled("Bản đồ / Map"),
            self.city_download_link(),
        ]
    }
}
