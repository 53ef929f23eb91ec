//! Operands of comparisons.

use cql2::Expr;

use super::kind::{Kind, name_of};
use super::{Checker, GEOMETRY, one, wrong};
use crate::condition::{Operand, Source};
use crate::error::{FilterError, shown};
use crate::fold::Folding;
use crate::time::{self, Named};

impl Checker<'_> {
    /// Reads a value or a property, with what is to be left out of texts.
    pub(super) fn operand(&mut self, expr: &Expr, depth: usize) -> Result<Operand, FilterError> {
        self.count(depth)?;
        let plain = |source| Ok(Operand { source, folding: Folding::default() });
        match expr {
            Expr::Property { property } => plain(self.attribute(property)?),
            Expr::Float(number) if number.is_finite() => plain(Source::Number(*number)),
            // No stored text has this character, and PostgreSQL takes no text that has.
            Expr::Literal(text) if text.contains('\0') => {
                Err(wrong("a comparison", "texts", "a text with the character U+0000"))
            }
            Expr::Literal(text) => plain(Source::Text(text.clone())),
            Expr::Bool(truth) => plain(Source::Bool(*truth)),
            Expr::Date { .. } | Expr::Timestamp { .. } => {
                plain(Source::Moment(named_time(expr)?.start))
            }
            Expr::Operation { op, args } => {
                let folding = match op.as_str() {
                    "casei" => Folding { case: true, accents: false },
                    "accenti" => Folding { case: false, accents: true },
                    other => return Err(FilterError::Unsupported { name: shown(other) }),
                };
                let [inner] = one(op, args)?;
                let inner = self.operand(inner, depth + 1)?;
                self.want_kind(&inner, Kind::Text, "a text")?;
                Ok(Operand { folding: inner.folding.with(folding), ..inner })
            }
            other => Err(wrong("a comparison", "properties and values", name_of(other))),
        }
    }

    /// A property that the caller may see.
    fn attribute(&self, name: &str) -> Result<Source, FilterError> {
        let seen =
            |index: &usize| self.layer.openness_of(&self.layer.attributes[*index]) <= self.class;
        if let Some(index) = self.layer.attribute_index(name).filter(seen) {
            return Ok(match Kind::of(self.layer.attributes[index].kind) {
                Kind::Time => Source::TimeOf(index),
                _ => Source::Attribute(index),
            });
        }
        let known = (0..self.layer.attributes.len()).filter(seen);
        let known = known.map(|index| self.layer.attributes[index].name.as_str());
        let known: Vec<&str> = known.chain([GEOMETRY[0]]).collect();
        Err(FilterError::PropertyUnknown { name: shown(name), known: known.join(", ") })
    }

    /// Two operands of one kind, from both of which the same is left out.
    pub(super) fn alike(
        &self,
        one: Operand,
        other: Operand,
    ) -> Result<(Operand, Operand), FilterError> {
        let one = self.timed(one, &other);
        let other = self.timed(other, &one);
        let kind = self.kind_of(&one);
        match (one.attribute(), other.attribute()) {
            // The error names the property.
            (None, Some(_)) => self.want_kind(&other, kind, kind.name())?,
            _ => self.want_same(&one, &other)?,
        }
        let folding = one.folding.with(other.folding);
        let folded = |operand: Operand| match operand.source {
            Source::Text(text) => {
                Operand { source: Source::Text(folding.fold(&text)), folding: Folding::default() }
            }
            source => Operand { source, folding },
        };
        Ok((folded(one), folded(other)))
    }

    fn want_same(&self, one: &Operand, other: &Operand) -> Result<(), FilterError> {
        let (wanted, found) = (self.kind_of(one), self.kind_of(other));
        match one.attribute() {
            _ if wanted == found => Ok(()),
            Some(index) => Err(FilterError::Type {
                name: self.layer.attributes[index].name.clone(),
                wanted: wanted.name(),
                found: found.name(),
            }),
            _ => Err(wrong("a comparison", "values of one kind", found.name())),
        }
    }

    /// Refuses an operand of another kind.
    pub(super) fn want_kind(
        &self,
        operand: &Operand,
        kind: Kind,
        wanted: &'static str,
    ) -> Result<(), FilterError> {
        let found = self.kind_of(operand);
        match operand.attribute() {
            _ if found == kind => Ok(()),
            Some(index) => Err(FilterError::Type {
                name: self.layer.attributes[index].name.clone(),
                wanted: found.name(),
                found: wanted,
            }),
            _ => Err(wrong("the operator", wanted, found.name())),
        }
    }

    fn kind_of(&self, operand: &Operand) -> Kind {
        match &operand.source {
            Source::Attribute(index) => Kind::of(self.layer.attributes[*index].kind),
            Source::Text(_) => Kind::Text,
            Source::Number(_) => Kind::Number,
            Source::Bool(_) => Kind::Bool,
            Source::TimeOf(_) | Source::Moment(_) => Kind::Time,
        }
    }

    /// A text that names a day or a moment is one where it stands beside another.
    pub(super) fn timed(&self, operand: Operand, beside: &Operand) -> Operand {
        let named = match &operand.source {
            Source::Text(text) if self.kind_of(beside) == Kind::Time => time::parse(text),
            _ => None,
        };
        match named {
            Some(named) => Operand { source: Source::Moment(named.start), ..operand },
            None => operand,
        }
    }
}

/// Reads `DATE('...')` or `TIMESTAMP('...')`.
pub(super) fn named_time(expr: &Expr) -> Result<Named, FilterError> {
    let (operator, literal, wanted) = match expr {
        Expr::Date { date } => ("date", date, "a day such as 2025-06-30"),
        Expr::Timestamp { timestamp } => {
            ("timestamp", timestamp, "a moment such as 2025-06-30T08:00:00Z")
        }
        other => return Err(wrong("a time", "a day or a moment", name_of(other))),
    };
    let Expr::Literal(text) = literal.as_ref() else {
        return Err(wrong(operator, wanted, name_of(literal)));
    };
    let named = time::parse(text).filter(|named| named.is_day == (operator == "date"));
    named.ok_or_else(|| wrong(operator, wanted, "another text"))
}

impl Operand {
    /// The place of the attribute that it is.
    const fn attribute(&self) -> Option<usize> {
        match &self.source {
            Source::Attribute(index) | Source::TimeOf(index) => Some(*index),
            _ => None,
        }
    }
}
