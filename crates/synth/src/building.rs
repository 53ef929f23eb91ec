//! What the real buildings of a block say about its use.

use std::collections::BTreeMap;

use geo::{Area, BoundingRect, Centroid, Contains, Polygon};

use crate::input::CityInput;
use crate::plane::{Plane, Xy};

/// Side of a square of the index, metres.
const SQUARE_M: f64 = 100.0;

/// Building uses and the land use that they make of a block.
const CODES: [(&str, &str); 7] = [
    ("education", "DGD"),
    ("medical", "DYT"),
    ("civic", "TSC"),
    ("religious", "TON"),
    ("entertainment", "DTT"),
    ("transportation", "DGT"),
    ("commercial", "TMD"),
];

/// Footprints that say something about the ground, in squares.
#[derive(Debug)]
pub(crate) struct Usages {
    squares: BTreeMap<(i64, i64), Vec<Usage>>,
}

#[derive(Debug, Clone, Copy)]
struct Usage {
    at: Xy,
    code: &'static str,
    area_m2: f64,
}

impl Usages {
    /// Indexes the buildings of a city.
    pub(crate) fn new(city: &CityInput, plane: Plane) -> Self {
        let mut squares: BTreeMap<_, Vec<Usage>> = BTreeMap::new();
        for building in &city.buildings {
            let known = CODES.iter().find(|(usage, _)| *usage == building.usage);
            let Some(((_, code), centroid)) = known.zip(building.footprint.centroid()) else {
                continue;
            };
            let at = plane.to_xy(centroid.0);
            let area_m2 = building.footprint.unsigned_area() * plane.square_degree_m2();
            squares.entry(square(at)).or_default().push(Usage { at, code, area_m2 });
        }
        Self { squares }
    }

    /// The use whose buildings cover most of a ground, where they cover at least `share` of it.
    pub(crate) fn main_code(&self, ground: &Polygon, share: f64) -> Option<&'static str> {
        let own = ground.bounding_rect()?;
        let (low, high) = (square(own.min()), square(own.max()));
        let mut covered: BTreeMap<&'static str, f64> = BTreeMap::new();
        for x in low.0..=high.0 {
            for usage in (low.1..=high.1).filter_map(|y| self.squares.get(&(x, y))).flatten() {
                if ground.contains(&geo::Point(usage.at)) {
                    *covered.entry(usage.code).or_default() += usage.area_m2;
                }
            }
        }
        let most = covered.into_iter().max_by(|one, other| one.1.total_cmp(&other.1));
        most.filter(|(_, area_m2)| *area_m2 > share * ground.unsigned_area()).map(|(code, _)| code)
    }
}

fn square(at: Xy) -> (i64, i64) {
    ((at.x / SQUARE_M).floor() as i64, (at.y / SQUARE_M).floor() as i64)
}
