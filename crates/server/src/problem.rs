//! What goes wrong in one request, as `application/problem+json` (RFC 9457).
//!
//! 4xx says what was wrong and what to mend; 5xx says only an id that the log holds too.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use urbis_catalog::Nearest;
use urbis_model::ModelError;

/// Media type of every problem.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The methods that every path knows.
pub(crate) const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// The ways to send a key; a header each, since few clients read a list of challenges.
const CHALLENGES: [HeaderValue; 2] = [
    HeaderValue::from_static("Basic realm=\"urbis\", charset=\"UTF-8\""),
    HeaderValue::from_static("Bearer realm=\"urbis\""),
];

/// Longest part of a client's text that an answer repeats, characters.
const MAX_ECHO: usize = 80;

/// Why a request was refused or failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("nothing is served at this path")]
    UnknownPath,
    #[error("this path answers GET, HEAD and OPTIONS only")]
    MethodNotAllowed,
    #[error("the path holds bytes that are not UTF-8 after decoding")]
    PathNotUtf8,
    #[error("the address is longer than {limit} bytes")]
    UriTooLong { limit: usize },
    #[error("the request names a host that cannot be one")]
    HostInvalid,
    #[error("the header Authorization {fault}")]
    AuthorizationInvalid { fault: &'static str },
    #[error("the request carries no key that holds here")]
    KeyUnknown,
    #[error("layer '{name}' is not known")]
    UnknownLayer { name: String, nearest: Nearest },
    #[error("{found} layers are asked for at once, at most {limit} are allowed")]
    TooManyLayers { found: usize, limit: usize },
    #[error("{what} '{name}' is not known")]
    UnknownFile { what: &'static str, name: String, nearest: Nearest },
    #[error("tile {part} is '{found}'")]
    TileAddressInvalid { part: &'static str, found: String },
    #[error("glyph range is '{found}'")]
    GlyphRangeInvalid { found: String },
    #[error(transparent)]
    OutOfRange(#[from] ModelError),
    #[error("parameter '{name}' is not known")]
    UnknownParameter { name: String, nearest: Nearest, known: &'static [&'static str] },
    #[error("parameter '{name}' is given twice")]
    DuplicateParameter { name: &'static str },
    #[error("parameter '{name}' is missing")]
    MissingParameter { name: &'static str, wanted: &'static str },
    #[error("parameter '{name}' is '{found}'")]
    InvalidParameter { name: &'static str, found: String, wanted: &'static str },
    #[error("the city is being loaded")]
    NotReady,
    #[error("more requests are waiting than can be answered soon")]
    Overloaded,
    #[error("{limit} streams of events are open, which is all that there may be")]
    TooManyStreams { limit: usize },
    #[error("{doing} failed")]
    Internal { doing: &'static str },
}

impl ApiError {
    /// Stable code; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownPath => "unknown_path",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::PathNotUtf8 => "path_not_utf8",
            Self::UriTooLong { .. } => "uri_too_long",
            Self::HostInvalid => "host_invalid",
            Self::AuthorizationInvalid { .. } => "authorization_invalid",
            Self::KeyUnknown => "key_unknown",
            Self::UnknownLayer { .. } => "unknown_layer",
            Self::TooManyLayers { .. } => "too_many_layers",
            Self::UnknownFile { .. } => "unknown_file",
            Self::TileAddressInvalid { .. } => "tile_address_invalid",
            Self::GlyphRangeInvalid { .. } => "glyph_range_invalid",
            Self::OutOfRange(cause) => cause.code(),
            Self::UnknownParameter { .. } => "unknown_parameter",
            Self::DuplicateParameter { .. } => "duplicate_parameter",
            Self::MissingParameter { .. } => "missing_parameter",
            Self::InvalidParameter { .. } => "invalid_parameter",
            Self::NotReady => "not_ready",
            Self::Overloaded => "overloaded",
            Self::TooManyStreams { .. } => "too_many_streams",
            Self::Internal { .. } => "internal",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::UnknownPath | Self::UnknownLayer { .. } | Self::UnknownFile { .. } => {
                StatusCode::NOT_FOUND
            }
            Self::KeyUnknown => StatusCode::UNAUTHORIZED,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::UriTooLong { .. } => StatusCode::URI_TOO_LONG,
            Self::NotReady | Self::Overloaded | Self::TooManyStreams { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What to do.
    fn hint(&self) -> String {
        match self {
            Self::UnknownPath => {
                "see /layers for what there is, and README.md for the paths".into()
            }
            Self::MethodNotAllowed => "use one of the methods in Allow".into(),
            Self::PathNotUtf8 => "percent-encode the path as UTF-8".into(),
            Self::UriTooLong { .. } => "ask for less at once".into(),
            Self::HostInvalid => {
                "send Host: name[:port] of letters, digits, '-', '.', '_', or [address]:port".into()
            }
            Self::AuthorizationInvalid { .. } => "send it once, as Bearer KEY".into(),
            Self::KeyUnknown => {
                "send Authorization: Bearer KEY, or Basic with the key as the password; ask whoever \
                 runs this server whether the key was revoked"
                    .into()
            }
            Self::UnknownLayer { nearest, .. } => {
                did_you_mean(nearest, "see /layers for all layers and themes")
            }
            Self::TooManyLayers { .. } => "ask for a theme, or in several requests".into(),
            Self::UnknownFile { nearest, .. } => did_you_mean(nearest, "check the name"),
            Self::TileAddressInvalid { .. } => {
                "a tile is /tiles/{layers}/{z}/{x}/{y}, each a whole number without sign or \
                 leading zeros; .mvt or .pbf may follow"
                    .into()
            }
            Self::GlyphRangeInvalid { .. } => {
                "a range is {start}-{end}.pbf, start a multiple of 256 below 65536, end start + 255"
                    .into()
            }
            Self::OutOfRange(_) => "keep within the range that is named".into(),
            Self::UnknownParameter { nearest, known, .. } => {
                did_you_mean(nearest, &known_parameters(known))
            }
            Self::DuplicateParameter { .. } => "give it once".into(),
            Self::MissingParameter { wanted, .. } | Self::InvalidParameter { wanted, .. } => {
                format!("wanted {wanted}")
            }
            Self::NotReady | Self::Overloaded | Self::TooManyStreams { .. } => {
                "try again after Retry-After seconds".into()
            }
            Self::Internal { .. } => "report the id to whoever runs this server".into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let detail = match &self {
            Self::Internal { doing } => report_failure(doing),
            _ => self.to_string(),
        };
        let problem = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "code": self.code(),
            "detail": detail,
            "hint": self.hint(),
        });
        let mut response = (status, problem.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::MethodNotAllowed => {
                headers.insert(header::ALLOW, ALLOWED_METHODS);
            }
            Self::KeyUnknown => CHALLENGES.into_iter().for_each(|challenge| {
                headers.append(header::WWW_AUTHENTICATE, challenge);
            }),
            Self::NotReady | Self::Overloaded => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            // A stream ends when its client leaves: a moment later is no better.
            Self::TooManyStreams { .. } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
            }
            _ => {}
        }
        response
    }
}

/// Cuts a client's text to what an answer may repeat.
pub(crate) fn echo(text: &str) -> String {
    text.chars().take(MAX_ECHO).collect()
}

fn did_you_mean(nearest: &Nearest, otherwise: &str) -> String {
    match &nearest.0 {
        Some(name) => format!("did you mean '{name}'?"),
        None => otherwise.to_owned(),
    }
}

fn known_parameters(known: &[&str]) -> String {
    if known.is_empty() {
        return "this path takes no parameters".to_owned();
    }
    format!("known are {}", known.join(", "))
}

/// Logs a failure of ours and gives what the client may know of it: an id.
fn report_failure(doing: &str) -> String {
    let id = new_problem_id();
    tracing::error!(problem.id = %id, "{doing} failed");
    format!("something failed here, problem {id}")
}

/// Unique within the log of a node: its time and a count.
fn new_problem_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}", since_epoch.as_millis(), COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_ours_tells_the_client_nothing_but_an_id() {
        let detail = report_failure("secret work");
        assert!(detail.starts_with("something failed here, problem "), "{detail}");
        assert!(!detail.contains("secret"));
    }
}
