//! Where a closure lies: against roads that are looked at every decimetre.

use std::sync::Arc;

use geo::{Bearing, Distance, Geodesic, InterpolatePoint, Line, Point};
use geo_types::{Coord, LineString};
use urbis_catalog::ProfileIndex;
use urbis_model::{AttributeValue, LonLat, Metres, Moment, Openness, Validity, WorldXy};
use urbis_network::{
    Condition, Direction, Effect, IMPASSABLE, LiveRoads, OnArc, Reach, RoadPosition, RoadState,
    RoadStateOutcome, RoadStateUpdate, Roads, Target, Travel, nearest_reachable,
};
use urbis_snapshot::City;

use crate::town::{NOW, Plan, Random, Town, Way, catalog};

/// A cross of two streets of 400 m, and a street that runs 30 m beside the western arm.
///
/// ```text
///          3
///   5──────┼──6
///   0──────1──────2
///          4
/// ```
fn cross() -> Town {
    let at = |x: f64, y: f64| Coord { x: 108.2 + x * 9.35e-6, y: 16.05 + y * 9.04e-6 };
    let places =
        [(-200., 0.), (0., 0.), (200., 0.), (0., 200.), (0., -200.), (-200., 30.), (50., 30.)];
    let street = |places: &[usize]| Way {
        places: places.to_vec(),
        class: "residential",
        oneway: None,
        width_m: None,
    };
    let ways = vec![street(&[0, 1, 2]), street(&[3, 1, 4]), street(&[5, 6])];
    Town::of(places.map(|(x, y)| at(x, y)).to_vec(), ways)
}

fn live_of(city: &City) -> LiveRoads {
    LiveRoads::new(Arc::new(Roads::build(city)))
}

fn report(reach: Reach, effect: Effect, direction: Direction) -> RoadStateUpdate {
    let (cause, title, until, openness) = (None, None, None, Openness::Open);
    let state = RoadState { reach, direction, effect, cause, title, until, openness };
    RoadStateUpdate { key: "one".into(), observed_at: NOW, state: Some(state) }
}

fn cells(line: &LineString<f64>) -> Box<[WorldXy]> {
    line.coords().map(|at| WorldXy::from_lonlat(LonLat::new(at.x, at.y).unwrap())).collect()
}

/// Which stretches of which way are covered, in whole metres along it, for driving along it.
fn covered(live: &LiveRoads, condition: &Condition) -> Vec<(u64, u32, u32, Option<Travel>)> {
    let stretches = condition.spans.iter().map(|span| {
        let link = live.graph().link(span.link);
        let metres = |mm: u32| (link.start_mm + mm + 500) / 1_000;
        (link.segment.value() - 1, metres(span.from_mm), metres(span.to_mm), span.travel)
    });
    let mut stretches: Vec<_> = stretches.collect();
    stretches.sort_unstable();
    stretches
}

fn only_condition(live: &LiveRoads) -> &Condition {
    live.conditions().next().expect("one condition")
}

#[test]
fn a_closed_street_leaves_the_street_that_crosses_it_open() {
    let town = cross();
    let closed = [("closure_no", "c1"), ("cause", "works"), ("vehicle_impact", "all-lanes-closed")];
    let closed = closed.map(|(name, value)| (name, AttributeValue::text(value)));
    let city = town.city(vec![Town::closure(1, town.way_line(0), &closed)]);
    let live = live_of(&city);
    let condition = only_condition(&live);
    assert_eq!(covered(&live, condition), [(0, 0, 200, None), (0, 200, 400, None)]);
    assert_eq!(condition.effect, Effect::Closed);
    for link in live.graph().links_of(Town::segment(1)) {
        let arc = live.graph().edge_of(*link);
        assert_ne!(live.weight(ProfileIndex(0), arc), IMPASSABLE);
        assert!(live.conditions_on(arc).is_empty());
    }
    for link in live.graph().links_of(Town::segment(0)) {
        let arc = live.graph().edge_of(*link);
        assert_eq!(live.weight(ProfileIndex(0), arc), IMPASSABLE);
        assert_ne!(live.dry().weight(ProfileIndex(0), arc), IMPASSABLE);
        assert_eq!(live.conditions_on(arc).len(), 1);
    }
}

