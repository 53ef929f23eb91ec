//! Addresses of answers: that which was asked for, its other forms, and the page after it.

use std::borrow::Cow;

/// An address as it was asked for.
#[derive(Debug, Clone)]
pub(super) struct Address {
    path: String,
    parameters: Vec<(String, String)>,
}

impl Address {
    /// An absolute address without a query, and the query that came with it.
    pub fn new(path: String, query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes());
        let own =
            |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), value.into_owned());
        Self { path, parameters: pairs.map(own).collect() }
    }

    /// The same address.
    pub fn itself(&self) -> String {
        self.with(None, "")
    }

    /// The same without `f`: for who says by `Accept` what is wanted.
    pub fn plain(&self) -> String {
        self.with(Some("f"), "")
    }

    /// The same as a page.
    pub fn as_page(&self) -> String {
        self.with(Some("f"), "html")
    }

    /// The page after this.
    pub fn next(&self, token: &str) -> String {
        self.with(Some("after"), token)
    }

    /// The address with one parameter of another value, or without it where that is empty.
    fn with(&self, replaced: Option<&str>, value: &str) -> String {
        let kept = self.parameters.iter().filter(|(name, _)| Some(name.as_str()) != replaced);
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let new = replaced.filter(|_| !value.is_empty()).map(|name| (name, value));
        let pairs =
            kept.chain(new).map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let query: Vec<String> = pairs.collect();
        if query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, query.join("&"))
        }
    }
}

/// Percent-encodes a text; a blank is `%20`, which every client reads alike.
fn encode(text: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.replace('+', "%20").replace("%2C", ",").replace("%3A", ":").replace("%2F", "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_and_goes_on() {
        let query = "f=json&filter=name+%3D+%27n%E1%BB%95i%27&crs=http://a/b&after=old";
        let address = Address::new("http://h/items".into(), query);
        let kept = "filter=name%20%3D%20%27n%E1%BB%95i%27&crs=http://a/b";
        assert_eq!(address.itself(), format!("http://h/items?f=json&{kept}&after=old"));
        assert_eq!(address.next("new"), format!("http://h/items?f=json&{kept}&after=new"));
        assert_eq!(address.as_page(), format!("http://h/items?{kept}&after=old&f=html"));
        assert_eq!(Address::new("http://h/items".into(), "f=html").plain(), "http://h/items");
    }
}
