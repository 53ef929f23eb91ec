//! The query string: known names only, each at most once, numbers in plain decimals.

use std::borrow::Cow;

use urbis_catalog::{Nearest, UtcOffset};
use urbis_model::{BBox, LonLat, Moment};

use crate::moment::{self, parse_moment};
use crate::problem::{ApiError, echo};

/// The parameters of one request.
#[derive(Debug)]
pub(crate) struct Query<'a> {
    values: Vec<(&'static str, Cow<'a, str>)>,
}

impl<'a> Query<'a> {
    /// Splits a query string; empty parts (`a=1&&b=2`) are skipped.
    ///
    /// # Errors
    ///
    /// [`ApiError::UnknownParameter`], [`ApiError::DuplicateParameter`], [`ApiError::QueryNotUtf8`].
    pub fn parse(raw: Option<&'a str>, known: &'static [&'static str]) -> Result<Self, ApiError> {
        want_utf8(raw.unwrap_or_default())?;
        let mut values: Vec<(&'static str, Cow<'a, str>)> = Vec::new();
        for (name, value) in form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            let Some(name) = known.iter().find(|known| **known == name) else {
                let nearest = Nearest::find(&name, known.iter().copied());
                return Err(ApiError::UnknownParameter { name: echo(&name), nearest, known });
            };
            if values.iter().any(|(earlier, _)| earlier == name) {
                return Err(ApiError::DuplicateParameter { name });
            }
            values.push((name, value));
        }
        Ok(Self { values })
    }

    /// Refuses every parameter.
    pub fn refuse_all(raw: Option<&str>) -> Result<(), ApiError> {
        Query::parse(raw, &[]).map(|_| ())
    }

    /// A text as it came.
    pub fn text(&self, name: &'static str) -> Option<&str> {
        self.find(name)
    }

    /// One of some words.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidParameter`].
    pub fn word<const N: usize>(
        &self,
        name: &'static str,
        words: [&'static str; N],
        wanted: &'static str,
    ) -> Result<Option<&'static str>, ApiError> {
        self.read(name, wanted, |text| words.into_iter().find(|word| *word == text))
    }

    /// A box: west, south, east, north in degrees, EPSG:4326; never across the antimeridian.
    pub fn bbox(&self, name: &'static str) -> Result<Option<BBox>, ApiError> {
        let wanted = "west,south,east,north in plain decimals, such as 108.1,16,108.3,16.1";
        let edges = self.read(name, wanted, |text| {
            let edges: Option<Vec<f64>> = text.split(',').map(parse_decimal).collect();
            <[f64; 4]>::try_from(edges?).ok()
        })?;
        Ok(edges.map(BBox::try_from).transpose()?)
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_ref())
    }

    /// The place that `lon` and `lat` name; degrees, EPSG:4326.
    pub fn place(&self) -> Result<LonLat, ApiError> {
        Ok(LonLat::new(self.degrees("lon")?, self.degrees("lat")?)?)
    }

    /// A place as one value: longitude, latitude in degrees, EPSG:4326.
    ///
    /// # Errors
    ///
    /// [`ApiError::MissingParameter`], [`ApiError::InvalidParameter`], [`ApiError::OutOfRange`].
    pub fn lon_lat(&self, name: &'static str) -> Result<LonLat, ApiError> {
        let wanted = "longitude,latitude in plain decimals, such as 108.2208,16.0678";
        let (lon, lat) = self.read_required(name, wanted, |text| {
            let (lon, lat) = text.split_once(',')?;
            Some((parse_decimal(lon)?, parse_decimal(lat)?))
        })?;
        Ok(LonLat::new(lon, lat)?)
    }

    fn degrees(&self, name: &'static str) -> Result<f64, ApiError> {
        let wanted = "degrees in plain decimals, such as 108.2208";
        self.read_required(name, wanted, parse_decimal)
    }

    /// A whole number in a range; `None` where the parameter is absent.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidParameter`].
    pub fn whole(
        &self,
        name: &'static str,
        range: std::ops::RangeInclusive<usize>,
        wanted: &'static str,
    ) -> Result<Option<usize>, ApiError> {
        self.read(name, wanted, |text| {
            let is_plain = text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|number| is_plain && range.contains(number))
        })
    }

    /// A day, which means its start in the city's time, or a moment with its zone.
    pub fn moment(
        &self,
        name: &'static str,
        offset: UtcOffset,
    ) -> Result<Option<Moment>, ApiError> {
        self.read(name, moment::WANTED, |text| parse_moment(text, offset))
    }

    /// A number from 0 to `max`.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidParameter`].
    pub fn at_least_zero(
        &self,
        name: &'static str,
        max: f64,
        wanted: &'static str,
    ) -> Result<Option<f64>, ApiError> {
        let is_in = |number: &f64| (0.0..=max).contains(number);
        self.read(name, wanted, |text| parse_decimal(text).filter(is_in))
    }

    /// A number above 0 and at most `max`.
    pub fn positive(
        &self,
        name: &'static str,
        max: f64,
        wanted: &'static str,
    ) -> Result<Option<f64>, ApiError> {
        let is_in = |number: &f64| *number > 0.0 && *number <= max;
        self.read(name, wanted, |text| parse_decimal(text).filter(is_in))
    }

    /// What `parse` makes of a value; `None` where the parameter is absent.
    fn read<T>(
        &self,
        name: &'static str,
        wanted: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.find(name) else { return Ok(None) };
        let refused = || ApiError::InvalidParameter { name, found: echo(text), wanted };
        parse(text).map(Some).ok_or_else(refused)
    }

    /// The same of a parameter that must be there.
    fn read_required<T>(
        &self,
        name: &'static str,
        wanted: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ApiError> {
        self.read(name, wanted, parse)?.ok_or(ApiError::MissingParameter { name, wanted })
    }
}

