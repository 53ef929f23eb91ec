//! The web map and what it is made of: page, assets, sprites.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use urbis_catalog::Nearest;
use urbis_model::Openness;

use super::PathAlone;
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
    guard_page(response.headers_mut(), &state, |public| {
        format!(
            "default-src 'self'; style-src 'self'; img-src 'self' data:; worker-src 'self'; \
             connect-src 'self'{public}; object-src 'none'; base-uri 'self'; form-action 'none'"
        )
    });
    Ok(response)
}

/// Says that a page runs and shows what this server sends, and nothing that stands in a document
/// itself. `policy` is told what to put behind `'self'` where links to a configured base count as
/// this server; nothing of the request gets into it.
pub(super) fn guard_page(
    headers: &mut HeaderMap,
    state: &AppState,
    policy: impl FnOnce(&str) -> String,
) {
    let public = state.bases().public_url.as_ref();
    let public = public.map_or(String::new(), |base| format!(" {}", base.origin()));
    let policy = HeaderValue::from_str(&policy(&public));
    let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'self'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
}

/// `GET /assets/{name}`: a script, style sheet, font or picture of the page.
pub(crate) async fn get_asset(
    State(state): State<AppState>,
    caller: Caller,
    PathAlone(name): PathAlone<String>,
) -> Result<Response, ApiError> {
    let caching = if is_hashed(&name) { Caching::Immutable } else { Caching::Revalidate };
    send_file(&state, &caller, ("assets", &name), caching).await
}

/// `GET /sprites/{name}`: `urbis.json`, `urbis.png` and their `@2x`, with the icons that the
/// caller may see: an icon can tell of a layer as well as a name.
pub(crate) async fn get_sprite(
    State(state): State<AppState>,
    caller: Caller,
    PathAlone(name): PathAlone<String>,
) -> Result<Response, ApiError> {
    let folder = match caller.access.class() {
        Openness::Open => "sprites/open",
        Openness::Internal => "sprites/internal",
        Openness::Restricted => "sprites/restricted",
    };
    send_file(&state, &caller, (folder, &name), Caching::Day).await
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
}
