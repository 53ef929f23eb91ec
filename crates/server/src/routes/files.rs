//! The web map and what it draws with: page, assets, sprites, glyphs.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use urbis_catalog::Nearest;

use super::{PathOf, decoded};
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::{Caching, Caller, Content};
use crate::state::AppState;

/// What is shown where the web map was not built.
const NO_PAGE: &str = "<!doctype html><html lang=\"en\"><title>Urbis</title>\
    <p>The web map is not built: run <code>make web</code>. The API answers all the same: \
    <a href=\"layers\">layers</a>.</p></html>";

/// Length of the hash in an asset's name.
const HASH_LEN: usize = 8;

/// `GET /`: the web map.
pub(crate) async fn get_index(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let page = (state.files().web)("index.html");
    let body = page.map_or_else(|| NO_PAGE.as_bytes().to_vec(), |page| page.into_owned());
    let content = Content {
        media_type: "text/html; charset=utf-8",
        caching: Caching::Revalidate,
        published: None,
        body,
    };
    let mut response = content.send(&state, &caller).await?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, page_policy(&caller));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    Ok(response)
}

/// The page loads from this server only; links to a configured base count as this server.
fn page_policy(caller: &Caller) -> HeaderValue {
    let own = caller.base.origin();
    let policy = format!(
        "default-src 'self'; connect-src 'self' {own}; img-src 'self' {own} data: blob:; \
         style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; \
         base-uri 'self'; form-action 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'self'"))
}

/// `GET /assets/{name}`: a script, style sheet, font or picture of the page.
pub(crate) async fn get_asset(
    State(state): State<AppState>,
    caller: Caller,
    path: PathOf<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let name = decoded(path)?;
    let caching = if is_hashed(&name) { Caching::Immutable } else { Caching::Revalidate };
    send_file(&state, &caller, ("assets", &name), caching).await
}

/// `GET /sprites/{name}`: `urbis.json`, `urbis.png` and their `@2x`.
pub(crate) async fn get_sprite(
    State(state): State<AppState>,
    caller: Caller,
    path: PathOf<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let name = decoded(path)?;
    send_file(&state, &caller, ("sprites", &name), Caching::Day).await
}

/// `GET /fonts/{stack}/{range}.pbf`: 256 glyphs of the first known font of a comma list.
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
    path: PathOf<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let (stack, range) = decoded(path)?;
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

async fn send_file(
    state: &AppState,
    caller: &Caller,
    (folder, name): (&'static str, &str),
    caching: Caching,
) -> Result<Response, ApiError> {
    let files = state.files();
    let path = format!("{folder}/{name}");
    let paths = (files.web_paths)();
    // Only what is listed is read: no name from outside reaches the file system.
    let listed = paths.contains(&path);
    let Some(file) = listed.then(|| (files.web)(&path)).flatten() else {
        let known = paths.iter().filter_map(|known| known.strip_prefix(folder)?.strip_prefix('/'));
        let nearest = Nearest::find(name, known);
        return Err(ApiError::UnknownFile { what: "file", name: echo(name), nearest });
    };
    let media_type = media_type(name);
    Content { media_type, caching, published: None, body: file.into_owned() }
        .send(state, caller)
        .await
}

/// Says whether a name holds the hash of its contents, as in `urbis-6WUJR3KX.js`.
fn is_hashed(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        let is_upper = hash.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let is_hex = hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        hash.len() == HASH_LEN && (is_upper || is_hex)
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
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
    fn only_names_with_a_hash_are_kept_for_ever() {
        for name in ["urbis-6WUJR3KX.js", "icon-b9b74734.svg", "urbis-6WUJR3KX.js.LEGAL.txt"] {
            assert!(is_hashed(name), "{name}");
        }
        for name in
            ["urbis.js", "be-vietnam.woff2", "map-detailed.js", "a-1234567.js", "favicon.svg"]
        {
            assert!(!is_hashed(name), "{name}");
        }
    }

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
