//! Puts an answer together: the race, the estimates of boats, the reasons.

use std::sync::Arc;
use std::time::{Duration, Instant};

use urbis_model::{Metres, Moment};
use urbis_network::{Condition, ConditionId, Effect, LiveRoads};

use super::answer::lon_lat;
use super::race::{Finish, profiles};
use super::{
    Answer, Ask, Basis, Candidate, ConditionSummary, Crew, Destination, EffectSummary, Incident,
    LineString, Member, Race, Runner, UnitSummary, View, certainty, fallback,
};
use crate::language::rfc3339;
use crate::reasons::{self, Explained};
use crate::{boat, cut_off};

/// One question with all that its searches need.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub view: &'a View<'a>,
    pub ask: &'a Ask,
    pub crew: Crew<'a>,
    /// Where each kind is to go.
    pub destination: Destination,
    /// Those that are on a road that they can drive, in the order of their numbers.
    pub runners: Vec<Runner>,
}

/// Finds who gets there first, and why the nearer ones do not.
pub fn candidates(view: &View<'_>, ask: &Ask) -> Answer {
    timed_candidates(view, ask).0
}

/// As [`candidates`], with how long the search for those that arrive first took, without
/// their ways and the reasons; nothing where the line answers.
pub fn timed_candidates(view: &View<'_>, ask: &Ask) -> (Answer, Option<Duration>) {
    let crew = Crew::muster(view, ask);
    if let Some(code) = fallback::before_search(view, ask, &crew) {
        return (fallback::answer(view, ask, &crew, code), None);
    }
    let scene = Scene::set(view, ask, crew);
    if let Some(code) = fallback::without_destination(&scene) {
        return (fallback::answer(view, ask, &scene.crew, code), None);
    }
    let started = Instant::now();
    let everybody: Vec<&Runner> = scene.runners.iter().collect();
    let race = scene.race(view.live, &everybody).until_count(ask.wanted());
    let took = started.elapsed();
    (scene.answer(race), Some(took))
}

impl<'a> Scene<'a> {
    fn set(view: &'a View<'a>, ask: &'a Ask, crew: Crew<'a>) -> Self {
        let runners: Vec<Runner> = crew.members.iter().enumerate().filter_map(runner).collect();
        let kinds = profiles(&runners.iter().collect::<Vec<_>>());
        let destination = Destination::find(view.city, view.live, ask.place, &kinds);
        Self { view, ask, crew, destination, runners }
    }

    /// `race` has gone on until as many arrived as are wanted.
    fn answer(&self, mut race: Race<'_>) -> Answer {
        let limit = self.ask.wanted();
        let mut found: Vec<(usize, Candidate)> =
            race.leaders().map(|finish| (finish.number, self.candidate(&race, finish))).collect();
        let cut_off = if found.is_empty() { cut_off::find(self) } else { None };
        boat::join(self, &mut found);
        found.truncate(limit);
        let Explained { rejected, of_candidates } = reasons::explain(self, &mut race, &found);
        for ((_, candidate), reason) in found.iter_mut().zip(of_candidates) {
            candidate.reason = reason;
        }
        let certainty = certainty::find(self, &race, &found);
        Answer {
            candidates: found.into_iter().map(|(_, candidate)| candidate).collect(),
            rejected,
            first_unit_is_certain: certainty.is_certain,
            first_elsewhere: certainty.elsewhere,
            cut_off,
            is_fallback: false,
            fallback: None,
            incident: incident(self.ask, Some(&self.destination)),
            basis: basis(self.view, self.ask, &self.crew),
        }
    }

    /// The longest drive.
    pub fn cutoff_ms(&self) -> u32 {
        self.ask.limits.cutoff_s.saturating_mul(1_000)
    }

    /// Those that may go and are on a road.
    pub fn eligible(&self) -> Vec<&Runner> {
        self.runners.iter().filter(|runner| runner.may_go).collect()
    }

    /// Puts units at the start of a race to the incident.
    pub fn race<'r>(&self, live: &'r LiveRoads, who: &[&Runner]) -> Race<'r> {
        Race::start(live, &self.destination, who, self.cutoff_ms())
    }

    fn candidate(&self, race: &Race<'_>, finish: &Finish) -> Candidate {
        let remaining_m = self
            .runner(finish.number)
            .and_then(|runner| self.destination.on(runner.profile).map(|spot| spot.gap_m));
        candidate(self, race, finish, remaining_m.unwrap_or_default())
    }

    /// A runner by its number.
    pub fn runner(&self, number: usize) -> Option<&Runner> {
        let at = self.runners.binary_search_by_key(&number, |runner| runner.number).ok()?;
        self.runners.get(at)
    }
}

