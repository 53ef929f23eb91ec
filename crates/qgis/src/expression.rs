//! Expressions of MapLibre as expressions of QGIS.

use serde_json::Value;
use urbis_catalog::{CODE_SEPARATOR, Layer};

use crate::fold::is_code_of;
use crate::scale::zoom;

/// The expression in the words of QGIS; `None` where it has a form that is not known here.
///
/// Where MapLibre reads an attribute that is absent, the column is null: comparisons are made by
/// `IS`, which knows null.
pub(crate) fn translate(value: &Value, layer: &Layer) -> Option<String> {
    let items = match value {
        Value::Array(items) => items,
        plain => return literal(plain),
    };
    let several = layer.attributes.iter().find(|attribute| is_code_of(value, attribute));
    let of = |index: usize| items.get(index).and_then(|item| translate(item, layer));
    let all = || items[1..].iter().map(|item| translate(item, layer)).collect::<Option<Vec<_>>>();
    let operator = items.first()?.as_str()?;
    let holds = match operator {
        "slice" => {
            let column = column(&several?.name);
            format!(
                "left({column} || '{CODE_SEPARATOR}', strpos({column} || '{CODE_SEPARATOR}', '{CODE_SEPARATOR}') - 1)"
            )
        }
        "get" => column(items.get(1)?.as_str()?),
        "has" => format!("{} IS NOT NULL", column(items.get(1)?.as_str()?)),
        "zoom" => zoom(),
        "to-string" => format!(
            "(CASE WHEN {0} IS true THEN 'true' WHEN {0} IS false THEN 'false' ELSE to_string({0}) END)",
            of(1)?
        ),
        "to-color" | "coalesce" => format!("coalesce({})", all()?.join(", ")),
        "!" => format!("NOT coalesce({}, false)", of(1)?),
        "all" => format!("({})", all()?.join(" AND ")),
        "any" => format!("({})", all()?.join(" OR ")),
        "==" => format!("({} IS {})", of(1)?, of(2)?),
        "!=" => format!("({} IS NOT {})", of(1)?, of(2)?),
        "<" | "<=" | ">" | ">=" => format!("coalesce({} {operator} {}, false)", of(1)?, of(2)?),
        "+" | "*" => format!("({})", all()?.join(&format!(" {operator} "))),
        "-" | "/" => format!("({} {operator} {})", of(1)?, of(2)?),
        "concat" => format!("concat({})", all()?.join(", ")),
        "number-format" => format!("replace(to_string(round({}, 2)), '.', ',')", of(1)?),
        "match" => matching(items, layer)?,
        "case" => cases(items, layer)?,
        "step" => steps(items, layer)?,
        "interpolate" => interpolation(items, layer)?,
        _ => return None,
    };
    Some(holds)
}

/// A column's name, such that no name can be anything else.
pub(crate) fn column(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text of QGIS.
pub(crate) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("NULL".into()),
        Value::Bool(holds) => Some(holds.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(words) => Some(text(words)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn matching(items: &[Value], layer: &Layer) -> Option<String> {
    let [_, input, branches @ .., fallback] = items else { return None };
    let input = translate(input, layer)?;
    let mut cases = String::from("CASE");
    for pair in branches.chunks_exact(2) {
        let labels: Vec<String> = match &pair[0] {
            Value::Array(labels) => labels.iter().map(literal).collect::<Option<_>>()?,
            label => vec![literal(label)?],
        };
        let drawn = translate(&pair[1], layer)?;
        cases.push_str(&format!(" WHEN {input} IN ({}) THEN {drawn}", labels.join(", ")));
    }
    Some(format!("({cases} ELSE {} END)", translate(fallback, layer)?))
}

fn cases(items: &[Value], layer: &Layer) -> Option<String> {
    let [_, branches @ .., fallback] = items else { return None };
    let mut cases = String::from("CASE");
    for pair in branches.chunks_exact(2) {
        let (condition, value) = (translate(&pair[0], layer)?, translate(&pair[1], layer)?);
        cases.push_str(&format!(" WHEN {condition} THEN {value}"));
    }
    Some(format!("({cases} ELSE {} END)", translate(fallback, layer)?))
}

fn steps(items: &[Value], layer: &Layer) -> Option<String> {
    let [_, input, first, stops @ ..] = items else { return None };
    let input = translate(input, layer)?;
    let mut cases = String::new();
    let mut value = translate(first, layer)?;
    for pair in stops.chunks_exact(2) {
        cases.push_str(&format!(" WHEN {input} < {} THEN {value}", literal(&pair[0])?));
        value = translate(&pair[1], layer)?;
    }
    Some(format!("(CASE{cases} ELSE {value} END)"))
}

/// Between two stops QGIS reckons as the style specification says, `(b^(z-z0) - 1) / (b^(z1-z0) - 1)`;
/// its own `scale_exp` is another curve.
fn interpolation(items: &[Value], layer: &Layer) -> Option<String> {
    let [_, curve, input, stops @ ..] = items else { return None };
    let base = match curve.as_array()?.first()?.as_str()? {
        "linear" => 1.0,
        "exponential" => curve.get(1)?.as_f64()?,
        _ => return None,
    };
    let input = translate(input, layer)?;
    let stops: Vec<(f64, String)> = stops
        .chunks_exact(2)
        .map(|pair| Some((pair[0].as_f64()?, translate(&pair[1], layer)?)))
        .collect::<Option<_>>()?;
    let ((first, least), (_, most)) = (stops.first()?, stops.last()?);
    let mut cases = format!("CASE WHEN {input} <= {first} THEN {least}");
    for pair in stops.windows(2) {
        let [(from, low), (to, high)] = pair else { continue };
        let part = if base == 1.0 {
            format!("({input} - {from}) / {}", to - from)
        } else {
            format!("({base} ^ ({input} - {from}) - 1) / {}", base.powf(to - from) - 1.0)
        };
        cases
            .push_str(&format!(" WHEN {input} <= {to} THEN {low} + (({high}) - ({low})) * {part}"));
    }
    Some(format!("({cases} ELSE {most} END)"))
}
