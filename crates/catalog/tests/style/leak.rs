//! What the cut of a style cannot take out is dropped, and nothing makes it fall over.

use serde_json::{Value, json};
use urbis_catalog::style::{Leak, Style};
use urbis_model::Openness::{Internal, Open, Restricted};

use crate::{catalog, expand, place, seen, template};

#[test]
fn a_style_layer_that_names_a_hidden_code_in_a_way_of_its_own_goes() {
    let get = json!(["get", "kind"]);
    for (part, value) in [
        ("filter", json!([">=", ["index-of", "depot", get], 0])),
        ("filter", json!(["let", "k", get, ["==", ["var", "k"], "depot"]])),
        ("filter", json!(["==", ["downcase", get], "DEPOT"])),
        ("filter", json!(["in", get, "hospital,depot,other"])),
        ("filter", json!(["has", "depot", ["literal", {"depot": 1}]])),
        ("paint", json!({"circle-color": {"property": "kind", "stops": [["depot", "red"]]}})),
        ("paint", json!({"circle-color": ["match", ["at", 0, ["array", get]], "depot", 1, 2]})),
        ("metadata", json!({"note": "Depot: not for everybody"})),
    ] {
        assert_eq!(seen(part, value.clone(), Internal), None, "{value}");
        assert_eq!(seen(part, value.clone(), Restricted), Some(value.clone()));
        let style = Style::parse("file", template(json!([place(part, value)]))).unwrap();
        let leaks = |class| style.leaks("night", &catalog(), class).unwrap();
        assert_eq!(leaks(Internal), [Leak { layer: "p".to_owned(), word: "depot".to_owned() }]);
        assert_eq!(leaks(Restricted), []);
    }
    let other = json!(["==", get, "depot2"]);
    assert_eq!(seen("filter", other.clone(), Open), Some(other));
    // An attribute above the class, too.
    let filter = json!(["==", ["get", "phone", ["properties"]], "1"]);
    assert_eq!(seen("filter", filter.clone(), Open), None);
    assert_eq!(seen("filter", filter.clone(), Internal), Some(filter));
}

#[test]
fn a_style_layer_that_reads_what_is_not_in_the_catalogue_goes() {
    for filter in [json!(["has", "knd"]), json!(["==", "knd", "other"])] {
        assert_eq!(seen("filter", filter.clone(), Restricted), None, "{filter}");
    }
    let double = json!({"id": "q", "ref": "p", "paint": {"circle-color": "red"}});
    let style = expand(json!([place("paint", json!({})), double]), Restricted);
    assert_eq!(style["layers"].as_array().unwrap().len(), 1);
}

/// Expressions as nobody would write them, the same ones every time.
struct Odd(u64);

impl Odd {
    const WORDS: [&str; 36] = [
        "match",
        "case",
        "all",
        "any",
        "!",
        "==",
        "!=",
        "in",
        "!in",
        ">=",
        "get",
        "has",
        "!has",
        "literal",
        "let",
        "var",
        "slice",
        "concat",
        "coalesce",
        "to-string",
        "index-of",
        "step",
        "interpolate",
        "kind",
        "depot",
        "Depot",
        "hospital",
        "other",
        "phone",
        "knd",
        "{kind}",
        "{phone} depot",
        "depot2",
        "",
        "$type",
        "+",
    ];

    /// A number below `limit`.
    fn next(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) as usize % limit
    }

    fn word(&mut self) -> Value {
        json!(Self::WORDS[self.next(Self::WORDS.len())])
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.next(if depth == 0 { 6 } else { 16 }) {
            0 => json!(true),
            1 => json!(false),
            2 => json!([Value::Null, json!(1.5), json!([]), json!({})][self.next(4)]),
            3..=5 => self.word(),
            6 => json!(["get", "kind"]),
            7 => json!({"property": self.word(), "stops": [self.value(depth - 1)]}),
            _ => {
                let length = self.next(6);
                let rest = (0..length).map(|_| self.value(depth - 1)).collect::<Vec<_>>();
                [self.word()].into_iter().chain(rest).collect()
            }
        }
    }
}

#[test]
fn no_expression_however_odd_is_too_much_or_tells_a_hidden_code() {
    let catalog = catalog();
    let mut odd = Odd(48);
    let (mut kept, mut cut) = (0, 0);
    for round in 0..4000 {
        let part = ["filter", "paint", "layout"][round % 3];
        let value = match part {
            "filter" => odd.value(4),
            _ => json!({"a": odd.value(4), "b": odd.value(2)}),
        };
        let mut whole = template(json!([place(part, value.clone())]));
        // Braces are for palettes there.
        whole["metadata"].as_object_mut().unwrap().remove("urbis:palettes");
        let style = Style::parse("file", whole).unwrap();
        for class in [Open, Internal, Restricted] {
            let seen = style.expand("file", &catalog, class).unwrap();
            let Some(layer) = seen["layers"].get(0) else { continue };
            let text = layer[part].to_string().to_lowercase().replace("depot2", "");
            assert!(class == Restricted || !text.contains("depot"), "{value}\n{layer}");
            assert!(class != Open || !text.contains("\"phone\""), "{value}\n{layer}");
            kept += 1;
            cut += usize::from(layer[part] != value);
        }
    }
    assert!(kept > 1000 && cut > 100, "{kept} kept, {cut} of them cut");
}

#[test]
fn a_match_without_branches_is_left_to_who_reads_it() {
    let bare = json!(["match", ["get", "kind"]]);
    assert_eq!(seen("filter", bare.clone(), Open), Some(bare));
    assert_eq!(seen("filter", json!(["match", ["get", "kind"], true]), Open), Some(json!(true)));
}
