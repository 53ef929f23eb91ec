//! Reckons an expression of MapLibre as far as it goes without a feature.

use serde_json::{Value, json};
use urbis_catalog::style::code_expression;
use urbis_catalog::{Attribute, AttributeType};

/// What is known of the feature: the code that it has of one attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    /// The attribute.
    pub(crate) attribute: &'a Attribute,
    /// The code; `None` is one that no expression names.
    pub(crate) code: Option<&'a str>,
}

/// Stands for a code that no expression names: no code list has a blank in a code.
const OTHER: &str = " ";

/// The expression without the parts that what is known decides; a plain value where all is.
pub(crate) fn fold(value: &Value, known: Option<Known<'_>>) -> Value {
    let Some(items) = value.as_array() else { return value.clone() };
    if let Some(code) = known.and_then(|known| code_of(value, known)) {
        return code;
    }
    let Some(operator) = items.first().and_then(Value::as_str) else { return value.clone() };
    let part = |index: usize| items.get(index).map_or(Value::Null, |item| fold(item, known));
    match operator {
        "literal" => value.clone(),
        "match" => fold_match(items, known),
        "case" => fold_case(items, known),
        "!" => match part(1) {
            Value::Bool(holds) => json!(!holds),
            open => json!(["!", open]),
        },
        "all" | "any" => fold_join(operator, items, known),
        "==" | "!=" => match (part(1), part(2)) {
            (left, right) if is_plain(&left) && is_plain(&right) => {
                json!((left == right) == (operator == "=="))
            }
            (left, right) => json!([operator, left, right]),
        },
        "has" if is_get(&items[1], known) => json!(true),
        "get" | "has" | "zoom" => value.clone(),
        "to-string" if part(1).is_string() => part(1),
        "to-color" if part(1).is_string() => part(1),
        "coalesce" => match part(1) {
            first if is_plain(&first) && !first.is_null() => first,
            _ => with_parts(items, known),
        },
        _ => with_parts(items, known),
    }
}

/// Says whether a value is no expression.
pub(crate) fn is_plain(value: &Value) -> bool {
    !value.is_array()
}

/// The attribute whose code an expression is: `["get", a]`, of several codes the first.
pub(crate) fn is_code_of(value: &Value, attribute: &Attribute) -> bool {
    *value == code_expression(attribute)
}

fn code_of(value: &Value, known: Known<'_>) -> Option<Value> {
    let is_code = is_code_of(value, known.attribute);
    let is_word = known.attribute.kind == AttributeType::Boolean
        && *value == json!(["get", known.attribute.name]);
    if is_word {
        return Some(known.code.map_or(json!(OTHER), |code| json!(code == "true")));
    }
    is_code.then(|| json!(known.code.unwrap_or(OTHER)))
}

fn is_get(name: &Value, known: Option<Known<'_>>) -> bool {
    known.is_some_and(|known| name.as_str() == Some(&known.attribute.name))
}

fn fold_match(items: &[Value], known: Option<Known<'_>>) -> Value {
    let [operator, input, branches @ .., fallback] = items else { return json!(items) };
    let input = fold(input, known);
    if is_plain(&input) {
        let is_met = |label: &Value| match label {
            Value::Array(labels) => labels.contains(&input),
            label => *label == input,
        };
        let met = branches.chunks_exact(2).find(|pair| is_met(&pair[0]));
        return fold(met.map_or(fallback, |pair| &pair[1]), known);
    }
    let mut folded = vec![operator.clone(), input];
    for pair in branches.chunks_exact(2) {
        folded.extend([pair[0].clone(), fold(&pair[1], known)]);
    }
    folded.push(fold(fallback, known));
    Value::Array(folded)
}

fn fold_case(items: &[Value], known: Option<Known<'_>>) -> Value {
    let [operator, branches @ .., fallback] = items else { return json!(items) };
    let mut folded = vec![operator.clone()];
    for pair in branches.chunks_exact(2) {
        match fold(&pair[0], known) {
            Value::Bool(false) => {}
            Value::Bool(true) if folded.len() == 1 => return fold(&pair[1], known),
            condition => folded.extend([condition, fold(&pair[1], known)]),
        }
    }
    let fallback = fold(fallback, known);
    if folded.len() == 1 {
        return fallback;
    }
    folded.push(fallback);
    Value::Array(folded)
}

fn fold_join(operator: &str, items: &[Value], known: Option<Known<'_>>) -> Value {
    let decides = operator == "any";
    let parts = items[1..].iter().map(|item| fold(item, known));
    let open: Vec<Value> = parts.filter(|part| *part != json!(!decides)).collect();
    if open.contains(&json!(decides)) {
        return json!(decides);
    }
    match &open[..] {
        [] => json!(!decides),
        [one] => one.clone(),
        _ => [json!(operator)].into_iter().chain(open).collect(),
    }
}

fn with_parts(items: &[Value], known: Option<Known<'_>>) -> Value {
    let rest = items[1..].iter().map(|item| fold(item, known));
    [items[0].clone()].into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::from_value;

    use super::*;

    fn class() -> Attribute {
        let title = json!({"vi": "Loại", "en": "Class"});
        from_value(json!({"name": "class", "title": title, "type": "code"})).unwrap()
    }

    #[test]
    fn a_known_code_decides_what_asks_for_it_and_nothing_else() {
        let attribute = class();
        let of = |code| Some(Known { attribute: &attribute, code });
        let color = json!(["match", ["get", "class"], ["a", "b"], "#1", "c", "#2", "#3"]);
        assert_eq!(fold(&color, of(Some("b"))), json!("#1"));
        assert_eq!(fold(&color, of(None)), json!("#3"));
        assert_eq!(fold(&color, None), color);
        let width = json!(["interpolate", ["linear"], ["zoom"], 6, color, 9, ["get", "w"]]);
        let folded = json!(["interpolate", ["linear"], ["zoom"], 6, "#2", 9, ["get", "w"]]);
        assert_eq!(fold(&width, of(Some("c"))), folded);
        let filter =
            json!(["all", ["==", ["get", "class"], "a"], ["!", ["==", ["get", "x"], true]]]);
        assert_eq!(fold(&filter, of(Some("a"))), json!(["!", ["==", ["get", "x"], true]]));
        assert_eq!(fold(&filter, of(Some("b"))), json!(false));
    }
}
