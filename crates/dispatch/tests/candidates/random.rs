//! Towns at random: the order against the oracle, and every reason by taking its cause away.

use std::collections::BTreeSet;

use geo::{Distance, Geodesic, Point};
use urbis_dispatch::{
    Agency, Answer, Ask, Beyond, MAX_CANDIDATES, MAX_REJECTED, Reason, Rejected, Unit, UnitStatus,
};
use urbis_model::{LonLat, Metres};
use urbis_network::{SnapRules, snap};

use crate::by_hand::{answer, ask};
use crate::dice::Random;
use crate::oracle;
use crate::town::{Crew, Plan, Street, Town, ambulance, shifted};

/// Fixed, so that a failure repeats.
const SEED: u64 = 6;

const TOWNS: u64 = 20;
const ASKS: usize = 8;

/// What a unit has beside its crew.
const NO_OR_ALS: [&[&str]; 2] = [&[], &["als"]];

/// A town and its units before they are built.
struct Sketch {
    plan: Plan,
    crews: Vec<(Crew, (f64, f64))>,
}

const SIDE: u64 = 8;
const BLOCK_M: f64 = 150.0;

/// A grid with gaps, one-ways, four kinds of streets, water and works on some of them.
fn sketch(random: &mut Random) -> Sketch {
    let mut plan = Plan::default();
    let mut lines = Vec::new();
    let corner = |x: u64, y: u64| (x as f64 * BLOCK_M, y as f64 * BLOCK_M);
    for (x, y) in (0..SIDE).flat_map(|x| (0..SIDE).map(move |y| (x, y))) {
        for (to_x, to_y) in [(x + 1, y), (x, y + 1)] {
            if to_x == SIDE || to_y == SIDE || random.is(15) {
                continue;
            }
            let line = [corner(x, y), corner(to_x, to_y)];
            let class = random.of(&["primary", "secondary", "tertiary", "residential"]);
            let name = format!("{x},{y}");
            plan = plan.street(Street { name: &name, class, oneway: random.is(15) }, &line);
            lines.push(line);
        }
    }
    for _ in 0..random.below(14) {
        let [from, to] = random.of(&lines);
        let depth = random.of(&[None, Some(0.2), Some(0.4), Some(0.9)]);
        let between =
            |part: f64| (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
        plan = plan.closure("Đường", depth, &[between(0.3), between(0.6)]);
    }
    let crews = (0..24).map(|number| crew(random, number, &lines)).collect();
    Sketch { plan, crews }
}

fn crew(random: &mut Random, number: u64, lines: &[[(f64, f64); 2]]) -> (Crew, (f64, f64)) {
    let [from, to] = random.of(lines);
    // In tenths, so that some stand at one place.
    let part = random.below(11) as f64 / 10.0;
    let place = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
    let crew = Crew {
        profile: random.of(&["ambulance", "pumper", "rescue_truck"]),
        agency: random.of(&[Agency::Medical115, Agency::Fire114]),
        status: random.of(&[UnitStatus::Available, UnitStatus::Available, UnitStatus::OnScene]),
        age_s: random.of(&[0, 10, 250, 400]),
        capabilities: random.of(&NO_OR_ALS),
        ..ambulance(&format!("u{number:02}"))
    };
    (crew, place)
}

impl Sketch {
    fn build(&self, plan: &Plan) -> Town {
        self.crews.iter().fold(plan.build(), |town, (crew, place)| town.unit(crew, *place))
    }
}

fn random_ask(random: &mut Random) -> Ask {
    let along = |random: &mut Random| random.below(SIDE * BLOCK_M as u64) as f64;
    Ask {
        limit: 1 + random.below(4) as usize,
        service: random.of(&[None, Some(Agency::Medical115)]),
        capabilities: random.of(&NO_OR_ALS).iter().map(|&one| one.to_owned()).collect(),
        ..ask((along(random), along(random)))
    }
}

/// Runs a check on every random town and question.
fn for_each_question(check: impl Fn(&Sketch, &Town, &Ask, &Answer)) {
    let mut random = Random(SEED);
    for _ in 0..TOWNS {
        let sketch = sketch(&mut random);
        let town = sketch.build(&sketch.plan);
        for _ in 0..ASKS {
            let ask = random_ask(&mut random);
            let answer = answer(&town, &ask);
            // Where all positions are old the line answers: tested by hand.
            if !answer.is_fallback {
                check(&sketch, &town, &ask, &answer);
            }
        }
    }
}

fn may_go(crew: &Crew, ask: &Ask) -> bool {
    crew.status == UnitStatus::Available
        && crew.age_s <= 300
        && ask.service.is_none_or(|service| service == crew.agency)
        && ask.capabilities.iter().all(|wanted| crew.capabilities.contains(&wanted.as_str()))
}

/// All that may go by the oracle, first to last.
fn expected(sketch: &Sketch, town: &Town, ask: &Ask) -> Vec<(u32, String)> {
    let eligible = |unit: &&Unit| {
        let crew = sketch.crews.iter().find(|(crew, _)| crew.id == unit.id.as_str());
        crew.is_some_and(|(crew, _)| may_go(crew, ask))
    };
    let units: Vec<&Unit> = town.fleet.units().iter().map(AsRef::as_ref).filter(eligible).collect();
    oracle::order(town, &units, ask.place)
}

fn found(answer: &Answer) -> Vec<(u32, String)> {
    let ms = |eta_s: Option<f64>| (eta_s.expect("a time") * 1_000.0).round() as u32;
    answer.candidates.iter().map(|one| (ms(one.eta_s), one.unit.unit_id.clone())).collect()
}

#[test]
fn candidates_are_the_first_of_all_units_sorted_by_their_own_searches() {
    for_each_question(|sketch, town, ask, answer| {
        let mut expected = expected(sketch, town, ask);
        expected.truncate(ask.limit);
        assert_eq!(found(answer), expected, "{ask:?}");
    });
}

#[test]
fn rejected_are_the_nearer_ones_by_line_that_are_no_candidates() {
    for_each_question(|_, town, ask, answer| {
        let last = answer.candidates.last().filter(|_| answer.candidates.len() == ask.limit);
        let reach_m = last.map_or(f64::INFINITY, |last| last.unit.line_m);
        let rejected = answer.rejected.iter().map(|one| one.unit.line_m);
        let lines: Vec<f64> = rejected.collect();
        assert!(lines.is_sorted() && lines.iter().all(|line| *line < reach_m));
        let all =
            Ask { limit: MAX_CANDIDATES, service: None, capabilities: Vec::new(), ..ask.clone() };
        let everybody = crate::by_hand::answer(town, &all);
        let listed = everybody.candidates.iter().map(|one| &one.unit);
        let listed = listed.chain(everybody.rejected.iter().map(|one| &one.unit));
        let nearer = listed.filter(|unit| {
            let is_candidate = answer.candidates.iter().any(|one| one.unit.unit_id == unit.unit_id);
            unit.line_m < reach_m && !is_candidate
        });
        assert_eq!(answer.rejected.len(), nearer.count().min(MAX_REJECTED), "{ask:?}");
    });
}

/// The rank and the time of a unit in an answer that lists all.
fn standing(town: &Town, ask: &Ask, unit: &str) -> Option<(usize, f64)> {
    let all = answer(town, &Ask { limit: MAX_CANDIDATES, ..ask.clone() });
    let one = all.candidates.iter().find(|one| one.unit.unit_id == unit)?;
    Some((one.rank, one.eta_s?))
}

#[test]
fn every_reason_holds_when_its_cause_is_taken_away() {
    let proved = std::cell::RefCell::new(std::collections::BTreeMap::<&str, usize>::new());
    for_each_question(|sketch, town, ask, answer| {
        for rejected in &answer.rejected {
            let unit = rejected.unit.unit_id.as_str();
            if rejected.bars.is_empty() {
                let now = standing(town, ask, unit);
                check_now(rejected, now, rejected.rank);
            }
            let beyond = rejected.beyond.map(|_| "beyond");
            let kinds = beyond.into_iter();
            let kind = check(sketch, ask, rejected);
            for kind in kinds.chain([kind]) {
                *proved.borrow_mut().entry(kind).or_default() += 1;
            }
        }
        for candidate in answer.candidates.iter().filter(|one| one.reason.is_some()) {
            let told = candidate.reason.clone().expect("it is there");
            check_roads(sketch, ask, &candidate.unit.unit_id, &told.reason, None);
        }
    });
    let proved = proved.into_inner();
    for kind in
        ["barred", "slower_because", "slower_by_road", "cut_off", "cut_off_and_far", "beyond"]
    {
        assert!(proved.get(kind).is_some_and(|count| *count >= 5), "{kind}: {proved:?}");
    }
}

fn check(sketch: &Sketch, ask: &Ask, rejected: &Rejected) -> &'static str {
    let unit = rejected.unit.unit_id.as_str();
    if rejected.bars.is_empty() {
        return check_roads(sketch, ask, unit, &rejected.told.reason, rejected.beyond);
    }
    let rank_without = match &rejected.told.reason {
        Reason::Unavailable { rank_without, .. }
        | Reason::OtherService { rank_without, .. }
        | Reason::LacksCapability { rank_without, .. }
        | Reason::PositionTooOld { rank_without, .. } => *rank_without,
        other => unreachable!("{other:?}"),
    };
    let mut crews = sketch.crews.clone();
    let (crew, _) = crews.iter_mut().find(|(crew, _)| crew.id == unit).expect("a unit");
    (crew.status, crew.age_s, crew.capabilities) = (UnitStatus::Available, 0, &["als"]);
    crew.agency = Agency::Medical115;
    let freed = Sketch { plan: sketch.plan.clone(), crews };
    let found = standing(&freed.build(&freed.plan), ask, unit);
    check_now(rejected, found, rank_without);
    "barred"
}