/// A unit that arrived, its reason left open; `remaining_m` is what is left from the end of the
/// road to the incident.
pub(crate) fn candidate(
    scene: &Scene<'_>,
    race: &Race<'_>,
    finish: &Finish,
    remaining_m: f64,
) -> Candidate {
    let way = race.route(finish.number);
    let distance_mm: u64 =
        way.iter().map(|part| u64::from(part.to_mm.abs_diff(part.from_mm))).sum();
    let line = urbis_network::geometry(scene.view.city, scene.view.live.graph(), &way);
    Candidate {
        unit: unit_summary(scene.view, &scene.crew.members[finish.number]),
        rank: race.standing(finish.number).map_or(0, |standing| standing.rank),
        eta_s: Some(f64::from(finish.eta_ms) / 1_000.0),
        distance_m: distance_mm as f64 / 1_000.0,
        remaining_m,
        geometry: Some(LineString::of(&line)),
        is_estimate: false,
        estimate: None,
        reason: None,
    }
}

fn runner((number, member): (usize, &Member<'_>)) -> Option<Runner> {
    let starts = member.starts.clone();
    let is_on_road = !starts.is_empty();
    let (profile, may_go) = (member.profile?, member.bars.is_empty());
    is_on_road.then_some(Runner { number, profile, starts, may_go })
}

/// What an answer says of every unit.
pub(crate) fn unit_summary(view: &View<'_>, member: &Member<'_>) -> UnitSummary {
    let said = &member.unit.description;
    UnitSummary {
        unit_id: member.unit.id.as_str().to_owned(),
        title: said.title.clone(),
        agency: said.agency.as_str().to_owned(),
        profile: said.profile.clone(),
        status: member.unit.status.as_str().to_owned(),
        is_simulated: said.is_simulated,
        position: lon_lat(member.fix.place),
        position_age_s: member.age_s(view),
        position_accuracy_m: member.fix.accuracy_m,
        line_m: member.line_m,
    }
}

/// The incident as it was understood.
pub(crate) fn incident(ask: &Ask, destination: Option<&Destination>) -> Incident {
    let Metres(accuracy_m) = ask.accuracy;
    let spot = destination.and_then(Destination::nearest);
    Incident {
        place: lon_lat(ask.place),
        accuracy_m,
        road_place: spot.map(|spot| lon_lat(spot.place)),
        road_gap_m: spot.map(|spot| spot.gap_m),
    }
}

/// What the answer rests on.
pub(crate) fn basis(view: &View<'_>, ask: &Ask, crew: &Crew<'_>) -> Basis {
    let may_know = |condition: &&Arc<Condition>| condition.openness <= ask.class;
    Basis {
        revision: view.city.revision(),
        epoch: view.live.epoch(),
        fleet_epoch: view.fleet.epoch(),
        at: rfc3339(view.at, view.offset),
        city_age_s: view.city_age_s,
        road_state_age_s: view.live.newest_report(ask.class).map(|at| age_s(view, at)),
        condition_count: view.live.conditions().filter(may_know).count(),
        unit_count: crew.visible,
        eligible_count: crew.eligible().count(),
    }
}

/// How long ago a moment was; 0 for one that is ahead of our clock.
fn age_s(view: &View<'_>, at: Moment) -> f64 {
    view.now.0.saturating_sub(at.0).max(0) as f64 / 1_000_000.0
}

/// What an answer says of conditions, in their order.
pub(crate) fn summaries(scene: &Scene<'_>, ids: &[ConditionId]) -> Vec<ConditionSummary> {
    let known = ids.iter().filter_map(|id| scene.view.live.condition(id));
    known.map(|condition| summary(scene.view, scene.ask, condition)).collect()
}

fn summary(view: &View<'_>, ask: &Ask, condition: &Condition) -> ConditionSummary {
    if condition.openness > ask.class {
        return ConditionSummary::hidden();
    }
    let text = |text: &Option<Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
    let moment = |at: Option<Moment>| at.map(|at| rfc3339(at, view.offset));
    ConditionSummary {
        title: text(&condition.title),
        cause: text(&condition.cause),
        effect: effect(condition.effect),
        since: moment(condition.since),
        until: moment(condition.until),
        source: match condition.id {
            ConditionId::Layer(_) => "layer",
            ConditionId::Live(_) => "live",
        },
        source_id: condition.id.to_string(),
        reported_age_s: condition.reported_at.map(|at| age_s(view, at)),
        since_at: condition.since,
    }
}

fn effect(effect: Effect) -> EffectSummary {
    const CM_A_METRE: f64 = 100.0;
    match effect {
        Effect::Closed => EffectSummary::Closed,
        Effect::Depth(cm) => EffectSummary::Depth { depth_m: f64::from(cm) / CM_A_METRE },
        Effect::SpeedFactor(speed_factor) => EffectSummary::SpeedFactor { speed_factor },
        Effect::SpeedKmh(speed_kmh) => EffectSummary::Speed { speed_kmh },
    }
}
