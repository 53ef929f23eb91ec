//! Plain Dijkstra from each unit, forward, over single links with all that a rule of turning needs
//! to remember: nothing is compressed, turned round, paged or shared.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

use urbis_catalog::{ProfileIndex, VehicleProfile};
use urbis_model::{AttributeValue, Moment, Openness};
use urbis_network::{
    ArcStretch, Condition, Direction, Effect, Expansion, IMPASSABLE, Limits, LiveRoads, OnArc,
    Reach, RoadPosition, RoadState, RoadStateUpdate, Roads, Target, Travel, all_times,
    first_arrivals, guided_time,
};
use urbis_snapshot::City;

use crate::town::{NOW, Plan, Random, Town, catalog};

/// A link in one direction: a way between two places at which something joins, ends or stands.
#[derive(Debug, Clone, Copy)]
struct Drive {
    way: usize,
    travel: Travel,
    tail: usize,
    head: usize,
    /// Along the way as it is drawn.
    start_mm: u32,
    length_mm: u32,
}

/// The town as the brute force sees it.
struct Brute<'a> {
    town: &'a Town,
    /// Twins, forward and backward, follow each other.
    drives: Vec<Drive>,
    leaving: HashMap<usize, Vec<usize>>,
    conditions: Vec<Arc<Condition>>,
    live: &'a LiveRoads,
}

/// Where something is: a drive and millimetres from its tail.
type Place = (usize, u32);

impl<'a> Brute<'a> {
    fn new(town: &'a Town, live: &'a LiveRoads) -> Self {
        let mut drives = Vec::new();
        for (way, drawn) in town.ways.iter().enumerate() {
            let last = drawn.places.len() - 1;
            let is_cut = |at: &usize| {
                let place = drawn.places[*at];
                *at == 0
                    || *at == last
                    || town.uses(place) > 1
                    || town.barriers.contains_key(&place)
            };
            let cuts: Vec<usize> = (0..=last).filter(is_cut).collect();
            for ends in cuts.windows(2) {
                // Lengths are the graph's: which geodesic they are is not the question here.
                let graph = live.graph();
                let links = graph.links_of(Town::segment(way)).iter().map(|link| graph.link(*link));
                let mut same = links.filter(|link| {
                    (link.from_vertex as usize, link.to_vertex as usize) == (ends[0], ends[1])
                });
                let link = same.next().expect("the graph cuts ways where the test does");
                let (tail, head) = (drawn.places[ends[0]], drawn.places[ends[1]]);
                let (start_mm, length_mm) = (link.start_mm, link.length_mm);
                let travel = Travel::Forward;
                drives.push(Drive { way, travel, tail, head, start_mm, length_mm });
                let travel = Travel::Backward;
                drives.push(Drive { way, travel, tail: head, head: tail, start_mm, length_mm });
            }
        }
        let mut leaving: HashMap<usize, Vec<usize>> = HashMap::new();
        for (number, drive) in drives.iter().enumerate() {
            leaving.entry(drive.tail).or_default().push(number);
        }
        let conditions = live.conditions().cloned().collect();
        Self { town, drives, leaving, conditions, live }
    }

    /// One may turn back where there is a choice, where a road ends, where a rule speaks, before a
    /// gate, and where class, width or one-way change.
    fn may_turn_back(&self, last: usize) -> bool {
        let place = self.drives[last].head;
        let speaks = self.town.rules.iter().any(|rule| {
            let far = rule.via.map(|via| self.far_end(via, rule.place));
            rule.place == place || far == Some(place)
        });
        let leaving = &self.leaving[&place];
        if leaving.len() != 2 || speaks {
            return true;
        }
        let onward = if leaving[0] == last ^ 1 { leaving[1] } else { leaving[0] };
        let way = |drive: usize| &self.town.ways[self.drives[drive].way];
        way(last).class != way(onward).class
            || way(last).width_m != way(onward).width_m
            || self.is_against(last) != self.is_against(onward)
            || self.is_against(last ^ 1) != self.is_against(onward ^ 1)
            || self.town.barriers.get(&place).is_some_and(|kind| *kind != "level_crossing")
    }

    fn is_against(&self, drive: usize) -> bool {
        let Drive { way, travel, .. } = self.drives[drive];
        matches!(
            (self.town.ways[way].oneway, travel),
            (Some("forward"), Travel::Backward) | (Some("backward"), Travel::Forward)
        )
    }

    fn far_end(&self, way: usize, place: usize) -> usize {
        let places = &self.town.ways[way].places;
        if places[0] == place { places[places.len() - 1] } else { places[0] }
    }

