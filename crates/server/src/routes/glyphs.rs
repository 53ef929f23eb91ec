//! `GET /fonts/{stack}/{range}.pbf`: glyphs as signed distance fields, 256 at a time.

use axum::extract::State;
use axum::response::Response;
use urbis_catalog::Nearest;

use super::PathAlone;
use crate::problem::{ApiError, echo};
use crate::reply::{Caching, Caller, Content};
use crate::state::AppState;

/// Answers 256 glyphs of the first known font of a comma list.
///
/// A range that the font lacks is an empty, valid answer: MapLibre Native fails the whole map on
/// a 404.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] where no font of the stack is known; [`ApiError::GlyphRangeInvalid`].
pub(crate) async fn get_glyphs(
    State(state): State<AppState>,
    caller: Caller,
    PathAlone((stack, range)): PathAlone<(String, String)>,
) -> Result<Response, ApiError> {
    let start = parse_range(&range)?;
    let files = state.files();
    let paths = (files.web_paths)();
    let font = find_font(&paths, &stack)?;
    let range = format!("{start}-{}", start + 255);
    let glyphs = (files.web)(&format!("fonts/{font}/{range}.pbf"));
    let body = glyphs.map_or_else(|| empty_glyphs(font, &range), |glyphs| glyphs.into_owned());
    let media_type = "application/x-protobuf";
    Content { media_type, caching: Caching::Day, published: None, body }.send(&state, &caller).await
}

fn parse_range(text: &str) -> Result<u32, ApiError> {
    let parse = || {
        let range = text.strip_suffix(".pbf").unwrap_or(text);
        let start: u32 = range.split_once('-')?.0.parse().ok()?;
        let is_block = start < 65_536 && start.is_multiple_of(256);
        (is_block && range == format!("{start}-{}", start + 255)).then_some(start)
    };
    parse().ok_or_else(|| ApiError::GlyphRangeInvalid { found: echo(text) })
}

fn find_font<'a>(paths: &'a [String], stack: &str) -> Result<&'a str, ApiError> {
    let fonts =
        || paths.iter().filter_map(|path| Some(path.strip_prefix("fonts/")?.split_once('/')?.0));
    let wanted = stack.split(',').map(str::trim);
    let found = wanted.into_iter().find_map(|wanted| fonts().find(|font| *font == wanted));
    found.ok_or_else(|| ApiError::UnknownFile {
        what: "font stack",
        name: echo(stack),
        nearest: Nearest::find(stack, fonts()),
    })
}

/// A glyphs message with one stack of no glyph: `glyphs { stacks { name, range } }`.
///
/// Source: maplibre/font-maker, `glyphs.proto`.
fn empty_glyphs(font: &str, range: &str) -> Vec<u8> {
    let stack = [bytes_field(1, font.as_bytes()), bytes_field(2, range.as_bytes())].concat();
    bytes_field(1, &stack)
}

/// A length-delimited field of a Protocol Buffers message.
fn bytes_field(number: u8, bytes: &[u8]) -> Vec<u8> {
    const LENGTH_DELIMITED: u8 = 2;
    let mut field = vec![number << 3 | LENGTH_DELIMITED];
    let mut len = bytes.len();
    while len >= 0x80 {
        field.push((len & 0x7f) as u8 | 0x80);
        len >>= 7;
    }
    field.push(len as u8);
    field.extend_from_slice(bytes);
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glyph_range_is_a_block_of_256() {
        assert_eq!(parse_range("0-255.pbf"), Ok(0));
        assert_eq!(parse_range("65280-65535"), Ok(65_280));
        for range in
            ["1-256.pbf", "0-256.pbf", "65536-65791.pbf", "00-255", "-1-255", "0-255.png", ""]
        {
            assert!(parse_range(range).is_err(), "{range}");
        }
    }

    #[test]
    fn the_first_known_font_of_a_stack_is_used() {
        let paths = vec!["fonts/OFL.txt".to_owned(), "fonts/Be Vietnam/0-255.pbf".to_owned()];
        assert_eq!(find_font(&paths, "Unknown,Be Vietnam"), Ok("Be Vietnam"));
        assert!(find_font(&paths, "OFL.txt").is_err());
    }
}
