//! The straight line, where the roads cannot be asked; declared, never silent.

use urbis_network::Graph;

use super::answer::{Fallback, FallbackCode};
use super::compose::{Scene, basis, incident, unit_summary};
use super::{Answer, Ask, Bar, Candidate, Crew, Member, View};
use crate::language::Speech;
use crate::reasons;
use crate::{Language, Sentence};

/// Why no search is worth starting.
pub(crate) fn before_search(view: &View<'_>, ask: &Ask, crew: &Crew<'_>) -> Option<FallbackCode> {
    if is_without_roads(view.live.graph()) {
        return Some(FallbackCode::NoRoads);
    }
    if view.city_age_s > ask.limits.city_age_s {
        return Some(FallbackCode::RoadsStale);
    }
    let only_old = |member: &Member<'_>| member.bars == [Bar::PositionAge];
    let nobody_is_fresh = crew.eligible().next().is_none() && crew.members.iter().any(only_old);
    nobody_is_fresh.then_some(FallbackCode::PositionsStale)
}

fn is_without_roads(graph: &Graph) -> bool {
    graph.arc_count() == 0
}

/// Why the search has nowhere to go to although somebody may go.
pub(crate) fn without_destination(scene: &Scene<'_>) -> Option<FallbackCode> {
    let eligible = scene.eligible();
    let can_go = eligible.iter().any(|runner| scene.destination.on(runner.profile).is_some());
    (!eligible.is_empty() && !can_go).then_some(FallbackCode::NoRoadNear)
}

/// Units in order of the straight line, ties by id.
pub(crate) fn answer(view: &View<'_>, ask: &Ask, crew: &Crew<'_>, code: FallbackCode) -> Answer {
    let line_m = |number: usize| crew.members[number].line_m;
    let counts =
        |number: &usize| crew.members[*number].bars.iter().all(|bar| is_forgiven(bar, code));
    let mut near: Vec<usize> = (0..crew.members.len()).filter(counts).collect();
    near.sort_by(|a, b| line_m(*a).total_cmp(&line_m(*b)).then(a.cmp(b)));
    near.truncate(ask.wanted());
    let found: Vec<(usize, Candidate)> = (1..)
        .zip(near)
        .map(|(rank, number)| (number, by_line(view, &crew.members[number], rank)))
        .collect();
    Answer {
        rejected: reasons::bars_by_line(view, ask, crew, &found),
        candidates: found.into_iter().map(|(_, candidate)| candidate).collect(),
        first_unit_is_certain: None,
        first_elsewhere: Vec::new(),
        cut_off: None,
        is_fallback: true,
        fallback: Some(Fallback { code, sentence: Sentence::of(|language| tell(code, language)) }),
        incident: incident(ask, None),
        basis: basis(view, ask, crew),
    }
}

/// What says nothing against a unit when only the line is asked: being off the roads, and the age
/// of its position where nobody's is fresh.
const fn is_forgiven(bar: &Bar, code: FallbackCode) -> bool {
    match bar {
        Bar::OffRoad => true,
        Bar::PositionAge => matches!(code, FallbackCode::PositionsStale),
        _ => false,
    }
}

fn by_line(view: &View<'_>, member: &Member<'_>, rank: usize) -> Candidate {
    Candidate {
        unit: unit_summary(view, member),
        rank,
        eta_s: None,
        distance_m: member.line_m,
        remaining_m: 0.0,
        geometry: None,
        is_estimate: true,
        estimate: None,
        reason: None,
    }
}

fn tell(code: FallbackCode, language: Language) -> String {
    let why = match code {
        FallbackCode::NoRoads => language.choose("chưa có mạng đường", "there is no road graph"),
        FallbackCode::RoadsStale => {
            language.choose("dữ liệu đường đã quá cũ", "the roads in memory are too old")
        }
        FallbackCode::NoRoadNear => language
            .choose("gần đó không có đường cho các xe này", "no road for these vehicles is near"),
        FallbackCode::PositionsStale => {
            language.choose("vị trí của các xe đều đã cũ", "the positions of all units are too old")
        }
    };
    match language {
        Language::Vi => format!("chỉ xếp theo đường chim bay, vì {why}"),
        Language::En => format!("in order of the straight line only, because {why}"),
    }
}
