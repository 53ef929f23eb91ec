//! Who may see a feature, whatever an edit has put into it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use tempfile::TempDir;
use urbis_catalog::{Catalog, Layer};
use urbis_model::AttributeValue;
use urbis_model::Openness::{self, Internal, Open, Restricted};

const LEVELS: &str = "CQP = \"restricted\", CAN = \"internal\"";
const LIST: &str = "values.ONT = { vi = \"a\", en = \"a\" }\n\
    values.CQP = { vi = \"b\", en = \"b\" }\nvalues.CAN = { vi = \"c\", en = \"c\" }";

/// A layer that tells its features apart by `use`.
fn land(kind: &str, list: &str, levels: &str) -> Layer {
    let title = "{ vi = \"a\", en = \"a\" }";
    let text = format!(
        "theme = \"land\"\ntitle = {title}\ndescription = {title}\ngeometry = \"Point\"\n\
         storage_srid = 4326\nkey = \"id\"\n\
         openness_by = {{ attribute = \"use\", levels = {{ {levels} }} }}\n\
         tiles = {{ minzoom = 1, maxzoom = 9, attributes = [] }}\n\
         [[attributes]]\nname = \"id\"\ntitle = {title}\ntype = \"text\"\n\
         [[attributes]]\nname = \"use\"\ntitle = {title}\ntype = \"{kind}\"\n{list}\n\
         [[examples]]\ntitle = \"a\"\ninput = {{}}\noutput = {{}}\n\
         [[examples]]\ntitle = \"b\"\ninput = {{}}\nreject = \"key_missing\"\n"
    );
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("lot.toml"), text).unwrap();
    Catalog::load(folder.path()).unwrap().layers().next().unwrap().clone()
}

fn openness(layer: &Layer, value: AttributeValue) -> Openness {
    layer.feature_openness(&[AttributeValue::text("1"), value])
}

fn assert_levels(layer: &Layer, cases: &[(&str, Openness)]) {
    for (word, level) in cases {
        assert_eq!(openness(layer, AttributeValue::text(*word)), *level, "'{word}'");
    }
}

#[test]
fn a_word_that_its_code_list_does_not_have_hides_the_feature() {
    let layer = land("code", LIST, LEVELS);
    assert_levels(
        &layer,
        &[
            ("ONT", Open),
            (" ONT ", Open),
            ("CAN", Internal),
            ("CQP", Restricted),
            ("CQP ", Restricted),
            ("cqp", Restricted),
            ("can", Restricted),
            ("CQP+ONT", Restricted),
            ("ONT+ONT", Restricted),
            ("", Restricted),
        ],
    );
    assert_eq!(openness(&layer, AttributeValue::Null), Open);
    assert_eq!(openness(&layer, AttributeValue::Int(1)), Restricted);
}

#[test]
fn of_several_codes_the_strictest_counts_however_they_are_joined() {
    assert_levels(
        &land("codes", LIST, LEVELS),
        &[
            ("ONT", Open),
            ("ONT+ONT", Open),
            ("ONT+CAN", Internal),
            ("CQP + ONT", Restricted),
            ("ONT+\tCQP\n", Restricted),
            ("ONT+CAN+", Restricted),
            ("ONT,CQP", Restricted),
        ],
    );
}

#[test]
fn the_strictest_level_is_that_of_the_rule_and_no_other() {
    let layer = land("code", LIST, "CAN = \"internal\"");
    assert_levels(&layer, &[("CQP", Open), ("CAN", Internal), ("can", Internal)]);
}

#[test]
fn a_text_is_compared_without_case_and_blanks_and_never_split() {
    let layer = land("text", "", "\"Quốc phòng\" = \"restricted\", \"a+b\" = \"internal\"");
    assert_levels(
        &layer,
        &[
            ("QUỐC PHÒNG ", Restricted),
            ("\u{a0}quốc phòng", Restricted),
            ("A+B", Internal),
            ("quốc phòng+ở", Open),
            ("a", Open),
            ("ở", Open),
        ],
    );
}

#[test]
fn a_boolean_has_two_words() {
    let layer = land("boolean", "", "true = \"internal\"");
    assert_eq!(openness(&layer, AttributeValue::Bool(true)), Internal);
    assert_eq!(openness(&layer, AttributeValue::Bool(false)), Open);
    assert_levels(&layer, &[("true", Internal), ("false", Open), ("yes", Internal)]);
}

#[test]
fn what_a_layer_says_of_itself_names_no_code_that_its_readers_may_not_see() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../layers");
    let catalog = Catalog::load(folder.as_ref()).unwrap();
    let mut hidden = 0;
    for layer in catalog.layers() {
        let Some(rule) = &layer.openness_by else { continue };
        let open = layer.attributes.iter().filter(|known| layer.openness_of(known) == Open);
        let titles = open.map(|attribute| &attribute.title).chain([&layer.title]);
        let told: Vec<String> = titles
            .chain([&layer.description])
            .flat_map(|text| [text.vi.to_lowercase(), text.en.to_lowercase()])
            .collect();
        let attribute = &layer.attributes[layer.attribute_index(&rule.attribute).unwrap()];
        for code in rule.levels.keys() {
            let label = &attribute.values[code];
            for word in [&label.vi, &label.en] {
                let found = told.iter().find(|text| text.contains(&word.to_lowercase()));
                assert_eq!(found, None, "layer '{}' names '{word}'", layer.id);
                hidden += 1;
            }
        }
    }
    assert!(hidden > 10);
}

#[test]
fn a_class_sees_the_attributes_that_are_for_it_and_when_a_feature_holds() {
    let mut layer = land("text", "", "CQP = \"restricted\"");
    layer.attributes[1].openness = Some(Internal);
    let names = |class| {
        let seen = layer.attributes_for(class).map(|attribute| attribute.name.as_str());
        seen.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(Open), "id valid_from valid_to");
    assert_eq!(names(Internal), "id use valid_from valid_to");
}
