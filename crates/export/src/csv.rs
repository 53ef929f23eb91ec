//! CSV that Excel opens and programs read back.
//!
//! RFC 4180: commas, CRLF, quotes where they are needed; UTF-8 with a byte order mark, without which
//! Excel takes Vietnamese for another code page. Points are two columns (`lon`, `lat` in degrees,
//! else `easting`, `northing`), other geometries one: `geom_wkt`.
//!
//! A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, "CSV
//! Injection"): it begins with `=`, `+`, `-`, `@`, a tab or a line break, and is no number or
//! telephone number. A text that looks like one so guarded gets one more, so that whoever takes one
//! apostrophe away before such a character has the text that was stored. Numbers are left alone.

use std::fmt::Write;

use urbis_model::{AttributeValue, FeatureId, GeometryKind, Srid};

use crate::{FEATURE_ID, RecordWriter, Shape, Sheet};

/// What Excel knows UTF-8 by.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What a formula begins with, also as a full-width letter.
const RUNS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Writes the rows of one layer.
#[derive(Debug)]
pub struct CsvWriter {
    kind: GeometryKind,
    decimals: usize,
    header: String,
    shape: Shape,
    text: String,
}

impl CsvWriter {
    /// For a sheet.
    pub fn new(sheet: &Sheet<'_>) -> Self {
        let kind = sheet.layer.geometry;
        let geometry: &[&str] = match (kind, sheet.srid) {
            (GeometryKind::Point, Srid::WGS84) => &["lon", "lat"],
            (GeometryKind::Point, _) => &["easting", "northing"],
            _ => &["geom_wkt"],
        };
        let attributes = sheet.attributes.iter().map(|attribute| attribute.name.as_str());
        let names = std::iter::once(FEATURE_ID).chain(attributes).chain(geometry.iter().copied());
        let names: Vec<&str> = names.collect();
        let header = format!("{BYTE_ORDER_MARK}{}\r\n", names.join(","));
        let text = String::new();
        Self { kind, decimals: sheet.srid.decimals(), header, shape: Shape::default(), text }
    }
}

impl RecordWriter for CsvWriter {
    /// The first line: the names of the columns.
    fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    fn put(
        &mut self,
        bytes: &mut Vec<u8>,
        id: FeatureId,
        wkb: Option<&[u8]>,
        values: &[AttributeValue],
    ) {
        self.text.clear();
        self.text += &id.to_string();
        for value in values {
            self.text.push(',');
            put_value(&mut self.text, value);
        }
        self.text.push(',');
        let has_shape = self.shape.read(self.kind, wkb);
        match (self.kind, has_shape) {
            (GeometryKind::Point, true) => {
                put_vertices(&mut self.text, &self.shape.xy, self.decimals, ',')
            }
            (GeometryKind::Point, false) => self.text.push(','),
            (_, true) => {
                self.text.push('"');
                put_wkt(&mut self.text, self.kind, &self.shape, self.decimals);
                self.text.push('"');
            }
            (_, false) => {}
        }
        self.text += "\r\n";
        bytes.extend_from_slice(self.text.as_bytes());
    }
}

fn put_value(line: &mut String, value: &AttributeValue) {
    let written = match value {
        AttributeValue::Null => Ok(()),
        AttributeValue::Bool(truth) => write!(line, "{truth}"),
        AttributeValue::Int(number) => write!(line, "{number}"),
        AttributeValue::Float(number) => write!(line, "{number}"),
        AttributeValue::Text(text) => {
            put_text(line, text);
            Ok(())
        }
    };
    written.expect("memory takes every text");
}

fn put_text(line: &mut String, text: &str) {
    let guard = if is_run(text) { "'" } else { "" };
    let needs_quotes = |c: char| matches!(c, '"' | ',' | '\r' | '\n');
    let has_edge = text.starts_with(' ') || text.ends_with(' ') || text.is_empty();
    if !has_edge && !text.contains(needs_quotes) {
        line.push_str(guard);
        line.push_str(text);
        return;
    }
    line.push('"');
    line.push_str(guard);
    line.push_str(&text.replace('"', "\"\""));
    line.push('"');
}

/// Says whether a spreadsheet could run a text, or take it for one that is guarded already.
fn is_run(text: &str) -> bool {
    let bare = text.trim_start_matches('\'');
    let is_number = |c: char| c.is_ascii_digit() || " .,()/+-".contains(c);
    let is_guarded_like = bare.len() < text.len();
    bare.starts_with(RUNS) && (is_guarded_like || !is_plain(bare, is_number))
}

/// A sign, then digits and what stands between them.
fn is_plain(text: &str, is_number: impl Fn(char) -> bool) -> bool {
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.chars().all(is_number)
        && !rest.contains(['+', '/'])
}

fn put_wkt(text: &mut String, kind: GeometryKind, shape: &Shape, decimals: usize) {
    let put_line = |text: &mut String, line: &[[f64; 2]]| {
        text.push('(');
        put_vertices(text, line, decimals, ' ');
        text.push(')');
    };
    if kind == GeometryKind::MultiLineString {
        text.push_str("MULTILINESTRING (");
        for (index, line) in shape.each_line().enumerate() {
            part(text, index);
            put_line(text, line);
        }
    } else {
        text.push_str("MULTIPOLYGON (");
        for (index, rings) in shape.each_polygon().enumerate() {
            part(text, index);
            text.push('(');
            for (index, ring) in rings.enumerate() {
                part(text, index);
                put_line(text, ring);
            }
            text.push(')');
        }
    }
    text.push(')');
}

fn part(text: &mut String, index: usize) {
    if index > 0 {
        text.push(',');
    }
}

/// Vertices joined by commas; what stands between x and y is `between`.
fn put_vertices(text: &mut String, vertices: &[[f64; 2]], decimals: usize, between: char) {
    for (index, [x, y]) in vertices.iter().enumerate() {
        part(text, index);
        put_number(text, *x, decimals);
        text.push(between);
        put_number(text, *y, decimals);
    }
}

/// A number with so many decimals at most, without zeros at their end.
fn put_number(text: &mut String, number: f64, decimals: usize) {
    let start = text.len();
    write!(text, "{number:.decimals$}").expect("memory takes every text");
    let kept = text[start..].trim_end_matches('0').trim_end_matches('.').len();
    text.truncate(start + kept);
    if &text[start..] == "-0" {
        text.truncate(start);
        text.push('0');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut line = String::new();
        put_text(&mut line, text);
        line
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_guarded_and_numbers_are_left_alone() {
        for (text, expected) in [
            ("Hải Châu", "Hải Châu"),
            ("=1+1", "'=1+1"),
            ("=HYPERLINK(\"http://x\",1)", "\"'=HYPERLINK(\"\"http://x\"\",1)\""),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+A1", "'+A1"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("＝1", "'＝1"),
            ("\tx", "'\tx"),
            ("-5", "-5"),
            ("-5+cmd", "'-5+cmd"),
            ("1+1", "1+1"),
            ("-1+1", "'-1+1"),
            ("+84 236 3822 323", "+84 236 3822 323"),
            ("-16.05,3", "\"-16.05,3\""),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\nb", "\"a\nb\""),
            ("", "\"\""),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }

    #[test]
    fn coordinates_have_no_more_digits_than_they_are_worth() {
        for (number, decimals, expected) in [
            (108.215, 7, "108.215"),
            (-0.000_000_01, 7, "0"),
            (1_774_844.347_2, 3, "1774844.347"),
            (500_000.0, 3, "500000"),
        ] {
            let mut text = String::new();
            put_number(&mut text, number, decimals);
            assert_eq!(text, expected);
        }
    }
}
