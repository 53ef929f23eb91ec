//! The SQL of a layer's views: what each class sees of it now, under Vietnamese names.
//!
//! A view is read with the rights of its owner, so whoever reads it needs none on the table. One
//! that hides rows is a barrier: without it the server may try a reader's own condition on a hidden
//! row first, and an error that it raises tells what stands there.

use std::collections::BTreeSet;

use urbis_catalog::{Attribute, AttributeType, CODE_SEPARATOR, Layer};
use urbis_model::Openness;

use super::qgis_schema;
use crate::layer_sql::{LayerSql, quote_identifier, quote_literal};

/// What Rust's `trim` takes away, as SQL spells it.
const BLANKS: &str = "E'\\u0009\\u000a\\u000b\\u000c\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000\
    \\u2001\\u2002\\u2003\\u2004\\u2005\\u2006\\u2007\\u2008\\u2009\\u200a\\u2028\\u2029\\u202f\
    \\u205f\\u3000'";

/// Longest comment, in characters: QGIS shows it in a bubble.
const MAX_COMMENT_CHARS: usize = 600;

/// Writes the SQL of one layer's views.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QgisViews<'a> {
    layer: &'a Layer,
}

impl<'a> QgisViews<'a> {
    pub(crate) const fn new(layer: &'a Layer) -> Self {
        Self { layer }
    }

    /// Drops the views of every class: a column that a view reads cannot change its type.
    pub(crate) fn drop(&self) -> String {
        let views = Openness::ALL.map(|class| self.name(class));
        format!("DROP VIEW IF EXISTS {};\n", views.join(", "))
    }

    /// Makes the views of the classes that may see the layer, with their comments.
    pub(crate) fn create(&self) -> String {
        let classes = Openness::ALL.into_iter().filter(|class| self.layer.openness <= *class);
        classes.map(|class| self.create_for(class) + &self.comments(class)).collect()
    }

    fn name(&self, class: Openness) -> String {
        format!("{}.{}", qgis_schema(class), quote_identifier(self.layer.id.as_str()))
    }

    fn create_for(&self, class: Openness) -> String {
        let seen = self.seen(class).map(|attribute| quote_identifier(&attribute.name));
        let columns: String = seen.map(|column| format!(", {column}")).collect();
        let hides = self.visible(class);
        let barrier = if hides.is_some() { " WITH (security_barrier = true)" } else { "" };
        let hides = hides.map_or_else(String::new, |visible| format!("\n    AND ({visible})"));
        format!(
            "CREATE VIEW {view}{barrier} AS\n\
             SELECT feature_id{columns}, valid_from, valid_to, geom::{kind} AS geom\n\
             FROM {table}\n\
             WHERE (valid_from IS NULL OR valid_from <= now())\n    \
             AND (valid_to IS NULL OR valid_to > now()){hides};\n",
            view = self.name(class),
            kind = LayerSql::new(self.layer).geometry_type(),
            table = LayerSql::new(self.layer).table(),
        )
    }

    fn seen(&self, class: Openness) -> impl Iterator<Item = &'a Attribute> {
        let layer = self.layer;
        layer.attributes.iter().filter(move |attribute| layer.openness_of(attribute) <= class)
    }

    /// The condition of the rows that a class may see, the same as [`Layer::feature_openness`];
    /// `None` where it sees them all.
    ///
    /// It names what is seen and not what is hidden: everybody may read the text of a view.
    fn visible(&self, class: Openness) -> Option<String> {
        let rule = self.layer.openness_by.as_ref()?;
        let strictest = rule.levels.values().copied().max().unwrap_or(Openness::Restricted);
        if strictest <= class {
            return None;
        }
        let attribute = self.layer.attribute(&rule.attribute)?;
        let column = quote_identifier(&attribute.name);
        let level = |word: &str| rule.levels.get(word).copied().unwrap_or_default();
        let known: Vec<&str> = match attribute.kind {
            AttributeType::Boolean => Attribute::BOOLEANS.to_vec(),
            _ => attribute.values.keys().chain(rule.levels.keys()).map(String::as_str).collect(),
        };
        let seen: BTreeSet<&str> = known.into_iter().filter(|word| level(word) <= class).collect();
        let seen = array(seen.into_iter().map(str::to_owned));
        let trimmed = |word: &str| format!("btrim({word}, {BLANKS})");
        let holds = match attribute.kind {
            AttributeType::Code => format!("{} = ANY ({seen})", trimmed(&column)),
            AttributeType::Codes => format!(
                "{column} <> '' AND NOT EXISTS (SELECT FROM unnest(string_to_array({column}, \
                 '{CODE_SEPARATOR}')) AS word WHERE {} <> ALL ({seen}))",
                trimmed("word")
            ),
            AttributeType::Boolean => format!("{column}::text = ANY ({seen})"),
            AttributeType::Text => {
                let hidden = rule.levels.iter().filter(|(_, level)| **level > class);
                let hidden = hidden.map(|(word, _)| fold(&trimmed(&quote_literal(word))));
                let hidden: Vec<String> = hidden.collect();
                format!("{} NOT IN ({})", fold(&trimmed(&column)), hidden.join(", "))
            }
            _ => "false".to_owned(),
        };
        Some(format!("{column} IS NULL OR {holds}"))
    }

    /// Titles, units and meanings. Everybody may read a comment in the server's catalogue, also one
    /// on what they may not see: a code that is not for all is in none.
    fn comments(&self, class: Openness) -> String {
        let view = self.name(class);
        let about = format!("{}. {}", self.layer.title.vi, self.layer.description.vi);
        let on_view = format!("COMMENT ON VIEW {view} IS {};\n", comment(&about));
        let on_columns = self.seen(class).map(|attribute| {
            let column = quote_identifier(&attribute.name);
            format!("COMMENT ON COLUMN {view}.{column} IS {};\n", comment(&self.meaning(attribute)))
        });
        let validity = Attribute::validity().iter();
        let validity = validity.map(|known| (known.name.as_str(), known.title.vi.as_str()));
        let fixed = std::iter::once(("feature_id", "Mã đối tượng, không đổi")).chain(validity);
        let fixed = fixed.map(|(column, title)| {
            format!("COMMENT ON COLUMN {view}.{column} IS {};\n", quote_literal(title))
        });
        std::iter::once(on_view).chain(on_columns).chain(fixed).collect()
    }

    fn meaning(&self, attribute: &Attribute) -> String {
        let own = self.layer.openness_of(attribute);
        let codes = attribute.values.iter();
        let codes = codes.filter(|(code, _)| self.layer.openness_of_code(attribute, code) == own);
        let codes = codes.map(|(code, value)| format!("{code} = {}", value.vi));
        let codes: Vec<String> = codes.filter(|_| own == Openness::Open).collect();
        let title = &attribute.title.vi;
        let unit = attribute.unit.as_ref().filter(|unit| !title.contains(unit.as_str()));
        let unit = unit.map_or_else(String::new, |unit| format!(" ({unit})"));
        let codes =
            if codes.is_empty() { String::new() } else { format!(": {}", codes.join("; ")) };
        format!("{title}{unit}{codes}")
    }
}

/// Without case, and unreadable: a view's text is for everybody, the word is not.
fn fold(text: &str) -> String {
    format!("md5(lower(({text}) COLLATE \"und-x-icu\"))")
}

fn array(words: impl Iterator<Item = String>) -> String {
    let quoted: Vec<String> = words.map(|word| quote_literal(&word)).collect();
    format!("ARRAY[{}]::text[]", quoted.join(", "))
}

fn comment(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_COMMENT_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    quote_literal(&short)
}
