//! Searches of all kinds of vehicles at once: who arrives when, in one order.

use std::collections::VecDeque;

use urbis_catalog::ProfileIndex;
use urbis_network::{ArcStretch, Expansion, LiveRoads, OnArc, Target};

use super::Destination;

/// A unit in a race. Its number decides ties.
#[derive(Debug, Clone)]
pub(crate) struct Runner {
    pub number: usize,
    pub profile: ProfileIndex,
    pub starts: Vec<(OnArc, u32)>,
    /// Whether it counts: who is barred runs along, so that what its time is worth is known.
    pub may_go: bool,
}

impl Runner {
    /// As a search takes it.
    pub fn target(&self) -> Target {
        let index = u32::try_from(self.number).unwrap_or(u32::MAX);
        Target { index, at: self.starts.clone() }
    }
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
    may_go: bool,
}

/// A time, and the place that it is worth among those that may go, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub eta_ms: u32,
    pub rank: usize,
}

/// A race that stands still between one finish and the next: nobody is looked for farther than is
/// asked.
#[derive(Debug)]
pub(crate) struct Race<'a> {
    /// In order of (time, number); nobody else arrives before the last of them.
    finishes: Vec<Finish>,
    heats: Vec<Heat<'a>>,
    cutoff_ms: u32,
}

/// The race of one kind.
#[derive(Debug)]
struct Heat<'a> {
    profile: ProfileIndex,
    search: Expansion<'a>,
    /// Finishes that are known and not yet taken into the race, in order.
    ahead: VecDeque<Finish>,
    /// Those that run in it by number, in order, and whether they count.
    runners: Vec<(usize, bool)>,
}

impl<'a> Race<'a> {
    /// Puts units at the start. Nobody is found who takes longer than `cutoff_ms`.
    pub fn start(
        live: &'a LiveRoads,
        destination: &Destination,
        runners: &[&Runner],
        cutoff_ms: u32,
    ) -> Self {
        let heat = |profile: ProfileIndex| {
            let incident = destination.on(profile)?;
            let of_kind = || runners.iter().filter(|runner| runner.profile == profile);
            let targets = of_kind().map(|runner| runner.target()).collect();
            let search = Expansion::start(live, profile, &incident.positions, targets, cutoff_ms);
            let runners = of_kind().map(|runner| (runner.number, runner.may_go)).collect();
            Some(Heat { profile, search, ahead: VecDeque::new(), runners })
        };
        let heats = profiles(runners).into_iter().filter_map(heat).collect();
        Self { finishes: Vec::new(), heats, cutoff_ms }
    }

