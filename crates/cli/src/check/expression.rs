//! Finds expressions of a style layer that the map could not read.

use serde_json::Value;
use urbis_catalog::style::reading;

/// Complaints on every `match` and `case` that has a part too few or too many.
pub(super) fn malformed(entry: &Value) -> Vec<String> {
    let mut found = Vec::new();
    reading(entry).for_each(|part| walk(part, &mut found));
    found
}

fn walk(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            let operator = items.first().and_then(Value::as_str);
            if operator == Some("literal") {
                return;
            }
            found.extend(operator.and_then(|operator| complaint(operator, items.len())));
            items.iter().for_each(|item| walk(item, found));
        }
        Value::Object(members) => members.values().for_each(|member| walk(member, found)),
        _ => {}
    }
}

/// `length` counts the operator.
fn complaint(operator: &str, length: usize) -> Option<String> {
    let (is_whole, wanted) = match operator {
        "match" => (
            length >= 5 && length % 2 == 1,
            "an input, pairs of a label and an outcome, and a fallback",
        ),
        "case" => (
            length >= 4 && length.is_multiple_of(2),
            "pairs of a condition and an outcome, and a fallback",
        ),
        _ => return None,
    };
    (!is_whole).then(|| format!("a {operator} has {} parts, wanted {wanted}", length - 1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_match_and_a_case_have_all_their_parts() {
        let get = json!(["get", "kind"]);
        for (expression, count) in [
            (json!(["match", get]), 1),
            (json!(["match", get, 1]), 1),
            (json!(["match", get, "a", 1]), 1),
            (json!(["match", get, ["a", "b"], 1, 2]), 0),
            (json!(["match", get, "a", 1, "b", 2]), 1),
            (json!(["case", true, ["match", get]]), 2),
            (json!(["case", ["has", "kind"], 1, 2]), 0),
            (json!(["literal", ["match", "case"]]), 0),
        ] {
            let entry = json!({"paint": {"circle-radius": ["+", 1, expression]}});
            assert_eq!(malformed(&entry).len(), count, "{entry}");
        }
    }
}
