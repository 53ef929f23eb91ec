//! Labels of QGIS.

use serde_json::{Value, json};
use urbis_catalog::Layer;
use urbis_model::GeometryKind;

use crate::color::Color;
use crate::draw::{Number, Reader, zooms};
use crate::expression::translate;
use crate::scale::{MM, Zooms};
use crate::xml::{Element, data_defined};

/// Size of letters where a style says none, pixels.
const TEXT_SIZE: f64 = 16.0;

/// Place of a style layer in its style.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) index: usize,
    /// How many style layers there are.
    pub(crate) of: usize,
}

impl Place {
    /// From 0 to 10: where two labels meet, MapLibre keeps that of the later style layer.
    const fn priority(self) -> usize {
        self.index * 10 / if self.of == 0 { 1 } else { self.of }
    }
}

/// The rule of labels that a style layer makes; `Ok(None)` where it has no text, `Err` where it says
/// it in a form that is not known here.
pub(crate) fn rule(entry: &Value, layer: &Layer, place: Place) -> Result<Option<Element>, ()> {
    let reader = Reader { entry, layer, known: None };
    let (field, from) = match reader.value("layout", "text-field") {
        Value::Null => return Ok(None),
        field => later(field),
    };
    let field = translate(&field, layer).ok_or(())?;
    let filter = match reader.value("", "filter") {
        Value::Null => None,
        open => Some(translate(&open, layer).ok_or(())?),
    };
    let least = f64::from(layer.tiles.minzoom);
    let shown = zooms(entry).and(Zooms { min: from, max: None });
    let (least, most) = shown.and(Zooms { min: Some(least), max: None }).denominators();
    let rule = Element::new("rule")
        .with("key", format!("label-{}", place.index))
        .with("description", id(entry));
    let rule = rule.with("scalemaxdenom", least).with("scalemindenom", most);
    let rule = match filter {
        Some(filter) => rule.with("filter", filter),
        None => rule,
    };
    Ok(Some(rule.child(settings(&reader, &field, place)?)))
}

fn id(entry: &Value) -> &str {
    entry["id"].as_str().unwrap_or_default()
}

/// A text that is empty until a zoom is a text from that zoom on.
fn later(field: Value) -> (Value, Option<f64>) {
    let Some([operator, input, first, from, then]) = field.as_array().map(Vec::as_slice) else {
        return (field, None);
    };
    if *operator == json!("step") && *input == json!(["zoom"]) && *first == json!("") {
        return (then.clone(), from.as_f64());
    }
    (field, None)
}

fn settings(reader: &Reader<'_>, field: &str, place: Place) -> Result<Element, ()> {
    let size = reader.number("layout", "text-size", TEXT_SIZE, MM)?;
    let (fixed, reckoned) = match size {
        Number::Fixed(size) => (size, None),
        Number::Reckoned(expression) => (TEXT_SIZE * MM, Some(expression)),
    };
    let properties = reckoned.iter().map(|expression| ("Size", expression.as_str()));
    Ok(Element::new("settings")
        .with("calloutType", "simple")
        .child(text_style(reader, field, fixed)?)
        .child(text_format(reader))
        .child(placement(reader).with("priority", place.priority()))
        .child(rendering(reader))
        .child(data_defined("dd_properties", properties)))
}

fn text_style(reader: &Reader<'_>, field: &str, size: f64) -> Result<Element, ()> {
    let color = color(reader, "text-color")?.unwrap_or(Color([0, 0, 0, 255]));
    let font = reader.entry["layout"]["text-font"][0].as_str().unwrap_or_default();
    let (family, name) = font.rsplit_once(' ').unwrap_or((font, "Regular"));
    let weight = if name == "SemiBold" { 63 } else { 50 };
    let style = Element::new("text-style")
        .with("fieldName", field)
        .with("isExpression", 1)
        .with("fontFamily", family)
        .with("namedStyle", name)
        .with("fontWeight", weight)
        .with("fontItalic", u8::from(name == "Italic"))
        .with("fontSize", size)
        .with("fontSizeUnit", "MM")
        .with("textColor", color.qgis())
        .with("textOpacity", 1)
        .child(buffer(reader)?);
    Ok(if reader.entry["layout"]["icon-text-fit"].is_string() {
        style.child(shield(color))
    } else {
        style
    })
}

