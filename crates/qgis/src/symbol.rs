//! Symbols of QGIS.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use urbis_model::GeometryKind;

use crate::Icons;
use crate::color::Color;
use crate::draw::{Draw, Number, Paint, Shape};
use crate::scale::{MM, Zooms};
use crate::xml::{Element, data_defined, map, option};

/// Width of a drawing that does not say its own, pixels.
const ICON_WIDTH: f64 = 20.0;

/// Writes symbols of one geometry kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Symbols<'a> {
    pub(crate) geometry: GeometryKind,
    pub(crate) icons: &'a Icons,
    /// The scales at which the rule of the symbol draws: a draw need not say them again.
    pub(crate) shown: Zooms,
}

impl Symbols<'_> {
    /// One symbol with a symbol layer a draw.
    pub(crate) fn symbol(&self, name: &str, draws: &[Draw]) -> Element {
        let kind = match self.geometry {
            GeometryKind::Point => "marker",
            GeometryKind::MultiLineString => "line",
            GeometryKind::MultiPolygon => "fill",
        };
        symbol(kind, name).children(draws.iter().map(|draw| self.layer(draw)))
    }

    fn layer(&self, draw: &Draw) -> Element {
        let mut set = Properties::default();
        let (class, members, inner) = match &draw.shape {
            Shape::Fill { color } => ("SimpleFill", fill(color, &mut set), None),
            Shape::Pattern { icon } => ("SVGFill", self.pattern(icon), Some(nothing("line"))),
            Shape::Line { color, width, dash, is_round } => {
                ("SimpleLine", line(color, width, dash, *is_round, &mut set), None)
            }
            Shape::Circle { color, radius, outline, outline_width } => {
                let members = circle(color, radius, outline, outline_width, &mut set);
                ("SimpleMarker", members, None)
            }
            Shape::Icon { icon, size, rotation } => {
                return self.icon_layer(draw, self.icon(icon, size, rotation, &mut set), set);
            }
        };
        self.finish(class, draw, members, set).children(inner)
    }

    /// A marker by itself, or in the middle of a line or a polygon.
    fn icon_layer(&self, draw: &Draw, members: Vec<Element>, set: Properties) -> Element {
        if self.geometry == GeometryKind::Point {
            return self.finish("SvgMarker", draw, members, set);
        }
        let marker = Element::new("layer").with("class", "SvgMarker").with("enabled", 1);
        let marker = marker.with("pass", 0).with("locked", 0).child(map(members));
        let marker = symbol("marker", "@icon").child(marker.child(set.write()));
        let (class, members) = match self.geometry {
            GeometryKind::MultiPolygon => ("CentroidFill", vec![option("point_on_surface", 1)]),
            _ => ("MarkerLine", vec![option("placement", "centralpoint"), option("rotate", 0)]),
        };
        self.finish(class, draw, members, Properties::default()).child(marker)
    }

    fn finish(
        &self,
        class: &str,
        draw: &Draw,
        members: Vec<Element>,
        mut set: Properties,
    ) -> Element {
        let zooms = (draw.zooms.and(self.shown) != self.shown).then_some(draw.zooms);
        let zooms = zooms.and_then(Zooms::condition);
        let conditions: Vec<String> = draw.condition.clone().into_iter().chain(zooms).collect();
        if !conditions.is_empty() {
            set.put("enabled", conditions.join(" AND "));
        }
        let layer = Element::new("layer").with("class", class).with("enabled", 1);
        let layer = layer.with("pass", draw.pass).with("locked", 0);
        layer.child(map(members)).child(set.write())
    }

    fn pattern(&self, icon: &str) -> Vec<Element> {
        let drawing = self.icons.get(icon).map_or("", String::as_str);
        vec![
            option("svgFile", embedded(drawing)),
            option("width", width_of(drawing) * MM),
            option("pattern_width_unit", "MM"),
            option("outline_width", 0),
        ]
    }

    fn icon(
        &self,
        icon: &str,
        size: &Number,
        rotation: &Number,
        set: &mut Properties,
    ) -> Vec<Element> {
        let drawing = self.icons.get(icon).map_or("", String::as_str);
        let own = width_of(drawing) * MM;
        let size = match size {
            Number::Fixed(size) => size * own,
            Number::Reckoned(size) => {
                set.put("size", format!("{size} * {own}"));
                own
            }
        };
        let rotation = match rotation {
            Number::Fixed(rotation) => *rotation,
            Number::Reckoned(rotation) => {
                set.put("angle", rotation.clone());
                0.0
            }
        };
        vec![
            option("name", embedded(drawing)),
            option("size", size),
            option("size_unit", "MM"),
            option("angle", rotation),
            option("outline_width", 0),
        ]
    }
}

