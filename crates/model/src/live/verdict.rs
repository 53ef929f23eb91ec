//! What became of a report.

use std::fmt;

/// What became of one part of a report: the position, the status or the description of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It is the unit's state now.
    Applied,
    /// The same report came before.
    Duplicate,
    /// A later one was applied before: it is history only.
    OutOfOrder,
    /// The unit would have been too fast: kept apart until the next position confirms it.
    JumpHeld,
    /// It was observed later than now, by more than clocks differ: refused.
    FromFuture,
    /// It was observed too long ago: refused.
    TooOld,
    /// Nobody described the unit so far: refused.
    UnknownUnit,
    /// A simulated unit has the name of a real one, or the other way round: refused.
    OtherUnit,
    /// There are as many units as there may be: refused.
    TooManyUnits,
}

impl Verdict {
    /// All of them; the number of each (`as usize`) is its place here.
    pub const ALL: [Self; 9] = [
        Self::Applied,
        Self::Duplicate,
        Self::OutOfOrder,
        Self::JumpHeld,
        Self::FromFuture,
        Self::TooOld,
        Self::UnknownUnit,
        Self::OtherUnit,
        Self::TooManyUnits,
    ];

    /// Stable code for answers, counters and the history; never reworded, never reused.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Duplicate => "duplicate",
            Self::OutOfOrder => "out_of_order",
            Self::JumpHeld => "jump_held",
            Self::FromFuture => "from_future",
            Self::TooOld => "too_old",
            Self::UnknownUnit => "unit_unknown",
            Self::OtherUnit => "unit_differs",
            Self::TooManyUnits => "too_many_units",
        }
    }

    /// Reads what [`Self::code`] gives.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == code)
    }

    /// Says whether the report is taken: to be stored, to be acknowledged. A duplicate is
    /// acknowledged, too.
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Applied | Self::Duplicate | Self::OutOfOrder | Self::JumpHeld)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What became of the parts of a report; `None` for a part that it does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Of the position.
    pub position: Option<Verdict>,
    /// Of the status.
    pub status: Option<Verdict>,
    /// Of the description.
    pub description: Option<Verdict>,
}

impl Outcome {
    /// The verdicts of the parts that there are.
    pub fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        [self.position, self.status, self.description].into_iter().flatten()
    }

    /// Why the report was refused, where it was: a refusal is of the whole report.
    pub fn refusal(&self) -> Option<Verdict> {
        self.verdicts().find(|verdict| !verdict.is_taken())
    }

    /// Says whether the report is new and taken: it has to be stored.
    pub fn is_to_store(&self) -> bool {
        self.refusal().is_none() && self.verdicts().any(|verdict| verdict != Verdict::Duplicate)
    }
}