#[test]
fn a_closure_holds_while_it_is_valid() {
    let town = cross();
    let closed = [("closure_no", "c1"), ("cause", "works"), ("vehicle_impact", "all-lanes-closed")];
    let closed = closed.map(|(name, value)| (name, AttributeValue::text(value)));
    let (from, to) = (Moment(NOW.0 + 10), Moment(NOW.0 + 20));
    let mut closure = Town::closure(1, town.way_line(0), &closed);
    closure.validity = Validity { from: Some(from), to: Some(to) };
    let city = town.city(vec![closure]);
    let live = live_of(&city);
    assert_eq!(live.condition_count(), 0);
    let count = |at| live.at(&city, at).condition_count();
    assert_eq!([Moment(from.0 - 1), from, Moment(to.0 - 1), to].map(count), [0, 1, 1, 0]);
}

#[test]
fn water_stops_the_vehicle_that_cannot_wade_it_and_slows_the_other() {
    let town = cross();
    let city = town.city(Vec::new());
    let dry = live_of(&city);
    let arc = dry.graph().edge_of(dry.graph().links_of(Town::segment(0))[0]);
    let flood = |cm| report(Reach::Segment(Town::segment(0)), Effect::Depth(cm), Direction::Both);
    let (live, _) = dry.with(&city, &[flood(40)], NOW);
    for (number, profile) in catalog().profiles().iter().enumerate() {
        let profile_index = ProfileIndex(number as u8);
        let (wet, dry) = (live.weight(profile_index, arc), dry.weight(profile_index, arc));
        match profile.wading_depth_m < 0.4 {
            true => assert_eq!(wet, IMPASSABLE, "{}", profile.id),
            false => assert!(wet > dry && wet < IMPASSABLE, "{}: {dry} {wet}", profile.id),
        }
    }
    let depths = catalog().profiles().iter().map(|profile| profile.wading_depth_m < 0.4);
    assert_eq!(depths.clone().any(|shallow| shallow), depths.clone().any(|shallow| !shallow));
}

#[test]
fn a_direction_closes_one_side_of_the_street() {
    let town = cross();
    let city = town.city(Vec::new());
    let mut line = town.way_line(0);
    for (direction, expected) in
        [(Direction::Along, Travel::Forward), (Direction::Against, Travel::Backward)]
    {
        for is_turned in [false, true] {
            let lines = Reach::Lines([cells(&line)].into());
            let (live, _) =
                live_of(&city).with(&city, &[report(lines, Effect::Closed, direction)], NOW);
            let expected = if is_turned { expected.reverse() } else { expected };
            let travels = only_condition(&live).spans.iter().map(|span| span.travel);
            assert!(travels.clone().all(|travel| travel == Some(expected)), "{direction:?}");
            assert_eq!(travels.count(), 2);
            line.0.reverse();
        }
    }
}

#[test]
fn an_area_covers_what_lies_inside_it_and_a_circle_what_is_near() {
    let town = cross();
    let city = town.city(Vec::new());
    let at = |x: f64, y: f64| (108.2 + x * 9.35e-6, 16.05 + y * 9.04e-6);
    let ring = LineString::from(vec![at(-100., -50.), at(50., -50.), at(50., 20.), at(-100., 20.)]);
    let area = Reach::Area([cells(&ring)].into());
    let (live, outcomes) =
        live_of(&city).with(&city, &[report(area, Effect::Closed, Direction::Both)], NOW);
    let expected =
        [(0, 100, 200, None), (0, 200, 250, None), (1, 180, 200, None), (1, 200, 250, None)];
    assert_eq!(covered(&live, only_condition(&live)), expected);
    assert_eq!(outcomes, [RoadStateOutcome::Applied { links: 4 }]);
    let (x, y) = at(-100., 0.);
    let center = WorldXy::from_lonlat(LonLat::new(x, y).unwrap());
    let circle = |radius| report(Reach::Circle(center, radius), Effect::Closed, Direction::Both);
    let (live, _) = live_of(&city).with(&city, &[circle(20.0)], NOW);
    assert_eq!(covered(&live, only_condition(&live)), [(0, 80, 120, None)]);
    let far = WorldXy { x: center.x + 1_000_000, y: center.y };
    let nowhere = report(Reach::Circle(far, 20.0), Effect::Closed, Direction::Both);
    let (live, outcomes) = live_of(&city).with(&city, &[nowhere], NOW);
    assert_eq!((outcomes, live.condition_count()), (vec![RoadStateOutcome::OnNoRoad], 1));
}

