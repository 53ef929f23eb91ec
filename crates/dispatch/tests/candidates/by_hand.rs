//! Towns in which the right answer can be seen.

use serde_json::{Value, json};
use urbis_dispatch::{
    Agency, Answer, Ask, FallbackCode, Language, Limits, MAX_CANDIDATES, Reason, UnitStatus, View,
    candidates,
};
use urbis_model::{Metres, Openness};

use crate::town::{Crew, NOW, Plan, Town, ambulance, at, street};

/// A street from west to east with a detour of three kilometres in the north:
///
/// ```text
///   (-500,600) o──────────────────────────o (500,600)
///              │                          │
///   ═══════════o═════════ incident ~~~~ ══o═══════════   Hàm Nghi; ~ from x = 100 to 200
///  (-2000,0)  -500           0            500   (2000,0)
/// ```
fn ham_nghi() -> Plan {
    Plan::default()
        .street(
            street("Hàm Nghi"),
            &[(-2_000.0, 0.0), (-500.0, 0.0), (0.0, 0.0), (500.0, 0.0), (2_000.0, 0.0)],
        )
        .street(
            street("Điện Biên Phủ"),
            &[(-500.0, 0.0), (-500.0, 600.0), (500.0, 600.0), (500.0, 0.0)],
        )
}

fn flooded() -> Plan {
    ham_nghi().closure("Hàm Nghi", Some(0.4), &[(100.0, 0.0), (200.0, 0.0)])
}

pub fn ask(place: (f64, f64)) -> Ask {
    Ask {
        place: at(place.0, place.1),
        accuracy: Metres(0.0),
        service: None,
        profile: None,
        capabilities: Vec::new(),
        limit: 1,
        class: Openness::Open,
        limits: Limits::default(),
    }
}

pub fn answer(town: &Town, ask: &Ask) -> Answer {
    let view = View {
        city: &town.city,
        live: &town.live,
        fleet: &town.fleet,
        now: NOW,
        at: NOW,
        city_age_s: 0.0,
        offset: "+07:00".parse().expect("an offset"),
    };
    candidates(&view, ask)
}

fn order(answer: &Answer) -> Vec<&str> {
    answer.candidates.iter().map(|one| one.unit.unit_id.as_str()).collect()
}

#[test]
fn the_nearer_unit_is_first_where_nothing_is_in_its_way() {
    let town = ham_nghi().build();
    let town = town.unit(&ambulance("far"), (-700.0, 0.0)).unit(&ambulance("near"), (300.0, 0.0));
    let answer = answer(&town, &Ask { limit: 5, ..ask((0.0, 0.0)) });
    assert_eq!(order(&answer), ["near", "far"]);
    let first = &answer.candidates[0];
    assert_eq!(first.rank, 1);
    // The towns' metres are those of a sphere.
    assert!((first.distance_m - 300.0).abs() < 1.0, "{}", first.distance_m);
    let line = &first.geometry.as_ref().expect("a way").coordinates;
    assert!(line.len() >= 2);
    assert!(answer.rejected.is_empty() && answer.cut_off.is_none() && !answer.is_fallback);
}

#[test]
fn water_on_its_way_is_why_the_nearer_unit_is_not_first() {
    let town = flooded().build();
    let town = town.unit(&ambulance("b7"), (-700.0, 0.0)).unit(&ambulance("a3"), (300.0, 0.0));
    let answer = answer(&town, &ask((0.0, 0.0)));
    assert_eq!(order(&answer), ["b7"]);
    let rejected = &answer.rejected[0];
    assert_eq!((rejected.unit.unit_id.as_str(), rejected.rank), ("a3", Some(2)));
    let Reason::SlowerBecause { conditions, rank, rank_without, .. } = &rejected.told.reason else {
        panic!("{:?}", rejected.told);
    };
    assert_eq!((*rank, *rank_without, conditions.len()), (Some(2), 1, 1));
    assert_eq!(conditions[0].source, "layer");
    let said = rejected.told.sentence.text(Language::Vi);
    assert!(said.starts_with("gần hơn 400 m, nhưng Hàm Nghi ngập 0,4 m từ "), "{said}");
    // The same pair among the candidates: the second says why it is behind one that is farther.
    let both = crate::by_hand::answer(&town, &Ask { limit: 2, ..ask((0.0, 0.0)) });
    assert_eq!(order(&both), ["b7", "a3"]);
    assert!(both.candidates[0].reason.is_none());
    let told = both.candidates[1].reason.as_ref().expect("it was overtaken");
    assert_eq!(told.reason, rejected.told.reason);
}

