//! States that follow each other: what is read of one is all of it and nothing of another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use urbis_catalog::{NetworkRole, ProfileIndex};
use urbis_model::{
    AttributeValue, ChangeBatch, Feature, FeatureId, LayerChange, Moment, Openness, Revision,
};
use urbis_network::{
    ArcId, ConditionId, Direction, Effect, IMPASSABLE, LiveRoads, OnArc, Reach, RoadPosition,
    RoadState, RoadStateOutcome, RoadStateUpdate, Roads, Target, Travel, all_times,
};
use urbis_snapshot::City;

use crate::brute::storm;
use crate::town::{NOW, Plan, Random, Town, catalog, layer_of};

const PLAN: Plan = Plan { side: 8, rules: 20, barriers: 4, oneways: 15 };

/// A moment so many microseconds after the start.
const fn after(us: i64) -> Moment {
    Moment(NOW.0 + us)
}

fn update(key: &str, way: usize, effect: Effect, observed_at: Moment) -> RoadStateUpdate {
    let reach = Reach::Segment(Town::segment(way));
    let (direction, openness) = (Direction::Both, Openness::Open);
    let (cause, title, until) = (None, None, None);
    let state = RoadState { reach, direction, effect, cause, title, until, openness };
    RoadStateUpdate { key: key.into(), observed_at, state: Some(state) }
}

fn live_of(city: &City) -> LiveRoads {
    LiveRoads::new(Arc::new(Roads::build(city)))
}

/// Everything that a search reads, by what the numbers of arcs stand for: those of two graphs of
/// one city may differ.
fn weights(live: &LiveRoads) -> BTreeMap<(u8, RoadPosition, u32), u32> {
    let graph = live.graph();
    let mut weights = BTreeMap::new();
    for profile in 0..catalog().profiles().len() as u8 {
        for arc in graph.arcs() {
            let Some(start) = graph.position(OnArc { arc, offset_mm: 0 }) else { continue };
            // A gate that stands by itself is where the arc behind it starts.
            let length_mm = graph.arc(arc).length_mm;
            let weight = live.weight(ProfileIndex(profile), arc);
            weights.insert((profile, start, length_mm), weight);
        }
    }
    weights
}

/// Two states over graphs of one city: the same links, conditions and weights.
fn assert_same(one: &LiveRoads, other: &LiveRoads, when: &str) {
    let differ = |one: BTreeSet<String>, other: BTreeSet<String>, what: &str| {
        let lost: Vec<_> = other.difference(&one).take(5).collect();
        let more: Vec<_> = one.difference(&other).take(5).collect();
        assert!(lost.is_empty() && more.is_empty(), "{when}, {what}: not {more:?} but {lost:?}");
    };
    differ(links(one), links(other), "links");
    differ(stretches(one), stretches(other), "stretches");
    let told = |live| weights(live).into_iter().map(|weight| format!("{weight:?}")).collect();
    differ(told(one), told(other), "weights");
}

fn links(live: &LiveRoads) -> BTreeSet<String> {
    let graph = live.graph();
    let links = graph.arcs().flat_map(|arc| graph.links(arc)).map(|(link, _)| graph.link(link));
    links.map(|link| format!("{} {}+{}", link.segment, link.start_mm, link.length_mm)).collect()
}

fn stretches(live: &LiveRoads) -> BTreeSet<String> {
    let graph = live.graph();
    let spans = live
        .conditions()
        .flat_map(|condition| condition.spans.iter().map(move |span| (condition, span)));
    let told = spans.map(|(condition, span)| {
        let link = graph.link(span.link);
        let (from, to) = (link.start_mm + span.from_mm, link.start_mm + span.to_mm);
        format!("{} on {} {from}-{to} {:?}", condition.id, link.segment, span.travel)
    });
    told.collect()
}

/// A question whose answer needs the whole of a state.
fn ask(live: &LiveRoads, seed: u64) -> Vec<Option<u32>> {
    let random = &mut Random::new(seed);
    let profile = ProfileIndex(random.below(catalog().profiles().len()) as u8);
    let spots = spots(live, random);
    let targets = spots[1..].iter().enumerate();
    let targets: Vec<Target> =
        targets.map(|(n, at)| Target { index: n as u32, at: vec![(*at, 0)] }).collect();
    all_times(live, profile, &spots[..1], &targets, IMPASSABLE)
}

