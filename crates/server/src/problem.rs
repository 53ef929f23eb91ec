//! What goes wrong in one request, as `application/problem+json` (RFC 9457).
//!
//! 4xx says what was wrong and what to mend; 5xx says only an id that the log holds too.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use urbis_catalog::Nearest;
use urbis_filter::FilterError;
use urbis_model::{KeyScope, LayerId, ModelError};

/// Media type of every problem.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The methods of a path that is read.
pub(crate) const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// The methods of a path that is written to.
pub(crate) const WRITE_METHODS: HeaderValue = HeaderValue::from_static("POST, OPTIONS");

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
    #[error("this path answers POST and OPTIONS only")]
    OnlyPost,
    #[error("the path holds bytes that are not UTF-8 after decoding")]
    PathNotUtf8,
    #[error("the query holds bytes that are not UTF-8 after decoding")]
    QueryNotUtf8,
    #[error("the address is longer than {limit} bytes")]
    UriTooLong { limit: usize },
    #[error("the request names a host that cannot be one")]
    HostInvalid,
    #[error("the header Authorization {fault}")]
    AuthorizationInvalid { fault: &'static str },
    #[error("the request carries no key that holds here")]
    KeyUnknown,
    #[error("this path takes nothing without a key")]
    KeyRequired,
    #[error("the key does not allow this: it lacks the scope '{scope}'")]
    ScopeMissing { scope: KeyScope },
    #[error("the body is of the type '{found}'")]
    MediaTypeUnknown { found: String },
    #[error("the body is packed as '{found}'")]
    BodyPacked { found: String },
    #[error("the body is larger than {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("the body has more than {limit} lines")]
    TooManyLines { limit: usize },
    #[error("the body did not come whole in time")]
    BodyBroken,
    #[error("the body holds nothing to take")]
    BodyEmpty,
    #[error("none of the {refused} lines is taken")]
    NothingTaken { refused: usize },
    #[error("this node takes nothing live: it has no folder for a spool")]
    LiveOff,
    #[error("layer '{name}' is not known")]
    UnknownLayer { name: String, nearest: Nearest },
    #[error("this city has no road network")]
    NoRoads,
    #[error("vehicle profile '{name}' is not known")]
    UnknownProfile { name: String, nearest: Nearest },
    #[error("this city has no vehicles that drive on its roads")]
    NoVehicles,
    #[error("no road that the vehicle can drive is within {within_m} m of '{name}'")]
    OffRoad { name: &'static str, within_m: f64 },
    #[error("the vehicle cannot get from 'from' to 'to' over the roads as they are")]
    Unreachable { is_closed: bool },
    #[error("{found} layers are asked for at once, at most {limit} are allowed")]
    TooManyLayers { found: usize, limit: usize },
    #[error("layer '{layer}': {cause}")]
    FilterRefused { layer: LayerId, cause: FilterError },
    #[error("{what} '{name}' is not known")]
    UnknownFile { what: &'static str, name: String, nearest: Nearest },
    #[error("layer '{layer}' has no feature '{id}'")]
    UnknownFeature { layer: LayerId, id: String },
    #[error("the database with the features is away, or takes too long")]
    FeaturesAway,
    #[error("what changed since then is not known any more: {why}")]
    ChangesGone { why: &'static str },
    #[error("this node makes no files to download")]
    DownloadsOff,
    #[error("as many files are being made as can be at a time")]
    DownloadsBusy,
    #[error("the file would be larger than {limit_mb} MB, or than its format can hold")]
    DownloadTooLarge { limit_mb: u64 },
    #[error("this tile lies outside of the tileset")]
    TileOutside,
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
    #[error("more reports wait to be kept than can be soon")]
    TooManyReports,
    #[error("the node keeps as many reports as it may until its database is back")]
    SpoolFull,
    #[error("the node cannot keep what is sent to it")]
    SpoolFailed,
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
            Self::MethodNotAllowed | Self::OnlyPost => "method_not_allowed",
            Self::PathNotUtf8 => "path_not_utf8",
            Self::QueryNotUtf8 => "query_not_utf8",
            Self::UriTooLong { .. } => "uri_too_long",
            Self::HostInvalid => "host_invalid",
            Self::AuthorizationInvalid { .. } => "authorization_invalid",
            Self::KeyUnknown => "key_unknown",
            Self::KeyRequired => "key_required",
            Self::ScopeMissing { .. } => "scope_missing",
            Self::MediaTypeUnknown { .. } => "media_type_unknown",
            Self::BodyPacked { .. } => "body_packed",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::TooManyLines { .. } => "too_many_lines",
            Self::BodyBroken => "body_broken",
            Self::BodyEmpty => "body_empty",
            Self::NothingTaken { .. } => "nothing_taken",
            Self::LiveOff => "live_writes_off",
            Self::UnknownLayer { .. } => "unknown_layer",
            Self::NoRoads => "no_roads",
            Self::UnknownProfile { .. } => "unknown_profile",
            Self::NoVehicles => "no_vehicles",
            Self::OffRoad { .. } => "off_road",
            Self::Unreachable { .. } => "unreachable",
            Self::TooManyLayers { .. } => "too_many_layers",
            Self::FilterRefused { cause, .. } => cause.code(),
            Self::UnknownFile { .. } => "unknown_file",
            Self::UnknownFeature { .. } => "unknown_feature",
            Self::FeaturesAway => "features_away",
            Self::ChangesGone { .. } => "changes_gone",
            Self::DownloadsOff => "downloads_off",
            Self::DownloadsBusy => "downloads_busy",
            Self::DownloadTooLarge { .. } => "download_too_large",
            Self::TileOutside => "tile_outside",
            Self::TileAddressInvalid { .. } => "tile_address_invalid",
            Self::GlyphRangeInvalid { .. } => "glyph_range_invalid",
            Self::OutOfRange(cause) => cause.code(),
            Self::UnknownParameter { .. } => "unknown_parameter",
            Self::DuplicateParameter { .. } => "duplicate_parameter",
            Self::MissingParameter { .. } => "missing_parameter",
            Self::InvalidParameter { .. } => "invalid_parameter",
            Self::NotReady => "not_ready",
            Self::Overloaded => "overloaded",
            Self::TooManyReports => "too_many_reports",
            Self::SpoolFull => "spool_full",
            Self::SpoolFailed => "spool_failed",
            Self::TooManyStreams { .. } => "too_many_streams",
            Self::Internal { .. } => "internal",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::UnknownPath
            | Self::NoRoads
            | Self::NoVehicles
            | Self::UnknownLayer { .. }
            | Self::UnknownFeature { .. }
            | Self::TileOutside
            | Self::UnknownFile { .. } => StatusCode::NOT_FOUND,
            Self::ChangesGone { .. } => StatusCode::GONE,
            Self::KeyUnknown | Self::KeyRequired => StatusCode::UNAUTHORIZED,
            Self::ScopeMissing { .. } => StatusCode::FORBIDDEN,
            Self::MediaTypeUnknown { .. } | Self::BodyPacked { .. } => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::BodyTooLarge { .. } | Self::TooManyLines { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyBroken => StatusCode::REQUEST_TIMEOUT,
            Self::NothingTaken { .. } | Self::OffRoad { .. } | Self::Unreachable { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::MethodNotAllowed | Self::OnlyPost => StatusCode::METHOD_NOT_ALLOWED,
            Self::UriTooLong { .. } => StatusCode::URI_TOO_LONG,
            Self::FilterRefused { cause: FilterError::NoRoom, .. }
            | Self::NotReady
            | Self::FeaturesAway
            | Self::DownloadsOff
            | Self::DownloadsBusy
            | Self::Overloaded
            | Self::TooManyReports
            | Self::SpoolFull
            | Self::SpoolFailed
            | Self::LiveOff
            | Self::TooManyStreams { .. } => StatusCode::SERVICE_UNAVAILABLE,
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
            Self::MethodNotAllowed | Self::OnlyPost => "use one of the methods in Allow".into(),
            Self::PathNotUtf8 => "percent-encode the path as UTF-8".into(),
            Self::QueryNotUtf8 => "percent-encode the query as UTF-8".into(),
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
            Self::KeyRequired => {
                "send Authorization: Bearer KEY; 'urbis key create --scope ingest' makes one".into()
            }
            Self::ScopeMissing { scope } => {
                format!("use a key that was made with --scope {scope}")
            }
            Self::MediaTypeUnknown { .. } => {
                "send application/json, or application/x-ndjson with one object a line".into()
            }
            Self::BodyPacked { .. } => "send it without Content-Encoding".into(),
            Self::BodyTooLarge { .. } | Self::TooManyLines { .. } => {
                "send it in several requests".into()
            }
            Self::BodyBroken => "send the whole body within ten seconds".into(),
            Self::BodyEmpty => "send one JSON object, or one a line".into(),
            Self::NothingTaken { .. } => "see 'lines' for what is wrong with each".into(),
            Self::LiveOff => "whoever runs this server may start it with --spool-dir".into(),
            Self::UnknownLayer { nearest, .. } => {
                did_you_mean(nearest, "see /layers for all layers and themes")
            }
            Self::NoRoads => "a layer becomes the roads by network = \"roads\" in its file".into(),
            Self::UnknownProfile { nearest, .. } => {
                did_you_mean(nearest, "see profiles/vehicle for all profiles")
            }
            Self::NoVehicles => {
                "whoever runs this server may add profiles/vehicle and a layer of roads".into()
            }
            Self::OffRoad { .. } => "name a place nearer to a road, or another profile".into(),
            Self::Unreachable { is_closed: true } => {
                "closures stop it, see /dispatch/candidates for what opens the way; another profile \
                 may get through"
                    .into()
            }
            Self::Unreachable { is_closed: false } => {
                "no road joins the two, or only with a turn or in a direction that is forbidden to \
                 this profile"
                    .into()
            }
            Self::TooManyLayers { .. } => "ask for a theme, or in several requests".into(),
            Self::FilterRefused { cause, .. } => hint_of_filter(cause).into(),
            Self::UnknownFile { nearest, .. } => did_you_mean(nearest, "check the name"),
            Self::UnknownFeature { .. } => "see the collection's items for its features".into(),
            Self::FeaturesAway => {
                "try again after Retry-After seconds, perhaps with a smaller box or a simpler filter"
                    .into()
            }
            Self::ChangesGone { .. } => {
                "take a full download of the layers, /ogc/collections/{id}/download, and ask on with \
                 the Urbis-Position that comes with it"
                    .into()
            }
            Self::DownloadsOff => "whoever runs this server may start it with --downloads-dir".into(),
            Self::DownloadTooLarge { .. } => {
                "ask for less, by bbox or filter, or for f=fgb, which is sent while it is read"
                    .into()
            }
            Self::TileOutside => "see tileMatrixSetLimits of the tileset".into(),
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
            Self::NotReady
            | Self::Overloaded
            | Self::DownloadsBusy
            | Self::TooManyReports
            | Self::SpoolFull
            | Self::SpoolFailed
            | Self::TooManyStreams { .. } => {
                "try again after Retry-After seconds".into()
            }
            Self::Internal { .. } => "report the id to whoever runs this server".into(),
        }
    }
}

impl ApiError {
    /// Adds the members of a problem to an object that says more.
    pub fn describe(&self, object: &mut Value) {
        let status = self.status();
        let detail = match self {
            Self::Internal { doing } => report_failure(doing),
            _ => self.to_string(),
        };
        object["type"] = "about:blank".into();
        object["title"] = status.canonical_reason().unwrap_or("Error").into();
        object["status"] = status.as_u16().into();
        object["code"] = self.code().into();
        // OGC API asks for `description`, RFC 9457 for `detail`.
        object["description"] = detail.as_str().into();
        object["detail"] = detail.into();
        object["hint"] = self.hint().into();
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut problem = json!({});
        self.describe(&mut problem);
        let mut response = (status, problem.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::MethodNotAllowed => {
                headers.insert(header::ALLOW, ALLOWED_METHODS);
            }
            Self::OnlyPost => {
                headers.insert(header::ALLOW, WRITE_METHODS);
            }
            Self::KeyUnknown | Self::KeyRequired => CHALLENGES.into_iter().for_each(|challenge| {
                headers.append(header::WWW_AUTHENTICATE, challenge);
            }),
            Self::FilterRefused { cause: FilterError::NoRoom, .. }
            | Self::NotReady
            | Self::Overloaded
            | Self::TooManyReports => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            // A disc or a database is mended by somebody.
            Self::FeaturesAway | Self::SpoolFull | Self::SpoolFailed => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            // A stream ends when its client leaves: a moment later is no better.
            Self::TooManyStreams { .. } | Self::DownloadsBusy => {
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

const fn hint_of_filter(cause: &FilterError) -> &'static str {
    match cause {
        FilterError::PropertyUnknown { .. } => {
            "see /layers for the attributes of each layer; with several layers a filter names what \
             all of them have"
        }
        FilterError::TooLong { .. } | FilterError::TooDeep | FilterError::TooLarge => {
            "ask for less at once"
        }
        FilterError::NoRoom => "try again after Retry-After seconds, or with a shorter filter",
        _ => {
            "write CQL2 such as kind = 'hospital' AND beds > 100, percent-encoded; texts stand in \
             single quotes"
        }
    }
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

    #[test]
    fn a_filter_is_refused_for_good_unless_there_was_no_room_for_it() {
        let refused = |cause| {
            let layer = LayerId::new("pole").expect("a name");
            let response = ApiError::FilterRefused { layer, cause }.into_response();
            (response.status(), response.headers().contains_key(header::RETRY_AFTER))
        };
        assert_eq!(refused(FilterError::TooLarge), (StatusCode::BAD_REQUEST, false));
        assert_eq!(refused(FilterError::NoRoom), (StatusCode::SERVICE_UNAVAILABLE, true));
    }
}
