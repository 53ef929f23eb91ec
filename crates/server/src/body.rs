//! The body of a request that writes: its limits are checked before memory is taken for it.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use tokio::time::timeout;
use urbis_dispatch::MAX_LINES;

use crate::problem::{ApiError, echo};

/// Most bytes of a body.
pub(crate) const MAX_BODY_LEN: usize = 1 << 20;

/// A client that has not sent the whole body by then is let go.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Types that are taken: one JSON document, or one a line.
const MEDIA_TYPES: [&str; 4] =
    ["application/json", "application/x-ndjson", "application/ndjson", "application/jsonl"];

/// Reads a body of JSON, or of JSON lines; a type need not be said.
///
/// # Errors
///
/// [`ApiError::MediaTypeUnknown`], [`ApiError::BodyPacked`] (415), [`ApiError::BodyTooLarge`],
/// [`ApiError::TooManyLines`] (413), [`ApiError::BodyBroken`] (408), [`ApiError::BodyEmpty`] (400).
pub(crate) async fn read_body(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, ApiError> {
    check_form(headers)?;
    if declared_len(headers).is_some_and(|len| len > MAX_BODY_LEN as u64) {
        return Err(ApiError::BodyTooLarge { limit: MAX_BODY_LEN });
    }
    let read = timeout(READ_TIMEOUT, collect(body)).await;
    let bytes = read.map_err(|_| ApiError::BodyBroken)??;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ApiError::BodyEmpty);
    }
    if line_count(&bytes) > MAX_LINES {
        return Err(ApiError::TooManyLines { limit: MAX_LINES });
    }
    Ok(bytes)
}

/// A body that says no length is cut off where it grows too long.
async fn collect(body: Body) -> Result<Vec<u8>, ApiError> {
    let mut pieces = body.into_data_stream();
    let mut all = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| ApiError::BodyBroken)?;
        if all.len() + piece.len() > MAX_BODY_LEN {
            return Err(ApiError::BodyTooLarge { limit: MAX_BODY_LEN });
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

fn check_form(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    if let Some(coding) = text(header::CONTENT_ENCODING).filter(|coding| coding != "identity") {
        return Err(ApiError::BodyPacked { found: echo(&coding) });
    }
    let Some(found) = text(header::CONTENT_TYPE) else { return Ok(()) };
    let essence = found.split(';').next().unwrap_or_default().trim();
    let is_known = MEDIA_TYPES.iter().any(|known| essence.eq_ignore_ascii_case(known));
    if is_known { Ok(()) } else { Err(ApiError::MediaTypeUnknown { found: echo(&found) }) }
}

/// Lines, empty ones too; the last need not end.
fn line_count(bytes: &[u8]) -> usize {
    let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
    ends + usize::from(!bytes.ends_with(b"\n"))
}

fn declared_len(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn as_many_lines_as_there_may_be_are_read_whether_the_last_one_ends_or_not() {
        for (lines, is_read) in [(MAX_LINES, true), (MAX_LINES + 1, false)] {
            let ended = "1\n".repeat(lines);
            for body in [ended.trim_end(), &ended] {
                let read = read_body(&HeaderMap::new(), Body::from(body.to_owned())).await;
                assert_eq!(read.is_ok(), is_read, "{lines} lines, {} bytes", body.len());
            }
        }
    }
}