/// A number as people write it: digits, perhaps a sign before and a fraction after. Exponents,
/// `inf` and `nan` are refused: where they occur in a query, something went wrong before.
fn parse_decimal(text: &str) -> Option<f64> {
    const MAX_LEN: usize = 40;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if text.len() > MAX_LEN || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Refuses a query whose decoded bytes are no text: the reader would put another character in their
/// place, and answer what nobody asked. A `%` that begins no code is itself, as for the reader.
///
/// # Errors
///
/// [`ApiError::QueryNotUtf8`].
pub(crate) fn want_utf8(raw: &str) -> Result<(), ApiError> {
    if !raw.contains('%') {
        return Ok(());
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (mut decoded, mut rest) = (Vec::with_capacity(raw.len()), raw.as_bytes());
    while let [first, after @ ..] = rest {
        let code = match (first, after) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        let byte = code.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    std::str::from_utf8(&decoded).map(drop).map_err(|_| ApiError::QueryNotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_text_after_decoding() {
        for raw in ["", "q=a", "q=%C3%a2", "q=%", "q=%4", "q=%zz%25", "q=%F0%9F%92%A9", "â=%41"] {
            assert_eq!(want_utf8(raw), Ok(()), "{raw}");
        }
        for raw in ["q=%ff", "q=%C3", "q=%C3&r=%A2", "q=%C0%AF", "q=%ED%A0%80", "q=%E1%BB"] {
            assert_eq!(want_utf8(raw), Err(ApiError::QueryNotUtf8), "{raw}");
        }
    }

    const KNOWN: &[&str] = &["lon", "lat", "limit"];

    #[test]
    fn a_number_is_a_plain_decimal_or_nothing() {
        assert_eq!(parse_decimal("108.2208"), Some(108.2208));
        assert_eq!(parse_decimal("-0"), Some(0.0));
        for text in ["", "-", ".", "1.", ".5", "+1", "1e3", "NaN", "inf", "0x10", " 1", "1,5", "١"]
        {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn a_misspelled_parameter_is_refused_with_the_nearest_name() {
        let error = Query::parse(Some("lon=1&limt=2"), KNOWN).unwrap_err();
        let nearest = Nearest(Some("limit".into()));
        assert_eq!(
            error,
            ApiError::UnknownParameter { name: "limt".into(), nearest, known: KNOWN }
        );
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        let error = Query::parse(Some("lon=1&lon=1"), KNOWN).unwrap_err();
        assert_eq!(error, ApiError::DuplicateParameter { name: "lon" });
        assert!(Query::parse(Some("&lon=1&"), KNOWN).is_ok());
        assert!(Query::parse(None, KNOWN).is_ok());
    }
}