/// An outline with 10,000 vertices is matched at once, and covers what four corners do.
#[test]
fn vertices_in_between_change_nothing() {
    let town = Town::grow(1, Plan { side: 24, rules: 0, barriers: 0, oneways: 0 });
    let city = town.city(Vec::new());
    let cell = |x: f64, y: f64| WorldXy::from_lonlat(LonLat::new(x, y).unwrap());
    let (low, high) = (cell(108.202, 16.068), cell(108.22, 16.053));
    let corners = [(low.x, low.y), (high.x, low.y), (high.x, high.y), (low.x, high.y)];
    let corners = corners.map(|(x, y)| WorldXy { x, y });
    let mut many = Vec::new();
    for (from, to) in (0..4).map(|side| (corners[side], corners[(side + 1) % 4])) {
        let mix = |from: u32, to: u32, step: i64| {
            (i64::from(from) + (i64::from(to) - i64::from(from)) * step / 2_500) as u32
        };
        many.extend(
            (0..2_500)
                .map(|step| WorldXy { x: mix(from.x, to.x, step), y: mix(from.y, to.y, step) }),
        );
    }
    assert_eq!(many.len(), 10_000);
    let dry = live_of(&city);
    let spans = |reach: Reach| {
        let report = report(reach, Effect::Closed, Direction::Both);
        let (live, _) = dry.with(&city, &[report], NOW);
        only_condition(&live).spans.clone()
    };
    let few = spans(Reach::Area([corners.into()].into()));
    assert!(few.len() > 300, "{}", few.len());
    assert_eq!(spans(Reach::Area([many.into()].into())), few);
}

/// Every decimetre of every link: is it beside the line?
#[test]
fn a_line_covers_what_runs_beside_it_and_nothing_else() {
    let mut checked = 0;
    for seed in 1..=4 {
        let town = Town::grow(seed, Plan { side: 4, rules: 0, barriers: 0, oneways: 0 });
        let city = town.city(Vec::new());
        let random = &mut Random::new(seed);
        for _ in 0..5 {
            let way = random.below(town.ways.len());
            // Beside the way by up to 9 m: some are too far.
            let off = (random.below(19) as f64 - 9.0) * 9.1e-6;
            let drawn = town.way_line(way).0.into_iter();
            let line: LineString<f64> =
                drawn.map(|at| Coord { x: at.x + off, y: at.y + off / 3.0 }).collect();
            let reach = Reach::Lines([cells(&line)].into());
            let (live, _) =
                live_of(&city).with(&city, &[report(reach, Effect::Closed, Direction::Both)], NOW);
            checked += look_at_every_decimetre(&town, &live, &line);
        }
    }
    assert!(checked > 50_000, "{checked}");
}

fn look_at_every_decimetre(town: &Town, live: &LiveRoads, closure: &LineString<f64>) -> usize {
    let condition = only_condition(live);
    let mut checked = 0;
    for way in 0..town.ways.len() {
        let mut along_mm = 0.0;
        for piece in town.way_line(way).lines() {
            let length_mm = Geodesic.distance(piece.start_point(), piece.end_point()) * 1e3;
            for step in 0..(length_mm / 100.0) as usize {
                let part = step as f64 * 100.0 / length_mm;
                let Some(expected) = is_beside(closure, piece, part) else { continue };
                let offset = along_mm + step as f64 * 100.0;
                let is_covered = condition.spans.iter().any(|span| {
                    let link = live.graph().link(span.link);
                    let start = f64::from(link.start_mm);
                    let range = start + f64::from(span.from_mm)..start + f64::from(span.to_mm);
                    link.segment == Town::segment(way) && range.contains(&offset)
                });
                assert_eq!(is_covered, expected, "way {way} at {offset} mm");
                checked += 1;
            }
            along_mm += length_mm;
        }
    }
    checked
}

