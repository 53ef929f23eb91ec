//! When a feature holds in the world.

/// A moment: microseconds since 1970-01-01T00:00:00Z, as PostgreSQL's `timestamptz` keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// The moment of the system's clock.
    pub fn now() -> Self {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Self(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The time in which a feature holds in the world: from its start to its end, the end excluded.
///
/// Not when it was recorded: a ward that was dissolved in 2025 is recorded today and valid until
/// then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Validity {
    /// `None` where it has held for ever.
    pub from: Option<Moment>,
    /// First moment at which it holds no more; `None` where no end is known.
    pub to: Option<Moment>,
}

impl Validity {
    /// Without start and end.
    pub const ALWAYS: Self = Self { from: None, to: None };

    /// Its start and its end, where it has them.
    pub fn ends(self) -> impl Iterator<Item = Moment> {
        [self.from, self.to].into_iter().flatten()
    }

    /// The shortest time that holds both.
    pub fn around(self, other: Self) -> Self {
        Self {
            from: self.from.zip(other.from).map(|(one, other)| one.min(other)),
            to: self.to.zip(other.to).map(|(one, other)| one.max(other)),
        }
    }

    /// Says whether it holds at a moment.
    pub fn contains(self, moment: Moment) -> bool {
        self.from.is_none_or(|from| from <= moment) && self.to.is_none_or(|to| moment < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_belongs_to_it_and_the_end_does_not() {
        let june = Validity { from: Some(Moment(10)), to: Some(Moment(20)) };
        let holds: Vec<bool> = [9, 10, 19, 20].map(|at| june.contains(Moment(at))).into();
        assert_eq!(holds, [false, true, true, false]);
        assert!(Validity::ALWAYS.contains(Moment(i64::MIN)));
    }

    #[test]
    fn what_is_around_two_times_is_open_where_one_of_them_is() {
        let time = |from: Option<i64>, to: Option<i64>| Validity {
            from: from.map(Moment),
            to: to.map(Moment),
        };
        let (june, july) = (time(Some(10), Some(20)), time(Some(20), Some(30)));
        assert_eq!(june.around(july), time(Some(10), Some(30)));
        assert_eq!(july.around(june), time(Some(10), Some(30)));
        assert_eq!(june.around(time(Some(5), None)), time(Some(5), None));
        assert_eq!(june.around(time(None, Some(15))), time(None, Some(20)));
        assert_eq!(june.around(Validity::ALWAYS), Validity::ALWAYS);
    }
}
