//! What a unit's time and rank would be without some conditions.
//!
//! Roads without some conditions are no slower than the roads as they are, and no faster than those
//! without any. So most of those that are ahead, or behind, are known to be from the two races that
//! have been run; only of the others the time is searched for, [guided](guided_time) by the race
//! without conditions.

use urbis_network::{LiveRoads, guided_time};

use crate::candidates::{Race, Runner, Scene, Standing};

/// The roads without some conditions, and the races that bound the times on them.
pub(super) struct Trial<'a, 'r> {
    pub scene: &'a Scene<'a>,
    /// Without the conditions that are tried.
    pub roads: &'a LiveRoads,
    /// As things are.
    pub now: &'a Race<'a>,
    /// Without any condition.
    pub dry: &'a mut Race<'r>,
}

impl Trial<'_, '_> {
    /// A unit's time, and its rank among those that may go; `None` where it takes longer than
    /// `latest_ms`.
    pub fn standing(&mut self, number: usize, latest_ms: u32) -> Option<Standing> {
        let runner = self.scene.runner(number)?;
        let eta_ms = self.time(runner, latest_ms)?;
        self.dry.until_ms(eta_ms);
        let others = self.scene.runners.iter().filter(|other| other.may_go);
        let ahead = others.filter(|other| self.is_ahead(other, (eta_ms, number)));
        Some(Standing { eta_ms, rank: ahead.count() + 1 })
    }

    /// Says whether a unit is before a time, ties by number.
    fn is_ahead(&self, other: &Runner, (eta_ms, number): (u32, usize)) -> bool {
        let soonest_ms = self.dry.eta_ms(other.number);
        if other.number == number || soonest_ms.is_none_or(|ms| ms > eta_ms) {
            return false;
        }
        let latest_ms = self.now.eta_ms(other.number);
        if latest_ms.is_some_and(|ms| ms < eta_ms) {
            return true;
        }
        let found_ms = self.time(other, eta_ms);
        found_ms.is_some_and(|found_ms| (found_ms, other.number) < (eta_ms, number))
    }

    fn time(&self, runner: &Runner, limit_ms: u32) -> Option<u32> {
        guided_time(self.roads, self.dry.search(runner.profile)?, &runner.target(), limit_ms)
    }
}
