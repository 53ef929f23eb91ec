//! The pages of `/schema` and `/queryables`: what each attribute means, in both languages.

use askama::Template;
use urbis_catalog::{Attribute, AttributeType, Layer, Title};

use super::words::{both, same};
use super::{Frame, render};
use crate::{GEOMETRY_PROPERTY, Site};

#[derive(Template)]
#[template(path = "schema.html")]
struct SchemaPage {
    frame: Frame,
    attributes: Vec<AttributeRow>,
}

/// One line of the table of attributes.
pub(super) struct AttributeRow {
    pub(super) name: String,
    pub(super) vi: String,
    pub(super) en: String,
    pub(super) kind: Title,
    pub(super) unit: String,
    pub(super) codes: Vec<CodeRow>,
}

/// One code that the caller may see.
pub(super) struct CodeRow {
    pub(super) code: String,
    pub(super) title: Title,
}

impl Site<'_> {
    /// The page of `/schema`.
    pub fn schema_page(&self, layer: &Layer) -> String {
        let mut rows = self.attribute_rows(layer);
        rows.push(plain_row("geometry", "Hình học", "geometry", same(layer.geometry.to_string())));
        self.page_of(layer, ("Cấu trúc", "Schema"), "/schema", rows)
    }

    /// The page of `/queryables`.
    pub fn queryables_page(&self, layer: &Layer) -> String {
        let mut rows = self.attribute_rows(layer);
        rows.push(plain_row(
            GEOMETRY_PROPERTY,
            "Hình học",
            "geometry",
            same(layer.geometry.to_string()),
        ));
        self.page_of(layer, ("Thuộc tính lọc", "Queryables"), "/queryables", rows)
    }

    /// The attributes that the caller may see, with the codes that it may see.
    pub(super) fn attribute_rows(&self, layer: &Layer) -> Vec<AttributeRow> {
        self.attributes(layer).map(|attribute| self.attribute_row(layer, attribute)).collect()
    }

    fn attribute_row(&self, layer: &Layer, attribute: &Attribute) -> AttributeRow {
        let is_seen = |code: &str| layer.openness_of_code(attribute, code) <= self.class;
        let codes = attribute.values.iter().filter(|(code, _)| is_seen(code));
        let codes = codes
            .map(|(code, value)| CodeRow { code: code.clone(), title: both(&value.vi, &value.en) });
        AttributeRow {
            unit: attribute.unit.clone().unwrap_or_default(),
            codes: codes.collect(),
            ..plain_row(
                &attribute.name,
                &attribute.title.vi,
                &attribute.title.en,
                word(attribute.kind),
            )
        }
    }

    fn page_of(
        &self,
        layer: &Layer,
        (vi, en): (&str, &str),
        path: &str,
        attributes: Vec<AttributeRow>,
    ) -> String {
        let title = (format!("{}: {vi}", layer.title.vi), format!("{}: {en}", layer.title.en));
        let frame = self.frame(&title.0, &title.1, &self.layer_url(layer, path));
        render(&SchemaPage { frame, attributes })
    }
}

fn plain_row(name: &str, vi: &str, en: &str, kind: Title) -> AttributeRow {
    let (name, vi, en) = (name.to_owned(), vi.to_owned(), en.to_owned());
    AttributeRow { name, vi, en, kind, unit: String::new(), codes: Vec::new() }
}

fn word(kind: AttributeType) -> Title {
    match kind {
        AttributeType::Text => both("văn bản", "text"),
        AttributeType::Integer => both("số nguyên", "integer"),
        AttributeType::Float => both("số", "number"),
        AttributeType::Boolean => both("đúng–sai", "boolean"),
        AttributeType::Date => both("ngày", "date"),
        AttributeType::Datetime => both("thời điểm", "date and time"),
        AttributeType::Code => both("mã", "code"),
        AttributeType::Codes => both("các mã", "codes"),
    }
}
