//! Strong entity tags, and what a client holds already.

use axum::http::{HeaderMap, HeaderValue, header};
use xxhash_rust::xxh3::{Xxh3, xxh3_128_with_seed};

use crate::encoding::Encoding;

/// A strong entity tag (RFC 9110, 8.8.3): 128 bits in hexadecimal, quoted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Etag(HeaderValue);

impl Etag {
    /// The tag of something that these parts determine; their borders count.
    pub fn from_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Xxh3::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self::new(hasher.digest128())
    }

    /// The tag of a body in a coding.
    pub fn of_body(body: &[u8], encoding: Encoding) -> Self {
        Self::new(xxh3_128_with_seed(body, encoding as u64))
    }

    fn new(hash: u128) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut tag = [b'"'; 34];
        for (index, digit) in tag[1..33].iter_mut().enumerate() {
            *digit = DIGITS[(hash >> (124 - index * 4)) as usize & 15];
        }
        let tag = HeaderValue::from_bytes(&tag);
        Self(tag.expect("quotes and hexadecimal digits are visible ASCII"))
    }

    /// Costs no copy.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// The `If-None-Match` of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct IfNoneMatch(Vec<String>);

impl IfNoneMatch {
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::IF_NONE_MATCH).iter();
        let tags = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
        Self(tags.map(|tag| tag.trim().trim_start_matches("W/").to_owned()).collect())
    }

    /// Says whether the request has no such header.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares weakly, as RFC 9110, 13.1.2 asks.
    pub fn matches(&self, etag: &Etag) -> bool {
        self.0.iter().any(|held| held == "*" || etag.0 == **held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_borders_between_parts_count() {
        assert_ne!(Etag::from_parts(&[b"ab", b"c"]), Etag::from_parts(&[b"a", b"bc"]));
        assert_eq!(Etag::from_parts(&[b"ab"]), Etag::from_parts(&[b"ab"]));
    }

    #[test]
    fn a_tag_is_of_the_body_and_of_its_coding() {
        let tag = |body: &[u8], encoding| Etag::of_body(body, encoding).header();
        assert_ne!(tag(b"x", Encoding::Gzip), tag(b"x", Encoding::Identity));
        assert_ne!(tag(b"x", Encoding::Gzip), tag(b"y", Encoding::Gzip));
        // Known from `format!`.
        let expected = format!("\"{:032x}\"", xxh3_128_with_seed(b"x", Encoding::Gzip as u64));
        assert_eq!(tag(b"x", Encoding::Gzip), expected);
    }

    #[test]
    fn lists_weak_tags_and_stars_match() {
        let etag = Etag::from_parts(&[b"x"]);
        let tag = etag.header().to_str().unwrap().to_owned();
        for (line, expected) in [
            (tag.clone(), true),
            (format!("W/{tag}"), true),
            (format!("\"other\", {tag}"), true),
            ("*".to_owned(), true),
            ("\"other\"".to_owned(), false),
            (tag.trim_matches('"').to_owned(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, line.parse().unwrap());
            assert_eq!(IfNoneMatch::from_headers(&headers).matches(&etag), expected, "{line}");
        }
    }
}
