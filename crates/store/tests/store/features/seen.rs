//! Who sees what: the rule of the catalogue, said in SQL.

use std::collections::BTreeSet;

use urbis_catalog::Layer;
use urbis_model::{AttributeValue, Moment, Openness};
use urbis_store::FeatureAsk;

use super::{Ground, ids, land, properties};

/// Spellings of codes, good and bad.
const WORDS: [&str; 24] = [
    "ok",
    "bad",
    " ok ",
    " bad",
    "BAD",
    "Bad",
    "ok+bad",
    "ok + bad",
    "bad+ok",
    "ok+ok",
    "ok+",
    "+",
    "",
    " ",
    "bad\t",
    "\u{a0}bad",
    "ok+\u{2003}bad\n",
    "ok,bad",
    "b\u{e1}d",
    "quốc phòng",
    "QUỐC PHÒNG ",
    "ok|bad",
    "ok\\",
    "%",
];

fn of_kind(kind: &str, levels: &[(&str, Openness)]) -> Layer {
    let mut layer = land();
    layer.attributes[1].kind = serde_json::from_value(kind.into()).unwrap();
    if kind == "text" || kind == "boolean" {
        layer.attributes[1].values.clear();
    }
    let rule = layer.openness_by.as_mut().unwrap();
    rule.levels = levels.iter().map(|(word, level)| ((*word).to_owned(), *level)).collect();
    layer
}

async fn assert_rule(layer: Layer, values: &[(String, AttributeValue)]) {
    let ground = Ground::of(layer).await;
    for (literal, _) in values {
        ground.city.psql(&format!("INSERT INTO layer.lot (use) VALUES ({literal})")).await;
    }
    for class in Openness::ALL {
        let found: BTreeSet<u64> = ground.ids(&ground.ask(class)).await.into_iter().collect();
        for (number, (literal, value)) in values.iter().enumerate() {
            let attributes = [AttributeValue::Null, value.clone()];
            let expected = ground.land.feature_openness(&attributes) <= class;
            let shown = found.contains(&(number as u64 + 1));
            assert_eq!(shown, expected, "{literal} for {class}");
        }
    }
}

#[tokio::test]
async fn the_database_hides_what_the_catalogue_hides() {
    let words = || {
        let words = WORDS.iter().map(|word| (format!("'{word}'"), AttributeValue::text(*word)));
        words.chain([("NULL".to_owned(), AttributeValue::Null)]).collect::<Vec<_>>()
    };
    let levels = [("bad", Openness::Restricted)];
    for kind in ["code", "codes"] {
        assert_rule(of_kind(kind, &levels), &words()).await;
        assert_rule(of_kind(kind, &[("bad", Openness::Internal)]), &words()).await;
    }
    let levels = [("Quốc phòng", Openness::Restricted), ("bad", Openness::Internal)];
    assert_rule(of_kind("text", &levels), &words()).await;
    let truths = [("true", AttributeValue::Bool(true)), ("false", AttributeValue::Bool(false))];
    let truths = truths.map(|(literal, value)| (literal.to_owned(), value));
    for levels in [[("true", Openness::Internal)], [("false", Openness::Restricted)]] {
        assert_rule(of_kind("boolean", &levels), &truths).await;
    }
}

#[tokio::test]
async fn no_answer_to_somebody_of_a_lower_class_holds_the_canary() {
    let ground = Ground::full().await;
    ground.city.psql("UPDATE layer.lot SET lot = 'hidden-canary' WHERE use = 'bad'").await;
    let everything = ground.reader.page(&ground.ask(Openness::Restricted)).await.unwrap().features;
    let everything = String::from_utf8(everything).unwrap();
    assert!(everything.contains("hidden-canary") && everything.contains("\"canary\""));

    let inside = ground.reader.page(&ground.ask(Openness::Internal)).await.unwrap().features;
    let inside = String::from_utf8(inside).unwrap();
    assert!(!inside.contains("hidden-canary") && inside.contains("\"canary\""));

    let open = ground.page(&ground.ask(Openness::Open)).await;
    for feature in &open {
        assert!(!feature.to_string().contains("canary"), "{feature}");
        assert!(!properties(feature).contains_key("owner"));
    }
    // Neither a filter nor its opposite, nor a count, tells of what is hidden.
    for text in ["lot = 'hidden-canary'", "lot LIKE 'hidden%'", "use = 'bad'"] {
        let filter = ground.filter(text, Openness::Open);
        let ask = FeatureAsk { filter: Some(&filter), ..ground.ask(Openness::Open) };
        assert!(ground.ids(&ask).await.is_empty(), "{text}");
    }
    let filter = ground.filter("NOT lot = 'x' OR lot IS NULL", Openness::Open);
    let ask = FeatureAsk { filter: Some(&filter), ..ground.ask(Openness::Open) };
    assert_eq!(ground.ids(&ask).await, ids(&open));
}

#[tokio::test]
async fn what_became_hidden_is_hidden_in_its_history_too() {
    let ground = Ground::empty().await;
    ground.city.psql("INSERT INTO layer.lot (lot, use) VALUES ('a', 'ok'), ('b', 'ok')").await;
    let then = Moment::now();
    ground.city.psql("UPDATE layer.lot SET use = 'bad' WHERE lot = 'a'").await;
    for (class, expected) in [(Openness::Open, &[2][..]), (Openness::Restricted, &[1, 2])] {
        let ask = FeatureAsk { recorded: Some(then), ..ground.ask(class) };
        assert_eq!(ground.ids(&ask).await, expected, "{class}");
    }
}