/// A rank and a time are as told; of one that nobody looked for so far, not better than told.
fn check_now(rejected: &Rejected, found: Option<(usize, f64)>, rank: Option<usize>) {
    let Some(beyond) = rejected.beyond else {
        assert_eq!(found.map(|(rank, _)| rank), rank, "{rejected:?}");
        assert_eq!(found.map(|(_, eta_s)| eta_s), rejected.eta_s);
        return;
    };
    assert_eq!((rank, rejected.eta_s), (None, None), "{rejected:?}");
    let is_later = |(rank, eta_s): (usize, f64)| rank > beyond.rank && eta_s >= beyond.eta_s;
    assert!(found.is_none_or(is_later), "{found:?} {rejected:?}");
}

fn check_roads(
    sketch: &Sketch,
    ask: &Ask,
    unit: &str,
    reason: &Reason,
    beyond: Option<Beyond>,
) -> &'static str {
    let without = |ids: &[&str]| sketch.build(&sketch.plan.clone().without(ids));
    let dry = || sketch.build(&sketch.plan.clone().dry());
    match reason {
        Reason::SlowerBecause { conditions, rank, rank_without, eta_s_without, .. } => {
            let ids: Vec<&str> = conditions.iter().map(|one| one.source_id.as_str()).collect();
            let found = standing(&without(&ids), ask, unit);
            assert_eq!(found, Some((*rank_without, *eta_s_without)), "{unit} {reason:?}");
            let behind = beyond.map(|beyond| beyond.rank + 1);
            assert!(rank.or(behind).is_some_and(|rank| *rank_without < rank), "{reason:?}");
            "slower_because"
        }
        Reason::CutOff { behind_without: Some(behind), .. } => {
            assert_eq!(standing(&without(&[]), ask, unit), None);
            let found = standing(&dry(), ask, unit).map(|(rank, _)| rank);
            assert!(found.is_some_and(|rank| rank > *behind), "{unit} {reason:?}");
            "cut_off_and_far"
        }
        Reason::CutOff { conditions, rank_without, eta_s_without, .. } => {
            let ids: Vec<&str> = conditions.iter().map(|one| one.source_id.as_str()).collect();
            let found = standing(&without(&ids), ask, unit);
            assert_eq!(found, rank_without.zip(*eta_s_without), "{unit} {reason:?}");
            "cut_off"
        }
        Reason::SlowerByRoad { rank_without, .. } => {
            let found = standing(&dry(), ask, unit).map(|(rank, _)| rank);
            match (rank_without, beyond) {
                (None, Some(beyond)) => {
                    assert!(found.is_some_and(|rank| rank > beyond.rank), "{unit} {reason:?}");
                }
                _ => assert_eq!(found, *rank_without, "{unit} {reason:?}"),
            }
            "slower_by_road"
        }
        Reason::NoWay => {
            assert_eq!(standing(&dry(), ask, unit), None, "{unit}");
            "no_way"
        }
        other => unreachable!("{unit}: {other:?}"),
    }
}

