//! Relations of times, said by comparing their starts and ends.
//!
//! A day is the whole day where the other time is a moment, and an instant among days. An end
//! spelled `..` is open. Most relations are of intervals alone, as the standard wants; an instant
//! is made one by `INTERVAL(instant, instant)`.
//!
//! Source: OGC 21-065r2, 7.8 (temporal functions).

use cql2::Expr;
use urbis_catalog::{Attribute, AttributeType};

use super::kind::Kind;
use super::operand::named_time;
use super::{Checker, two, wrong};
use crate::compare::Comparison::{self, Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
use crate::condition::{Condition, Operand, Source};
use crate::error::FilterError;
use crate::time;

/// The end of an interval that has none.
const OPEN: &str = "..";

/// How one time lies to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    After,
    Before,
    Contains,
    Disjoint,
    During,
    Equals,
    FinishedBy,
    Finishes,
    Intersects,
    Meets,
    MetBy,
    OverlappedBy,
    Overlaps,
    StartedBy,
    Starts,
}

impl Relation {
    pub(super) fn of(operator: &str) -> Option<Self> {
        Some(match operator {
            "t_after" => Self::After,
            "t_before" => Self::Before,
            "t_contains" => Self::Contains,
            "t_disjoint" => Self::Disjoint,
            "t_during" => Self::During,
            "t_equals" => Self::Equals,
            "t_finishedBy" => Self::FinishedBy,
            "t_finishes" => Self::Finishes,
            "t_intersects" => Self::Intersects,
            "t_meets" => Self::Meets,
            "t_metBy" => Self::MetBy,
            "t_overlappedBy" => Self::OverlappedBy,
            "t_overlaps" => Self::Overlaps,
            "t_startedBy" => Self::StartedBy,
            "t_starts" => Self::Starts,
            _ => return None,
        })
    }
}

impl Relation {
    /// Says whether it is one of instants, too.
    const fn takes_instants(self) -> bool {
        matches!(
            self,
            Self::After | Self::Before | Self::Disjoint | Self::Equals | Self::Intersects
        )
    }
}

/// A time from a start to an end, both of it.
struct Span {
    start: Bound,
    end: Bound,
}

/// One end of a time.
enum Bound {
    /// Before all moments.
    Never,
    /// After all moments.
    Ever,
    At(Operand),
}