    /// Says whether a rule forbids to go on with `next`, after `before` and `last`.
    fn is_banned(&self, before: Option<usize>, last: usize, next: usize) -> bool {
        let (at, way) = (self.drives[last].head, |drive: usize| self.drives[drive].way);
        self.town.rules.iter().any(|rule| {
            let is_ruled = match rule.via {
                None => way(last) == rule.from && at == rule.place,
                Some(via) => {
                    let came = before.is_some_and(|before| {
                        way(before) == rule.from && self.drives[before].head == rule.place
                    });
                    came && way(last) == via && self.drives[last].tail == rule.place
                }
            };
            is_ruled && (way(next) == rule.to) != rule.is_only
        })
    }

    /// Times from a unit to a place of the incident.
    fn time(&self, profile: &VehicleProfile, unit: Place, incident: Place) -> Option<u64> {
        let mut best = None;
        let mut better = |ms: Option<u64>| best = best.into_iter().chain(ms).min();
        if unit.0 == incident.0 && unit.1 <= incident.1 {
            better(self.drive(profile, unit.0, unit.1, incident.1));
        }
        let mut settled = BTreeSet::new();
        let mut queue = BinaryHeap::new();
        let length = self.drives[unit.0].length_mm;
        if let Some(ms) = self.drive(profile, unit.0, unit.1, length) {
            queue.push(Reverse((ms, unit.0, None)));
        }
        while let Some(Reverse((ms, last, before))) = queue.pop() {
            if !settled.insert((last, before)) {
                continue;
            }
            let at = self.drives[last].head;
            let gate_ms = match self.town.barriers.get(&at) {
                Some(kind) => barrier_ms(profile, kind),
                None => Some(0),
            };
            for next in &self.leaving[&at] {
                let is_back = *next == last ^ 1;
                if is_back && !self.may_turn_back(last) {
                    continue;
                }
                // Who turns back before a gate does not go through.
                let Some(gate_ms) = gate_ms.or(is_back.then_some(0)) else { continue };
                let gate_ms = if is_back { 0 } else { gate_ms };
                let turn_ms = match self.is_banned(before, last, *next) {
                    false => Some(0),
                    true => profile.waive.turns.map(|turns| (turns.penalty_s * 1e3).round() as u64),
                };
                let Some(turn_ms) = turn_ms else { continue };
                let ms = ms + gate_ms + turn_ms;
                if *next == incident.0 {
                    better(self.drive(profile, *next, 0, incident.1).map(|more| ms + more));
                }
                let length = self.drives[*next].length_mm;
                if let Some(more) = self.drive(profile, *next, 0, length) {
                    queue.push(Reverse((ms + more, *next, Some(last))));
                }
            }
        }
        best
    }

    /// Time along one drive: when it is dry, and the delay, summed over the pieces in which nothing
    /// changes; each rounded from the beginning of the drive.
    fn drive(&self, profile: &VehicleProfile, drive: usize, from: u32, to: u32) -> Option<u64> {
        if from == to {
            return Some(0);
        }
        let Drive { way, travel, length_mm, start_mm, .. } = self.drives[drive];
        let kmh = self.kmh(profile, drive)?;
        let mut cuts = BTreeSet::from([0, length_mm]);
        let mut effects = Vec::new();
        for condition in &self.conditions {
            for span in &condition.spans {
                let link = self.live.graph().link(span.link);
                let is_here = link.segment == Town::segment(way)
                    && link.start_mm == start_mm
                    && link.length_mm == length_mm
                    && span.travel.is_none_or(|only| only == travel);
                if is_here {
                    let (low, high) = match travel {
                        Travel::Forward => (span.from_mm, span.to_mm),
                        Travel::Backward => (length_mm - span.to_mm, length_mm - span.from_mm),
                    };
                    cuts.extend([low, high]);
                    effects.push((low, high, condition.effect));
                }
            }
        }
        let cuts: Vec<u32> = cuts.into_iter().collect();
        let mut delays = [0.0, 0.0];
        for ends in cuts.windows(2) {
            let here = effects.iter().filter(|(low, high, _)| *low <= ends[0] && ends[1] <= *high);
            let left = here.map(|(.., effect)| under(profile, kmh, *effect));
            let slowest =
                left.into_iter().try_fold(kmh, |slowest: f64, left| Some(slowest.min(left?)));
            if slowest.is_none() && ends[0] < to && from < ends[1] {
                return None;
            }
            let more = 1.0 / slowest.unwrap_or(kmh) - 1.0 / kmh;
            for (delay, place) in delays.iter_mut().zip([from, to]) {
                *delay += f64::from(place.clamp(ends[0], ends[1]) - ends[0]) * 3.6 * more;
            }
        }
        let whole = (f64::from(length_mm) * 3.6 / kmh).round() as u64;
        let until = |place: u32, delay: f64| {
            whole * u64::from(place) / u64::from(length_mm) + delay.round() as u64
        };
        Some(until(to, delays[1]) - until(from, delays[0]))
    }