/// Places that are the same in every graph of the town: on ways that nothing changes.
fn spots(live: &LiveRoads, random: &mut Random) -> Vec<OnArc> {
    let mut spots = Vec::new();
    while spots.len() < 21 {
        let segment = FeatureId::new(1 + random.below(40) as i64).unwrap();
        let offset_mm = random.below(60_000) as u32;
        let travel = if random.chance(50) { Travel::Forward } else { Travel::Backward };
        spots.extend(live.graph().locate(RoadPosition { segment, part: 0, offset_mm, travel }));
    }
    spots
}

#[test]
fn a_batch_is_the_same_as_its_reports_one_by_one_and_as_all_at_once() {
    for seed in 1..=5 {
        let town = Town::grow(seed, PLAN);
        let city = town.city(Vec::new());
        let start = live_of(&city);
        let storm = storm(&mut Random::new(seed), &town, 30);
        let (at_once, _) = start.with(&city, &storm, after(1));
        let mut one_by_one = start.clone();
        for report in &storm {
            one_by_one = one_by_one.with(&city, std::slice::from_ref(report), after(1)).0;
        }
        assert_eq!(weights(&at_once), weights(&one_by_one));
        assert_ne!(weights(&at_once), weights(&start), "a storm slows somebody");
        assert_eq!((at_once.epoch(), one_by_one.epoch()), (1, 30));
        let kinds = catalog().profiles().len() as u8;
        let profiles: Vec<_> = (0..kinds).map(ProfileIndex).collect();
        // Taking all out again leaves what was there before.
        let ids: Vec<ConditionId> =
            at_once.conditions().map(|condition| condition.id.clone()).collect();
        assert_eq!(weights(&at_once.without(&ids, &profiles)), weights(&start));
        assert_eq!(weights(&at_once.dry()), weights(&start.dry()));
    }
}

#[test]
fn a_report_that_comes_late_or_after_the_end_changes_nothing() {
    let town = Town::grow(3, PLAN);
    let city = town.city(Vec::new());
    let start = live_of(&city);
    let deep = update("gauge", 0, Effect::Depth(90), after(20));
    let (wet, outcomes) = start.with(&city, &[deep], after(20));
    assert!(matches!(outcomes[..], [RoadStateOutcome::Applied { .. }]));
    let late = update("gauge", 0, Effect::Depth(1), after(10));
    let (still, outcomes) = wet.with(&city, std::slice::from_ref(&late), after(21));
    assert_eq!(outcomes, [RoadStateOutcome::OutOfOrder]);
    assert_eq!(weights(&still), weights(&wet));
    let end = RoadStateUpdate { key: "gauge".into(), observed_at: after(30), state: None };
    let (ended, outcomes) = still.with(&city, &[end], after(31));
    assert_eq!(outcomes, [RoadStateOutcome::Cleared]);
    let (after_end, outcomes) = ended.with(&city, &[late], after(32));
    assert_eq!(outcomes, [RoadStateOutcome::OutOfOrder]);
    assert_eq!(weights(&after_end), weights(&start));
}

#[test]
fn a_state_is_over_at_its_end_and_not_before() {
    let town = Town::grow(3, PLAN);
    let city = town.city(Vec::new());
    let start = live_of(&city);
    let mut closed = update("tree", 0, Effect::Closed, after(0));
    closed.state.as_mut().unwrap().until = Some(after(100));
    let (live, _) = start.with(&city, &[closed], after(1));
    assert_eq!(live.next_end(after(1)), Some(after(100)));
    assert_eq!(live.expire(after(99)).epoch(), live.epoch());
    let over = live.expire(after(100));
    assert_eq!(over.epoch(), live.epoch() + 1);
    assert_eq!(weights(&over), weights(&start));
    assert_eq!(weights(&live.at(&city, after(99))), weights(&live));
    assert_eq!(weights(&live.at(&city, after(100))), weights(&start));
}

#[test]
fn an_older_report_that_comes_after_a_state_is_over_does_not_bring_it_back() {
    let town = Town::grow(3, PLAN);
    let city = town.city(Vec::new());
    let start = live_of(&city);
    let mut closed = update("tree", 0, Effect::Closed, after(10));
    closed.state.as_mut().unwrap().until = Some(after(100));
    let (live, _) = start.with(&city, &[closed], after(20));
    let over = live.expire(after(100));
    let late = [update("tree", 0, Effect::Closed, after(9))];
    let (still, outcomes) = over.with(&city, &late, after(101));
    assert_eq!(outcomes, [RoadStateOutcome::OutOfOrder]);
    assert_eq!(weights(&still), weights(&start));
    // Ends are remembered for an hour, however long ago the state was seen.
    let hour = 3_600_000_000;
    assert_eq!(over.expire(after(99 + hour)).with(&city, &late, after(101)).1, outcomes);
    let forgotten = over.expire(after(100 + hour)).with(&city, &late, after(101)).1;
    assert!(matches!(forgotten[..], [RoadStateOutcome::Applied { .. }]));
}

