//! Which units are explained, and the reason of each.

use std::collections::BTreeMap;

use urbis_catalog::Title;

use super::prove::{Case, investigate};
use super::{Reason, Telling};
use crate::candidates::{
    Ask, Bar, Beyond, Candidate, Crew, MAX_REJECTED, Member, Outcome, Race, Rejected, Scene, Told,
    View, summaries, unit_summary,
};
use crate::language::rfc3339;

/// Candidates that are explained, at most: the first that were overtaken. Who asks for a hundred
/// wants a list.
const MAX_EXPLAINED: usize = 10;

/// The reasons of an answer.
#[derive(Debug)]
pub(crate) struct Explained {
    /// Of units that are not candidates, nearest first.
    pub rejected: Vec<Rejected>,
    /// Of each candidate; `None` where nobody that is farther by line is before it, and after the
    /// first [`MAX_EXPLAINED`].
    pub of_candidates: Vec<Option<Told>>,
}

/// Explains the units that are nearer by line than others that are sent before them.
pub(crate) fn explain(
    scene: &Scene<'_>,
    race: &mut Race<'_>,
    found: &[(usize, Candidate)],
) -> Explained {
    let nearby = nearby(&scene.crew, found, scene.ask.wanted());
    let overtaken = overtaken(found);
    let by_road = overtaken.iter().filter(|at| !found[**at].1.is_estimate);
    let by_road = by_road.take(MAX_EXPLAINED);
    let mut numbers: Vec<usize> = by_road.map(|at| found[*at].0).collect();
    numbers.extend(&nearby);
    let cases =
        if numbers.is_empty() { BTreeMap::new() } else { investigate(scene, race, &numbers) };
    let teller = Teller { scene, cases, first: found.first().map(|(_, first)| first) };
    Explained {
        rejected: nearby.into_iter().map(|number| teller.reject(number)).collect(),
        of_candidates: teller.of_candidates(found, &overtaken),
    }
}

/// The reasons of a fallback: what bars those that are nearer by line than the last candidate.
pub(crate) fn bars_by_line(
    view: &View<'_>,
    ask: &Ask,
    crew: &Crew<'_>,
    found: &[(usize, Candidate)],
) -> Vec<Rejected> {
    let nearby = nearby(crew, found, ask.wanted());
    let first = found.first().map(|(_, first)| first);
    let reject = |number: usize| {
        let member = &crew.members[number];
        let reason = barred(view, ask, member, None)?;
        Some(rejected(view, member, first, reason, None))
    };
    nearby.into_iter().filter_map(reject).collect()
}

/// Units that are not candidates and are nearer by line than the last one; of all distances where
/// not as many as wanted were found. Where there are too many, first those that only the roads keep
/// back, then those of the service and kind that was asked for: many that are out of service say
/// less than one that is cut off. Nearest first, ties by id.
fn nearby(crew: &Crew<'_>, found: &[(usize, Candidate)], wanted: usize) -> Vec<usize> {
    let last = found.last().filter(|_| found.len() >= wanted);
    let reach_m = last.map_or(f64::INFINITY, |(_, last)| last.unit.line_m);
    let is_out = |number: &usize| found.iter().all(|(taken, _)| taken != number);
    let is_near = |number: &usize| crew.members[*number].line_m < reach_m;
    let mut near: Vec<usize> = (0..crew.members.len()).filter(is_out).filter(is_near).collect();
    let line = |number: usize| crew.members[number].line_m;
    let is_other = |number: usize| {
        let bars = &crew.members[number].bars;
        bars.iter().any(|bar| matches!(bar, Bar::Service | Bar::Profile))
    };
    let turn = |number: usize| (!crew.members[number].bars.is_empty(), is_other(number));
    near.sort_by(|a, b| turn(*a).cmp(&turn(*b)).then(line(*a).total_cmp(&line(*b))));
    near.truncate(MAX_REJECTED);
    near.sort_by(|a, b| line(*a).total_cmp(&line(*b)).then(a.cmp(b)));
    near
}

/// Places of the candidates that have one before them that is farther by line.
fn overtaken(found: &[(usize, Candidate)]) -> Vec<usize> {
    let mut farthest_m = 0.0_f64;
    let mut overtaken = Vec::new();
    for (at, (_, candidate)) in found.iter().enumerate() {
        if candidate.unit.line_m < farthest_m {
            overtaken.push(at);
        }
        farthest_m = farthest_m.max(candidate.unit.line_m);
    }
    overtaken
}

/// Puts cases into reasons.
struct Teller<'a> {
    scene: &'a Scene<'a>,
    cases: BTreeMap<usize, Case>,
    first: Option<&'a Candidate>,
}

