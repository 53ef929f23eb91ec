//! The parameters of `/items`: those of the standard, and one for each attribute that the caller
//! may see.

use std::borrow::Cow;

use urbis_catalog::{Attribute, AttributeType, Layer, Nearest, UtcOffset};
use urbis_filter::{Filter, Language, Literal, Spelling};
use urbis_model::{Moment, Openness};
use urbis_ogc::{ITEMS_PARAMETERS, PageSize};
use urbis_store::{Datetime, FeatureAsk, FeatureBox, FeatureCrs};

use super::token::Token;
use crate::moment::parse_moment;
use crate::problem::{ApiError, echo};
use crate::query::want_utf8;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Longest number of a box, characters.
const MAX_NUMBER_LEN: usize = 40;

/// What a request for features says.
#[derive(Debug, Default)]
pub(in crate::routes::ogc) struct ItemsParameters {
    pub form: Option<String>,
    pub limit: u64,
    pub bbox: Option<FeatureBox>,
    pub crs: FeatureCrs,
    pub datetime: Option<Datetime>,
    pub filter: Option<Filter>,
    /// The attributes that are wanted; all where absent.
    pub properties: Option<Vec<String>>,
    pub(super) after: Option<Token>,
}

/// What a request for one feature says.
#[derive(Debug, Default)]
pub(super) struct ItemParameters {
    pub form: Option<String>,
    pub crs: FeatureCrs,
}

/// The parameters as they came, each at most once.
struct Raw<'a> {
    common: Vec<(&'static str, Cow<'a, str>)>,
    attributes: Vec<(&'a Attribute, Cow<'a, str>)>,
}

impl ItemsParameters {
    /// Reads a query for a layer as a class sees it.
    ///
    /// # Errors
    ///
    /// [`ApiError::UnknownParameter`], [`ApiError::DuplicateParameter`],
    /// [`ApiError::InvalidParameter`], [`ApiError::FilterRefused`]; all of them 400.
    pub fn read(
        query: &str,
        layer: &Layer,
        class: Openness,
        offset: UtcOffset,
    ) -> Result<Self, ApiError> {
        Self::read_known(query, ITEMS_PARAMETERS, layer, (class, offset))
    }

    /// Reads a query that takes only some of them.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn read_known(
        query: &str,
        known: &'static [&'static str],
        layer: &Layer,
        (class, offset): (Openness, UtcOffset),
    ) -> Result<Self, ApiError> {
        let seen: Vec<&Attribute> = layer.attributes_for(class).collect();
        let raw = Raw::split(query, known, &seen)?;
        Ok(Self {
            form: raw.find("f").map(str::to_owned),
            limit: raw.limit()?,
            bbox: raw.bbox()?,
            crs: raw.crs("crs")?,
            datetime: raw.datetime(offset)?,
            filter: raw.filter(layer, class)?,
            properties: raw.properties(&seen)?,
            after: raw.after()?,
        })
    }

    /// The question to the database; `now` is the moment of the city in memory.
    pub fn ask<'a>(&'a self, layer: &'a Layer, class: Openness, now: Moment) -> FeatureAsk<'a> {
        FeatureAsk {
            bbox: self.bbox,
            filter: self.filter.as_ref(),
            datetime: Some(self.datetime.unwrap_or(Datetime::At(now))),
            crs: self.crs,
            after: self.after.map(|token| token.after),
            limit: self.limit,
            properties: self.properties.as_deref(),
            ..FeatureAsk::all(layer, class)
        }
    }

    /// Says whether all features that hold now are asked for: memory knows how many these are.
    pub const fn is_all(&self) -> bool {
        self.bbox.is_none() && self.filter.is_none() && self.datetime.is_none()
    }
}

impl ItemParameters {
    /// Reads a query.
    ///
    /// # Errors
    ///
    /// As [`ItemsParameters::read`].
    pub fn read(query: &str) -> Result<Self, ApiError> {
        let raw = Raw::split(query, &["f", "crs"], &[])?;
        Ok(Self { form: raw.find("f").map(str::to_owned), crs: raw.crs("crs")? })
    }
}