#[test]
fn a_vehicle_that_wades_deeper_goes_through_where_others_go_round() {
    let pumper = Crew { profile: "pumper", agency: Agency::Fire114, ..ambulance("pumper") };
    let town = flooded().build().unit(&pumper, (300.0, 0.0)).unit(&ambulance("a3"), (300.0, 0.0));
    let answer = answer(&town, &Ask { limit: 2, ..ask((0.0, 0.0)) });
    let driven = |id: &str| {
        let one = answer.candidates.iter().find(|one| one.unit.unit_id == id);
        one.map(|one| one.distance_m).expect("it gets there")
    };
    assert!(driven("pumper") < 310.0 && driven("a3") > 2_000.0);
}

#[test]
fn every_bar_is_told_with_the_rank_that_the_unit_would_have() {
    let base = ambulance("near");
    let cases: [(Crew, Ask, &str); 5] = [
        (Crew { status: UnitStatus::OnScene, ..base.clone() }, ask((0.0, 0.0)), "unavailable"),
        (
            Crew { agency: Agency::Fire114, ..base.clone() },
            Ask { service: Some(Agency::Medical115), ..ask((0.0, 0.0)) },
            "other_service",
        ),
        (Crew { age_s: 301, ..base.clone() }, ask((0.0, 0.0)), "position_too_old"),
        (
            base.clone(),
            Ask { capabilities: vec!["als".to_owned()], ..ask((0.0, 0.0)) },
            "lacks_capability",
        ),
        (Crew { profile: "hovercraft", ..base }, ask((0.0, 0.0)), "unknown_profile"),
    ];
    for (near, ask, kind) in cases {
        let far = Crew { capabilities: &["als"], ..ambulance("far") };
        let town = ham_nghi().build().unit(&far, (-700.0, 0.0)).unit(&near, (300.0, 0.0));
        let answer = answer(&town, &ask);
        assert_eq!(order(&answer), ["far"], "{kind}");
        let told = serde_json::to_value(&answer.rejected[0]).expect("JSON");
        assert_eq!(told["reason"]["kind"], kind);
        assert_eq!(told["rank"], Value::Null);
        let rank = if kind == "unknown_profile" { Value::Null } else { json!(1) };
        assert_eq!(told["reason"].get("rank_without").unwrap_or(&Value::Null), &rank, "{kind}");
    }
}

#[test]
fn a_unit_that_the_asker_may_not_see_is_nowhere_in_the_answer() {
    let hidden = Crew { openness: Openness::Internal, ..ambulance("hidden") };
    let town =
        ham_nghi().build().unit(&hidden, (300.0, 0.0)).unit(&ambulance("far"), (-700.0, 0.0));
    let open = answer(&town, &ask((0.0, 0.0)));
    let json = serde_json::to_string(&open).expect("JSON");
    assert!(!json.contains("hidden") && !json.contains("HIDDEN"), "{json}");
    assert_eq!(open.basis.unit_count, 1);
    let inside = answer(&town, &Ask { class: Openness::Internal, ..ask((0.0, 0.0)) });
    assert_eq!(order(&inside), ["hidden"]);
}

