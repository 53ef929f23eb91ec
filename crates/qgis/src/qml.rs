//! The style of one view as QGIS keeps it: QML.

use serde_json::Value;
use urbis_catalog::Layer;
use urbis_model::{GeometryKind, Openness};

use crate::category::{Category, categories};
use crate::draw::Draw;
use crate::label::Place;
use crate::scale::Zooms;
use crate::symbol::Symbols;
use crate::xml::Element;
use crate::{Icons, fields, label};

/// First line of every document of QGIS.
pub(crate) const DOCTYPE: &str = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n";

/// The release whose documents these are: newer ones read them too.
pub(crate) const VERSION: &str = "3.22.16-Białowieża";

/// What to make a style of.
#[derive(Debug, Clone, Copy)]
pub struct StyleRequest<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Who will see it; at least the layer's own class.
    pub class: Openness,
    /// A MapLibre style as that class gets it.
    pub style: &'a Value,
    /// Drawings of the icons that it names.
    pub icons: &'a Icons,
}

/// The style of one view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerStyle {
    /// A QML document.
    pub qml: String,
    /// Ids of the style layers that QGIS cannot draw as the style says, and that it leaves out.
    pub left_out: Vec<String>,
}

/// Which style layers go into one layer of QGIS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All.
    Whole,
    /// Areas, without lines and labels.
    Areas,
    /// All but areas.
    Rest,
}

/// Writes the default style of a layer's view.
pub fn write_style(request: &StyleRequest<'_>) -> LayerStyle {
    let drawn = Drawn::read(request, Part::Whole);
    let root = drawn.attributes(Element::new("qgis").with("version", VERSION));
    let root = root.with("styleCategories", "AllStyleCategories").children(drawn.elements());
    LayerStyle { qml: format!("{DOCTYPE}{}", root.write()), left_out: drawn.left_out }
}

/// The style layers of a layer with their places in the style.
pub(crate) fn entries<'a>(style: &'a Value, layer: &Layer) -> Vec<(usize, &'a Value)> {
    let all = style["layers"].as_array().into_iter().flatten().enumerate();
    all.filter(|(_, entry)| entry["source-layer"] == layer.id.as_str()).collect()
}

/// A layer of QGIS, ready to be written.
#[derive(Debug)]
pub(crate) struct Drawn<'a> {
    request: StyleRequest<'a>,
    rules: Vec<Rule<'a>>,
    labels: Vec<Element>,
    zooms: Zooms,
    left_out: Vec<String>,
}

#[derive(Debug)]
struct Rule<'a> {
    category: Category<'a>,
    draws: Vec<Draw>,
    zooms: Zooms,
}

impl<'a> Drawn<'a> {
    pub(crate) fn read(request: &StyleRequest<'a>, part: Part) -> Self {
        let StyleRequest { layer, class, style, .. } = *request;
        let mut entries = entries(style, layer);
        entries.retain(|(_, entry)| match part {
            Part::Whole => true,
            Part::Areas => entry["type"] == "fill",
            Part::Rest => entry["type"] != "fill",
        });
        let mut left_out = Vec::new();
        let categories = categories(layer, &entries, class);
        let rules = categories.into_iter();
        let rules = rules.filter_map(|category| rule(request, category, &entries, &mut left_out));
        let rules: Vec<Rule<'_>> = rules.collect();
        let mut labels = Vec::new();
        let of = style["layers"].as_array().map_or(0, Vec::len);
        for (index, entry) in &entries {
            match label::rule(entry, layer, Place { index: *index, of }) {
                Ok(rule) => labels.extend(rule),
                Err(()) => left_out.push(entry["id"].as_str().unwrap_or_default().to_owned()),
            }
        }
        left_out.sort();
        left_out.dedup();
        let shown = entries.iter().map(|(_, entry)| crate::draw::zooms(entry));
        let least = Zooms { min: Some(f64::from(layer.tiles.minzoom)), max: None };
        let zooms = shown.reduce(Zooms::or).unwrap_or_default().and(least);
        Self { request: *request, rules, labels, zooms, left_out }
    }

