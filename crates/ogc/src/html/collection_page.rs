//! The page of one collection: the layer on the map, what it has, how QGIS opens it, who gave it.

use askama::Template;
use urbis_catalog::Layer;

use super::schema_page::AttributeRow;
use super::{Frame, render};
use crate::crs::storage_crs;
use crate::{DOWNLOADS, LayerFacts, MediaType, Site, StyleEntry};

#[derive(Template)]
#[template(path = "collection.html")]
struct CollectionPage {
    frame: Frame,
    vi: String,
    en: String,
    facts: LayerFacts,
    extent: String,
    geometry: String,
    crs: &'static str,
    map: String,
    address: String,
    attributes: Vec<AttributeRow>,
    copies: Vec<Copied>,
    downloads: [(&'static str, MediaType, &'static str); 5],
    sources: Vec<SourceRow>,
}

/// A text that a planner carries over to QGIS.
struct Copied {
    label: &'static str,
    hint: &'static str,
    text: String,
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
        render(&CollectionPage {
            frame: self.frame(&layer.title.vi, &layer.title.en, &address),
            vi: layer.description.vi.clone(),
            en: layer.description.en.clone(),
            facts,
            extent: facts.extent.map(|degrees| format!("{degrees:.5}")).join(", "),
            geometry: layer.geometry.to_string(),
            crs: storage_crs(layer).1,
            map: self.map_url(layer),
            address,
            attributes: self.attribute_rows(layer),
            copies: self.copies(layer, styles),
            downloads: DOWNLOADS,
            sources: layer.sources.iter().map(SourceRow::of).collect(),
        })
    }

    fn copies(&self, layer: &Layer, styles: &[StyleEntry]) -> Vec<Copied> {
        let (base, id, rules) = (self.base, &layer.id, &layer.tiles);
        let style = styles.first().map_or("danang", |style| style.id.as_str());
        vec![
            Copied {
                label: "OGC API – Features",
                hint: "Layer › Add Layer › Add WFS / OGC API – Features Layer",
                text: self.url(""),
            },
            Copied {
                label: "Ô bản đồ / Vector tiles (XYZ)",
                hint: "Layer › Add Layer › Add Vector Tile Layer",
                text: format!("{base}/tiles/{id}/{{z}}/{{x}}/{{y}}.pbf"),
            },
            Copied {
                label: "Style URL",
                hint: "Trong cùng hộp thoại / in the same dialog",
                text: format!("{base}/styles/{style}/qgis"),
            },
            Copied {
                label: "zmin – zmax",
                hint: "Trong cùng hộp thoại / in the same dialog",
                text: format!("{} – {}", rules.minzoom, rules.maxzoom),
            },
        ]
    }
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