#[test]
fn a_real_unit_that_is_said_to_be_open_is_in_no_answer_of_the_open_class() {
    let real = Crew { is_simulated: false, ..ambulance("real") };
    for plan in [ham_nghi(), flooded(), Plan::default()] {
        let town = plan.build().unit(&real, (50.0, 0.0)).unit(&ambulance("seen"), (-700.0, 0.0));
        let open = answer(&town, &ask((0.0, 0.0)));
        assert_eq!(order(&open), ["seen"]);
        let json = serde_json::to_string(&open).expect("JSON");
        assert!(!json.contains("real") && !json.contains("REAL"), "{json}");
        assert_eq!(open.basis.unit_count, 1);
        let inside = answer(&town, &Ask { class: Openness::Internal, ..ask((0.0, 0.0)) });
        assert_eq!(order(&inside), ["real"]);
    }
}

#[test]
fn a_unit_off_the_road_is_told_so() {
    let town = ham_nghi().build();
    let town = town.unit(&ambulance("far"), (-700.0, 0.0)).unit(&ambulance("field"), (0.0, 300.0));
    let answer = answer(&town, &ask((0.0, 0.0)));
    assert_eq!(answer.rejected[0].told.reason, Reason::OffRoad);
}

#[test]
fn a_cut_off_incident_gets_the_nearest_place_the_gap_and_what_would_open_it() {
    // Water on both sides of the incident; the west can be left out only together with nothing.
    let town = ham_nghi()
        .closure("Hàm Nghi", Some(1.5), &[(100.0, 0.0), (200.0, 0.0)])
        .closure("Hàm Nghi tây", Some(1.5), &[(-300.0, 0.0), (-250.0, 0.0)])
        .build();
    let town = town.unit(&ambulance("b7"), (-700.0, 0.0)).unit(&ambulance("a3"), (1_500.0, 0.0));
    let answer = answer(&town, &Ask { limit: 2, ..ask((0.0, 0.0)) });
    assert!(answer.candidates.is_empty());
    let cut_off = answer.cut_off.expect("nobody gets there");
    assert!((cut_off.gap_m - 200.0).abs() < 1.0, "{}", cut_off.gap_m);
    assert_eq!(cut_off.candidates.len(), 2);
    let opened = cut_off.opened_by.expect("the water closes it");
    assert_eq!(opened.unit_id, "b7");
    let titles: Vec<&str> = opened.conditions.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["Hàm Nghi tây"]);
    for rejected in &answer.rejected {
        assert!(matches!(rejected.told.reason, Reason::CutOff { .. }), "{rejected:?}");
    }
}

/// Works at half speed, water that slows an ambulance and water that stops it, from the west to the
/// incident.
fn three_on_one_street() -> Plan {
    Plan::default()
        .street(street("Hùng Vương"), &[(-2_000.0, 0.0), (0.0, 0.0)])
        .works("Chậm", &[(-1_500.0, 0.0), (-1_000.0, 0.0)])
        .closure("Nông", Some(0.1), &[(-900.0, 0.0), (-850.0, 0.0)])
        .closure("Sâu", Some(0.4), &[(-700.0, 0.0), (-650.0, 0.0)])
}

#[test]
fn who_is_cut_off_is_told_what_stops_it_and_not_what_would_slow_it() {
    let town = three_on_one_street().build().unit(&ambulance("a3"), (-1_800.0, 0.0));
    let answer = answer(&town, &ask((0.0, 0.0)));
    let told = &answer.rejected[0].told;
    let Reason::CutOff { conditions, eta_s_without, .. } = &told.reason else {
        panic!("{told:?}");
    };
    let titles: Vec<&str> = conditions.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["Sâu"]);
    assert!(told.sentence.vi.contains("Sâu ngập 0,4 m"), "{}", told.sentence.vi);
    let cut_off = answer.cut_off.expect("nobody gets there");
    let opened = cut_off.opened_by.expect("the water closes it");
    assert!(opened.is_minimal && opened.conditions == *conditions);
    // The works and the shallow water are still there: 500 of 1,800 m at half speed, and more.
    let town = three_on_one_street().dry().build().unit(&ambulance("a3"), (-1_800.0, 0.0));
    let dry = crate::by_hand::answer(&town, &ask((0.0, 0.0))).candidates[0].eta_s;
    let eta_s_without = eta_s_without.expect("it would get there");
    assert!(eta_s_without > dry.expect("a time") * 2_300.0 / 1_800.0);
    assert!((opened.eta_s - eta_s_without).abs() < 1e-9);
}

