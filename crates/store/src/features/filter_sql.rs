//! A filter as a condition of SQL that means what its evaluation in memory means.
//!
//! Columns come from the layer's definition, as far as the class may see them; every value is
//! bound. Nothing that is compiled here raises an error that depends on a stored value: whoever
//! asks could learn from it what is hidden.

use urbis_catalog::{AttributeType, Layer};
use urbis_filter::{
    Comparison, Condition, Filter, Folding, Operand, Pattern, Piece, Relation, Shape, Source,
};
use urbis_model::Openness;

use super::area::{reaches_beyond, shape_in};
use super::calculation_sql::calculated;
use super::select::Care;
use super::statement::{Statement, Value};
use super::{FeatureCrs, TABLE};
use crate::StoreError;
use crate::layer_sql::quote_identifier;

/// Letters that no normal form takes apart, and what they are without their stroke.
const STROKES: [&str; 2] = ["đĐ", "dD"];

/// Writes the conditions of one statement.
pub(super) struct FilterSql<'a> {
    pub(super) layer: &'a Layer,
    pub(super) class: Openness,
    pub(super) storage: FeatureCrs,
    pub(super) care: Care,
    pub(super) statement: &'a mut Statement,
}

/// What the values of an operand are in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    Real,
    Truth,
    Time,
}

