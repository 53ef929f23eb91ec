//! The page of `/ogc`: where people begin.

use askama::Template;
use urbis_catalog::{Layer, ThemeTitle};

use super::collection_page::Copied;
use super::words::both;
use super::{Frame, render};
use crate::{Site, StyleEntry};

#[derive(Template)]
#[template(path = "landing.html")]
struct LandingPage {
    frame: Frame,
    layers: usize,
    themes: Vec<ThemeTitle>,
    copies: Vec<Copied>,
}

impl Site<'_> {
    /// The page of `/ogc`; `styles` as in [`Site::styles`].
    pub fn landing_page(&self, styles: &[StyleEntry]) -> String {
        render(&LandingPage {
            frame: self.frame("Dữ liệu của thành phố", "The city's data", &self.url("")),
            layers: self.layers().count(),
            themes: self.themes(),
            copies: self.copies_of_all(styles),
        })
    }

    fn copies_of_all(&self, styles: &[StyleEntry]) -> Vec<Copied> {
        let layers: Vec<&Layer> = self.layers().collect();
        let mut copies = self.copies((&layers, &self.all_tile_names()), styles, "");
        copies.push(Copied {
            label: both("Tải về tất cả", "Download everything"),
            hint: both("GeoPackage có kiểu vẽ", "GeoPackage with styles"),
            text: self.url("/download?f=gpkg"),
        });
        copies
    }
}
