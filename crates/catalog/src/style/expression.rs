//! Finds what a style's expressions ask of a feature.

use serde_json::Value;

/// An attribute that an expression reads, and the texts it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The attribute.
    pub attribute: String,
    /// Texts that the style expects among its values.
    pub values: Vec<String>,
}

/// Names that are no attribute of a feature: `$type`, `$id`.
const SPECIAL: char = '$';

/// Everything that a part of a style layer (filter, layout, paint) reads of a feature.
pub fn uses(value: &Value) -> Vec<Use> {
    let mut found = Vec::new();
    walk(value, &mut found);
    found
}

fn walk(value: &Value, found: &mut Vec<Use>) {
    match value {
        Value::Array(items) => {
            found.extend(of_expression(items));
            items.iter().for_each(|item| walk(item, found));
        }
        Value::Object(members) => members.values().for_each(|member| walk(member, found)),
        // "{name}": the old way to name an attribute in a text field.
        Value::String(text) => found.extend(tokens(text)),
        _ => {}
    }
}

fn of_expression(items: &[Value]) -> Option<Use> {
    let operator = items.first()?.as_str()?;
    match operator {
        "get" | "has" if items.len() == 2 => Some(plain(items[1].as_str()?)),
        "!has" => Some(plain(items.get(1)?.as_str()?)),
        "match" => {
            let attribute = got(items.get(1)?)?;
            let labels = items[2..].chunks_exact(2).flat_map(|pair| texts(&pair[0])).collect();
            Some(Use { attribute, values: labels })
        }
        "==" | "!=" => compared(items.get(1)?, items.get(2)?),
        "in" if items.len() == 3 => {
            let list = items[2].as_array()?;
            let literal = list.first().is_some_and(|first| first == "literal");
            let values = if literal { texts(list.get(1)?) } else { Vec::new() };
            Some(Use { attribute: got(&items[1])?, values })
        }
        _ => None,
    }
}

/// `["==", ["get", a], "x"]` in either order, and the old `["==", "a", "x"]`.
fn compared(left: &Value, right: &Value) -> Option<Use> {
    match (got(left), got(right)) {
        (Some(attribute), _) => Some(Use { attribute, values: texts(right) }),
        (None, Some(attribute)) => Some(Use { attribute, values: texts(left) }),
        (None, None) => {
            let attribute = left.as_str().filter(|name| !name.starts_with(SPECIAL))?;
            Some(Use { attribute: attribute.to_owned(), values: texts(right) })
        }
    }
}

fn plain(attribute: &str) -> Use {
    Use { attribute: attribute.to_owned(), values: Vec::new() }
}

/// The attribute of `["get", a]`.
fn got(value: &Value) -> Option<String> {
    let [operator, attribute] = &value.as_array()?[..] else { return None };
    (operator == "get").then(|| attribute.as_str().map(str::to_owned))?
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => {
            items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

fn tokens(text: &str) -> Vec<Use> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| plain(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_to_read_an_attribute_is_found() {
        let layer = json!({
            "filter": ["all", ["==", "old", "x"], ["!has", "gone"], ["==", "$type", "Point"]],
            "layout": {"text-field": "{name} ({ref})"},
            "paint": {"line-width": ["match", ["get", "class"], ["a", "b"], 1, "c", 2, 3]},
            "other": [["in", ["get", "kind"], ["literal", ["p"]]], ["==", "v", ["get", "right"]]]
        });
        let found = uses(&layer);
        let values = |name: &str| -> Vec<&str> {
            let uses = found.iter().filter(|used| used.attribute == name);
            uses.flat_map(|used| &used.values).map(String::as_str).collect()
        };
        assert_eq!(values("class"), ["a", "b", "c"]);
        assert_eq!(values("kind"), ["p"]);
        assert_eq!(values("right"), ["v"]);
        assert_eq!(values("old"), ["x"]);
        for name in ["gone", "name", "ref"] {
            assert!(found.iter().any(|used| used.attribute == name), "{name}");
        }
        assert!(!found.iter().any(|used| used.attribute.starts_with('$')));
    }
}
