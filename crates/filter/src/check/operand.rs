//! Operands of comparisons.

use cql2::Expr;
use urbis_catalog::Attribute;

use super::kind::{Kind, name_of};
use super::{Checker, GEOMETRY, one, temporal, two, wrong};
use crate::calculation::{Calculation, Operator};
use crate::compare::Comparison;
use crate::condition::{Operand, Source};
use crate::error::{FilterError, shown};
use crate::fold::Folding;
use crate::shape::Relation;
use crate::time::{self, Named};

impl Checker<'_> {
    /// Reads a value or a property, with what is to be left out of texts.
    pub(super) fn operand(&mut self, expr: &Expr, depth: usize) -> Result<Operand, FilterError> {
        self.count(depth)?;
        let plain = |source| Ok(Operand::plain(source));
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
            Expr::Operation { op, args } => match Operator::of(op) {
                Some(operator) => self.calculation(operator, two(op, args)?, depth + 1),
                None => self.folded(op, args, depth + 1),
            },
            other => Err(wrong("a comparison", "properties and values", name_of(other))),
        }
    }

    fn folded(
        &mut self,
        function: &str,
        args: &[Box<Expr>],
        depth: usize,
    ) -> Result<Operand, FilterError> {
        let folding = match function {
            "casei" => Folding { case: true, accents: false },
            "accenti" => Folding { case: false, accents: true },
            other => return Err(FilterError::Unsupported { name: shown(other) }),
        };
        let [inner] = one(function, args)?;
        let inner = self.operand(inner, depth)?;
        self.want_kind(&inner, Kind::Text, "a text")?;
        Ok(Operand { folding: inner.folding.with(folding), ..inner })
    }

    /// A number of two others; of two literals at once, where there is such a number.
    fn calculation(
        &mut self,
        operator: Operator,
        [left, right]: [&Expr; 2],
        depth: usize,
    ) -> Result<Operand, FilterError> {
        let (left, right) = (self.operand(left, depth)?, self.operand(right, depth)?);
        self.want_kind(&left, Kind::Number, Kind::Number.name())?;
        self.want_kind(&right, Kind::Number, Kind::Number.name())?;
        if let (Source::Number(left), Source::Number(right)) = (&left.source, &right.source)
            && let Some(number) = operator.apply(*left, *right)
        {
            return Ok(Operand::plain(Source::Number(number)));
        }
        let calculation = Calculation { left, operator, right };
        Ok(Operand::plain(Source::Calculated(Box::new(calculation))))
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
        let [from, to] = Attribute::validity();
        match name {
            _ if name == from.name => return Ok(Source::ValidFrom),
            _ if name == to.name => return Ok(Source::ValidTo),
            _ => {}
        }
        let known = (0..self.layer.attributes.len()).filter(seen);
        let known = known.map(|index| self.layer.attributes[index].name.as_str());
        let known: Vec<&str> = known.chain([&*from.name, &*to.name, GEOMETRY[0]]).collect();
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
        match (self.property_of(&one), self.property_of(&other)) {
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
        match self.property_of(one) {
            _ if wanted == found => Ok(()),
            Some(name) => Err(FilterError::Type {
                name: name.to_owned(),
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
        match self.property_of(operand) {
            _ if found == kind => Ok(()),
            Some(name) => Err(FilterError::Type {
                name: name.to_owned(),
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
            Source::Number(_) | Source::Calculated(_) => Kind::Number,
            Source::Bool(_) => Kind::Bool,
            Source::TimeOf(_) | Source::ValidFrom | Source::ValidTo | Source::Moment(_) => {
                Kind::Time
            }
        }
    }

    /// The name of the property that an operand is.
    fn property_of(&self, operand: &Operand) -> Option<&str> {
        let [from, to] = Attribute::validity();
        match &operand.source {
            Source::Attribute(index) | Source::TimeOf(index) => {
                Some(&self.layer.attributes[*index].name)
            }
            Source::ValidFrom => Some(&from.name),
            Source::ValidTo => Some(&to.name),
            _ => None,
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

/// Says whether an operation is a condition and not a value.
pub(super) fn is_condition(operator: &str) -> bool {
    const OTHERS: [&str; 7] = ["and", "or", "not", "isNull", "like", "between", "in"];
    OTHERS.contains(&operator)
        || Comparison::of(operator).is_some()
        || Relation::of(operator).is_some()
        || temporal::Relation::of(operator).is_some()
}
