//! Searches of all kinds of vehicles at once: who arrives when, in one order.

use urbis_catalog::ProfileIndex;
use urbis_network::{
    ArcStretch, Arrivals, Limits as SearchLimits, LiveRoads, OnArc, Target, all_times,
    first_arrivals,
};

use super::Destination;

/// A unit in a race. Its number decides ties.
#[derive(Debug, Clone)]
pub(crate) struct Runner {
    pub number: usize,
    pub profile: ProfileIndex,
    pub starts: Vec<(OnArc, u32)>,
}

/// Who arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finish {
    /// Time from start to destination.
    pub eta_ms: u32,
    /// The unit's number.
    pub number: usize,
    /// The search that found it.
    heat: usize,
}

/// The outcome of a race: those who arrived, first to last, and their ways.
#[derive(Debug)]
pub(crate) struct Race {
    /// In order of (time, number).
    pub finishes: Vec<Finish>,
    heats: Vec<Arrivals>,
}

impl Race {
    /// Lets units race to a destination, until `count` have arrived or `cutoff_ms` is over, the
    /// last millisecond included.
    pub fn run(
        live: &LiveRoads,
        destination: &Destination,
        runners: &[&Runner],
        count: usize,
        cutoff_ms: u32,
    ) -> Self {
        let mut race = Self { finishes: Vec::new(), heats: Vec::new() };
        let mut cutoff_ms = cutoff_ms;
        for profile in profiles(runners) {
            let Some(incident) = destination.on(profile) else { continue };
            let targets = targets(runners, profile);
            // More than there are would be looked for on all roads.
            let limits = SearchLimits { k: count.min(targets.len()), cutoff_ms };
            let arrivals = first_arrivals(live, profile, &incident.positions, &targets, limits);
            cutoff_ms = race.add(arrivals, count, cutoff_ms);
        }
        race
    }

    /// Takes in one kind's arrivals; the time after which no other kind can be among the first.
    fn add(&mut self, arrivals: Arrivals, count: usize, cutoff_ms: u32) -> u32 {
        let heat = self.heats.len();
        let found = arrivals.found.iter();
        self.finishes.extend(found.map(|arrival| Finish {
            eta_ms: arrival.eta_ms,
            number: arrival.target as usize,
            heat,
        }));
        self.heats.push(arrivals);
        self.finishes.sort_unstable();
        self.finishes.truncate(count);
        match self.finishes.last() {
            Some(last) if self.finishes.len() == count => last.eta_ms.min(cutoff_ms),
            _ => cutoff_ms,
        }
    }

    /// As [`Self::run`] for all that arrive in time, without their ways.
    pub fn times(
        live: &LiveRoads,
        destination: &Destination,
        runners: &[&Runner],
        cutoff_ms: u32,
    ) -> Self {
        let mut race = Self { finishes: Vec::new(), heats: Vec::new() };
        for profile in profiles(runners) {
            let Some(incident) = destination.on(profile) else { continue };
            let targets = targets(runners, profile);
            let times = all_times(live, profile, &incident.positions, &targets, cutoff_ms);
            let found = targets.iter().zip(times).filter_map(|(target, eta_ms)| {
                Some(Finish { eta_ms: eta_ms?, number: target.index as usize, heat: usize::MAX })
            });
            race.finishes.extend(found);
        }
        race.finishes.sort_unstable();
        race
    }

    /// A unit's place in the order, from 1.
    pub fn rank(&self, number: usize) -> Option<usize> {
        self.finishes.iter().position(|finish| finish.number == number).map(|at| at + 1)
    }

    /// A unit's time.
    pub fn eta_ms(&self, number: usize) -> Option<u32> {
        self.finish(number).map(|finish| finish.eta_ms)
    }

    /// A unit's way from its place to the destination; empty where only times were asked for.
    pub fn route(&self, number: usize) -> Vec<ArcStretch> {
        let heat = self.finish(number).and_then(|finish| self.heats.get(finish.heat));
        let target = u32::try_from(number).unwrap_or(u32::MAX);
        heat.map(|heat| heat.route(target)).unwrap_or_default()
    }

    fn finish(&self, number: usize) -> Option<&Finish> {
        self.finishes.iter().find(|finish| finish.number == number)
    }
}

/// The kinds among the runners, each once, in order.
pub(crate) fn profiles(runners: &[&Runner]) -> Vec<ProfileIndex> {
    let mut profiles: Vec<ProfileIndex> = runners.iter().map(|runner| runner.profile).collect();
    profiles.sort_unstable();
    profiles.dedup();
    profiles
}

/// The runners of one kind as a search takes them.
pub(crate) fn targets(runners: &[&Runner], profile: ProfileIndex) -> Vec<Target> {
    let of_kind = runners.iter().filter(|runner| runner.profile == profile);
    let target = |runner: &&Runner| {
        let index = u32::try_from(runner.number).ok()?;
        Some(Target { index, at: runner.starts.clone() })
    };
    of_kind.filter_map(target).collect()
}