impl FilterSql<'_> {
    /// The condition of a filter.
    ///
    /// # Errors
    ///
    /// [`StoreError::FilterForAnother`] where it names what the layer does not have or the class
    /// may not see.
    pub(super) fn filter(&mut self, filter: &Filter) -> Result<String, StoreError> {
        self.condition(filter.condition())
    }

    fn condition(&mut self, condition: &Condition) -> Result<String, StoreError> {
        Ok(match condition {
            Condition::Always(truth) => truth.to_string(),
            Condition::All(conditions) => self.joined(conditions, " AND ", "true")?,
            Condition::Any(conditions) => self.joined(conditions, " OR ", "false")?,
            Condition::Not(condition) => format!("(NOT {})", self.condition(condition)?),
            Condition::Compare { left, comparison, right } => {
                self.compare(left, *comparison, right)?
            }
            Condition::Like { operand, pattern } => self.like(operand, pattern)?,
            Condition::IsNull(operand) => {
                let kind = self.kind(operand)?;
                format!("({} IS NULL)", self.operand(operand, kind)?)
            }
            Condition::Unknown(condition) => format!("({} IS NULL)", self.condition(condition)?),
            Condition::Holds(operand) => self.operand(operand, Kind::Truth)?,
            Condition::Somewhere => format!("nullif({TABLE}.geom IS NOT NULL, false)"),
            Condition::Spatial { relation, shape } => self.spatial(*relation, shape)?,
        })
    }

    fn joined(
        &mut self,
        conditions: &[Condition],
        with: &str,
        none: &str,
    ) -> Result<String, StoreError> {
        let parts = conditions.iter().map(|condition| self.condition(condition));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        Ok(if parts.is_empty() { none.to_owned() } else { format!("({})", parts.join(with)) })
    }

    fn compare(
        &mut self,
        left: &Operand,
        comparison: Comparison,
        right: &Operand,
    ) -> Result<String, StoreError> {
        let kind = match (self.kind(left)?, self.kind(right)?) {
            (Kind::Whole, Kind::Real) | (Kind::Real, Kind::Whole) => Kind::Real,
            (kind, _) => kind,
        };
        let (left, right) = (self.operand(left, kind)?, self.operand(right, kind)?);
        let sign = match comparison {
            Comparison::Equal => "=",
            Comparison::Unequal => "<>",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        };
        // The order of the characters' numbers, which no language's is.
        let collation = if kind == Kind::Text { " COLLATE \"C\"" } else { "" };
        Ok(format!("({left}{collation} {sign} {right}{collation})"))
    }

    fn like(&mut self, operand: &Operand, pattern: &Pattern) -> Result<String, StoreError> {
        let text = self.operand(operand, Kind::Text)?;
        let mut spelled = String::new();
        for piece in pattern.pieces() {
            match piece {
                Piece::AnyRun => spelled.push('%'),
                Piece::AnyLetter => spelled.push('_'),
                Piece::Letter(letter) => {
                    if ['%', '_', '\\'].contains(letter) {
                        spelled.push('\\');
                    }
                    spelled.push(*letter);
                }
            }
        }
        let pattern = self.statement.bind(Value::Text(spelled));
        Ok(format!("({text} COLLATE \"C\" LIKE {pattern})"))
    }

    fn spatial(&mut self, relation: Relation, shape: &Shape) -> Result<String, StoreError> {
        let crs = FeatureCrs::of_storage(shape.srid());
        let crs =
            crs.ok_or_else(|| StoreError::FilterForAnother { layer: self.layer.id.clone() })?;
        let holds_it = matches!(relation, Relation::Contains | Relation::Equals);
        if holds_it && reaches_beyond(shape.bounds(), crs, self.storage) {
            // No feature reaches so far; of one that lies nowhere it is unknown.
            return Ok(format!("nullif({TABLE}.geom IS NULL, true)"));
        }
        let area = shape_in(shape, crs, self.storage, self.statement);
        let geometry = self.care.valid(&format!("{TABLE}.geom"));
        let test =
            |function: &str| format!("({TABLE}.geom && {area} AND {function}({geometry}, {area}))");
        Ok(match relation {
            Relation::Intersects => test("ST_Intersects"),
            Relation::Disjoint => format!("(NOT {})", test("ST_Intersects")),
            Relation::Equals => test("ST_Equals"),
            Relation::Touches => test("ST_Touches"),
            Relation::Within => test("ST_Within"),
            Relation::Overlaps => test("ST_Overlaps"),
            Relation::Crosses => test("ST_Crosses"),
            Relation::Contains => test("ST_Contains"),
        })
    }

    fn kind(&self, operand: &Operand) -> Result<Kind, StoreError> {
        Ok(match &operand.source {
            Source::Text(_) => Kind::Text,
            Source::Number(_) | Source::Calculated(_) => Kind::Real,
            Source::Bool(_) => Kind::Truth,
            Source::Moment(_) | Source::TimeOf(_) | Source::ValidFrom | Source::ValidTo => {
                Kind::Time
            }
            Source::Attribute(index) => match self.attribute(*index)?.1 {
                AttributeType::Integer => Kind::Whole,
                AttributeType::Float => Kind::Real,
                AttributeType::Boolean => Kind::Truth,
                _ => Kind::Text,
            },
        })
    }

    fn operand(&mut self, operand: &Operand, kind: Kind) -> Result<String, StoreError> {
        Ok(match &operand.source {
            Source::Text(text) => self.statement.bind(Value::Text(operand.folding.fold(text))),
            Source::Number(number) => self.statement.bind(Value::Float(*number)),
            Source::Bool(truth) => self.statement.bind(Value::Bool(*truth)),
            Source::Moment(moment) => self.statement.bind(Value::Moment(*moment)),
            Source::ValidFrom => sayable_moment(&format!("{TABLE}.valid_from")),
            Source::ValidTo => sayable_moment(&format!("{TABLE}.valid_to")),
            Source::Calculated(calculation) => {
                let left = self.operand(&calculation.left, Kind::Real)?;
                let right = self.operand(&calculation.right, Kind::Real)?;
                calculated(&left, calculation.operator, &right)
            }
            Source::Attribute(index) | Source::TimeOf(index) => {
                let (column, attribute) = self.attribute(*index)?;
                match (kind, attribute) {
                    (Kind::Real, AttributeType::Integer) => format!("{column}::double precision"),
                    (_, AttributeType::Float) => finite(&column),
                    (_, AttributeType::Date) => sayable_day(&column),
                    (_, AttributeType::Datetime) => sayable_moment(&column),
                    (Kind::Text, _) => self.folded(column, operand.folding),
                    _ => column,
                }
            }
        })
    }

    /// An attribute that the class may see: its column and its type.
    fn attribute(&self, index: usize) -> Result<(String, AttributeType), StoreError> {
        let attribute = self.layer.attributes.get(index);
        let attribute = attribute.filter(|known| self.layer.openness_of(known) <= self.class);
        let attribute = attribute
            .ok_or_else(|| StoreError::FilterForAnother { layer: self.layer.id.clone() })?;
        Ok((format!("{TABLE}.{}", quote_identifier(&attribute.name)), attribute.kind))
    }

    /// As [`Folding::fold`]: accents first, then the case.
    fn folded(&mut self, text: String, folding: Folding) -> String {
        let mut text = text;
        if folding.accents {
            let marks = self.statement.bind(Value::Text(Folding::marks_pattern().to_owned()));
            let [with, without] = STROKES;
            text = format!(
                "translate(regexp_replace(normalize({text}, NFD), {marks}, '', 'g'), \
                 '{with}', '{without}')"
            );
        }
        if folding.case {
            text = format!("lower({text} COLLATE \"und-x-icu\")");
        }
        text
    }
}

/// A number that is none has no value in memory either.
fn finite(column: &str) -> String {
    let most = f64::MAX;
    format!("CASE WHEN {column} BETWEEN -{most:e} AND {most:e} THEN {column} END")
}

/// The start of a day in UTC; a day outside of the years that a text can name has no value.
fn sayable_day(column: &str) -> String {
    format!(
        "CASE WHEN {column} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' \
         THEN {column}::timestamp AT TIME ZONE 'UTC' END"
    )
}

/// The same of a moment.
fn sayable_moment(column: &str) -> String {
    format!(
        "CASE WHEN {column} >= TIMESTAMPTZ '0001-01-01T00:00:00Z' \
         AND {column} < TIMESTAMPTZ '10000-01-01T00:00:00Z' THEN {column} END"
    )
}