    fn kmh(&self, profile: &VehicleProfile, drive: usize) -> Option<f64> {
        let way = &self.town.ways[self.drives[drive].way];
        let lights = profile.lights.map_or(1.0, |lights| lights.factor);
        let kmh = profile.speeds_kmh.get(way.class)? * lights;
        if way.width_m.is_some_and(|width| width < profile.width_m + profile.clearance_m) {
            return None;
        }
        if !self.is_against(drive) {
            return Some(kmh);
        }
        profile.waive.oneway.map(|waiver| kmh / waiver.factor)
    }
}

fn under(profile: &VehicleProfile, kmh: f64, effect: Effect) -> Option<f64> {
    match effect {
        Effect::Closed => None,
        Effect::Depth(cm) => profile.speed_in_water(f64::from(cm) / 100.0).map(|part| kmh * part),
        Effect::SpeedFactor(factor) => Some(kmh * factor),
        Effect::SpeedKmh(limit) => Some(kmh.min(limit)),
    }
}

fn barrier_ms(profile: &VehicleProfile, kind: &str) -> Option<u64> {
    let seconds = match kind {
        "level_crossing" => Some(profile.rail_crossing_s),
        kind => profile.barriers_s.get(kind).copied(),
    };
    seconds.map(|seconds| (seconds * 1e3).round() as u64)
}

/// Reports of all kinds on random ways.
pub fn storm(random: &mut Random, town: &Town, count: usize) -> Vec<RoadStateUpdate> {
    let mut updates = Vec::new();
    for _ in 0..count {
        let way = random.below(town.ways.len());
        let effect = match random.below(5) {
            0 => Effect::Closed,
            1 | 2 => Effect::Depth(1 + random.below(80) as u32),
            3 => Effect::SpeedFactor((1 + random.below(99)) as f64 / 100.0),
            _ => Effect::SpeedKmh((1 + random.below(40)) as f64),
        };
        let direction = [Direction::Both, Direction::Both, Direction::Along, Direction::Against]
            [random.below(4)];
        let reach = match random.below(3) {
            0 => Reach::Segment(Town::segment(way)),
            1 => Reach::Circle(town.cell(way, random), 5.0 + random.below(60) as f64),
            _ => Reach::Lines([town.some_line(way, random)].into()),
        };
        let (cause, title, until, openness) = (None, None, None, Openness::Open);
        updates.push(RoadStateUpdate {
            key: format!("k{}", random.below(count)).into(),
            observed_at: NOW,
            state: Some(RoadState { reach, direction, effect, cause, title, until, openness }),
        });
    }
    updates
}

/// A random place inside of a link, on the graph and on the brute force's drives.
fn place(random: &mut Random, brute: &Brute<'_>) -> Option<(OnArc, Place)> {
    let drive = random.below(brute.drives.len());
    let Drive { way, travel, start_mm, length_mm, .. } = brute.drives[drive];
    let inside = 1 + random.below(length_mm as usize - 2) as u32;
    let position =
        RoadPosition { segment: Town::segment(way), part: 0, offset_mm: start_mm + inside, travel };
    let offset = if travel == Travel::Forward { inside } else { length_mm - inside };
    Some((brute.live.graph().locate(position)?, (drive, offset)))
}

/// Both directions at a place.
fn both(brute: &Brute<'_>, (at, place): (OnArc, Place)) -> [(OnArc, Place); 2] {
    let length_mm = brute.live.graph().arc(at.arc).length_mm;
    let back = OnArc { arc: at.arc.reverse(), offset_mm: length_mm - at.offset_mm };
    [(at, place), (back, (place.0 ^ 1, brute.drives[place.0].length_mm - place.1))]
}