#[test]
fn states_with_many_ends_are_each_over_at_their_own() {
    let town = Town::grow(3, PLAN);
    let city = town.city(Vec::new());
    let mut live = live_of(&city);
    for (way, end) in [500, 100, 300, 200, 400].into_iter().enumerate() {
        let mut closed = update(&format!("tree {way}"), way, Effect::Closed, after(0));
        closed.state.as_mut().unwrap().until = Some(after(end));
        live = live.with(&city, &[closed], after(1)).0;
    }
    for now in 1..=600 {
        live = live.expire(after(now));
        assert_eq!(live.condition_count() as i64, 5 - (now / 100).min(5), "at {now}");
    }
}

#[test]
fn a_state_began_when_it_slowed_first_where_it_is() {
    let town = Town::grow(3, PLAN);
    let city = town.city(Vec::new());
    let mut live = live_of(&city);
    let reports = [
        (0, Effect::Depth(0), 10, 10),
        (0, Effect::Depth(0), 20, 10),
        (0, Effect::Depth(30), 30, 30),
        (0, Effect::Closed, 40, 30),
        (1, Effect::Closed, 50, 50),
        (1, Effect::SpeedFactor(1.0), 60, 60),
        (1, Effect::SpeedFactor(0.5), 70, 70),
        (1, Effect::Depth(5), 80, 70),
    ];
    for (way, effect, observed_at, since) in reports {
        let report = update("gauge", way, effect, after(observed_at));
        live = live.with(&city, &[report], after(observed_at)).0;
        let condition = live.conditions().next().unwrap();
        assert_eq!(condition.since, Some(after(since)), "reported at {observed_at}");
    }
}

/// A change of the city: a road goes, comes or moves, a closure or a rule of turning comes or
/// goes.
fn change(random: &mut Random, town: &Town, step: i64) -> ChangeBatch {
    let mut batch = ChangeBatch::default();
    let way = 40 + random.below(town.ways.len() - 40);
    let rule = random.below(town.rules.len());
    let turns = NetworkRole::TurnRestrictions;
    let (role, upserted, removed) = match random.below(8) {
        0 => (NetworkRole::Roads, vec![], vec![Town::segment(way)]),
        1 | 2 => (NetworkRole::Roads, vec![town.road(way, random.chance(50))], vec![]),
        3 => (NetworkRole::Closures, vec![closure(town, way, step % 4)], vec![]),
        4 | 5 => (turns, vec![], vec![Town::restriction_id(rule)]),
        6 => (turns, vec![town.restriction(rule)], vec![]),
        _ => {
            let id = FeatureId::new(3_000_000 + step % 4).unwrap();
            (NetworkRole::Closures, vec![], vec![id])
        }
    };
    batch.layers.insert(layer_of(role), LayerChange::Rows { upserted, removed });
    batch
}

fn closure(town: &Town, way: usize, id: i64) -> Feature {
    let values = [
        ("closure_no", AttributeValue::text(format!("c{id}"))),
        ("cause", AttributeValue::text("works")),
        ("vehicle_impact", AttributeValue::text("all-lanes-closed")),
    ];
    Town::closure(id, town.way_line(way), &values)
}

#[test]
fn roads_that_follow_a_city_are_those_built_anew_with_all_live_states() {
    for seed in 1..=4 {
        let town = Town::grow(seed, PLAN);
        let random = &mut Random::new(seed);
        let mut city = town.city(Vec::new());
        let storm = storm(random, &town, 25);
        let mut live = live_of(&city).with(&city, &storm, after(1)).0;
        for step in 0..40 {
            let (next, _) = city.apply(Revision(step as u64 + 2), change(random, &town, step));
            let roads = Arc::new(live.roads().follow(&city, &next));
            live = live.on(roads, &next);
            city = next;
            if random.chance(30) {
                let key = format!("late {step}");
                let way = random.below(town.ways.len());
                let report = update(&key, way, Effect::Depth(25), after(step));
                live = live.with(&city, &[report], after(step)).0;
            }
            let anew = live_of(&city).on_states_of(&live, &city);
            assert_same(&live, &anew, &format!("seed {seed}, step {step}"));
            for question in 0..8 {
                let when = || format!("seed {seed}, step {step}, question {question}");
                assert_eq!(ask(&live, question), ask(&anew, question), "{}", when());
            }
        }
    }
}

