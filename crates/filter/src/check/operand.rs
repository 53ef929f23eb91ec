//! Operands of comparisons.

use cql2::Expr;

use super::kind::{Kind, name_of};
use super::{Checker, GEOMETRY, one, wrong};
use crate::condition::{Operand, Source};
use crate::error::{FilterError, shown};
use crate::fold::Folding;

impl Checker<'_> {
    /// Reads a value or a property, with what is to be left out of texts.
    pub(super) fn operand(&mut self, expr: &Expr, depth: usize) -> Result<Operand, FilterError> {
        self.count(depth)?;
        let plain = |source| Ok(Operand { source, folding: Folding::default() });
        match expr {
            Expr::Property { property } => plain(Source::Attribute(self.attribute(property)?)),
            Expr::Float(number) if number.is_finite() => plain(Source::Number(*number)),
            Expr::Literal(text) => plain(Source::Text(text.clone())),
            Expr::Bool(truth) => plain(Source::Bool(*truth)),
            Expr::Date { date } => self.operand(date, depth + 1),
            Expr::Timestamp { timestamp } => self.operand(timestamp, depth + 1),
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

    /// The place of a property that the caller may see.
    fn attribute(&self, name: &str) -> Result<usize, FilterError> {
        let seen =
            |index: &usize| self.layer.openness_of(&self.layer.attributes[*index]) <= self.class;
        if let Some(index) = self.layer.attribute_index(name).filter(seen) {
            return Ok(index);
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
        let kind = self.kind_of(&one);
        match (&one.source, &other.source) {
            // The error names the property.
            (_, Source::Attribute(_)) if !matches!(one.source, Source::Attribute(_)) => {
                self.want_kind(&other, kind, kind.name())?;
            }
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
        match &one.source {
            _ if wanted == found => Ok(()),
            Source::Attribute(index) => Err(FilterError::Type {
                name: self.layer.attributes[*index].name.clone(),
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
        match &operand.source {
            _ if found == kind => Ok(()),
            Source::Attribute(index) => Err(FilterError::Type {
                name: self.layer.attributes[*index].name.clone(),
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
        }
    }
}