/// Compares all answers for one town under one state.
fn check(seed: u64, town: &Town, live: &LiveRoads, units: usize) -> usize {
    let random = &mut Random::new(seed ^ 0xABCD);
    let brute = Brute::new(town, live);
    let mut compared = 0;
    for (number, profile) in catalog().profiles().iter().enumerate() {
        let profile_index = ProfileIndex(number as u8);
        let somewhere = place(random, &brute).unwrap();
        let incident = both(&brute, somewhere);
        let incident = if random.chance(50) { &incident[..] } else { &incident[..1] };
        let mut targets = Vec::new();
        let mut expected = Vec::new();
        for unit in 0..units {
            // One in four on the incident's own link, upstream, downstream or on the other side.
            let mut spot = place(random, &brute).unwrap();
            if unit % 4 == 0 {
                let (drive, _) = incident[0].1;
                let length_mm = brute.drives[drive].length_mm;
                let share = |mm: u32| (mm as usize * random.below(1_000) / 1_000) as u32;
                spot = same_link(&brute, incident[0], share, length_mm);
            }
            let spots = both(&brute, spot);
            let spots = if unit % 2 == 0 { &spots[..1] } else { &spots[..] };
            let penalty = |at: usize| (at * 2_500) as u32;
            let at = spots.iter().enumerate().map(|(n, (at, _))| (*at, penalty(n))).collect();
            // Numbers in falling order, so that they are not the order of the slice.
            targets.push(Target { index: (units - unit) as u32, at });
            let best = spots.iter().enumerate().flat_map(|(n, (_, from))| {
                incident.iter().filter_map({
                    let brute = &brute;
                    move |(_, to)| {
                        brute.time(profile, *from, *to).map(|ms| ms + u64::from(penalty(n)))
                    }
                })
            });
            expected.push(best.min().map(|ms| u32::try_from(ms).unwrap()));
        }
        let places: Vec<OnArc> = incident.iter().map(|(at, _)| *at).collect();
        let found = all_times(live, profile_index, &places, &targets, IMPASSABLE);
        assert_eq!(found, expected, "seed {seed}, {}", profile.id);
        check_first(live, profile_index, &places, &targets, &expected);
        check_guided(live, profile_index, &places, &targets, &expected, random);
        check_gone_over(live, profile_index, &places, &targets, random);
        compared += units;
    }
    compared
}

fn same_link(
    brute: &Brute<'_>,
    incident: (OnArc, Place),
    mut share: impl FnMut(u32) -> u32,
    length_mm: u32,
) -> (OnArc, Place) {
    let (at, (drive, offset)) = incident;
    let new = share(length_mm).clamp(1, length_mm - 1);
    let moved = OnArc { arc: at.arc, offset_mm: at.offset_mm - offset + new };
    let spots = both(brute, (moved, (drive, new)));
    spots[(share(2_000) % 2) as usize]
}

/// The first few are the sorted list's, and each way takes its time.
fn check_first(
    live: &LiveRoads,
    profile: ProfileIndex,
    incident: &[OnArc],
    targets: &[Target],
    expected: &[Option<u32>],
) {
    let mut order: Vec<(u32, u32)> = Vec::new();
    for (target, ms) in targets.iter().zip(expected) {
        order.extend(ms.map(|ms| (ms, target.index)));
    }
    order.sort_unstable();
    for k in [1, 3, targets.len()] {
        let arrivals = first_arrivals(live, profile, incident, targets, Limits::first(k));
        let found: Vec<(u32, u32)> =
            arrivals.found.iter().map(|arrival| (arrival.eta_ms, arrival.target)).collect();
        assert_eq!(found, order[..k.min(order.len())]);
        for arrival in &arrivals.found {
            let way = arrivals.route(arrival.target);
            let target = targets.iter().find(|target| target.index == arrival.target).unwrap();
            let penalties = target.at.iter().filter(|(at, _)| *at == arrival.start);
            let penalty = penalties.map(|(_, ms)| *ms).min().unwrap();
            assert_eq!(way_ms(live, profile, &way) + penalty, arrival.eta_ms);
            assert_eq!((way[0].arc, way[0].from_mm), (arrival.start.arc, arrival.start.offset_mm));
            let last = way[way.len() - 1];
            assert!(incident.contains(&OnArc { arc: last.arc, offset_mm: last.to_mm }));
        }
    }
}

/// However far the guide has come, each unit's own search finds its time, and nothing within less.
fn check_guided(
    live: &LiveRoads,
    profile: ProfileIndex,
    incident: &[OnArc],
    targets: &[Target],
    expected: &[Option<u32>],
    random: &mut Random,
) {
    let dry = live.dry();
    for until_ms in [0, random.below(200_000) as u32, IMPASSABLE] {
        let mut guide = Expansion::start(&dry, profile, incident, targets.to_vec(), until_ms);
        while guide.advance(until_ms).is_some() {}
        for (target, expected) in targets.iter().zip(expected) {
            let found = |limit_ms| guided_time(live, &guide, target, limit_ms);
            assert_eq!(found(IMPASSABLE - 1), *expected);
            if let Some(ms) = *expected {
                assert_eq!(found(ms), *expected);
                assert_eq!(ms.checked_sub(1).and_then(found), None);
            }
        }
    }
}