/// Says whether a place of a road runs beside a line; `None` where it is too close to call: near
/// the ends of the line, near its corners, near 6 m or 30 degrees.
fn is_beside(closure: &LineString<f64>, road: Line<f64>, part: f64) -> Option<bool> {
    let place = Geodesic.point_at_ratio_between(road.start_point(), road.end_point(), part);
    let mut found = false;
    for line in closure.lines() {
        let (start, end) = (line.start_point(), line.end_point());
        let length = Geodesic.distance(start, end);
        let direction = Geodesic.bearing(start, end);
        let (along, off) = feet(start, direction, place);
        let angle =
            (Geodesic.bearing(road.start_point(), road.end_point()) - direction).rem_euclid(180.0);
        let angle = angle.min(180.0 - angle);
        let is_doubtful = |value: f64, limit: f64, room: f64| (value - limit).abs() < room;
        if off.abs() < 7.0 && (-7.0..length + 7.0).contains(&along) {
            let near_an_end = along < 7.0 || along > length - 7.0;
            if near_an_end || is_doubtful(off.abs(), 6.0, 0.2) || is_doubtful(angle, 30.0, 0.5) {
                return None;
            }
            found |= off.abs() < 6.0 && angle < 30.0;
        }
    }
    Some(found)
}

/// How far along and beside a direction from a start a place is, metres.
fn feet(start: Point<f64>, direction: f64, place: Point<f64>) -> (f64, f64) {
    let distance = Geodesic.distance(start, place);
    let turn = (Geodesic.bearing(start, place) - direction).to_radians();
    (distance * turn.cos(), distance * turn.sin())
}

#[test]
fn a_cut_off_incident_is_approached_to_the_edge_of_the_water() {
    let town = cross();
    let city = town.city(Vec::new());
    // The eastern arm is closed from 50 m to 100 m behind the crossing.
    let at = |x: f64, y: f64| (108.2 + x * 9.35e-6, 16.05 + y * 9.04e-6);
    let water = LineString::from(vec![at(50., 0.), at(100., 0.)]);
    let reach = Reach::Lines([cells(&water)].into());
    let (live, _) =
        live_of(&city).with(&city, &[report(reach, Effect::Closed, Direction::Both)], NOW);
    let position = |segment, offset_mm, travel| {
        let segment = Town::segment(segment);
        live.graph().locate(RoadPosition { segment, part: 0, offset_mm, travel }).unwrap()
    };
    let unit = |at: OnArc| vec![Target { index: 1, at: vec![(at, 0)] }];
    let (x, y) = at(150., 0.);
    let incident = LonLat::new(x, y).unwrap();
    let profile = ProfileIndex(0);
    // From the west, and from the west though headed west: it turns round at the end.
    for travel in [Travel::Forward, Travel::Backward] {
        let units = unit(position(0, 20_000, travel));
        let found = nearest_reachable(&city, &live, profile, incident, &units).unwrap();
        assert!((found.gap.0 - 100.0).abs() < 1.0, "{found:?}");
        assert_eq!(found.at.len(), 1);
        assert_eq!(found.at[0].arc, position(0, 300_000, Travel::Forward).arc);
        assert!((found.place.lon() - at(50., 0.).0).abs() < 1e-6);
    }
    // On the far side it is at the incident itself.
    let units = unit(position(0, 390_000, Travel::Backward));
    let found = nearest_reachable(&city, &live, profile, incident, &units).unwrap();
    assert!(found.gap < Metres(0.1), "{found:?}");
    // Beside the western arm units come to one place from both sides.
    let (x, y) = at(-100., 10.);
    let sides = [position(0, 20_000, Travel::Forward), position(0, 150_000, Travel::Backward)];
    let units = [unit(sides[0]), unit(sides[1])].concat();
    let beside = LonLat::new(x, y).unwrap();
    let found = nearest_reachable(&city, &live, profile, beside, &units).unwrap();
    let mut arcs = sides.map(|side| side.arc);
    arcs.sort_unstable();
    assert_eq!(found.at.iter().map(|at| at.arc).collect::<Vec<_>>(), arcs, "{found:?}");
    // Headed away from the water in a dead end without water: at its own place at least.
    let found = nearest_reachable(&city, &live, profile, incident, &[]);
    assert_eq!(found, None);
}