/// Takes over the live states of another, through the reports that they came by.
trait OnStates {
    fn on_states_of(&self, other: &LiveRoads, city: &City) -> LiveRoads;
}

impl OnStates for LiveRoads {
    fn on_states_of(&self, other: &LiveRoads, city: &City) -> LiveRoads {
        let mut reports = Vec::new();
        for condition in other.conditions() {
            let ConditionId::Live(key) = &condition.id else { continue };
            let state = RoadState {
                reach: condition.reach.clone(),
                direction: condition.direction,
                effect: condition.effect,
                cause: condition.cause.clone(),
                title: condition.title.clone(),
                until: condition.until,
                openness: condition.openness,
            };
            let observed_at = condition.reported_at.unwrap();
            reports.push(RoadStateUpdate { key: key.clone(), observed_at, state: Some(state) });
        }
        self.with(city, &reports, NOW).0
    }
}

#[test]
fn every_answer_is_that_of_its_epoch_while_writers_go_on() {
    let town = Town::grow(11, PLAN);
    let city = town.city(Vec::new());
    let start = live_of(&city);
    let present = Mutex::new(Arc::new((city, start)));
    let is_over = AtomicBool::new(false);
    let read = |reader: u64| {
        let mut answers = Vec::new();
        let mut question = reader;
        // Once more after the end, so that a slow reader has an answer, too.
        loop {
            let is_last = is_over.load(Ordering::Acquire);
            let seen = Arc::clone(&present.lock().unwrap());
            question += 2;
            answers.push((seen.0.revision(), seen.1.epoch(), question, ask(&seen.1, question)));
            if is_last {
                return answers;
            }
        }
    };
    let (states, answers) = std::thread::scope(|scope| {
        let readers = [0, 1].map(|reader| scope.spawn(move || read(reader)));
        let states = write(&present, &town);
        is_over.store(true, Ordering::Release);
        (states, readers.map(|reader| reader.join().unwrap()).concat())
    });
    assert!(answers.len() > 50, "{}", answers.len());
    let mut anew = BTreeMap::new();
    for (revision, epoch, question, answer) in answers {
        let live = anew.entry((revision, epoch)).or_insert_with(|| {
            let (city, live) = states[&(revision, epoch)].as_ref();
            let anew = live_of(city).on_states_of(live, city);
            assert_same(live, &anew, &format!("revision {revision}, epoch {epoch}"));
            anew
        });
        assert_eq!(answer, ask(live, question), "revision {revision}, epoch {epoch}");
    }
}

type States = BTreeMap<(Revision, u64), Arc<(City, LiveRoads)>>;

/// Puts 150 states before the readers, of the live kind and of the city's; returns all.
fn write(present: &Mutex<Arc<(City, LiveRoads)>>, town: &Town) -> States {
    let random = &mut Random::new(5);
    let mut states = States::new();
    let keep = |states: &mut States, next: (City, LiveRoads)| {
        let next = Arc::new(next);
        states.insert((next.0.revision(), next.1.epoch()), Arc::clone(&next));
        *present.lock().unwrap() = next;
    };
    let (city, live) = present.lock().unwrap().as_ref().clone();
    keep(&mut states, (city, live));
    for step in 0..150 {
        let (city, live) = present.lock().unwrap().as_ref().clone();
        let next = if random.chance(30) {
            let revision = Revision(city.revision().0 + 1);
            let (next, _) = city.apply(revision, change(random, town, step));
            let roads = Arc::new(live.roads().follow(&city, &next));
            let live = live.on(roads, &next);
            (next, live)
        } else {
            let reports = storm(random, town, 10);
            let live = live.with(&city, &reports, after(1)).0;
            (city, live)
        };
        keep(&mut states, next);
    }
    states
}

#[test]
fn an_arc_that_is_not_there_cannot_be_driven() {
    let town = Town::grow(3, PLAN);
    let live = live_of(&town.city(Vec::new()));
    let beyond = ArcId(live.graph().arc_count() as u32 + 10_000);
    assert_eq!(live.weight(ProfileIndex(0), beyond), IMPASSABLE);
    assert_eq!(live.weight(ProfileIndex(200), ArcId(0)), IMPASSABLE);
}