fn fill(color: &Paint, set: &mut Properties) -> Vec<Element> {
    let color = set.color("fillColor", color);
    vec![option("color", color), option("style", "solid"), option("outline_style", "no")]
}

fn line(
    color: &Paint,
    width: &Number,
    dash: &[f64],
    is_round: bool,
    set: &mut Properties,
) -> Vec<Element> {
    let color = set.color("outlineColor", color);
    let mut members = vec![
        option("line_color", color),
        option("line_width_unit", "MM"),
        option("joinstyle", "round"),
        option("capstyle", if is_round { "round" } else { "flat" }),
        option("use_custom_dash", u8::from(!dash.is_empty())),
        option("customdash_unit", "MM"),
    ];
    match width {
        Number::Fixed(width) => {
            let dash: Vec<String> = dash.iter().map(|part| (part * width).to_string()).collect();
            members.extend([option("line_width", width), option("customdash", dash.join(";"))]);
        }
        Number::Reckoned(width) => {
            members.push(option("line_width", MM));
            if !dash.is_empty() {
                // In the style dashes are in widths, here they have a unit of their own.
                let parts: Vec<String> =
                    dash.iter().map(|part| format!("{part} * ({width})")).collect();
                members.push(option("customdash", "1;1"));
                set.put("customDash", format!("concat({})", parts.join(", ';', ")));
            }
            set.put("outlineWidth", width.clone());
        }
    }
    members
}

fn circle(
    color: &Paint,
    radius: &Number,
    outline: &Paint,
    outline_width: &Number,
    set: &mut Properties,
) -> Vec<Element> {
    let color = set.color("fillColor", color);
    let outline = set.color("outlineColor", outline);
    let radius = set.number("size", radius, 2.0);
    let outline_width = set.number("outlineWidth", outline_width, 1.0);
    vec![
        option("name", "circle"),
        option("color", color),
        option("outline_color", outline),
        option("outline_width", outline_width),
        option("outline_width_unit", "MM"),
        option("size", radius),
        option("size_unit", "MM"),
    ]
}

/// Properties that are reckoned.
#[derive(Debug, Default)]
struct Properties(Vec<(&'static str, String)>);

impl Properties {
    fn put(&mut self, name: &'static str, expression: String) {
        self.0.push((name, expression));
    }

    /// The fixed number times a factor, or one that stands where the reckoned one will.
    fn number(&mut self, name: &'static str, number: &Number, times: f64) -> f64 {
        match number {
            Number::Fixed(number) => number * times,
            Number::Reckoned(expression) => {
                self.put(name, format!("{expression} * {times}"));
                MM
            }
        }
    }

    /// The fixed colour, or one that stands where the reckoned one will.
    fn color(&mut self, name: &'static str, color: &Paint) -> String {
        match color {
            Paint::Fixed(color) => color.qgis(),
            Paint::Reckoned(expression) => {
                self.put(name, expression.clone());
                Color([163, 163, 163, 255]).qgis()
            }
        }
    }

    fn write(self) -> Element {
        let properties = self.0.iter().map(|(name, expression)| (*name, expression.as_str()));
        data_defined("data_defined_properties", properties)
    }
}

fn symbol(kind: &str, name: &str) -> Element {
    let symbol = Element::new("symbol").with("type", kind).with("name", name).with("alpha", 1);
    symbol.with("clip_to_extent", 1).with("force_rhr", 0)
}

/// The outline that a fill of drawings asks for.
fn nothing(kind: &str) -> Element {
    let none = map([option("line_style", "no"), option("line_width", 0)]);
    let layer = Element::new("layer").with("class", "SimpleLine").with("enabled", 0);
    symbol(kind, "@outline").child(layer.with("pass", 0).with("locked", 0).child(none))
}

/// A drawing within the document, so that a style is whole wherever it is read.
fn embedded(drawing: &str) -> String {
    format!("base64:{}", STANDARD.encode(drawing))
}

/// Width of a drawing in pixels, as its root says.
fn width_of(drawing: &str) -> f64 {
    let root = drawing.split_once("<svg").and_then(|(_, rest)| rest.split_once('>'));
    let width = root.and_then(|(root, _)| root.split_once(" width=\"")?.1.split_once('"'));
    width.and_then(|(width, _)| width.parse().ok()).unwrap_or(ICON_WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_says_its_width() {
        let width = width_of("<svg xmlns=\"x\" width=\"16\" height=\"8\" viewBox=\"0 0 16 8\"/>");
        assert_eq!(width, 16.0);
        assert_eq!(width_of(""), ICON_WIDTH);
    }
}
