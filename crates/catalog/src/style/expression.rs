//! Finds what a style's expressions ask of a feature.

use serde_json::Value;

use super::walk::parts;

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

/// Operators that change the form of a value: what they are compared with is still the value.
const FORMS: [&str; 7] =
    ["slice", "concat", "coalesce", "string", "to-string", "upcase", "downcase"];

/// Everything that a part of a style layer (filter, layout, paint) reads of a feature.
pub fn uses(value: &Value) -> Vec<Use> {
    parts(value).flat_map(uses_itself).collect()
}

/// What a value reads, without the values within it.
fn uses_itself(value: &Value) -> Vec<Use> {
    match value {
        Value::Array(items) => of_expression(items).into_iter().collect(),
        // The old functions: {"property": a, "stops": […]}.
        Value::Object(members) => {
            members.get("property").and_then(Value::as_str).map(plain).into_iter().collect()
        }
        // "{name}": the old way to name an attribute in a text field.
        Value::String(text) => tokens(text),
        _ => Vec::new(),
    }
}

fn of_expression(items: &[Value]) -> Option<Use> {
    let operator = items.first()?.as_str()?;
    match operator {
        "get" | "has" if items.len() == 2 => Some(plain(items[1].as_str()?)),
        "!has" => Some(plain(items.get(1)?.as_str()?)),
        "match" => {
            let attribute = subject(items.get(1)?)?.to_owned();
            let labels = items[2..].chunks_exact(2).flat_map(|pair| texts(&pair[0])).collect();
            Some(Use { attribute, values: labels })
        }
        _ => Comparison::read(items).map(|found| found.to_use()),
    }
}

/// The forms of one comparison of an attribute with texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Comparison<'a> {
    /// The attribute.
    pub(super) attribute: &'a str,
    /// What it is compared with, within the expression.
    values: &'a [Value],
    /// A filter of the old form, such as `["==", "a", "x"]`.
    pub(super) is_old: bool,
    /// It holds where the texts are not met.
    pub(super) is_negative: bool,
}

impl<'a> Comparison<'a> {
    /// Reads `==`, `!=`, `in`, `!in` and the comparisons of order, in the new and the old form.
    pub(super) fn read(items: &'a [Value]) -> Option<Self> {
        let [operator, left, rest @ ..] = items else { return None };
        let operator = operator.as_str()?;
        let is_negative = operator.starts_with('!');
        let right = rest.first();
        let new = |attribute, values| Self { attribute, values, is_old: false, is_negative };
        match operator {
            "==" | "!=" | "<" | "<=" | ">" | ">=" => {
                let right = right?;
                match (subject(left), subject(right)) {
                    (Some(attribute), _) => Some(new(attribute, std::slice::from_ref(right))),
                    (None, Some(attribute)) => Some(new(attribute, std::slice::from_ref(left))),
                    (None, None) => Self::old(left, std::slice::from_ref(right), is_negative),
                }
            }
            "in" => match (subject(left), right.and_then(subject)) {
                (Some(attribute), _) => Some(new(attribute, literal(right?))),
                (None, Some(attribute)) => Some(new(attribute, std::slice::from_ref(left))),
                (None, None) => Self::old(left, rest, is_negative),
            },
            "!in" => Self::old(left, rest, is_negative),
            _ => None,
        }
    }

    fn old(name: &'a Value, values: &'a [Value], is_negative: bool) -> Option<Self> {
        let attribute = name.as_str().filter(|name| !name.starts_with(SPECIAL))?;
        let is_old = !values.iter().any(Value::is_array);
        is_old.then_some(Self { attribute, values, is_old, is_negative })
    }

    /// The texts that it is compared with.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter_map(Value::as_str)
    }

    fn to_use(self) -> Use {
        let values = self.texts().map(str::to_owned).collect();
        Use { attribute: self.attribute.to_owned(), values }
    }
}

fn plain(attribute: &str) -> Use {
    Use { attribute: attribute.to_owned(), values: Vec::new() }
}

/// The attribute of `["get", a]`, also where its form is changed first.
pub(super) fn subject(value: &Value) -> Option<&str> {
    let [operator, of, rest @ ..] = &value.as_array()?[..] else { return None };
    match operator.as_str()? {
        "get" if rest.is_empty() => of.as_str(),
        form if FORMS.contains(&form) => subject(of),
        _ => None,
    }
}

/// The members of `["literal", […]]`.
fn literal(value: &Value) -> &[Value] {
    match value.as_array().map(Vec::as_slice) {
        Some([operator, Value::Array(members)]) if operator == "literal" => members,
        _ => &[],
    }
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
            "filter": ["all", ["==", "old", "x"], ["!has", "gone"], ["==", "$type", "Point"],
                       ["!in", "older", "y", "z"], [">", "height", 3]],
            "layout": {"text-field": "{name} ({ref})"},
            "paint": {"line-width": ["match", ["get", "class"], ["a", "b"], 1, "c", 2, 3],
                      "line-color": ["match", ["slice", ["get", "codes"], 0, 3], "d", 1, 2],
                      "line-blur": {"property": "blur", "stops": [[0, 1]]}},
            "other": [["in", ["get", "kind"], ["literal", ["p"]]], ["==", "v", ["get", "right"]],
                      ["in", "q", ["get", "within"]]]
        });
        let found = uses(&layer);
        let values = |name: &str| -> Vec<&str> {
            let uses = found.iter().filter(|used| used.attribute == name);
            uses.flat_map(|used| &used.values).map(String::as_str).collect()
        };
        assert_eq!(values("class"), ["a", "b", "c"]);
        assert_eq!(values("codes"), ["d"]);
        assert_eq!(values("kind"), ["p"]);
        assert_eq!(values("right"), ["v"]);
        assert_eq!(values("within"), ["q"]);
        assert_eq!(values("old"), ["x"]);
        assert_eq!(values("older"), ["y", "z"]);
        for name in ["gone", "name", "ref", "height", "blur"] {
            assert!(found.iter().any(|used| used.attribute == name), "{name}");
        }
        assert!(!found.iter().any(|used| used.attribute.starts_with('$')));
    }
}