impl<'a> Raw<'a> {
    fn split(
        query: &'a str,
        known: &'static [&'static str],
        seen: &[&'a Attribute],
    ) -> Result<Self, ApiError> {
        want_utf8(query)?;
        let mut raw = Self { common: Vec::new(), attributes: Vec::new() };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if let Some(name) = known.iter().copied().find(|known| *known == name) {
                if raw.common.iter().any(|(earlier, _)| *earlier == name) {
                    return Err(ApiError::DuplicateParameter { name });
                }
                raw.common.push((name, value));
                continue;
            }
            // An attribute may be given twice: then no feature has both values.
            if let Some(attribute) = seen.iter().copied().find(|known| known.name == name) {
                raw.attributes.push((attribute, value));
                continue;
            }
            let names = known.iter().copied().chain(seen.iter().map(|known| known.name.as_str()));
            let nearest = Nearest::find(&name, names);
            return Err(ApiError::UnknownParameter { name: echo(&name), nearest, known });
        }
        Ok(raw)
    }

    fn find(&self, name: &str) -> Option<&str> {
        let found = self.common.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_ref())
    }

    /// Reads a parameter; what `read` gives nothing for is refused.
    fn read<T>(
        &self,
        name: &'static str,
        wanted: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.find(name) else { return Ok(None) };
        let refused = || ApiError::InvalidParameter { name, found: echo(text), wanted };
        read(text).map(Some).ok_or_else(refused)
    }

    /// Above the most that a page may have, it has that many.
    fn limit(&self) -> Result<u64, ApiError> {
        let limit = self.read("limit", "a whole number from 1 on", |text| {
            let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            // Only what is too large for the type is no number of it.
            let limit = text.parse::<u64>().unwrap_or(u64::MAX);
            (is_number && limit > 0).then_some(limit)
        })?;
        Ok(limit.unwrap_or(PageSize::DEFAULT.into()).min(PageSize::MAX.into()))
    }

    fn crs(&self, name: &'static str) -> Result<FeatureCrs, ApiError> {
        let wanted = "the URI of a CRS of the collection, such as \
                      http://www.opengis.net/def/crs/EPSG/0/5899";
        Ok(self.read(name, wanted, FeatureCrs::from_uri)?.unwrap_or_default())
    }

    /// Four numbers; of six, which have heights, the heights are left out.
    fn bbox(&self) -> Result<Option<FeatureBox>, ApiError> {
        let crs = self.crs("bbox-crs")?;
        let wanted =
            "four numbers in bbox-crs, the lower corner first, such as 108.1,16,108.3,16.1";
        if self.find("bbox").is_none() && self.find("bbox-crs").is_some() {
            return Err(ApiError::MissingParameter { name: "bbox", wanted });
        }
        self.read("bbox", wanted, |text| {
            let numbers: Option<Vec<f64>> = text.split(',').map(read_number).collect();
            let corners = match *numbers?.as_slice() {
                [a, b, c, d] | [a, b, _, c, d, _] => [a, b, c, d],
                _ => return None,
            };
            FeatureBox::new(corners, crs).ok()
        })
    }

    fn datetime(&self, offset: UtcOffset) -> Result<Option<Datetime>, ApiError> {
        let wanted = "a day, a moment with its zone, or two of them as from/to, of which one may \
                      be '..'";
        self.read("datetime", wanted, |text| read_datetime(text, offset))
    }

    fn after(&self) -> Result<Option<Token>, ApiError> {
        self.read("after", "the one of a link next", Token::decode)
    }

    fn properties(&self, seen: &[&Attribute]) -> Result<Option<Vec<String>>, ApiError> {
        let wanted = "names of attributes from the collection's schema, joined by commas";
        self.read("properties", wanted, |text| {
            let is_known = |name: &&str| seen.iter().any(|attribute| attribute.name == *name);
            let names: Vec<&str> = text.split(',').collect();
            names.iter().all(is_known).then(|| names.into_iter().map(str::to_owned).collect())
        })
    }

    /// The filter, and the value of each attribute: all of them must hold.
    fn filter(&self, layer: &Layer, class: Openness) -> Result<Option<Filter>, ApiError> {
        let language = self.read("filter-lang", "cql2-text or cql2-json", Language::from_name)?;
        let crs = self.crs("filter-crs")?.of_shapes();
        let given = self.find("filter");
        if given.is_none() && language.is_some() {
            let wanted = "a filter in that language";
            return Err(ApiError::MissingParameter { name: "filter", wanted });
        }
        let refused = |cause| ApiError::FilterRefused { layer: layer.id.clone(), cause };
        let spelling = Spelling { language: language.unwrap_or_default(), crs };
        let given = given.map(|text| Filter::parse_as(text, spelling, layer, class));
        let values = self.attributes.iter().map(|(attribute, value)| {
            let is_code = |code: &str| {
                attribute.values.contains_key(code)
                    && layer.openness_of_code(attribute, code) <= class
            };
            let is_value = attribute.kind != AttributeType::Code || is_code(value);
            let literal = literal(attribute, value).filter(|_| is_value);
            let literal = literal.ok_or_else(|| refuse(attribute, value))?;
            Filter::equals(&attribute.name, literal, layer, class).map_err(refused)
        });
        let given = given.map(|outcome| outcome.map_err(refused));
        let filters = given.into_iter().chain(values).collect::<Result<Vec<_>, _>>()?;
        Ok((!filters.is_empty()).then(|| Filter::all(filters)))
    }
}

