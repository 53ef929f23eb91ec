//! What the CQL2 standard's predicates mean as text they mean as JSON.

use std::path::Path;

use urbis_catalog::Layer;
use urbis_filter::{Filter, Language};
use urbis_model::Openness;

/// A layer with every attribute that a predicate of the standard names.
fn layer() -> Layer {
    let head = r#"
theme = "construction"
title = { vi = "Lớp thử", en = "Test layer" }
description = { vi = "Lớp thử.", en = "Test layer." }
geometry = "Point"
storage_srid = 4326
key = ["name"]
tiles = { minzoom = 0, maxzoom = 16, attributes = [] }
"#;
    let attributes = [
        ("name", "text"),
        ("nameascii", "text"),
        ("NAME", "text"),
        ("POP_EST", "float"),
        ("pop_max", "integer"),
        ("pop_min", "integer"),
        ("pop_other", "integer"),
        ("date", "date"),
        ("start", "datetime"),
        ("end", "datetime"),
        ("boolean", "boolean"),
    ];
    let attributes = attributes.map(|(name, kind)| {
        format!("[[attributes]]\nname = \"{name}\"\ntitle = {{ vi = \"\", en = \"\" }}\ntype = \"{kind}\"\n")
    });
    toml::from_str(&(head.to_owned() + &attributes.concat())).expect("the layer of this test")
}

#[test]
fn predicates_mean_the_same_as_text_and_as_json() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/cql2/predicates.tsv");
    let predicates = std::fs::read_to_string(path).expect("the predicates of the standard");
    let layer = layer();
    let condition = |text: &str, language| {
        let filter = Filter::parse(text, language, &layer, Openness::Open);
        let filter = filter.unwrap_or_else(|cause| panic!("{text}: {cause}"));
        format!("{:?}", filter.condition())
    };
    let mut count = 0;
    for line in predicates.lines() {
        let text = line.rsplit('\t').next().expect("a predicate");
        let json = cql2::parse_text(text).expect(text).to_json().expect(text);
        assert_eq!(condition(text, Language::Text), condition(&json, Language::Json), "{text}");
        count += 1;
    }
    assert_eq!(count, 351);
}
