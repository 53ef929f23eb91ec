//! Which features a class sees, said in SQL: the rule of [`Layer::feature_openness`].
//!
//! The rule in Rust stays the judge: [`super::write`] asks it again for every row that comes.

use urbis_catalog::{Attribute, AttributeType, Layer, OpennessBy};
use urbis_model::Openness;

use super::statement::{Statement, Value};
use crate::layer_sql::quote_identifier;

/// Every character that `str::trim` takes for a blank (Unicode `White_Space`).
const BLANKS: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\
                      \u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\
                      \u{205f}\u{3000}";

/// The attribute that decides, where it hides any feature from the class.
pub(super) fn deciding(layer: &Layer, class: Openness) -> Option<(&OpennessBy, usize)> {
    let rule = layer.openness_by.as_ref()?;
    let hides = rule.levels.values().any(|level| *level > class);
    hides.then(|| layer.attribute_index(&rule.attribute).map(|index| (rule, index)))?
}

/// The condition under which the class sees a row of `table`; `None` where it sees every row.
pub(super) fn seen(
    layer: &Layer,
    class: Openness,
    table: &str,
    statement: &mut Statement,
) -> Option<String> {
    let (rule, index) = deciding(layer, class)?;
    let attribute = &layer.attributes[index];
    let column = format!("{table}.{}", quote_identifier(&attribute.name));
    let shown = match attribute.kind {
        AttributeType::Text => is_no_hidden_text(rule, class, &column, statement),
        AttributeType::Boolean => is_seen_truth(rule, class, &column),
        AttributeType::Code => {
            let (codes, blanks) = codes_and_blanks(rule, attribute, class, statement);
            format!("btrim({column}, {blanks}) = ANY ({codes})")
        }
        AttributeType::Codes => {
            let (codes, blanks) = codes_and_blanks(rule, attribute, class, statement);
            let around = statement.bind(Value::Text(format!("[{BLANKS}]*\\+[{BLANKS}]*")));
            format!(
                "({column} = ANY ({codes}) OR btrim({column}, {blanks}) <> '' AND \
                 string_to_array(regexp_replace(btrim({column}, {blanks}), {around}, '+', 'g'), \
                 '+') <@ {codes})"
            )
        }
        // No rule of a checked catalogue decides by these.
        AttributeType::Integer
        | AttributeType::Float
        | AttributeType::Date
        | AttributeType::Datetime => "false".to_owned(),
    };
    Some(format!("({column} IS NULL OR {shown})"))
}

fn is_no_hidden_text(
    rule: &OpennessBy,
    class: Openness,
    column: &str,
    statement: &mut Statement,
) -> String {
    let hidden = rule.levels.iter().filter(|(_, level)| **level > class);
    let hidden = hidden.map(|(word, _)| word.trim().to_lowercase()).collect();
    let hidden = statement.bind(Value::Texts(hidden));
    let blanks = statement.bind(Value::Text(BLANKS.to_owned()));
    format!("lower(btrim({column}, {blanks}) COLLATE \"und-x-icu\") <> ALL ({hidden})")
}

fn is_seen_truth(rule: &OpennessBy, class: Openness, column: &str) -> String {
    let is_seen = |word: &str| rule.levels.get(word).is_none_or(|level| *level <= class);
    let [truth, falsehood] = Attribute::BOOLEANS.map(is_seen);
    format!("CASE WHEN {column} THEN {truth} ELSE {falsehood} END")
}

/// The codes that the class sees; what is not listed it does not.
fn codes_and_blanks(
    rule: &OpennessBy,
    attribute: &Attribute,
    class: Openness,
    statement: &mut Statement,
) -> (String, String) {
    let levelled = rule.levels.iter().filter(|(_, level)| **level <= class).map(|(code, _)| code);
    let listed = attribute.values.keys().filter(|code| !rule.levels.contains_key(*code));
    let codes = levelled.chain(listed).cloned().collect();
    let codes = statement.bind(Value::Texts(codes));
    (codes, statement.bind(Value::Text(BLANKS.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blanks_are_those_of_rust() {
        let blanks: String = ('\0'..=char::MAX).filter(|letter| letter.is_whitespace()).collect();
        assert_eq!(BLANKS, blanks);
    }
}
