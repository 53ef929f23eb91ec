//! Layer `landslide_site`: on the slopes around the city.

use geo::Coord;
use serde_json::json;

use crate::day::{day, moment};
use crate::geojson::{Record, Shape};
use crate::plane::Plane;
use crate::random::Random;
use crate::ward::Wards;

/// A slope: its name, a place on it in degrees (x = longitude), how far sites lie from it in
/// degrees, and how many. Places read off public maps to a hundredth of a degree.
const SLOPES: [(&str, Coord<f64>, f64, usize); 3] = [
    ("bán đảo Sơn Trà", Coord { x: 108.275, y: 16.122 }, 0.018, 9),
    ("đèo Hải Vân", Coord { x: 108.125, y: 16.175 }, 0.016, 8),
    ("núi Bà Nà", Coord { x: 108.005, y: 15.998 }, 0.02, 7),
];

const GRADES: [&str; 6] = ["low", "medium", "medium", "high", "high", "very_high"];
const STATES: [&str; 6] = ["watched", "watched", "watched", "moving", "slid", "mended"];

/// One feature a site.
pub(crate) fn records(wards: &Wards<'_>, plane: Plane, seed: u64) -> Vec<Record> {
    let sites = SLOPES.iter().flat_map(|slope| (0..slope.3).map(move |_| slope));
    let mut random = Random::of(seed, "landslide sites");
    let numbered = sites.enumerate();
    numbered
        .filter_map(|(index, (place, middle, reach, _))| {
            let mut shift = || random.between(-reach, *reach);
            let at = plane.to_xy(Coord { x: middle.x + shift(), y: middle.y + shift() });
            // Beyond every ward is the sea.
            let ward = wards.at(at)?;
            let surveyed = random.whole(-300, -30);
            let grade = *random.pick(&GRADES);
            let properties = json!({
                "site_no": format!("GL-S-{:02}", index + 1),
                "place": place,
                "ward_code": ward.code,
                "grade": grade,
                "households": if grade == "low" { 0 } else { random.whole(0, 35) },
                "state": random.pick(&STATES),
                "surveyed": day(surveyed),
                "valid_from": moment(surveyed, 0),
            });
            Some(Record { shape: Shape::Point(plane.to_cell(at)), properties })
        })
        .collect()
}