impl Teller<'_> {
    fn reject(&self, number: usize) -> Rejected {
        let Scene { view, ask, crew, .. } = self.scene;
        let member = &crew.members[number];
        let case = self.cases.get(&number);
        let rank = case.and_then(|case| case.now.standing()).map(|now| now.rank);
        let reason = barred(view, ask, member, rank).unwrap_or_else(|| self.by_road(case));
        let mut rejected = rejected(view, member, self.first, reason, case);
        rejected.rank = rank.filter(|_| member.bars.is_empty());
        rejected
    }

    fn of_candidates(
        &self,
        found: &[(usize, Candidate)],
        overtaken: &[usize],
    ) -> Vec<Option<Told>> {
        let told = |at: usize| {
            let (number, _) = found[at];
            let case = self.cases.get(&number)?;
            let member = &self.scene.crew.members[number];
            Some(told(self.scene.view, member, self.first, self.by_road(Some(case)), None))
        };
        (0..found.len()).map(|at| if overtaken.contains(&at) { told(at) } else { None }).collect()
    }

    /// The reason of a unit that nothing bars.
    fn by_road(&self, case: Option<&Case>) -> Reason {
        let Some(case) = case else { return Reason::NoWay };
        let rank = case.now.standing().map(|now| now.rank);
        let eta_s = case.now.standing().map(|now| seconds(now.eta_ms));
        match (case.now, &case.proof) {
            (Outcome::Never, Some(proof)) => Reason::CutOff {
                conditions: self.summaries(&proof.conditions),
                rank_without: Some(proof.without.rank),
                eta_s_without: Some(seconds(proof.without.eta_ms)),
                behind_without: None,
            },
            (Outcome::Never, None) => {
                let behind = match case.dry {
                    Outcome::Never => return Reason::NoWay,
                    Outcome::Later { behind, .. } => behind,
                    Outcome::Arrives(dry) => dry.rank - 1,
                };
                Reason::CutOff {
                    conditions: Vec::new(),
                    rank_without: None,
                    eta_s_without: None,
                    behind_without: Some(behind),
                }
            }
            (_, Some(proof)) => Reason::SlowerBecause {
                conditions: self.summaries(&proof.conditions),
                rank,
                rank_without: proof.without.rank,
                eta_s,
                eta_s_without: seconds(proof.without.eta_ms),
            },
            (_, None) => {
                let first_s = self.first.and_then(|first| first.eta_s);
                Reason::SlowerByRoad {
                    eta_s,
                    rank,
                    rank_without: case.dry.standing().map(|dry| dry.rank),
                    behind_first_s: eta_s.map(|eta_s| eta_s - first_s.unwrap_or(eta_s)),
                }
            }
        }
    }

    fn summaries(&self, ids: &[urbis_network::ConditionId]) -> Vec<crate::ConditionSummary> {
        summaries(self.scene, ids)
    }
}

/// The reason of a unit that something bars; `rank` is the one that its time is worth.
fn barred(view: &View<'_>, ask: &Ask, member: &Member<'_>, rank: Option<usize>) -> Option<Reason> {
    let said = &member.unit.description;
    let profile = || said.profile.clone();
    let reason = match member.bars.first()? {
        Bar::Service => {
            Reason::OtherService { agency: said.agency.as_str().to_owned(), rank_without: rank }
        }
        Bar::Profile => Reason::OtherProfile { profile: profile(), rank_without: rank },
        Bar::UnknownProfile => Reason::UnknownProfile { profile: profile() },
        Bar::Capability(missing) => {
            Reason::LacksCapability { missing: missing.clone(), rank_without: rank }
        }
        Bar::Status => Reason::Unavailable {
            status: member.unit.status.as_str().to_owned(),
            since: rfc3339(member.unit.status_since, view.offset),
            rank_without: rank,
        },
        Bar::PositionAge => Reason::PositionTooOld {
            age_s: member.age_s(view),
            limit_s: ask.limits.position_age_s,
            rank_without: rank,
        },
        Bar::OffRoad => Reason::OffRoad,
    };
    Some(reason)
}

fn rejected(
    view: &View<'_>,
    member: &Member<'_>,
    first: Option<&Candidate>,
    reason: Reason,
    case: Option<&Case>,
) -> Rejected {
    let now = case.map(|case| case.now);
    let beyond = match now {
        Some(Outcome::Later { at_least_ms, behind }) => {
            Some(Beyond { eta_s: seconds(at_least_ms), rank: behind })
        }
        _ => None,
    };
    Rejected {
        unit: unit_summary(view, member),
        rank: None,
        eta_s: now.and_then(Outcome::standing).map(|now| seconds(now.eta_ms)),
        beyond,
        bars: member.bars.iter().map(Bar::code).collect(),
        told: told(view, member, first, reason, beyond),
    }
}

fn told(
    view: &View<'_>,
    member: &Member<'_>,
    first: Option<&Candidate>,
    reason: Reason,
    beyond: Option<Beyond>,
) -> Told {
    let unknown = Title { vi: String::new(), en: String::new() };
    let profiles = view.city.catalog().profiles();
    let profile = member.profile.and_then(|profile| profiles.get(profile.index()));
    let telling = Telling {
        clock: view.clock(),
        nearer_m: first.map(|first| first.unit.line_m - member.line_m),
        vehicle: profile.map_or(&unknown, |profile| &profile.title),
        beyond,
    };
    Told { sentence: reason.sentence(&telling), reason }
}

fn seconds(ms: u32) -> f64 {
    f64::from(ms) / 1_000.0
}
