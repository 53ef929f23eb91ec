//! Pages that list things: conformance, API, tilesets, styles.

use askama::Template;
use serde_json::Value;
use urbis_catalog::{Layer, Title};

use super::words::{both, count, same};
use super::{Frame, render};
use crate::link::as_page;
use crate::openapi::{BETWEEN_LANGUAGES, PageSize};
use crate::tile_matrix_set::MATRIX_SET;
use crate::{CLASSES, Site, StyleEntry};

/// A page of headings with entries below them.
#[derive(Template)]
#[template(path = "outline.html")]
struct Outline {
    frame: Frame,
    lead: Title,
    sections: Vec<Section>,
}

/// A heading and what stands below it.
struct Section {
    heading: Title,
    entries: Vec<Entry>,
}

/// One line: what it is, where it leads.
struct Entry {
    label: Title,
    text: Title,
    href: Option<String>,
}

impl Entry {
    fn new(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self { label: same(label), text: same(text), href: None }
    }

    fn to(self, href: impl Into<String>) -> Self {
        Self { href: Some(href.into()), ..self }
    }
}

impl Site<'_> {
    /// The page of `/conformance`.
    pub fn conformance_page(&self) -> String {
        let entries = CLASSES.iter().map(|uri| {
            let words: Vec<&str> =
                uri.trim_start_matches("http://www.opengis.net/spec/").split('/').collect();
            Entry::new(words.last().copied().unwrap_or_default(), *uri).to(*uri)
        });
        let section = Section { heading: same("OGC"), entries: entries.collect() };
        self.outline(("Các tiêu chuẩn", "Standards met"), "/conformance", same(""), vec![section])
    }

    /// The page of `/api`.
    pub fn api_page(&self) -> String {
        let api = self.openapi();
        let paths = api["paths"].as_object().into_iter().flatten();
        let entries = paths.map(|(path, item)| {
            let get = &item["get"];
            let names = get["parameters"].as_array().into_iter().flatten().filter_map(name_of);
            let names: Vec<&str> = names.collect();
            let summary = get["summary"].as_str().unwrap_or_default();
            let (vi, en) = summary.split_once(BETWEEN_LANGUAGES).unwrap_or((summary, summary));
            let with_names = |words: &str| [&[words], &*names].concat().join(" · ");
            let entry =
                Entry { text: both(with_names(vi), with_names(en)), ..Entry::new(path, "") };
            // Nothing comes of a path without what it wants.
            let wants = get["parameters"].as_array().into_iter().flatten();
            let wants = wants.filter(|parameter| parameter["required"] == true).count();
            let is_whole = wants == 0 && !path.contains('{');
            if is_whole { entry.to(self.url(path.trim_end_matches('/'))) } else { entry }
        });
        let section = Section { heading: same("GET"), entries: entries.collect() };
        let (least, most) = (PageSize::MIN, count(PageSize::MAX.into()));
        let lead = both(
            format!("OpenAPI 3.0. Mỗi trang có từ {least} đến {} đối tượng.", most.vi),
            format!("OpenAPI 3.0. A page has {least} to {} features.", most.en),
        );
        self.outline(("Định nghĩa API", "API definition"), "/api", lead, vec![section])
    }

    /// The page of the tilesets of all layers (`None`) or of one, and of the tileset among them.
    pub fn tileset_page(&self, layer: Option<&Layer>, extent: [f64; 4]) -> String {
        let document = self.tileset(layer, extent);
        let names = layer.map_or_else(|| self.all_tile_names(), |layer| layer.id.to_string());
        let limits = document["tileMatrixSetLimits"].as_array().into_iter().flatten();
        let zooms: Vec<&str> = limits.filter_map(|limit| limit["tileMatrix"].as_str()).collect();
        let (first, last) = (zooms.first().unwrap_or(&"0"), zooms.last().unwrap_or(&"0"));
        let facts = vec![
            Entry::new("XYZ", format!("{}/tiles/{names}/{{z}}/{{x}}/{{y}}.pbf", self.base)),
            Entry::new("zmin – zmax", format!("{first} – {last}")),
            Entry {
                label: both("Phạm vi (kinh độ, vĩ độ)", "Box (longitude, latitude)"),
                ..Entry::new("", extent.map(|degrees| format!("{degrees:.5}")).join(", "))
            },
            Entry::new("TileJSON", "3.0").to(format!("{}/tiles/{names}", self.base)),
            Entry::new(MATRIX_SET, "EPSG:3857").to(as_page(&self.matrix_set_url())),
        ];
        let drawn = self.layers().filter(|drawn| layer.is_none_or(|layer| layer.id == drawn.id));
        let layers = drawn.map(|drawn| Entry {
            label: drawn.title.clone(),
            text: drawn.description.clone(),
            href: None,
        });
        let path = layer.map_or(String::new(), |layer| format!("/collections/{}", layer.id));
        let title = layer.map_or_else(
            || both("Ô bản đồ", "Vector tiles"),
            |layer| {
                both(
                    format!("{}: Ô bản đồ", layer.title.vi),
                    format!("{}: Vector tiles", layer.title.en),
                )
            },
        );
        self.outline(
            (&title.vi, &title.en),
            &format!("{path}/tiles/{MATRIX_SET}"),
            same(""),
            vec![
                Section { heading: same("QGIS"), entries: facts },
                Section { heading: both("Lớp", "Layers"), entries: layers.collect() },
            ],
        )
    }

    /// The page of the tile matrix sets, and of the one that there is.
    pub fn tile_matrix_set_page(&self) -> String {
        let document = self.tile_matrix_set();
        let matrices = document["tileMatrices"].as_array().into_iter().flatten();
        let entries = matrices.map(|matrix| {
            let text = format!("{} m / px · {1} × {1}", matrix["cellSize"], matrix["matrixWidth"]);
            let zoom = matrix["id"].as_str().unwrap_or_default();
            let label = both(format!("Mức {zoom}"), format!("Zoom {zoom}"));
            Entry { label, ..Entry::new("", text) }
        });
        let section = Section { heading: same(MATRIX_SET), entries: entries.collect() };
        let path = format!("/tileMatrixSets/{MATRIX_SET}");
        self.outline(("Lưới ô bản đồ", "Tile matrix set"), &path, same("EPSG:3857"), vec![section])
    }

    /// The page of `/styles`.
    pub fn styles_page(&self, styles: &[StyleEntry]) -> String {
        let entries = styles.iter().map(|style| {
            let href = format!("{}/styles/{}", self.base, style.id);
            Entry::new(&style.title, &href).to(&href)
        });
        let maplibre = Section { heading: same("MapLibre"), entries: entries.collect() };
        let entries = styles.iter().map(|style| {
            Entry::new(&style.title, format!("{}/styles/{}/qgis", self.base, style.id))
        });
        let qgis = Section { heading: same("QGIS"), entries: entries.collect() };
        self.outline(("Kiểu bản đồ", "Map styles"), "/styles", same(""), vec![maplibre, qgis])
    }

    fn outline(
        &self,
        (vi, en): (&str, &str),
        path: &str,
        lead: Title,
        sections: Vec<Section>,
    ) -> String {
        let frame = self.frame(vi, en, &self.url(path));
        render(&Outline { frame, lead, sections })
    }
}

/// The name of a parameter, whether it is referred to or stands in its place.
fn name_of(parameter: &Value) -> Option<&str> {
    let referred = || parameter["$ref"].as_str()?.rsplit('/').next();
    parameter["name"].as_str().or_else(referred)
}
