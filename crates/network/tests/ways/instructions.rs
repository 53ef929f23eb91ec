//! What the driver is told, word for word.

use urbis_network::{Guide, Instruction, Language, OnArc, Trip, route};

use crate::city::{PROFILE, Street, Town, place};

/// The instructions of the fastest route in both languages.
fn told(town: &Town, from: (f64, f64), to: (f64, f64)) -> [Vec<Instruction>; 2] {
    let found = route(&town.live, &town.trip(from, to, 0)).remove(0);
    let languages = [Language::Vi, Language::En];
    languages.map(|language| {
        let guide = Guide { city: &town.city, live: &town.live, profile: PROFILE, language };
        let told = guide.instructions(&found, place(to));
        let time: u32 = told.iter().map(|one| one.time_ms).sum();
        let length: u64 = told.iter().map(|one| one.length_mm).sum();
        assert_eq!((time, length), (found.time_ms(), found.length_mm));
        told
    })
}

fn check(town: &Town, from: (f64, f64), to: (f64, f64), expected: &[(&str, &str, &str)]) {
    let [vi, en] = told(town, from, to);
    let found: Vec<(&str, &str, &str)> = vi
        .iter()
        .zip(&en)
        .map(|(vi, en)| (vi.manoeuvre.code(), vi.text.as_str(), en.text.as_str()))
        .collect();
    assert_eq!(found, expected);
}

/// ```text
///                                  | Lê Duẩn
///            Hải Phòng             |
///   ---------+------- - - ---------+--- ferry --- Bến phía đông
///            |      Cầu Rồng       |
///            | Trần Phú            + Ông Ích Khiêm
///            |                      \ slight, sharp
/// ```
fn town() -> Town {
    let mut streets = vec![
        Street::named("Trần Phú", &[(0.0, 0.0), (0.0, 400.0)]),
        Street::named("Trần Phú", &[(0.0, 400.0), (0.0, 700.0)]),
        Street {
            name_en: Some("Hai Phong Street"),
            ..Street::named("Hải Phòng", &[(0.0, 400.0), (300.0, 400.0)])
        },
        Street {
            is_bridge: true,
            name_en: Some("Dragon Bridge"),
            ..Street::named("Cầu Rồng", &[(300.0, 400.0), (966.0, 400.0)])
        },
        Street::named("Võ Văn Kiệt", &[(966.0, 400.0), (1266.0, 400.0)]),
        Street::named("Lê Duẩn", &[(1266.0, 400.0), (1266.0, 1000.0)]),
        Street::named("2 Tháng 9", &[(1266.0, 400.0), (1266.0, 0.0)]),
        Street {
            class: "ferry",
            ..Street::named("Phà Sơn Trà", &[(1266.0, 400.0), (2466.0, 400.0)])
        },
        Street { number: Some("QL14B"), ..Street::new(&[(2466.0, 400.0), (2766.0, 400.0)]) },
        // Slightly to the right, and sharply to the left, of Trần Phú northwards.
        Street::named("Kiệt 12 Ông Ích Khiêm", &[(0.0, 700.0), (200.0, 1000.0)]),
        Street::named("Đường Số 5", &[(0.0, 700.0), (0.0, 1000.0)]),
        Street::named("Lý Tự Trọng", &[(0.0, 700.0), (-200.0, 500.0)]),
        Street::new(&[(0.0, 700.0), (-300.0, 700.0)]),
    ];
    // Stubs at which there is a choice.
    streets.push(Street::new(&[(0.0, 400.0), (-200.0, 400.0)]));
    Town::new(streets)
}

#[test]
fn turns_bridges_and_ferries_are_told_in_both_languages() {
    check(
        &town(),
        (4.0, 50.0),
        (2700.0, 410.0),
        &[
            (
                "depart",
                "Xuất phát về hướng bắc trên đường Trần Phú, đi 350 m",
                "Head north on Trần Phú for 350 m",
            ),
            (
                "turn_right",
                "Rẽ phải vào đường Hải Phòng, đi 300 m",
                "Turn right onto Hai Phong Street and continue for 300 m",
            ),
            ("bridge", "Đi thẳng qua cầu Rồng, đi 670 m", "Cross Dragon Bridge, 670 m"),
            (
                "straight",
                "Tiếp tục đi thẳng vào đường Võ Văn Kiệt, đi 300 m",
                "Continue straight onto Võ Văn Kiệt for 300 m",
            ),
            ("ferry", "Lên phà Sơn Trà, đi 1,2 km", "Take the ferry Phà Sơn Trà for 1.2 km"),
            (
                "straight",
                "Tiếp tục đi thẳng vào QL14B, đi 230 m",
                "Continue straight onto QL14B for 230 m",
            ),
            (
                "arrive",
                "Đến nơi, điểm đến ở bên trái",
                "You have arrived, your destination is on the left",
            ),
        ],
    );
}