#[test]
fn who_is_slower_is_told_first_what_stops_it_and_then_what_costs_the_most() {
    let detour = [(-2_000.0, 0.0), (-2_000.0, 3_000.0), (0.0, 3_000.0), (0.0, 0.0)];
    let town = three_on_one_street()
        .closure("Ướt", Some(0.01), &[(-600.0, 0.0), (-599.0, 0.0)])
        .street(street("Vòng"), &detour)
        .build();
    let town = town.unit(&ambulance("a3"), (-1_800.0, 0.0)).unit(&ambulance("b7"), (0.0, 2_500.0));
    let answer = answer(&town, &ask((0.0, 0.0)));
    assert_eq!(order(&answer), ["b7"]);
    let told = &answer.rejected[0].told;
    let Reason::SlowerBecause { conditions, .. } = &told.reason else { panic!("{told:?}") };
    let titles: Vec<&str> = conditions.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["Sâu", "Chậm", "Nông", "Ướt"]);
    let vi = &told.sentence.vi;
    assert!(vi.contains("Sâu ngập 0,4 m từ") && vi.contains("và 2 chỗ khác"), "{vi}");
}

#[test]
fn more_conditions_than_can_be_tried_are_said_to_be_perhaps_too_many() {
    let plan = (0..9).fold(three_on_one_street(), |plan, number| {
        let x = -600.0 + 50.0 * f64::from(number);
        plan.closure("Sâu", Some(0.5), &[(x, 0.0), (x + 20.0, 0.0)])
    });
    let town = plan.build().unit(&ambulance("a3"), (-1_800.0, 0.0));
    let cut_off = answer(&town, &ask((0.0, 0.0))).cut_off.expect("nobody gets there");
    let opened = cut_off.opened_by.expect("the water closes it");
    assert_eq!((opened.conditions.len(), opened.is_minimal), (10, false));
}

#[test]
fn a_boat_goes_by_road_to_the_edge_and_then_over_the_water() {
    let boat = Crew { profile: "boat", agency: Agency::Fire114, ..ambulance("boat") };
    let deep = [(-300.0, 0.0), (200.0, 0.0)];
    let town = ham_nghi().closure("Hàm Nghi", Some(1.5), &deep).build();
    let town = town.unit(&boat, (1_500.0, 0.0)).unit(&ambulance("a3"), (-700.0, 0.0));
    let answer = answer(&town, &Ask { limit: 2, ..ask((0.0, 0.0)) });
    assert_eq!(order(&answer), ["boat"]);
    let boat = &answer.candidates[0];
    assert!(boat.is_estimate);
    let estimate = boat.estimate.expect("its parts");
    assert!((estimate.water_m - 200.0).abs() < 1.0, "{}", estimate.water_m);
    assert_eq!(
        boat.eta_s.map(|eta| (eta * 1e3).round()),
        Some(((estimate.road_s + estimate.water_s) * 1e3).round())
    );
    assert!(answer.cut_off.is_some(), "by road it is cut off all the same");
}

#[test]
fn without_roads_the_line_is_declared() {
    let town = Plan::default().build();
    let town = town.unit(&ambulance("far"), (-700.0, 0.0)).unit(&ambulance("near"), (300.0, 0.0));
    let answer = answer(&town, &Ask { limit: 2, ..ask((0.0, 0.0)) });
    assert!(answer.is_fallback);
    assert_eq!(answer.fallback.as_ref().map(|why| why.code), Some(FallbackCode::NoRoads));
    assert_eq!(order(&answer), ["near", "far"]);
    assert!(answer.candidates.iter().all(|one| one.eta_s.is_none() && one.geometry.is_none()));
}

