//! Searches of all kinds of vehicles at once: who arrives when, in one order.

use std::collections::VecDeque;

use urbis_catalog::ProfileIndex;
use urbis_network::{ArcId, ArcStretch, Expansion, LiveRoads, OnArc, Target};

use super::Destination;

/// Driving time that all kinds are looked for at a time.
const STEP_MS: u32 = 20_000;

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

/// What a race has shown of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It has arrived.
    Arrives(Standing),
    /// Nobody has looked so far: it takes at least so long, and that many who may go are before it.
    Later { at_least_ms: u32, behind: usize },
    /// It does not get there within the longest drive.
    Never,
}

impl Outcome {
    /// The standing of one that has arrived.
    pub const fn standing(self) -> Option<Standing> {
        match self {
            Self::Arrives(standing) => Some(standing),
            Self::Later { .. } | Self::Never => None,
        }
    }
}

/// A race that stands still between one finish and the next: nobody is looked for farther than is
/// asked.
#[derive(Debug)]
pub(crate) struct Race<'a> {
    /// In order of (time, number); nobody else arrives before the last of them.
    finishes: Vec<Finish>,
    heats: Vec<Heat<'a>>,
    /// How far all kinds are looked for while nobody arrives.
    ahead_ms: u32,
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
    /// How many of these have not been found.
    missing: usize,
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
            let runners: Vec<_> = of_kind().map(|runner| (runner.number, runner.may_go)).collect();
            let missing = runners.len();
            Some(Heat { profile, search, ahead: VecDeque::new(), runners, missing })
        };
        let heats = profiles(runners).into_iter().filter_map(heat).collect();
        Self { finishes: Vec::new(), heats, ahead_ms: STEP_MS, cutoff_ms }
    }

    /// The race of those kinds in which somebody may go, over other roads of the same graph. This
    /// one is at its end: nobody else arrives in it, and its ways are forgotten. `arcs` are those
    /// that may take another time there.
    pub fn go_over<'d>(&mut self, roads: &'d LiveRoads, arcs: &[ArcId]) -> Race<'d>
    where
        'a: 'd,
    {
        let mut heats: Vec<Heat<'d>> = std::mem::take(&mut self.heats);
        heats.retain(|heat| heat.runners.iter().any(|(_, may_go)| *may_go));
        for heat in &mut heats {
            heat.search.go_over(roads, arcs);
            heat.ahead.clear();
            heat.missing = heat.runners.len();
        }
        Race { finishes: Vec::new(), heats, ahead_ms: STEP_MS, cutoff_ms: self.cutoff_ms }
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

    /// Goes on until all of these have arrived, or so many units in all and all that take no
    /// longer than a time.
    pub fn look_for(&mut self, numbers: &[usize], arrivals: usize, at_least_ms: u32) {
        let mut missing = numbers.iter().filter(|number| self.finish(**number).is_none()).count();
        while missing > 0
            && (self.finishes.len() < arrivals || self.reached_ms() <= at_least_ms)
            && let Some(finish) = self.advance(self.cutoff_ms)
        {
            missing -= usize::from(numbers.contains(&finish.number));
        }
    }

    /// The time of the last that has arrived: whoever has not takes as long at least.
    pub fn reached_ms(&self) -> u32 {
        self.finishes.last().map_or(0, |finish| finish.eta_ms)
    }

    /// Goes on until everybody has arrived who takes no longer than this.
    pub fn until_ms(&mut self, ms: u32) {
        while self.advance(ms.min(self.cutoff_ms)).is_some() {}
    }

    /// The next finish of all kinds; `None` where there is none by then.
    fn advance(&mut self, until_ms: u32) -> Option<Finish> {
        let first = loop {
            // Step by step: a kind of which nobody comes soon is not looked for on all roads while
            // others do.
            let step_ms = self.ahead_ms.min(until_ms);
            match self.front(step_ms) {
                Some(first) => break first,
                None if step_ms == until_ms => return None,
                None => self.ahead_ms = step_ms.saturating_add(STEP_MS),
            }
        };
        self.heats[first.heat].ahead.pop_front();
        self.finishes.push(first);
        Some(first)
    }

    /// The next finish of all kinds by a time, left where it is.
    fn front(&mut self, until_ms: u32) -> Option<Finish> {
        let mut first: Option<Finish> =
            self.heats.iter().filter_map(|heat| heat.ahead.front()).min().copied();
        for (number, heat) in self.heats.iter_mut().enumerate() {
            if heat.ahead.is_empty() {
                // Who is later than another kind's next can wait.
                let until_ms = first.map_or(until_ms, |first| first.eta_ms.min(until_ms));
                first = first.into_iter().chain(heat.advance(number, until_ms)).min();
            }
        }
        first.filter(|first| first.eta_ms <= until_ms)
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

    /// What is known of a unit.
    pub fn outcome(&self, number: usize) -> Outcome {
        if let Some(standing) = self.standing(number) {
            return Outcome::Arrives(standing);
        }
        if self.heats.iter().any(|heat| heat.may_find(number)) {
            let behind = self.leaders().count();
            return Outcome::Later { at_least_ms: self.reached_ms(), behind };
        }
        Outcome::Never
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
        if self.missing == 0 {
            return None;
        }
        let arrival = self.search.advance(until_ms)?;
        self.missing -= 1;
        let number = arrival.target as usize;
        let may_go = self.place_of(number).is_some_and(|at| self.runners[at].1);
        let finish = Finish { eta_ms: arrival.eta_ms, number, heat, may_go };
        self.ahead.push_back(finish);
        Some(finish)
    }

    /// Says whether a runner that has not arrived may yet.
    fn may_find(&self, number: usize) -> bool {
        let is_known = self.ahead.iter().any(|finish| finish.number == number);
        is_known || (self.place_of(number).is_some() && !self.search.is_at_end())
    }

    fn place_of(&self, number: usize) -> Option<usize> {
        self.runners.binary_search_by_key(&number, |(number, _)| *number).ok()
    }
}

/// The kinds among the runners, each once, in order.
pub(crate) fn profiles(runners: &[&Runner]) -> Vec<ProfileIndex> {
    let mut profiles: Vec<ProfileIndex> = runners.iter().map(|runner| runner.profile).collect();
    profiles.sort_unstable();
    profiles.dedup();
    profiles
}
