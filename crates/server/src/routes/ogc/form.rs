//! In which form an answer is wanted: for programs or for people.

use axum::http::{HeaderMap, header};

use crate::problem::{ApiError, echo};

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON, GeoJSON, JSON Schema, OpenAPI: whatever the path answers programs with.
    Data,
    /// A page.
    Page,
}

impl Form {
    /// What a parameter `f` says, else what `Accept` prefers; JSON where neither says.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidParameter`] for another word than `json` and `html`.
    pub fn negotiate(f: Option<&str>, headers: &HeaderMap) -> Result<Self, ApiError> {
        match f {
            Some("json") => Ok(Self::Data),
            Some("html") => Ok(Self::Page),
            Some(other) => {
                let wanted = "json or html";
                Err(ApiError::InvalidParameter { name: "f", found: echo(other), wanted })
            }
            None => Ok(Self::preferred(headers)),
        }
    }

    /// A page only for who names it, and weighs it more than every kind of JSON.
    fn preferred(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).iter();
        let words = values.filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(','));
        let (mut page, mut data) = (0, 0);
        for (kind, weight) in words.map(split_weight) {
            match kind {
                "text/html" | "application/xhtml+xml" => page = weight.max(page),
                kind if kind.ends_with("json") => data = weight.max(data),
                _ => {}
            }
        }
        if page > data { Self::Page } else { Self::Data }
    }
}

/// A media type without its parameters, and its weight in thousandths.
fn split_weight(word: &str) -> (&str, u16) {
    let mut parts = word.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
    let weight = weight.filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(1.0);
    (kind, (weight * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_for_who_prefers_it() {
        for (accept, expected) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Form::Page),
            ("text/html", Form::Page),
            ("application/json, text/html;q=0.5", Form::Data),
            ("text/html;q=0.2, application/geo+json", Form::Data),
            ("text/html, application/json", Form::Data),
            ("application/vnd.oai.openapi+json;version=3.0", Form::Data),
            ("*/*", Form::Data),
            ("", Form::Data),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(Form::negotiate(None, &headers), Ok(expected), "{accept}");
            assert_eq!(Form::negotiate(Some("html"), &headers), Ok(Form::Page));
            assert_eq!(Form::negotiate(Some("json"), &headers), Ok(Form::Data));
        }
        assert!(Form::negotiate(Some("xml"), &HeaderMap::new()).is_err());
    }
}