    /// The race of those kinds in which somebody may go, over other roads of the same graph. This
    /// one is at its end: nobody else arrives in it, and its ways are forgotten.
    pub fn go_over<'d>(&mut self, roads: &'d LiveRoads) -> Race<'d>
    where
        'a: 'd,
    {
        let mut heats: Vec<Heat<'d>> = std::mem::take(&mut self.heats);
        heats.retain(|heat| heat.runners.iter().any(|(_, may_go)| *may_go));
        for heat in &mut heats {
            heat.search.go_over(roads);
            heat.ahead.clear();
        }
        Race { finishes: Vec::new(), heats, cutoff_ms: self.cutoff_ms }
    }

    /// Runs until so many that may go have arrived.
    pub fn until_count(mut self, count: usize) -> Self {
        // More than there are would be looked for on all roads.
        let runners = self.heats.iter().flat_map(|heat| &heat.runners);
        let mut missing = count.min(runners.filter(|(_, may_go)| *may_go).count());
        while missing > 0 {
            let Some(finish) = self.advance(self.cutoff_ms) else { break };
            missing -= usize::from(finish.may_go);
        }
        self
    }

    /// Goes on until all of these have arrived that do. Only their own kinds are looked for on all
    /// roads where one does not; others as far as the last that does.
    pub fn until_all(&mut self, numbers: &[usize]) {
        let mut last_ms = 0;
        let missing: Vec<usize> =
            numbers.iter().copied().filter(|number| self.finish(*number).is_none()).collect();
        for (number, heat) in self.heats.iter_mut().enumerate() {
            let found = heat.look_for(number, &missing, self.cutoff_ms);
            last_ms = last_ms.max(found.unwrap_or_default());
        }
        self.until_ms(last_ms);
    }

    /// Goes on until everybody has arrived who takes no longer than this.
    pub fn until_ms(&mut self, ms: u32) {
        while self.advance(ms.min(self.cutoff_ms)).is_some() {}
    }

    /// The next finish of all kinds; `None` where there is none by then.
    fn advance(&mut self, until_ms: u32) -> Option<Finish> {
        let mut first: Option<Finish> =
            self.heats.iter().filter_map(|heat| heat.ahead.front()).min().copied();
        for (number, heat) in self.heats.iter_mut().enumerate() {
            if heat.ahead.is_empty() {
                // Who is later than another kind's next can wait.
                let until_ms = first.map_or(until_ms, |first| first.eta_ms.min(until_ms));
                first = first.into_iter().chain(heat.advance(number, until_ms)).min();
            }
        }
        let first = first.filter(|first| first.eta_ms <= until_ms)?;
        self.heats[first.heat].ahead.pop_front();
        self.finishes.push(first);
        Some(first)
    }

    /// Those that may go and have arrived, first to last.
    pub fn leaders(&self) -> impl Iterator<Item = &Finish> {
        self.finishes.iter().filter(|finish| finish.may_go)
    }

    /// What a unit that has arrived achieved.
    pub fn standing(&self, number: usize) -> Option<Standing> {
        let at = self.finishes.iter().position(|finish| finish.number == number)?;
        let ahead = self.finishes[..at].iter().filter(|finish| finish.may_go).count();
        Some(Standing { eta_ms: self.finishes[at].eta_ms, rank: ahead + 1 })
    }

    /// The time of a unit that has arrived.
    pub fn eta_ms(&self, number: usize) -> Option<u32> {
        self.finish(number).map(|finish| finish.eta_ms)
    }

    /// The way of a unit that has arrived, from its place to the destination.
    pub fn route(&self, number: usize) -> Vec<ArcStretch> {
        let Some(finish) = self.finish(number) else { return Vec::new() };
        let target = u32::try_from(number).unwrap_or(u32::MAX);
        self.heats[finish.heat].search.route(target)
    }

    /// The search of one kind.
    pub fn search(&self, profile: ProfileIndex) -> Option<&Expansion<'a>> {
        let heat = self.heats.iter().find(|heat| heat.profile == profile)?;
        Some(&heat.search)
    }

    fn finish(&self, number: usize) -> Option<&Finish> {
        self.finishes.iter().find(|finish| finish.number == number)
    }
}

impl Heat<'_> {
    /// Looks for the next finish; `heat` is its own number.
    fn advance(&mut self, heat: usize, until_ms: u32) -> Option<Finish> {
        let arrival = self.search.advance(until_ms)?;
        let number = arrival.target as usize;
        let at = self.runners.binary_search_by_key(&number, |(number, _)| *number);
        let may_go = at.is_ok_and(|at| self.runners[at].1);
        let finish = Finish { eta_ms: arrival.eta_ms, number, heat, may_go };
        self.ahead.push_back(finish);
        Some(finish)
    }

    /// Looks for some of its runners; the time of the last that was found.
    fn look_for(&mut self, heat: usize, numbers: &[usize], until_ms: u32) -> Option<u32> {
        let is_wanted = |finish: &&Finish| numbers.contains(&finish.number);
        let known = self.ahead.iter().filter(is_wanted);
        let mut last_ms = known.clone().map(|finish| finish.eta_ms).max();
        let mine = self.runners.iter().filter(|(number, _)| numbers.contains(number));
        let mut missing = mine.count() - known.count();
        while missing > 0 {
            let Some(finish) = self.advance(heat, until_ms) else { break };
            if is_wanted(&&finish) {
                missing -= 1;
                last_ms = Some(finish.eta_ms);
            }
        }
        last_ms
    }
}

/// The kinds among the runners, each once, in order.
pub(crate) fn profiles(runners: &[&Runner]) -> Vec<ProfileIndex> {
    let mut profiles: Vec<ProfileIndex> = runners.iter().map(|runner| runner.profile).collect();
    profiles.sort_unstable();
    profiles.dedup();
    profiles
}
