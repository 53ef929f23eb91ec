//! The page of `/collections`: the layers by theme, with what planners choose by.

use askama::Template;
use urbis_catalog::{Layer, Title};

use super::{Frame, render, words};
use crate::{DOWNLOADS, LayerFacts, MediaType, Site};

#[derive(Template)]
#[template(path = "collections.html")]
struct CollectionsPage {
    frame: Frame,
    themes: Vec<ThemeRows>,
    downloads: [(&'static str, MediaType, &'static str); 5],
}

/// A theme and its layers.
struct ThemeRows {
    id: String,
    title: Title,
    layers: Vec<LayerRow>,
}

/// One line.
struct LayerRow {
    title: Title,
    description: Title,
    href: String,
    count: Title,
    imported: Title,
    synthetic: bool,
    openness: Option<Title>,
}

impl<'a> Site<'a> {
    /// The page of `/collections`, by theme.
    pub fn collections_page(&self, facts: impl Fn(&'a Layer) -> LayerFacts) -> String {
        let row = |layer: &'a Layer| {
            let LayerFacts { count, synthetic, imported, .. } = facts(layer);
            LayerRow {
                title: layer.title.clone(),
                description: layer.description.clone(),
                href: self.layer_url(layer, ""),
                count: words::count(count as u64),
                imported: words::imported(imported, self.city.utc_offset),
                synthetic,
                openness: words::openness(layer),
            }
        };
        let rows =
            |theme: &str| self.layers().filter(|layer| layer.theme == theme).map(&row).collect();
        let themes = self.themes().into_iter().map(|theme| ThemeRows {
            layers: rows(&theme.id),
            id: theme.id,
            title: theme.title,
        });
        render(&CollectionsPage {
            frame: self.frame("Các lớp dữ liệu", "Layers", &self.url("/collections")),
            themes: themes.collect(),
            downloads: DOWNLOADS,
        })
    }
}
