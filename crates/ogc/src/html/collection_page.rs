//! The page of one collection: the layer on the map, what it has, its files, how QGIS opens it, who
//! gave it.

use std::ops::RangeInclusive;

use askama::Template;
use urbis_catalog::{Credit, Layer, Title, licence_page};

use super::schema_page::AttributeRow;
use super::words::{self, both, same};
use super::{Frame, render};
use crate::crs::storage_crs;
use crate::{DOWNLOADS, LayerFacts, Site, StyleEntry};

#[derive(Template)]
#[template(path = "collection.html")]
struct CollectionPage {
    frame: Frame,
    id: String,
    description: Title,
    openness: Option<Title>,
    facts: LayerFacts,
    count: Title,
    geometry: Title,
    imported: Title,
    holds: Title,
    extent: String,
    crs: &'static str,
    /// Each with its page, where it has one.
    licences: Vec<(String, Option<String>)>,
    attribution: String,
    /// The map alone, for a frame.
    preview: String,
    map: String,
    address: String,
    attributes: Vec<AttributeRow>,
    copies: Vec<Copied>,
    files: Vec<File>,
    sources: Vec<SourceRow>,
}

/// A text that a planner carries over to QGIS.
pub(super) struct Copied {
    pub(super) label: Title,
    pub(super) hint: Title,
    pub(super) text: String,
}

/// The layer as a file.
struct File {
    name: &'static str,
    hint: Title,
    href: String,
}

/// Who gave a part of the layer.
struct SourceRow {
    publisher: String,
    licence: String,
    attribution: String,
    origin: String,
    retrieved: String,
    synthetic: bool,
}

impl Site<'_> {
    /// The page of `/collections/{id}`; `styles` as in [`Site::styles`].
    pub fn collection_page(
        &self,
        layer: &Layer,
        facts: LayerFacts,
        styles: &[StyleEntry],
    ) -> String {
        let address = self.layer_url(layer, "");
        let offset = self.city.utc_offset;
        render(&CollectionPage {
            frame: self.frame(&layer.title.vi, &layer.title.en, &address),
            id: layer.id.to_string(),
            description: layer.description.clone(),
            openness: words::openness(layer),
            facts,
            count: words::count(facts.count as u64),
            geometry: words::geometry(layer),
            imported: words::imported(facts.imported, offset),
            holds: words::holds(facts.validity, offset),
            extent: facts.extent.map(|degrees| format!("{degrees:.5}")).join(", "),
            crs: storage_crs(layer).1,
            licences: licences(layer),
            attribution: Credit::of(layer).attribution(),
            preview: format!("{}&bare=1", self.map_url(layer)),
            map: self.map_url(layer),
            files: self.files(layer),
            address,
            attributes: self.attribute_rows(layer),
            copies: self.copies((&[layer], layer.id.as_str()), styles, &format!("/{}", layer.id)),
            sources: layer.sources.iter().map(SourceRow::of).collect(),
        })
    }

    fn files(&self, layer: &Layer) -> Vec<File> {
        let file = |(f, _, name)| File {
            name,
            hint: hint_of(f),
            href: self.layer_url(layer, &format!("/download?f={f}")),
        };
        DOWNLOADS.into_iter().map(file).collect()
    }

    /// What QGIS is told to show some layers, which tiles call so; `style_path` is what they are
    /// below a style for QGIS.
    pub(super) fn copies(
        &self,
        (layers, names): (&[&Layer], &str),
        styles: &[StyleEntry],
        style_path: &str,
    ) -> Vec<Copied> {
        let base = self.base;
        let address = |style: &StyleEntry| format!("{base}/styles/{}/qgis{style_path}", style.id);
        let style = styles.first().map(|style| Copied::style(address(style)));
        let mut copies = vec![
            Copied::features(self.url("")),
            Copied::tiles(format!("{base}/tiles/{names}/{{z}}/{{x}}/{{y}}.pbf")),
        ];
        copies.extend(style);
        copies.push(Copied::zooms(Self::zooms(layers)));
        copies
    }
}

impl Copied {
    /// The address of OGC API Features.
    fn features(text: String) -> Self {
        let hint = both(
            "Lớp › Thêm lớp › Thêm lớp WFS / OGC API – Features",
            "Layer › Add Layer › Add WFS / OGC API – Features Layer",
        );
        Self { label: same("OGC API – Features"), hint, text }
    }

    /// A template of vector tiles.
    fn tiles(text: String) -> Self {
        let hint = both(
            "Lớp › Thêm lớp › Thêm lớp ô vector › URL",
            "Layer › Add Layer › Add Vector Tile Layer › Source URL",
        );
        Self { label: both("Ô bản đồ (XYZ)", "Vector tiles (XYZ)"), hint, text }
    }

    /// The address of a style of vector tiles.
    fn style(text: String) -> Self {
        let hint = both("Trong cùng hộp thoại", "In the same dialog");
        Self { label: both("Kiểu vẽ (Style URL)", "Style URL"), hint, text }
    }

    /// The zooms that there are tiles of.
    fn zooms(zooms: RangeInclusive<u8>) -> Self {
        let hint = both(
            "Trong cùng hộp thoại: mức nhỏ nhất và lớn nhất",
            "In the same dialog: min. and max. zoom level",
        );
        Self {
            label: same("zmin – zmax"),
            hint,
            text: format!("{} – {}", zooms.start(), zooms.end()),
        }
    }
}

/// What a file is good for.
fn hint_of(format: &str) -> Title {
    match format {
        "gpkg" => both("Cho QGIS và ArcGIS", "For QGIS and ArcGIS"),
        "fgb" => both("Lớp lớn, đọc nhanh", "Large layers, quick to read"),
        "geojson" => both("Cho lập trình web", "For the web"),
        "csv" => both("Cho Excel", "For Excel"),
        _ => both("Cho phần mềm cũ", "For older programs"),
    }
}

/// The licences of the sources, each once.
fn licences(layer: &Layer) -> Vec<(String, Option<String>)> {
    let mut found: Vec<(String, Option<String>)> = Vec::new();
    for source in &layer.sources {
        let licence = (source.licence.clone(), licence_page(&source.licence));
        if !found.contains(&licence) {
            found.push(licence);
        }
    }
    found
}

impl SourceRow {
    fn of(source: &urbis_catalog::Source) -> Self {
        Self {
            publisher: source.publisher.clone(),
            licence: source.licence.clone(),
            attribution: source.attribution.clone().unwrap_or_default(),
            origin: source.origin.clone().unwrap_or_default(),
            retrieved: source.retrieved.to_string(),
            synthetic: source.synthetic,
        }
    }
}