/// Places on the roads within a distance of a question's, about two metres apart.
fn places_around(town: &Town, ask: &Ask, within_m: f64) -> Vec<LonLat> {
    const STEP_M: f64 = 2.0;
    let steps = (within_m / STEP_M) as i64;
    let grid = (-steps..=steps).flat_map(|x| (-steps..=steps).map(move |y| (x, y)));
    let places = grid.filter_map(|(x, y)| {
        let near = shifted(ask.place, x as f64 * STEP_M, y as f64 * STEP_M);
        let rules = SnapRules { within: Metres(3.0), heading_deg: None, max: 4 };
        let place = snap(&town.city, town.live.graph(), near, &rules).first()?.place;
        // A centimetre inside, since both sides round.
        (line_m(place, ask.place) < within_m - 0.01).then_some(place)
    });
    places.collect()
}

fn line_m(from: LonLat, to: LonLat) -> f64 {
    Geodesic.distance(Point::new(from.lon(), from.lat()), Point::new(to.lon(), to.lat()))
}

#[test]
fn who_is_first_elsewhere_is_who_is_first_on_some_place_of_the_roads_around() {
    const ACCURACY_M: f64 = 40.0;
    let uncertain = std::cell::Cell::new(0);
    for_each_question(|_, town, ask, _| {
        let wide = answer(town, &Ask { accuracy: Metres(ACCURACY_M), ..ask.clone() });
        let Some(first) = wide.candidates.first() else { return };
        let mut named = BTreeSet::from([first.unit.unit_id.as_str()]);
        named.extend(wide.first_elsewhere.iter().map(|one| one.unit_id.as_str()));
        assert_eq!(wide.first_unit_is_certain, Some(named.len() == 1));
        uncertain.set(uncertain.get() + usize::from(named.len() > 1));
        for place in places_around(town, ask, ACCURACY_M) {
            let there = answer(town, &Ask { place, limit: 1, ..ask.clone() });
            for one in &there.candidates {
                assert!(named.contains(one.unit.unit_id.as_str()), "{place}: {one:?} {named:?}");
            }
        }
        for other in &wide.first_elsewhere {
            let [lon, lat] = other.place.expect("a place");
            let place = LonLat::new(lon, lat).expect("on the earth");
            let there = answer(town, &Ask { place, limit: MAX_CANDIDATES, ..ask.clone() });
            let found = there.candidates.iter().find(|one| one.unit.unit_id == other.unit_id);
            let eta_s = found.and_then(|one| one.eta_s).expect("it gets there");
            // The place is told to a centimetre of the grid, half a millisecond of driving.
            assert!((eta_s - other.eta_s).abs() < 0.01, "{other:?}");
        }
    });
    assert!(uncertain.get() >= 5, "{uncertain:?}");
}