    /// Scales at which the layer is drawn at all.
    pub(crate) fn attributes(&self, root: Element) -> Element {
        let (least, most) = self.zooms.denominators();
        let root = root.with("hasScaleBasedVisibilityFlag", 1);
        root.with("minScale", least).with("maxScale", most)
    }

    /// Everything between the root's tags.
    pub(crate) fn elements(&self) -> Vec<Element> {
        let layer = self.request.layer;
        let kind = match layer.geometry {
            GeometryKind::Point => 0,
            GeometryKind::MultiLineString => 1,
            GeometryKind::MultiPolygon => 2,
        };
        let mut elements = vec![self.renderer()];
        if !self.labels.is_empty() {
            let rules = Element::new("rules").with("key", "labels").children(self.labels.clone());
            elements.push(Element::new("labeling").with("type", "rule-based").child(rules));
        }
        elements.extend(fields::elements(layer, self.request.class));
        elements.push(Element::new("layerGeometryType").text(&kind.to_string()));
        elements
    }

    fn renderer(&self) -> Element {
        if self.rules.iter().all(|rule| rule.draws.is_empty()) {
            return Element::new("renderer-v2").with("type", "nullSymbol");
        }
        let mut rules = Element::new("rules").with("key", "rules");
        let mut symbols = Element::new("symbols");
        for (index, rule) in self.rules.iter().enumerate() {
            let (least, most) = rule.zooms.denominators();
            let element = Element::new("rule").with("key", format!("rule-{index}"));
            let element = element.with("label", &rule.category.label).with("symbol", index);
            let element = element.with("scalemaxdenom", least).with("scalemindenom", most);
            rules = rules.child(match &rule.category.filter {
                Some(filter) => element.with("filter", filter),
                None => element,
            });
            let writer = Symbols {
                geometry: self.request.layer.geometry,
                icons: self.request.icons,
                shown: rule.zooms,
            };
            symbols = symbols.child(writer.symbol(&index.to_string(), &rule.draws));
        }
        let renderer = Element::new("renderer-v2").with("type", "RuleRenderer");
        renderer.with("symbollevels", 1).with("forceraster", 0).child(rules).child(symbols)
    }
}

/// The rule of one category; none where nothing is drawn of it.
fn rule<'a>(
    request: &StyleRequest<'_>,
    category: Category<'a>,
    entries: &[(usize, &Value)],
    left_out: &mut Vec<String>,
) -> Option<Rule<'a>> {
    let mut draws = Vec::new();
    for (place, entry) in entries {
        let drawn = Draw::of(entry, *place, request.layer, category.known);
        match drawn.or_else(|()| by_another_list(request, *place, entry).ok_or(())) {
            Ok(found) => draws.extend(found),
            Err(()) => left_out.push(entry["id"].as_str().unwrap_or_default().to_owned()),
        }
    }
    let shown = draws.iter().map(|draw| draw.zooms).reduce(Zooms::or)?;
    let zooms = shown.and(category.zooms);
    Some(Rule { category, draws, zooms })
}

/// Icons that go by another code list than the colours: each under the condition of its code.
fn by_another_list(request: &StyleRequest<'_>, place: usize, entry: &Value) -> Option<Vec<Draw>> {
    let others = categories(request.layer, &[(place, entry)], request.class);
    let coded = others.into_iter().filter(|other| other.known.is_some_and(|it| it.code.is_some()));
    let mut draws = Vec::new();
    for other in coded {
        for draw in Draw::of(entry, place, request.layer, other.known).ok()? {
            let conditions: Vec<_> =
                draw.condition.into_iter().chain(other.filter.clone()).collect();
            draws.push(Draw { condition: Some(conditions.join(" AND ")), ..draw });
        }
    }
    (!draws.is_empty()).then_some(draws)
}