impl Checker<'_> {
    pub(super) fn temporal(
        &mut self,
        name: &str,
        relation: Relation,
        args: &[Box<Expr>],
        depth: usize,
    ) -> Result<Condition, FilterError> {
        let [one, other] = two(name, args)?;
        let is_instant = |expr: &Expr| !matches!(expr, Expr::Interval { .. });
        if !relation.takes_instants() && (is_instant(one) || is_instant(other)) {
            return Err(wrong(name, "two intervals, such as INTERVAL(from, to)", "an instant"));
        }
        let with_moments = self.has_moments(one) || self.has_moments(other);
        let one = self.span(name, one, with_moments, depth)?;
        let other = self.span(name, other, with_moments, depth)?;
        Ok(related(relation, &one, &other))
    }

    /// Whether a time is told by moments, not by days.
    fn has_moments(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Timestamp { .. } => true,
            Expr::Literal(text) => time::parse(text).is_some_and(|named| !named.is_day),
            Expr::Interval { interval } => interval.iter().any(|bound| self.has_moments(bound)),
            Expr::Property { property } => {
                let own = self.layer.attributes.iter();
                let mut all = own.chain(Attribute::validity());
                all.find(|attribute| attribute.name == *property)
                    .is_some_and(|attribute| attribute.kind == AttributeType::Datetime)
            }
            _ => false,
        }
    }

    fn span(
        &mut self,
        name: &str,
        expr: &Expr,
        with_moments: bool,
        depth: usize,
    ) -> Result<Span, FilterError> {
        let Expr::Interval { interval } = expr else {
            let (start, end) = self.ends(name, expr, with_moments, depth)?;
            return Ok(Span { start: Bound::At(start), end: Bound::At(end) });
        };
        let [start, end] = interval.as_slice() else {
            return Err(wrong("interval", "a start and an end", "another number"));
        };
        let is_open = |expr: &Expr| matches!(expr, Expr::Literal(text) if text == OPEN);
        let start = match start.as_ref() {
            open if is_open(open) => Bound::Never,
            start => Bound::At(self.ends(name, start, with_moments, depth + 1)?.0),
        };
        let end = match end.as_ref() {
            open if is_open(open) => Bound::Ever,
            end => Bound::At(self.ends(name, end, with_moments, depth + 1)?.1),
        };
        Ok(Span { start, end })
    }

    /// Start and end of a day, a moment or a property.
    fn ends(
        &mut self,
        name: &str,
        expr: &Expr,
        with_moments: bool,
        depth: usize,
    ) -> Result<(Operand, Operand), FilterError> {
        self.count(depth)?;
        let named = match expr {
            Expr::Property { .. } => {
                let property = self.operand(expr, depth)?;
                self.want_kind(&property, Kind::Time, Kind::Time.name())?;
                return Ok((property.clone(), property));
            }
            Expr::Literal(text) => {
                time::parse(text).ok_or_else(|| wrong(name, "days and moments", "another text"))?
            }
            other => named_time(other)?,
        };
        let end = if with_moments { named.end() } else { named.start };
        let at = |moment| Operand::plain(Source::Moment(moment));
        Ok((at(named.start), at(end)))
    }
}

fn related(relation: Relation, one: &Span, other: &Span) -> Condition {
    let starts = |comparison| compare(&one.start, comparison, &other.start);
    let ends = |comparison| compare(&one.end, comparison, &other.end);
    let start_to_end = |comparison| compare(&one.start, comparison, &other.end);
    let end_to_start = |comparison| compare(&one.end, comparison, &other.start);
    match relation {
        Relation::After => start_to_end(Greater),
        Relation::Before => end_to_start(Less),
        Relation::Disjoint => Condition::Any(vec![start_to_end(Greater), end_to_start(Less)]),
        Relation::Intersects => {
            Condition::All(vec![start_to_end(LessOrEqual), end_to_start(GreaterOrEqual)])
        }
        Relation::Equals => Condition::All(vec![starts(Equal), ends(Equal)]),
        Relation::Contains => Condition::All(vec![starts(Less), ends(Greater)]),
        Relation::During => Condition::All(vec![starts(Greater), ends(Less)]),
        Relation::Starts => Condition::All(vec![starts(Equal), ends(Less)]),
        Relation::StartedBy => Condition::All(vec![starts(Equal), ends(Greater)]),
        Relation::Finishes => Condition::All(vec![starts(Greater), ends(Equal)]),
        Relation::FinishedBy => Condition::All(vec![starts(Less), ends(Equal)]),
        Relation::Meets => end_to_start(Equal),
        Relation::MetBy => start_to_end(Equal),
        Relation::Overlaps => Condition::All(vec![starts(Less), end_to_start(Greater), ends(Less)]),
        Relation::OverlappedBy => {
            Condition::All(vec![starts(Greater), start_to_end(Less), ends(Greater)])
        }
    }
}

fn compare(left: &Bound, comparison: Comparison, right: &Bound) -> Condition {
    match (left, right) {
        (Bound::At(left), Bound::At(right)) => {
            Condition::Compare { left: left.clone(), comparison, right: right.clone() }
        }
        _ => Condition::Always(comparison.admits(left.rank().cmp(&right.rank()))),
    }
}

impl Bound {
    /// Moments lie between the two open ends.
    const fn rank(&self) -> u8 {
        match self {
            Self::Never => 0,
            Self::At(_) => 1,
            Self::Ever => 2,
        }
    }
}