/// However far a search has come, on faster roads it finds what one finds that starts there: on
/// those under fewer conditions, and on dry ones after that.
fn check_gone_over(
    live: &LiveRoads,
    profile: ProfileIndex,
    incident: &[OnArc],
    targets: &[Target],
    random: &mut Random,
) {
    let dry = live.dry();
    let some: Vec<_> = live.conditions().step_by(2).map(|condition| condition.id.clone()).collect();
    let fewer = live.without(&some, &[profile]);
    for until_ms in [0, random.below(200_000) as u32, IMPASSABLE] {
        let mut search = Expansion::start(live, profile, incident, targets.to_vec(), IMPASSABLE);
        for roads in [&fewer, &dry] {
            while search.advance(until_ms).is_some() {}
            search.go_over(roads, &live.arcs_under_conditions());
            let mut fresh =
                Expansion::start(roads, profile, incident, targets.to_vec(), IMPASSABLE);
            if random.chance(50) {
                continue;
            }
            while let Some(expected) = fresh.advance(IMPASSABLE) {
                let found = search.advance(IMPASSABLE).expect("it arrives here, too");
                assert_eq!((found.target, found.eta_ms), (expected.target, expected.eta_ms));
                let starts = targets.iter().filter(|target| target.index == found.target);
                let starts = starts.flat_map(|target| &target.at);
                let penalties = starts.filter(|(at, _)| *at == found.start).map(|(_, ms)| *ms);
                let penalty = penalties.min().expect("it starts somewhere");
                let way = search.route(found.target);
                assert_eq!(way_ms(roads, profile, &way) + penalty, found.eta_ms);
            }
            assert_eq!(search.advance(IMPASSABLE), None);
        }
    }
}

/// The time of a way as the forward tables of the graph see it.
fn way_ms(live: &LiveRoads, profile: ProfileIndex, way: &[ArcStretch]) -> u32 {
    let graph = live.graph();
    let mut state = None;
    let mut sum = 0;
    for (number, stretch) in way.iter().enumerate() {
        let from = OnArc { arc: stretch.arc, offset_mm: stretch.from_mm };
        sum += live.time(profile, from, OnArc { offset_mm: stretch.to_mm, ..from });
        let Some(before) = state else {
            state = Some(graph.head_state(stretch.arc));
            continue;
        };
        let is_here = |out: &&urbis_network::Outgoing| out.arc() == stretch.arc;
        let outgoing = graph.outgoing(before).iter().find(is_here).expect("the way hangs together");
        if outgoing.turn() == urbis_network::Turn::Banned {
            sum += live.turn_ms(profile);
        }
        state = Some(outgoing.to);
        assert!(number + 1 == way.len() || stretch.to_mm == graph.arc(stretch.arc).length_mm);
    }
    sum
}

fn live_of(town: &Town, random: &mut Random) -> (City, LiveRoads) {
    let mut closures = Vec::new();
    for id in 0..6 {
        let way = random.below(town.ways.len());
        let flood = random.chance(50);
        let mut values = vec![
            ("closure_no", AttributeValue::text(format!("c{id}"))),
            ("cause", AttributeValue::text(if flood { "flood" } else { "works" })),
            (
                "vehicle_impact",
                AttributeValue::text(["all-lanes-closed", "some-lanes-closed"][random.below(2)]),
            ),
        ];
        if flood {
            values.push(("depth_m", AttributeValue::Float(random.below(90) as f64 / 100.0)));
        }
        closures.push(Town::closure(id, town.way_line(way), &values));
    }
    let city = town.city(closures);
    let live = LiveRoads::new(Arc::new(Roads::build(&city)));
    (city, live)
}

#[test]
fn every_time_is_that_of_plain_dijkstra_over_every_link_and_its_history() {
    let mut compared = 0;
    for seed in 1..=40 {
        let oneways = [0, 15, 40][seed as usize % 3];
        let town = Town::grow(seed, Plan { side: 7, rules: 25, barriers: 4, oneways });
        let random = &mut Random::new(seed);
        let (city, live) = live_of(&town, random);
        compared += check(seed, &town, &live, 12);
        let storm = storm(random, &town, 20);
        let (live, _) = live.with(&city, &storm, Moment(NOW.0 + 1));
        compared += check(seed, &town, &live, 12);
        compared += check(seed, &town, &live.dry(), 4);
    }
    assert!(compared > 5_000, "{compared}");
}
