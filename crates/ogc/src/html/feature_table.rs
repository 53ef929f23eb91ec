//! Features as a table: a page of a collection, or one feature.

use askama::Template;
use serde_json::Value;
use urbis_catalog::{Attribute, AttributeType, CODE_SEPARATOR, Layer, Title};

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
    cells: Vec<Title>,
}

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage {
    frame: Frame,
    members: Vec<Member>,
    geometry: Title,
    collection: String,
}

struct Member {
    name: String,
    title: Title,
    text: Title,
}

impl Site<'_> {
    /// The page of `/collections/{id}/items`.
    pub fn items_page(&self, table: &FeatureTable<'_>) -> String {
        let layer = table.layer;
        let attributes: Vec<&Attribute> = self.attributes(layer).collect();
        let column = |attribute: &&Attribute| Column {
            name: attribute.name.clone(),
            title: attribute.title.clone(),
        };
        let rows = table.features.iter().map(|feature| {
            let id = feature["id"].to_string();
            let href = as_page(&self.layer_url(layer, &format!("/items/{id}")));
            let cell = |attribute: &&Attribute| {
                self.shown(Some(attribute), &feature["properties"][&attribute.name])
            };
            Row { id, href, cells: attributes.iter().map(cell).collect() }
        });
        let rows = rows.collect();
        render(&ItemsPage {
            frame: self.frame(&layer.title.vi, &layer.title.en, table.json),
            columns: attributes.iter().map(column).collect(),
            rows,
            matched: words::count(table.matched),
            next: table.next.map(str::to_owned),
            collection: as_page(&self.layer_url(layer, "")),
        })
    }

    /// The page of `/collections/{id}/items/{featureId}`; `json` is its address for programs.
    pub fn item_page(&self, layer: &Layer, feature: &Value, json: &str) -> String {
        let properties = feature["properties"].as_object().into_iter().flatten();
        let members = properties.map(|(name, value)| {
            let attribute = self.attributes(layer).find(|attribute| attribute.name == *name);
            let title = attribute.map_or_else(|| words::same(name), |known| known.title.clone());
            Member { name: name.clone(), title, text: self.shown(attribute, value) }
        });
        let geometry = if feature["geometry"].is_null() {
            words::both("không có hình học", "no geometry")
        } else {
            words::geometry(layer)
        };
        let id = &feature["id"];
        render(&ItemPage {
            frame: self.frame(
                &format!("{}: {id}", layer.title.vi),
                &format!("{}: {id}", layer.title.en),
                json,
            ),
            members: members.collect(),
            geometry,
            collection: as_page(&self.layer_url(layer, "")),
        })
    }

    /// A value as people read it: codes by their titles, which whoever sees the code may see, and
    /// moments in the city's time.
    fn shown(&self, attribute: Option<&Attribute>, value: &Value) -> Title {
        match (attribute, value) {
            (_, Value::Null) => words::same(""),
            (_, Value::Bool(true)) => words::both("có", "yes"),
            (_, Value::Bool(false)) => words::both("không", "no"),
            (Some(attribute), Value::String(text)) => self.shown_text(attribute, text),
            (None, Value::String(text)) => words::same(text),
            (_, other) => words::same(other.to_string()),
        }
    }

    fn shown_text(&self, attribute: &Attribute, text: &str) -> Title {
        match attribute.kind {
            AttributeType::Code => title_of(attribute, text),
            AttributeType::Codes => {
                let titles = text.split(CODE_SEPARATOR).map(|code| title_of(attribute, code));
                let (vi, en): (Vec<_>, Vec<_>) = titles.map(|title| (title.vi, title.en)).unzip();
                words::both(vi.join(", "), en.join(", "))
            }
            AttributeType::Date => words::day(text),
            AttributeType::Datetime => words::moment_of(text, self.city.utc_offset),
            _ => words::same(text),
        }
    }
}

fn title_of(attribute: &Attribute, code: &str) -> Title {
    let known = attribute.values.get(code);
    known.map_or_else(|| words::same(code), |value| words::both(&value.vi, &value.en))
}
