//! The categories of a layer: the codes that its colours and icons go by.

use serde_json::Value;
use urbis_catalog::{Attribute, AttributeType, CODE_SEPARATOR, Layer};
use urbis_model::Openness;

use crate::expression::{column, text};
use crate::fold::{Known, is_code_of};
use crate::scale::Zooms;

/// Properties whose codes make the legend.
const DRAWN_BY: [(&str, &str); 4] = [
    ("paint", "fill-color"),
    ("paint", "line-color"),
    ("paint", "circle-color"),
    ("layout", "icon-image"),
];

/// Features that are drawn alike, an entry of the legend.
#[derive(Debug, Clone)]
pub(crate) struct Category<'a> {
    pub(crate) label: String,
    /// `None` where the layer has no other category.
    pub(crate) filter: Option<String>,
    pub(crate) known: Option<Known<'a>>,
    /// Where the catalogue puts its features on the map.
    pub(crate) zooms: Zooms,
}

/// The categories of a layer as a class sees it, in the order of the code list; the last is all that
/// has none of the codes.
pub(crate) fn categories<'a>(
    layer: &'a Layer,
    entries: &[(usize, &Value)],
    class: Openness,
) -> Vec<Category<'a>> {
    let Some(attribute) = entries.iter().find_map(|(_, entry)| drawn_by(layer, entry)) else {
        let all = Category {
            label: layer.title.vi.clone(),
            filter: None,
            known: None,
            zooms: zooms(layer, None, None),
        };
        return vec![all];
    };
    let seen = attribute
        .values
        .iter()
        .filter(|(code, _)| layer.openness_of_code(attribute, code) <= class);
    let coded = seen.map(|(code, value)| Category {
        label: capitalised(&value.vi),
        filter: Some(format!("{} = {}", first_code(attribute), text(code))),
        known: Some(Known { attribute, code: Some(code) }),
        zooms: zooms(layer, Some(attribute), Some(code)),
    });
    let other = Category {
        label: "Khác".to_owned(),
        filter: Some("ELSE".to_owned()),
        known: Some(Known { attribute, code: None }),
        zooms: zooms(layer, Some(attribute), None),
    };
    coded.chain([other]).collect()
}

fn drawn_by<'a>(layer: &'a Layer, entry: &Value) -> Option<&'a Attribute> {
    DRAWN_BY.iter().find_map(|(part, name)| {
        let items = entry[part][name].as_array()?;
        let input = items.get(1).filter(|_| items[0] == "match")?;
        layer
            .attributes
            .iter()
            .find(|attribute| !attribute.values.is_empty() && is_code_of(input, attribute))
    })
}

fn first_code(attribute: &Attribute) -> String {
    let name = column(&attribute.name);
    match attribute.kind {
        AttributeType::Codes => format!("regexp_substr({name}, '^([^{CODE_SEPARATOR}]*)')"),
        AttributeType::Boolean => format!("to_string({name})"),
        _ => name,
    }
}

/// From which zoom on the catalogue has such features in tiles; a tile of the largest zoom is drawn
/// on and on.
fn zooms(layer: &Layer, attribute: Option<&Attribute>, code: Option<&str>) -> Zooms {
    let rule = layer.tiles.zoom_by.as_ref();
    let rule = rule.filter(|rule| attribute.is_some_and(|known| known.name == rule.attribute));
    let by_code =
        rule.map(|rule| code.and_then(|code| rule.zooms.get(code)).unwrap_or(&rule.otherwise));
    Zooms { min: Some(f64::from(*by_code.unwrap_or(&layer.tiles.minzoom))), max: None }
}

fn capitalised(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
