//! Features as a table: a page of a collection, or one feature.

use askama::Template;
use serde_json::Value;
use urbis_catalog::{Layer, Title};

use super::{Frame, render, words};
use crate::Site;
use crate::link::as_page;

/// Features that are shown as a table.
#[derive(Debug, Clone)]
pub struct FeatureTable<'a> {
    /// Their layer.
    pub layer: &'a Layer,
    /// The same for programs: the address that was asked for, without `f`.
    pub json: &'a str,
    /// GeoJSON features.
    pub features: &'a [Value],
    /// How many there are on all pages.
    pub matched: u64,
    /// The page after this.
    pub next: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "items.html")]
struct ItemsPage {
    frame: Frame,
    columns: Vec<Column>,
    rows: Vec<Row>,
    matched: Title,
    next: Option<String>,
    collection: String,
}

struct Column {
    name: String,
    title: Title,
}

struct Row {
    id: String,
    href: String,
    cells: Vec<String>,
}

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage {
    frame: Frame,
    members: Vec<Member>,
    geometry: String,
    collection: String,
}

struct Member {
    name: String,
    title: Title,
    text: String,
}

impl Site<'_> {
    /// The page of `/collections/{id}/items`.
    pub fn items_page(&self, table: &FeatureTable<'_>) -> String {
        let layer = table.layer;
        let columns: Vec<Column> = self
            .attributes(layer)
            .map(|attribute| Column {
                name: attribute.name.clone(),
                title: attribute.title.clone(),
            })
            .collect();
        let rows = table.features.iter().map(|feature| {
            let id = feature["id"].to_string();
            let href = as_page(&self.layer_url(layer, &format!("/items/{id}")));
            let cell = |column: &Column| shown(&feature["properties"][&column.name]);
            Row { id, href, cells: columns.iter().map(cell).collect() }
        });
        let rows = rows.collect();
        render(&ItemsPage {
            frame: self.frame(&layer.title.vi, &layer.title.en, table.json),
            columns,
            rows,
            matched: words::count(table.matched),
            next: table.next.map(str::to_owned),
            collection: as_page(&self.layer_url(layer, "")),
        })
    }

    /// The page of `/collections/{id}/items/{featureId}`; `json` is its address for programs.
    pub fn item_page(&self, layer: &Layer, feature: &Value, json: &str) -> String {
        let label = |name: &str| {
            let attribute = self.attributes(layer).find(|attribute| attribute.name == name);
            attribute.map_or_else(|| words::same(name), |attribute| attribute.title.clone())
        };
        let properties = feature["properties"].as_object().into_iter().flatten();
        let members = properties.map(|(name, value)| Member {
            name: name.clone(),
            title: label(name),
            text: shown(value),
        });
        let id = &feature["id"];
        render(&ItemPage {
            frame: self.frame(
                &format!("{}: {id}", layer.title.vi),
                &format!("{}: {id}", layer.title.en),
                json,
            ),
            members: members.collect(),
            geometry: shown(&feature["geometry"]["type"]),
            collection: as_page(&self.layer_url(layer, "")),
        })
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