#[test]
fn more_than_can_be_asked_for_is_taken_as_the_most_by_the_line_too() {
    let town = (0..=MAX_CANDIDATES).fold(Plan::default().build(), |town, number| {
        town.unit(&ambulance(&format!("u{number:03}")), (number as f64 * 10.0, 0.0))
    });
    let answer = answer(&town, &Ask { limit: usize::MAX, ..ask((0.0, 0.0)) });
    assert_eq!(answer.candidates.len(), MAX_CANDIDATES);
    assert!(answer.rejected.is_empty(), "the other one is farther than the last");
}

#[test]
fn where_all_positions_are_old_the_line_is_declared_with_their_ages() {
    let old = |id| Crew { age_s: 1_200, ..ambulance(id) };
    let town = ham_nghi().build().unit(&old("a"), (-700.0, 0.0)).unit(&old("b"), (300.0, 0.0));
    let answer = answer(&town, &Ask { limit: 2, ..ask((0.0, 0.0)) });
    assert_eq!(answer.fallback.as_ref().map(|why| why.code), Some(FallbackCode::PositionsStale));
    assert_eq!(order(&answer), ["b", "a"]);
    assert!((answer.candidates[0].unit.position_age_s - 1_200.0).abs() < 1e-9);
}

#[test]
fn where_the_incident_lies_between_two_units_the_first_is_not_certain() {
    let town = ham_nghi().build();
    let town = town.unit(&ambulance("west"), (-405.0, 0.0)).unit(&ambulance("east"), (400.0, 0.0));
    let certain = |accuracy_m: f64| {
        let ask = Ask { accuracy: Metres(accuracy_m), ..ask((0.0, 0.0)) };
        let answer = answer(&town, &ask);
        assert_eq!(order(&answer), ["east"]);
        (answer.first_unit_is_certain, answer.first_elsewhere)
    };
    assert_eq!(certain(0.0), (Some(true), Vec::new()));
    assert_eq!(certain(2.0), (Some(true), Vec::new()));
    let (is_certain, elsewhere) = certain(10.0);
    assert_eq!(is_certain, Some(false));
    assert_eq!(elsewhere.len(), 1);
    assert_eq!(elsewhere[0].unit_id, "west");
    assert!(elsewhere[0].first_eta_s > Some(elsewhere[0].eta_s));
}

#[test]
fn many_that_are_out_of_service_do_not_hide_one_that_the_roads_keep_back() {
    let out = |number: u32| Crew {
        status: UnitStatus::OutOfService,
        ..ambulance(&format!("out{number:02}"))
    };
    let town = (0..30).fold(flooded().build(), |town, number| {
        town.unit(&out(number), (210.0 + f64::from(number), 0.0))
    });
    let town = town.unit(&ambulance("b7"), (-700.0, 0.0)).unit(&ambulance("a3"), (300.0, 0.0));
    let answer = answer(&town, &ask((0.0, 0.0)));
    assert_eq!(order(&answer), ["b7"]);
    let told: Vec<&str> = answer.rejected.iter().map(|one| one.unit.unit_id.as_str()).collect();
    assert_eq!(told.len(), urbis_dispatch::MAX_REJECTED);
    // The 19 nearest of the others, in order of distance, and the farthest: the one by road.
    assert_eq!((told[0], told[18], told[19]), ("out00", "out18", "a3"));
    assert!(matches!(answer.rejected[19].told.reason, Reason::SlowerBecause { .. }));
}

#[test]
fn units_of_one_time_come_in_the_order_of_their_ids() {
    let town = ham_nghi().build();
    let town =
        ["c", "a", "b"].into_iter().fold(town, |town, id| town.unit(&ambulance(id), (300.0, 0.0)));
    assert_eq!(order(&answer(&town, &Ask { limit: 2, ..ask((0.0, 0.0)) })), ["a", "b"]);
}
