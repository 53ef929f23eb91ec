//! What one style layer of MapLibre draws of the features of one category.

use serde_json::{Value, json};
use urbis_catalog::Layer;

use crate::color::Color;
use crate::expression::translate;
use crate::fold::{Known, fold};
use crate::scale::{MM, Zooms};

/// A number: known, or reckoned for each feature and scale.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Number {
    Fixed(f64),
    Reckoned(String),
}

/// A colour, likewise.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Paint {
    Fixed(Color),
    Reckoned(String),
}

/// How it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Fill {
        color: Paint,
    },
    /// Name of a drawing that is repeated.
    Pattern {
        icon: String,
    },
    /// Width in millimetres; dashes in widths.
    Line {
        color: Paint,
        width: Number,
        dash: Vec<f64>,
        is_round: bool,
    },
    /// Radius and width of the outline in millimetres.
    Circle {
        color: Paint,
        radius: Number,
        outline: Paint,
        outline_width: Number,
    },
    /// Name of a drawing; times its own size; degrees clockwise.
    Icon {
        icon: String,
        size: Number,
        rotation: Number,
    },
}

/// One symbol layer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draw {
    pub(crate) shape: Shape,
    /// Condition beside the category.
    pub(crate) condition: Option<String>,
    pub(crate) zooms: Zooms,
    /// Place in the style: what comes later is drawn over it.
    pub(crate) pass: usize,
}

impl Draw {
    /// What a style layer draws of the features that are known to have a code. `Ok` of none where it
    /// draws nothing of them, `Err` where it says so in a form that is not known here.
    pub(crate) fn of(
        entry: &Value,
        pass: usize,
        layer: &Layer,
        known: Option<Known<'_>>,
    ) -> Result<Vec<Self>, ()> {
        let reader = Reader { entry, layer, known };
        let condition = match reader.value("", "filter") {
            Value::Null | Value::Bool(true) => None,
            Value::Bool(false) => return Ok(Vec::new()),
            open => Some(translate(&open, layer).ok_or(())?),
        };
        let shape = reader.shape()?;
        let drawn = shape.map(|shape| Self { shape, condition, zooms: zooms(entry), pass });
        Ok(drawn.into_iter().collect())
    }
}

/// Zooms of a style layer.
pub(crate) fn zooms(entry: &Value) -> Zooms {
    Zooms { min: entry["minzoom"].as_f64(), max: entry["maxzoom"].as_f64() }
}

/// Reads the properties of a style layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) entry: &'a Value,
    pub(crate) layer: &'a Layer,
    pub(crate) known: Option<Known<'a>>,
}

impl Reader<'_> {
    /// A property, reckoned as far as the category decides it.
    pub(crate) fn value(&self, part: &str, name: &str) -> Value {
        let member = if part.is_empty() { &self.entry[name] } else { &self.entry[part][name] };
        fold(member, self.known)
    }

    /// A number, times a factor.
    pub(crate) fn number(
        &self,
        part: &str,
        name: &str,
        usual: f64,
        times: f64,
    ) -> Result<Number, ()> {
        match self.value(part, name) {
            Value::Null => Ok(Number::Fixed(usual * times)),
            Value::Number(number) => Ok(Number::Fixed(number.as_f64().unwrap_or(usual) * times)),
            open => translate(&open, self.layer)
                .map(|open| Number::Reckoned(format!("{open} * {times}")))
                .ok_or(()),
        }
    }

    fn shape(&self) -> Result<Option<Shape>, ()> {
        match self.entry["type"].as_str() {
            Some("fill") if self.entry["paint"]["fill-pattern"].is_string() => {
                let icon = self.entry["paint"]["fill-pattern"].as_str().unwrap_or_default();
                Ok(Some(Shape::Pattern { icon: icon.to_owned() }))
            }
            Some("fill") => {
                Ok(self.paint("fill-color", "fill-opacity")?.map(|color| Shape::Fill { color }))
            }
            Some("line") => self.line(),
            Some("circle") => self.circle(),
            Some("symbol") => self.icon(),
            _ => Ok(None),
        }
    }

    fn line(&self) -> Result<Option<Shape>, ()> {
        let Some(color) = self.paint("line-color", "line-opacity")? else { return Ok(None) };
        let width = self.number("paint", "line-width", 1.0, MM)?;
        let dash = self.entry["paint"]["line-dasharray"].as_array();
        let dash = dash.into_iter().flatten().filter_map(Value::as_f64).collect();
        let is_round = self.entry["layout"]["line-cap"] == "round";
        Ok(Some(Shape::Line { color, width, dash, is_round }))
    }

    fn circle(&self) -> Result<Option<Shape>, ()> {
        let Some(color) = self.paint("circle-color", "circle-opacity")? else { return Ok(None) };
        let outline = self.paint("circle-stroke-color", "circle-stroke-opacity")?;
        Ok(Some(Shape::Circle {
            color,
            radius: self.number("paint", "circle-radius", 5.0, MM)?,
            outline: outline.unwrap_or(Paint::Fixed(Color([0; 4]))),
            outline_width: self.number("paint", "circle-stroke-width", 0.0, MM)?,
        }))
    }

    fn icon(&self) -> Result<Option<Shape>, ()> {
        let icon = match self.value("layout", "icon-image") {
            Value::Null => return Ok(None),
            Value::String(icon) => icon,
            _ => return Err(()),
        };
        // A sign behind a text belongs to the label.
        if self.entry["layout"]["icon-text-fit"].is_string() {
            return Ok(None);
        }
        let size = self.number("layout", "icon-size", 1.0, 1.0)?;
        let rotation = self.number("layout", "icon-rotate", 0.0, 1.0)?;
        Ok(Some(Shape::Icon { icon, size, rotation }))
    }

    /// A colour with its opacity; `None` where nothing of it is seen.
    fn paint(&self, color: &str, opacity: &str) -> Result<Option<Paint>, ()> {
        let opacity = match self.value("paint", opacity) {
            Value::Null => json!(1.0),
            found => found,
        };
        if opacity == json!(0) || opacity == json!(0.0) {
            return Ok(None);
        }
        let color = match self.value("paint", color) {
            Value::Null => json!("#000000"),
            found => found,
        };
        let fixed = color.as_str().map(|text| Color::parse(text).ok_or(())).transpose()?;
        if let (Some(fixed), Some(opacity)) = (fixed, opacity.as_f64()) {
            return Ok(Some(Paint::Fixed(fixed.with_opacity(opacity))));
        }
        let color = translate(&color, self.layer).ok_or(())?;
        if opacity == json!(1) || opacity == json!(1.0) {
            return Ok(Some(Paint::Reckoned(color)));
        }
        let opacity = translate(&opacity, self.layer).ok_or(())?;
        Ok(Some(Paint::Reckoned(format!("set_color_part({color}, 'alpha', 255 * {opacity})"))))
    }
}
