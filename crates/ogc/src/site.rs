//! What all documents share: who asks, what there is, where links start.

use urbis_catalog::{Attribute, Catalog, CitySettings, Layer, ThemeTitle};
use urbis_model::Openness;

/// A city as somebody of a class sees it from one address.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The layers.
    pub catalog: &'a Catalog,
    /// Name and box of the city.
    pub city: &'a CitySettings,
    /// What the caller may see.
    pub class: Openness,
    /// `https://host[/prefix]` without a slash at the end; `/ogc` follows.
    pub base: &'a str,
}

impl<'a> Site<'a> {
    /// The address of a path below `/ogc`; the empty path is the landing page.
    pub fn url(&self, path: &str) -> String {
        format!("{}/ogc{path}", self.base)
    }

    /// The address of something of a layer; `path` begins with a slash, or is empty.
    pub fn layer_url(&self, layer: &Layer, path: &str) -> String {
        self.url(&format!("/collections/{}{path}", layer.id))
    }

    /// The layers that the caller may see, in order of their ids.
    pub fn layers(&self) -> impl Iterator<Item = &'a Layer> {
        let class = self.class;
        self.catalog.layers().filter(move |layer| layer.openness <= class)
    }

    /// The attributes of a layer that the caller may see, in their order, then the validity.
    pub fn attributes<'l>(&self, layer: &'l Layer) -> impl Iterator<Item = &'l Attribute> {
        layer.attributes_for(self.class)
    }

    /// The themes that have a layer of [`Self::layers`].
    pub fn themes(&self) -> Vec<ThemeTitle> {
        let is_seen = |theme: &ThemeTitle| self.layers().any(|layer| layer.theme == theme.id);
        self.catalog.themes().filter(is_seen).collect()
    }
}