#[test]
fn slight_and_sharp_turns_names_with_a_kind_and_unnamed_roads_are_told() {
    let slight = [
        (
            "depart",
            "Xuất phát về hướng bắc trên đường Trần Phú, đi 250 m",
            "Head north on Trần Phú for 250 m",
        ),
        (
            "turn_slight_right",
            "Chếch sang phải vào kiệt 12 Ông Ích Khiêm, đi 190 m",
            "Bear right onto Kiệt 12 Ông Ích Khiêm and continue for 190 m",
        ),
        ("arrive", "Đến nơi", "You have arrived"),
    ];
    check(&town(), (0.0, 450.0), (105.0, 857.5), &slight);
    let [vi, en] = told(&town(), (0.0, 450.0), (-150.0, 550.0));
    assert_eq!(vi[1].text, "Rẽ ngoặt sang trái vào đường Lý Tự Trọng, đi 210 m");
    assert_eq!(en[1].text, "Turn sharp left onto Lý Tự Trọng and continue for 210 m");
    let [vi, en] = told(&town(), (0.0, 450.0), (-150.0, 700.0));
    assert_eq!(vi[1].text, "Rẽ trái, đi 150 m");
    assert_eq!(en[1].text, "Turn left and continue for 150 m");
    let [vi, en] = told(&town(), (0.0, 450.0), (0.0, 900.0));
    assert_eq!(vi[1].text, "Tiếp tục đi thẳng vào đường Số 5, đi 200 m");
    assert_eq!(en[1].text, "Continue straight onto Đường Số 5 for 200 m");
}

/// Four arms of a roundabout, driven counter-clockwise; an arm for each of its corners.
///
/// ```text
///            N
///         o-----o
///     W --|     |-- E
///         o-----o
///            S
/// ```
fn roundabout() -> Town {
    let corners = [(0.0, -20.0), (20.0, 0.0), (0.0, 20.0), (-20.0, 0.0), (0.0, -20.0)];
    let ring = corners.windows(2).map(|line| Street {
        is_roundabout: true,
        oneway: "forward",
        ..Street::named("Vòng xuyến Hòa Cầm", line)
    });
    let arms = [
        Street::named("Đường Nam", &[(0.0, -300.0), (0.0, -20.0)]),
        Street::named("Trường Chinh", &[(20.0, 0.0), (300.0, 0.0)]),
        Street::named("Tôn Đức Thắng", &[(0.0, 20.0), (0.0, 300.0)]),
        Street::named("Nguyễn Hữu Thọ", &[(-20.0, 0.0), (-300.0, 0.0)]),
        // On foot only: no exit.
        Street { class: "footway", ..Street::new(&[(20.0, 0.0), (100.0, 100.0)]) },
    ];
    Town::new(ring.chain(arms).collect())
}

#[test]
fn exits_of_a_roundabout_are_counted_as_they_are_passed() {
    for (to, vi, en) in [
        (
            (150.0, 0.0),
            "Tại vòng xuyến, đi theo lối ra thứ nhất vào đường Trường Chinh, đi 160 m",
            "At the roundabout, take the 1st exit onto Trường Chinh and continue for 160 m",
        ),
        (
            (0.0, 150.0),
            "Tại vòng xuyến, đi theo lối ra thứ hai vào đường Tôn Đức Thắng, đi 190 m",
            "At the roundabout, take the 2nd exit onto Tôn Đức Thắng and continue for 190 m",
        ),
        (
            (-150.0, 0.0),
            "Tại vòng xuyến, đi theo lối ra thứ ba vào đường Nguyễn Hữu Thọ, đi 210 m",
            "At the roundabout, take the 3rd exit onto Nguyễn Hữu Thọ and continue for 210 m",
        ),
    ] {
        let [told_vi, told_en] = told(&roundabout(), (0.0, -150.0), to);
        let texts =
            |told: &[Instruction]| told.iter().map(|one| one.text.clone()).collect::<Vec<_>>();
        let depart = "Xuất phát về hướng bắc trên đường Nam, đi 130 m";
        assert_eq!(texts(&told_vi), [depart, vi, "Đến nơi"]);
        assert_eq!(texts(&told_en)[1], en);
    }
}

#[test]
fn who_must_come_back_is_told_to_turn_round() {
    // One-way past the end of a street that leads nowhere: the only way round is to turn there.
    let streets = vec![
        Street { oneway: "forward", ..Street::named("Lê Lợi", &[(0.0, 0.0), (300.0, 0.0)]) },
        Street::named("Bạch Đằng", &[(300.0, 0.0), (500.0, 0.0)]),
        Street {
            oneway: "backward",
            ..Street::named("Quang Trung", &[(0.0, 100.0), (300.0, 0.0)])
        },
    ];
    let town = Town::new(streets);
    // The street starts at the crossing: who is 150 m from its tail there is headed east.
    let headed = |east: f64, from_tail_m: u32| -> Vec<OnArc> {
        let at = town.stand((east, 0.0)).at;
        at.into_iter().filter(|at| at.offset_mm.abs_diff(from_tail_m * 1000) < 2_000).collect()
    };
    let (from, to) = (headed(450.0, 150), headed(400.0, 100));
    let to = to.into_iter().filter(|at| at.arc == from[0].arc.reverse()).collect();
    let trip = Trip { profile: PROFILE, from, to, alternatives: 0 };
    let found = route(&town.live, &trip).remove(0);
    let guide =
        Guide { city: &town.city, live: &town.live, profile: PROFILE, language: Language::Vi };
    let told = guide.instructions(&found, place((400.0, 0.0)));
    assert_eq!(told[1].text, "Quay đầu xe trên đường Bạch Đằng, đi 100 m");
    assert_eq!(told[1].manoeuvre.code(), "u_turn");
}