/// A value of an attribute; `None` where the attribute has no such values.
fn literal<'a>(attribute: &Attribute, value: &'a str) -> Option<Literal<'a>> {
    match attribute.kind {
        AttributeType::Integer => {
            value.parse::<i64>().ok().map(|number| Literal::Number(number as f64))
        }
        AttributeType::Float => read_number(value).map(Literal::Number),
        AttributeType::Boolean => {
            Attribute::BOOLEANS.contains(&value).then_some(Literal::Bool(value == "true"))
        }
        _ => Some(Literal::Text(value)),
    }
}

/// The name is the layer's own, so it can be said; a parameter of ours is not meant.
fn refuse(attribute: &Attribute, value: &str) -> ApiError {
    let wanted = match attribute.kind {
        AttributeType::Integer => "whole numbers for this attribute",
        AttributeType::Boolean => "true or false for this attribute",
        AttributeType::Code => "a code that the collection's queryables list for this attribute",
        _ => "numbers for this attribute",
    };
    ApiError::InvalidParameter { name: "attribute=value", found: echo(value), wanted }
}

fn read_number(text: &str) -> Option<f64> {
    let is_plain = |b: u8| b.is_ascii_digit() || b"+-.eE".contains(&b);
    let is_number = text.len() <= MAX_NUMBER_LEN && text.bytes().all(is_plain);
    text.parse().ok().filter(|number: &f64| is_number && number.is_finite())
}

/// A moment, or an interval; a day at the end of one belongs to it.
fn read_datetime(text: &str, offset: UtcOffset) -> Option<Datetime> {
    let Some((from, to)) = text.split_once('/') else {
        return parse_moment(text, offset).map(Datetime::At);
    };
    let is_open = |end: &str| matches!(end, "" | "..");
    let end = |text: &str| {
        if is_open(text) { Some(None) } else { parse_moment(text, offset).map(Some) }
    };
    let (from, until) = (end(from)?, end(to)?);
    let is_day = !to.contains('T');
    let until = until.map(|until| if is_day { Moment(until.0 + DAY - 1) } else { until });
    let is_ordered = from.zip(until).is_none_or(|(from, until)| from <= until);
    is_ordered.then_some(Datetime::Between(from, until))
}
