//! What the driver is told, word for word.

use urbis_network::{Guide, Instruction, Language, route};

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
