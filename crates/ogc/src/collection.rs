//! `/collections` and `/collections/{id}`: one collection a layer.

use serde_json::{Value, json};
use urbis_catalog::{Credit, Layer, licence_page};
use urbis_model::{Moment, Validity};

use crate::crs::{CRS84, crs_uris, storage_crs};
use crate::link::{Link, Rel, as_page};
use crate::moment::shown;
use crate::{MediaType, Site};

/// What only the city in memory knows of a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerFacts {
    /// Features that hold now and that the caller may see.
    pub count: usize,
    /// West, south, east, north of them in degrees, EPSG:4326, no smaller than the city's box.
    pub extent: [f64; 4],
    /// Says whether some of them were made up by a generator.
    pub synthetic: bool,
    /// From the first start to the last end of them and of those that the caller may see of
    /// another time; an end is absent where one of them has none.
    pub validity: Validity,
    /// When the last import of the layer was published; `None` where that is not known.
    pub imported: Option<Moment>,
}

impl<'a> Site<'a> {
    /// The document `/collections`; `facts` of each layer in [`Self::layers`].
    pub fn collections(&self, facts: impl Fn(&'a Layer) -> LayerFacts) -> Value {
        let collections: Vec<Value> =
            self.layers().map(|layer| self.collection(layer, facts(layer))).collect();
        json!({
            "links": Link::pair(MediaType::Json, &self.url("/collections")),
            "numberMatched": collections.len(),
            "numberReturned": collections.len(),
            "crs": crs_uris(),
            "collections": collections,
        })
    }

    /// The document `/collections/{id}`, which is also its entry in `/collections`.
    pub fn collection(&self, layer: &Layer, facts: LayerFacts) -> Value {
        let mut collection = json!({
            "id": layer.id,
            "title": layer.title.vi,
            "description": describe(layer, facts),
            "keywords": [layer.theme, layer.title.en],
            "attribution": Credit::of(layer).attribution(),
            "extent": {
                "spatial": {"bbox": [facts.extent], "crs": CRS84},
                "temporal": {
                    "interval": [[facts.validity.from.and_then(shown), facts.validity.to.and_then(shown)]],
                    "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
                },
            },
            "itemType": "feature",
            "crs": crs_uris(),
            "storageCrs": storage_crs(layer).0,
            "links": self.collection_links(layer),
        });
        if let Some(imported) = facts.imported.and_then(shown) {
            collection["updated"] = imported.into();
        }
        collection
    }

    fn collection_links(&self, layer: &Layer) -> Vec<Link> {
        let to = |rel, media_type, path| Link::new(rel, media_type, self.layer_url(layer, path));
        let items = self.layer_url(layer, "/items");
        let mut links: Vec<Link> = Link::pair(MediaType::Json, &self.layer_url(layer, "")).into();
        links.extend([
            Link::new(Rel::Items, MediaType::GeoJson, &items).titled(layer.title.vi.clone()),
            Link::new(Rel::Items, MediaType::Html, as_page(&items)).titled(layer.title.vi.clone()),
            to(Rel::Queryables, MediaType::Schema, "/queryables")
                .titled("Thuộc tính lọc / Queryables"),
            to(Rel::Schema, MediaType::Schema, "/schema").titled("Cấu trúc / Schema"),
            to(Rel::Tilesets, MediaType::Json, "/tiles").titled("Ô bản đồ / Vector tiles"),
            Link::new(Rel::Preview, MediaType::Html, self.map_url(layer)).titled("Bản đồ / Map"),
        ]);
        links.extend(self.download_links(layer));
        links.extend(licence_links(layer));
        links
    }

    /// The map with the layer switched on.
    pub(crate) fn map_url(&self, layer: &Layer) -> String {
        let [lon, lat] = self.city.core();
        let zoom = self.city.view.zoom.max(f64::from(layer.tiles.minzoom));
        format!("{}/#map={zoom}/{lat}/{lon}&on={}", self.base, layer.id)
    }
}

fn describe(layer: &Layer, facts: LayerFacts) -> String {
    let made_up =
        if facts.synthetic { " Có dữ liệu mô phỏng. / Holds made-up data." } else { "" };
    let (vi, en) = (&layer.description.vi, &layer.description.en);
    format!("{vi} / {}: {en}{made_up}", layer.title.en)
}

fn licence_links(layer: &Layer) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for source in &layer.sources {
        let licence = source.licence.as_str();
        let Some(href) = licence_page(licence) else { continue };
        if links.iter().all(|link| link.href != href) {
            links.push(Link::new(Rel::License, MediaType::Html, href).titled(licence));
        }
    }
    links
}
