//! Turns a raw field into an attribute value, or says why it cannot be one.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SecondsFormat};
use unicode_normalization::UnicodeNormalization;
use urbis_catalog::{Attribute, AttributeType};
use urbis_model::{AttributeValue, Fault};

use crate::codes::{CodeList, fold};
use crate::number::{parse_integer, parse_number, to_whole};
use crate::value::RawValue;

/// Longest text that is published.
const MAX_TEXT_BYTES: usize = 65_536;

/// Longest part of a bad value that a fault repeats.
const MAX_SHOWN_CHARS: usize = 80;

const TRUE_WORDS: [&str; 7] = ["yes", "true", "1", "có", "co", "t", "y"];
const FALSE_WORDS: [&str; 7] = ["no", "false", "0", "không", "khong", "f", "n"];

/// OSM's "yes, against the direction of the line".
const REVERSED: &str = "-1";

/// Reads the values of one attribute.
pub(crate) struct Parser {
    name: String,
    kind: AttributeType,
    unit: Option<String>,
    range: Option<[f64; 2]>,
    codes: CodeList,
}

impl Parser {
    /// Reads what the layer says of an attribute.
    pub(crate) fn new(attribute: &Attribute) -> Self {
        Self {
            name: attribute.name.clone(),
            kind: attribute.kind,
            unit: attribute.unit.clone(),
            range: attribute.range,
            codes: CodeList::new(&attribute.values),
        }
    }

    /// Reads instants with a zone, for the ends of a record's validity.
    pub(crate) fn of_instants(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: AttributeType::Datetime,
            unit: None,
            range: None,
            codes: CodeList::default(),
        }
    }

    /// Name of the attribute.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Reads one value; blank is [`AttributeValue::Null`].
    ///
    /// # Errors
    ///
    /// A [`Fault`] that repeats the value, where it does not fit the attribute.
    pub(crate) fn parse(&self, raw: &RawValue) -> Result<AttributeValue, Fault> {
        if raw.is_blank() {
            return Ok(AttributeValue::Null);
        }
        let text = raw.to_text().unwrap_or_default();
        let text = text.trim();
        let value = match self.kind {
            AttributeType::Text => return self.parse_text(text),
            AttributeType::Code => return self.parse_code(text),
            AttributeType::Codes => return self.parse_codes(text),
            AttributeType::Boolean => self.parse_boolean(text),
            AttributeType::Integer => self.parse_integer(raw, text).map(AttributeValue::Int),
            AttributeType::Float => self.parse_float(raw, text).map(AttributeValue::Float),
            AttributeType::Date => parse_date(text).map(AttributeValue::text),
            AttributeType::Datetime => parse_instant(text).map(AttributeValue::text),
        };
        let value = value.ok_or_else(|| {
            let wanted = self.wanted();
            self.fault("attribute_unparsable", format!("'{}' is not {wanted}", shown(text)))
        })?;
        self.check_range(value)
    }

    fn parse_text(&self, text: &str) -> Result<AttributeValue, Fault> {
        if text.len() > MAX_TEXT_BYTES {
            let detail = format!("{} bytes, limit is {MAX_TEXT_BYTES}", text.len());
            return Err(self.fault("attribute_too_long", detail));
        }
        // PostgreSQL text cannot hold it.
        if text.contains('\0') {
            let detail = format!("'{}' has a NUL character in it", shown(text));
            return Err(self.fault("attribute_unparsable", detail));
        }
        Ok(AttributeValue::text(text.nfc().collect::<String>()))
    }

    fn parse_code(&self, text: &str) -> Result<AttributeValue, Fault> {
        match self.codes.find(text) {
            Some(code) => Ok(AttributeValue::Text(Arc::clone(code))),
            None => Err(self.code_fault(text)),
        }
    }

    fn parse_codes(&self, text: &str) -> Result<AttributeValue, Fault> {
        match self.codes.find_several(text) {
            Ok(codes) => Ok(AttributeValue::text(codes)),
            Err(part) => Err(self.code_fault(part)),
        }
    }

    fn code_fault(&self, text: &str) -> Fault {
        self.fault("code_unknown", format!("'{}' is in no list", shown(text)))
    }

    fn parse_boolean(&self, text: &str) -> Option<AttributeValue> {
        let folded = fold(text);
        let word = self.codes.exact(&folded).map_or(folded.as_str(), |code| code.as_ref());
        if TRUE_WORDS.contains(&word) || word == REVERSED {
            return Some(AttributeValue::Bool(true));
        }
        FALSE_WORDS.contains(&word).then_some(AttributeValue::Bool(false))
    }

    fn parse_integer(&self, raw: &RawValue, text: &str) -> Option<i64> {
        match raw {
            RawValue::Integer(number) => Some(*number),
            RawValue::Real(number) => to_whole(*number),
            _ => parse_integer(text, self.unit.as_deref()),
        }
    }

    fn parse_float(&self, raw: &RawValue, text: &str) -> Option<f64> {
        match raw {
            RawValue::Real(number) => Some(*number).filter(|number| number.is_finite()),
            _ => parse_number(text, self.unit.as_deref()),
        }
    }

    fn check_range(&self, value: AttributeValue) -> Result<AttributeValue, Fault> {
        let number = match value {
            AttributeValue::Int(number) => number as f64,
            AttributeValue::Float(number) => number,
            _ => return Ok(value),
        };
        match self.range {
            Some([low, high]) if !(low..=high).contains(&number) => {
                let detail = format!("{number} is not from {low} to {high}");
                Err(self.fault("attribute_out_of_range", detail))
            }
            _ => Ok(value),
        }
    }

    const fn wanted(&self) -> &'static str {
        match self.kind {
            AttributeType::Boolean => "yes or no",
            AttributeType::Integer => "a whole number",
            AttributeType::Float => "a number",
            AttributeType::Date => "a day (yyyy-mm-dd or dd/mm/yyyy)",
            AttributeType::Datetime => "an instant with its zone (RFC 3339)",
            AttributeType::Text | AttributeType::Code | AttributeType::Codes => "text",
        }
    }

    fn fault(&self, code: &'static str, detail: String) -> Fault {
        Fault { code, detail: format!("{}: {detail}", self.name) }
    }
}

fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN_CHARS).collect()
}

/// A day as ISO 8601 spells it; a time of day behind it is dropped.
fn parse_date(text: &str) -> Option<String> {
    const FORMS: [&str; 4] = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%Y%m%d"];
    let day = text.split(['T', ' ']).next()?;
    let date = FORMS.iter().find_map(|form| NaiveDate::parse_from_str(day, form).ok())?;
    let date = date.format("%Y-%m-%d").to_string();
    // Four digits: a year of two was meant as something else.
    (date.len() == 10 && date.as_bytes()[0] != b'0').then_some(date)
}

fn parse_instant(text: &str) -> Option<String> {
    let time = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)).ok()?;
    Some(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use urbis_catalog::Title;

    use super::*;

    fn attribute(kind: AttributeType) -> Attribute {
        Attribute {
            name: "a".to_owned(),
            title: Title { vi: "a".to_owned(), en: "a".to_owned() },
            kind,
            unit: None,
            range: None,
            required: false,
            openness: None,
            deprecated: None,
            values: Default::default(),
        }
    }

    fn parse(kind: AttributeType, text: &str) -> Result<AttributeValue, &'static str> {
        let raw = RawValue::Bytes(text.as_bytes().to_vec());
        Parser::new(&attribute(kind)).parse(&raw).map_err(|fault| fault.code)
    }

    #[test]
    fn text_is_trimmed_and_composed() {
        let found = parse(AttributeType::Text, "  Ho\u{300}a Xua\u{302}n ");
        assert_eq!(found, Ok(AttributeValue::text("Hòa Xuân")));
        assert_eq!(parse(AttributeType::Text, "   "), Ok(AttributeValue::Null));
        assert_eq!(parse(AttributeType::Text, "a\0b"), Err("attribute_unparsable"));
        let long = "x".repeat(MAX_TEXT_BYTES + 1);
        assert_eq!(parse(AttributeType::Text, &long), Err("attribute_too_long"));
    }

    #[test]
    fn booleans_are_read_in_both_languages() {
        for word in ["yes", "TRUE", "1", "có", "Co\u{301}", "-1"] {
            assert_eq!(
                parse(AttributeType::Boolean, word),
                Ok(AttributeValue::Bool(true)),
                "{word}"
            );
        }
        for word in ["no", "0", "Không", "false"] {
            assert_eq!(
                parse(AttributeType::Boolean, word),
                Ok(AttributeValue::Bool(false)),
                "{word}"
            );
        }
        assert_eq!(parse(AttributeType::Boolean, "perhaps"), Err("attribute_unparsable"));
    }

    #[test]
    fn days_are_read_in_both_orders_and_must_exist() {
        for text in ["2025-07-01", "01/07/2025", "1/7/2025", "20250701", "2025-07-01T09:30:00"] {
            let found = parse(AttributeType::Date, text);
            assert_eq!(found, Ok(AttributeValue::text("2025-07-01")), "{text}");
        }
        for text in ["31/02/2025", "7/2025", "2025", "01/07/25", "yesterday"] {
            assert_eq!(parse(AttributeType::Date, text), Err("attribute_unparsable"), "{text}");
        }
    }

    #[test]
    fn instants_need_a_zone() {
        let found = parse(AttributeType::Datetime, "2025-07-01 00:00:00+07:00");
        assert_eq!(found, Ok(AttributeValue::text("2025-07-01T00:00:00+07:00")));
        let found = parse(AttributeType::Datetime, "2025-07-01T00:00:00");
        assert_eq!(found, Err("attribute_unparsable"));
    }

    #[test]
    fn a_number_that_is_none_is_no_number() {
        let parser = Parser::new(&attribute(AttributeType::Float));
        assert!(parser.parse(&RawValue::Real(f64::NAN)).is_err());
        assert_eq!(parser.parse(&RawValue::Integer(3)).ok(), Some(AttributeValue::Float(3.0)));
        assert_eq!(parse(AttributeType::Integer, "2;3"), Err("attribute_unparsable"));
    }
}
