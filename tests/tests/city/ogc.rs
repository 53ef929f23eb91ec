//! OGC API below `/ogc`, as the standards' own test suite and QGIS ask it.
//!
//! What CITE checks stands in the sources of ets-ogcapi-features10 1.9 and ets-ogcapi-tiles10; it
//! does not run here, so its checks are written anew.

mod away;
mod cite;
mod downloads;
mod features;
mod hostile_queries;
mod openness;
mod tilesets;
mod times;

use serde_json::Value;
use urbis_tests::{Answer, City};

/// The CRS that is meant where none is named.
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// An answer that must be 200.
fn ok(city: &City, path: &str) -> Answer {
    let answer = city.fetch(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer
}

/// JSON of an answer that must be 200.
fn json(city: &City, path: &str) -> Value {
    ok(city, path).json()
}

/// Path and query of an address of the node.
fn path_of<'a>(city: &City, href: &'a str) -> &'a str {
    href.strip_prefix(&city.base).unwrap_or_else(|| panic!("{href} is no address of ours"))
}

/// The first link of a relation.
fn link<'a>(document: &'a Value, rel: &str) -> Option<&'a Value> {
    document["links"].as_array()?.iter().find(|link| link["rel"] == rel)
}

/// The address that a link of a relation leads to.
fn href<'a>(document: &'a Value, rel: &str) -> &'a str {
    let found = link(document, rel).unwrap_or_else(|| panic!("no link '{rel}' in {document}"));
    found["href"].as_str().expect("an address")
}

/// The features of an address and of all pages after it, and how many pages there were.
fn all_pages(city: &City, path: &str) -> (Vec<Value>, usize) {
    let (mut features, mut pages, mut next) = (Vec::new(), 0, Some(path.to_owned()));
    while let Some(path) = next {
        let page = json(city, &path);
        let found = page["features"].as_array().expect("features").clone();
        assert_eq!(page["numberReturned"], found.len(), "{path}");
        features.extend(found);
        pages += 1;
        assert!(pages < 1_000, "the pages of {path} have no end");
        next = link(&page, "next").map(|link| {
            assert_eq!(link["type"], "application/geo+json", "{link}");
            path_of(city, link["href"].as_str().expect("an address")).to_owned()
        });
    }
    (features, pages)
}

/// The ids of features.
fn ids(features: &[Value]) -> Vec<u64> {
    features.iter().map(|feature| feature["id"].as_u64().expect("a whole number")).collect()
}
