//! Fields of a view: Vietnamese names, code lists as lists of meanings.

use urbis_catalog::{Attribute, AttributeType, Layer};
use urbis_model::Openness;

use crate::expression::column;
use crate::xml::{Element, map, option};

/// The column of every view before the attributes, with its name for people.
const ID: (&str, &str) = ("feature_id", "Mã đối tượng");

/// What a document says of the fields that a class sees.
pub(crate) fn elements(layer: &Layer, class: Openness) -> Vec<Element> {
    let seen: Vec<&Attribute> =
        layer.attributes.iter().filter(|known| layer.openness_of(known) <= class).collect();
    let configuration = seen.iter().map(|attribute| {
        Element::new("field")
            .with("name", &attribute.name)
            .with("configurationFlags", "None")
            .child(widget(layer, attribute, class))
    });
    let titled = seen.iter().copied().chain(Attribute::validity());
    let titled = titled.map(|attribute| (attribute.name.as_str(), &*attribute.title.vi));
    let names = std::iter::once(ID).chain(titled).enumerate();
    let aliases = names.map(|(index, (field, title))| {
        Element::new("alias").with("index", index).with("field", field).with("name", title)
    });
    vec![
        Element::new("fieldConfiguration").children(configuration),
        Element::new("aliases").children(aliases),
        Element::new("previewExpression").text(&preview(layer, &seen)),
        Element::new("mapTip").text(""),
    ]
}

/// What a feature is called in lists: its name, else its key.
fn preview(layer: &Layer, seen: &[&Attribute]) -> String {
    let has = |name: &str| seen.iter().any(|attribute| attribute.name == name);
    let key = layer.key.iter().find(|name| has(name)).map(|name| column(name));
    let key = key.unwrap_or_else(|| column("feature_id"));
    if has("name") { format!("coalesce({}, {key})", column("name")) } else { key }
}

fn widget(layer: &Layer, attribute: &Attribute, class: Openness) -> Element {
    let is_list = attribute.kind == AttributeType::Code && !attribute.values.is_empty();
    let kind = match attribute.kind {
        _ if is_list => "ValueMap",
        AttributeType::Boolean => "CheckBox",
        AttributeType::Date | AttributeType::Datetime => "DateTime",
        _ => "TextEdit",
    };
    let widget = Element::new("editWidget").with("type", kind);
    if !is_list {
        return widget.child(Element::new("config").child(map([])));
    }
    let values = attribute.values.iter();
    let seen = values.filter(|(code, _)| layer.openness_of_code(attribute, code) <= class);
    let entries = seen.map(|(code, value)| map([option(&value.vi, code)]));
    let list = Element::new("Option").with("name", "map").with("type", "List").children(entries);
    widget.child(Element::new("config").child(map([list])))
}
