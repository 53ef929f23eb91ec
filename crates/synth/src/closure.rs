//! Layer `road_closure`: on real segments; some now, some over, some to come.

use serde_json::{Value, json};

use crate::day::{FAR, moment};
use crate::geojson::{Record, Shape};
use crate::input::{CityInput, Road};
use crate::plane::{Plane, cell_of};
use crate::random::Random;
use crate::ring::length;
use crate::street::{is_named, width_m};

/// Closures lie this near to the centre, metres.
const REACH_M: f64 = 2_500.0;

/// What happens on one segment.
struct Case {
    cause: &'static str,
    impact: &'static str,
    depth_m: Option<f64>,
    words: &'static str,
    /// Days after the reference day; the end may be unknown.
    days: (i64, Option<i64>),
}

/// A case that holds for years, so that what is tested does not hang on the day of the test.
const fn now(
    cause: &'static str,
    impact: &'static str,
    depth: Option<f64>,
    words: &'static str,
) -> Case {
    Case { cause, impact, depth_m: depth, words, days: (-20, Some(FAR)) }
}

const CASES: [Case; 13] = [
    now("flood", "all-lanes-closed", Some(0.6), "ngập sâu, cấm mọi phương tiện"),
    now("flood", "some-lanes-closed", Some(0.25), "ngập nửa lòng đường"),
    now("works", "alternating-one-way", None, "lắp cống, lưu thông một chiều luân phiên"),
    now("works", "some-lanes-closed", None, "đào đường hạ ngầm cáp"),
    now("works", "all-lanes-closed", None, "thay mặt đường, cấm xe"),
    now("obstacle", "some-lanes-closed", None, "cây đổ chắn một làn"),
    now("accident", "flagging", None, "tai nạn, có người điều tiết"),
    Case {
        days: (-5, None),
        ..now("order", "all-lanes-closed", None, "cấm xe theo giờ, chưa rõ ngày hết")
    },
    Case {
        days: (-40, Some(-38)),
        ..now("flood", "all-lanes-closed", Some(0.9), "ngập trong đêm mưa, đã rút")
    },
    Case {
        days: (-90, Some(-10)), ..now("works", "some-lanes-closed", None, "thi công đã xong")
    },
    Case {
        days: (-15, Some(-14)),
        ..now("event", "all-lanes-closed", None, "giải chạy, đã kết thúc")
    },
    Case {
        days: (FAR - 10, Some(FAR)),
        ..now("event", "all-lanes-closed", None, "lễ hội sắp tới")
    },
    Case {
        days: (FAR - 60, None), ..now("works", "some-lanes-closed", None, "dự kiến thi công")
    },
];

/// One feature a case.
pub(crate) fn records(city: &CityInput, plane: Plane, seed: u64) -> Vec<Record> {
    let mut random = Random::of(seed, "road closures");
    let is_fit = |road: &&Road| {
        let ends = road.lines.iter().flat_map(|line| [line.0.first(), line.0.last()]).flatten();
        let near = ends.map(|at| length(plane.to_xy(*at))).fold(0.0, f64::max) < REACH_M;
        let size: f64 = road
            .lines
            .iter()
            .flat_map(geo::LineString::lines)
            .map(|line| length(plane.to_xy(line.end) - plane.to_xy(line.start)))
            .sum();
        near && is_named(road) && width_m(road).is_some() && (60.0..400.0).contains(&size)
    };
    let mut fit: Vec<&Road> = city.roads.iter().filter(is_fit).collect();
    random.shuffle(&mut fit);
    CASES
        .iter()
        .zip(fit)
        .enumerate()
        .map(|(index, (case, road))| record(index, case, road))
        .collect()
}

fn record(index: usize, case: &Case, road: &Road) -> Record {
    let Case { cause, impact, depth_m, words, days: (start, end) } = case;
    let properties = json!({
        "closure_no": format!("GL-C-{:02}", index + 1),
        "cause": cause,
        "vehicle_impact": impact,
        "depth_m": depth_m,
        "road_name": road.name,
        "description": format!("Giả lập: {words}."),
        "valid_from": moment(*start, 6),
        "valid_to": end.map_or(Value::Null, |end| moment(end, 18).into()),
    });
    let lines = road.lines.iter().map(|line| line.0.iter().map(|at| cell_of(*at)).collect());
    Record { shape: Shape::Lines(lines.collect()), properties }
}