/// The halo.
fn buffer(reader: &Reader<'_>) -> Result<Element, ()> {
    let color = color(reader, "text-halo-color")?;
    let width = match reader.number("paint", "text-halo-width", 0.0, MM)? {
        Number::Fixed(width) => width,
        Number::Reckoned(_) => MM,
    };
    let drawn = u8::from(color.is_some() && width > 0.0);
    Ok(Element::new("text-buffer")
        .with("bufferDraw", drawn)
        .with("bufferSize", width)
        .with("bufferSizeUnits", "MM")
        .with("bufferColor", color.unwrap_or(Color::WHITE).qgis())
        .with("bufferOpacity", 1)
        .with("bufferJoinStyle", 128))
}

/// The sign behind the number of a road.
fn shield(border: Color) -> Element {
    let shape = Element::new("background").with("shapeDraw", 1).with("shapeType", 0);
    shape
        .with("shapeSizeType", 0)
        .with("shapeSizeX", 0.6)
        .with("shapeSizeY", 0.3)
        .with("shapeSizeUnit", "MM")
        .with("shapeFillColor", Color([255, 244, 204, 255]).qgis())
        .with("shapeBorderColor", border.qgis())
        .with("shapeBorderWidth", 0.2)
        .with("shapeBorderWidthUnit", "MM")
        .with("shapeOpacity", 1)
}

fn color(reader: &Reader<'_>, name: &str) -> Result<Option<Color>, ()> {
    match reader.value("paint", name) {
        Value::Null => Ok(None),
        Value::String(text) => Color::parse(&text).map(Some).ok_or(()),
        _ => Err(()),
    }
}

fn rendering(reader: &Reader<'_>) -> Element {
    let all = reader.entry["layout"]["text-allow-overlap"] == true;
    let rendering = Element::new("rendering").with("obstacle", 0).with("drawLabels", 1);
    rendering.with("displayAll", u8::from(all))
}

fn text_format(reader: &Reader<'_>) -> Element {
    // Widths are in letters here and in their heights there.
    let width = reader.entry["layout"]["text-max-width"].as_f64().unwrap_or(10.0);
    let along = reader.entry["layout"]["symbol-placement"] == "line";
    let letters = if along { 0.0 } else { (width * 1.8).round() };
    let format = Element::new("text-format").with("autoWrapLength", letters);
    format.with("useMaxLineLengthForAutoWrap", 1).with("multilineAlign", 1)
}

fn placement(reader: &Reader<'_>) -> Element {
    let layout = &reader.entry["layout"];
    let along = layout["symbol-placement"] == "line";
    let is_upright = layout["text-rotation-alignment"] == "viewport";
    let has_icon = !layout["icon-image"].is_null();
    let above = layout["text-anchor"] == "top" || has_icon;
    let placement = Element::new("placement").with("dist", 0);
    let every = layout["symbol-spacing"].as_f64().unwrap_or(250.0) * MM;
    match reader.layer.geometry {
        // Curved on the line, or upright over it.
        GeometryKind::MultiLineString if along && !is_upright => placement
            .with("placement", 3)
            .with("placementFlags", 9)
            .with("repeatDistance", every)
            .with("repeatDistanceUnits", "MM")
            .with("maxCurvedCharAngleIn", 25)
            .with("maxCurvedCharAngleOut", -25),
        GeometryKind::MultiLineString => placement
            .with("placement", 4)
            .with("placementFlags", 9)
            .with("repeatDistance", every)
            .with("repeatDistanceUnits", "MM"),
        GeometryKind::MultiPolygon => placement.with("placement", 1).with("centroidInside", 1),
        // Below its icon, or where the point is.
        GeometryKind::Point if above => placement
            .with("placement", 1)
            .with("quadOffset", 7)
            .with("yOffset", 11.0 * MM)
            .with("offsetUnits", "MM"),
        GeometryKind::Point => placement.with("placement", 1).with("quadOffset", 4),
    }
}
