//! An incident that no unit reaches by road: how near one gets, and what would open the way.
//!
//! The nearest reachable place is the one on the units' side of what is closed that is nearest to
//! the incident by line; kinds of vehicles may differ in it. What would open the way is looked for
//! on the fastest way when there are no conditions, and proved twice: without all these conditions
//! somebody gets there, and where any one of them stays nobody does. The second is not tried where
//! there are many; the answer says so.

use urbis_network::{ConditionId, Reachable, Target, nearest_reachable};

use crate::candidates::{
    Candidate, CutOff, Destination, OpenedBy, Race, Runner, Scene, Spot, candidate, lon_lat,
    profiles, summaries,
};
use crate::language::Speech;
use crate::reasons::{self, Blamed};
use crate::{Language, Sentence};

/// More conditions than these are not tried one by one.
const MAX_TRIED: usize = 8;

/// Kinds that get so much less near than the nearest are listed after those that get nearer;
/// metres.
const AS_NEAR_M: f64 = 50.0;

/// Describes the way to an incident that nobody who may go gets to; `None` where nobody may go,
/// or no road is near.
pub(crate) fn find(scene: &Scene<'_>) -> Option<CutOff> {
    let reachable = reachable(scene, &scene.eligible());
    let nearest = reachable.nearest()?;
    let opened_by = opened_by(scene);
    let gap_m = nearest.gap_m;
    Some(CutOff {
        place: lon_lat(nearest.place),
        gap_m,
        candidates: candidates(scene, &reachable, gap_m),
        sentence: Sentence::of(|language| tell(scene, gap_m, opened_by.as_ref(), language)),
        opened_by,
    })
}

/// The nearest place that each kind among some units reaches.
pub(crate) fn reachable(scene: &Scene<'_>, runners: &[&Runner]) -> Destination {
    let spots = profiles(runners).into_iter().filter_map(|kind| {
        let of_kind = runners.iter().filter(|runner| runner.profile == kind);
        let targets: Vec<Target> = of_kind.map(|runner| runner.target()).collect();
        let view = scene.view;
        let found = nearest_reachable(view.city, view.live, kind, scene.ask.place, &targets)?;
        let Reachable { at: positions, place, gap } = found;
        Some(Spot { profile: kind, positions, place, gap_m: gap.0 })
    });
    Destination::at(spots.collect())
}

/// Who gets to the nearest reachable places, first to last; kinds that get much less near only
/// where there are not enough of the others.
fn candidates(scene: &Scene<'_>, reachable: &Destination, nearest_m: f64) -> Vec<Candidate> {
    let gap_m = |runner: &Runner| reachable.on(runner.profile).map(|spot| spot.gap_m);
    let is_near =
        |runner: &&Runner| gap_m(runner).is_some_and(|gap_m| gap_m <= nearest_m + AS_NEAR_M);
    let (near, far): (Vec<&Runner>, Vec<&Runner>) = scene.eligible().into_iter().partition(is_near);
    let wanted = scene.ask.wanted();
    let mut found = Vec::new();
    for who in [near, far] {
        let race = Race::start(scene.view.live, reachable, &who, scene.cutoff_ms());
        let race = race.until_count(wanted - found.len());
        for finish in race.leaders() {
            let gap_m = scene.runner(finish.number).and_then(gap_m).unwrap_or(f64::INFINITY);
            let rank = found.len() + 1;
            found.push(Candidate { rank, ..candidate(scene, &race, finish, gap_m) });
        }
    }
    found
}

fn opened_by(scene: &Scene<'_>) -> Option<OpenedBy> {
    let eligible = scene.eligible();
    let live = scene.view.live;
    let kinds = profiles(&eligible);
    let dry = live.dry();
    let race = scene.race(&dry, &eligible).until_count(1);
    let number = race.leaders().next()?.number;
    let profile = scene.runner(number)?.profile;
    let blamed = Blamed::on_way(live, profile, &race.route(number));
    let opens = |open: &[ConditionId]| {
        let roads = live.without(open, &kinds);
        scene.race(&roads, &eligible).until_count(1).leaders().next().is_some()
    };
    // What closes the way may not be all that keeps units from arriving within the longest drive.
    let is_enough = opens(&blamed.stopping);
    let all = if is_enough { blamed.stopping } else { blamed.all() };
    let is_minimal = all.len() <= MAX_TRIED;
    let needed = if is_minimal { needed(all, opens) } else { all };
    let roads = live.without(&needed, &kinds);
    let opened = scene.race(&roads, &eligible).until_count(1);
    let finish = opened.leaders().next()?;
    Some(OpenedBy {
        conditions: summaries(scene, &needed),
        is_minimal,
        unit_id: scene.crew.members[finish.number].unit.id.as_str().to_owned(),
        eta_s: f64::from(finish.eta_ms) / 1_000.0,
    })
}

/// Leaves out of a set that opens the way whatever is not needed for it.
fn needed(
    mut conditions: Vec<ConditionId>,
    opens: impl Fn(&[ConditionId]) -> bool,
) -> Vec<ConditionId> {
    let mut at = 0;
    while at < conditions.len() {
        let mut fewer = conditions.clone();
        fewer.remove(at);
        if opens(&fewer) {
            conditions = fewer;
        } else {
            at += 1;
        }
    }
    conditions
}

fn tell(scene: &Scene<'_>, gap_m: f64, opened: Option<&OpenedBy>, language: Language) -> String {
    let gap = language.length(gap_m);
    let reached = match language {
        Language::Vi => format!("không xe nào tới được bằng đường bộ; tới gần nhất còn cách {gap}"),
        Language::En => format!("no unit gets there by road; the nearest place is {gap} away"),
    };
    let Some(opened) = opened else { return reached };
    let list = reasons::list_of(&opened.conditions, scene.view.clock(), language);
    match language {
        Language::Vi => format!("{reached}; bị chặn bởi: {list}"),
        Language::En => format!("{reached}; in the way: {list}"),
    }
}
