//! Where the city grows, and how densely: the cells of the lattice that are settled.
//!
//! There is no open data of density for the whole city, so it follows from the kind of a ward, its
//! published area (small wards are dense ones), the distance to the city's and the ward's middle
//! and, for the communes of the mountains, the distance to the sea. A terrain model and land uses
//! say more where there are any.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use geo::Centroid;

use super::ground::{Cover, Ground};
use super::lattice::{Index, Lattice, PITCH_M};
use super::learnt::{PARCELS, PARCELS_PER_CELL};
use super::projection::{Place, from_degrees};
use super::shape::CityShape;
use crate::random::Random;
use crate::ring::length;

/// Islands that no road reaches: Cù Lao Chàm and the Hoàng Sa islands.
const ISLANDS: [&str; 2] = ["20434", "20333"];

/// Communes of the mountains are settled this far around their middle, metres.
const MOUNTAIN_REACH_M: f64 = 3_000.0;

/// No hill is this near to the middle of a ward, metres: each has somewhere to live.
const WARD_MIDDLE_M: f64 = 1_000.0;

/// From this distance to the sea on a large commune counts as one of the mountains, metres.
const INLAND_M: f64 = 24_000.0;

/// From this urbanity on a cell has nothing but narrow houses.
const FULLY_URBAN: f64 = 0.55;

/// Squares of a cell that are looked at, along one side.
const LOOKS: u8 = 6;

/// A cell that is settled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settled {
    pub(crate) index: Index,
    /// From 0, open country, to 1, the densest streets.
    pub(crate) urbanity: f64,
}

/// The settled cells, nearest to the city's middle first.
#[derive(Debug)]
pub(crate) struct Settlement {
    pub(crate) cells: Vec<Settled>,
    /// Position in `cells`.
    pub(crate) ranks: BTreeMap<Index, usize>,
    /// The middles of the wards, in their order; `None` for islands.
    pub(crate) middles: Vec<Option<Place>>,
}

impl Settlement {
    /// Chooses the cells of a share of the city, nearest to its middle first.
    pub(crate) fn new(shape: &CityShape, ground: &Ground, lattice: Lattice, scale: f64) -> Self {
        let center = from_degrees(geo::Coord { x: shape.center.lon(), y: shape.center.lat() });
        let survey = Survey {
            shape,
            ground,
            lattice,
            center,
            middles: middles(shape, ground),
            sea_m: sea_distances(ground, lattice),
        };
        let mut found: Vec<(i64, Settled, f64)> = (0..lattice.len())
            .map(|position| lattice.index(position))
            .filter_map(|index| {
                let (cell, parcels) = survey.cell(index)?;
                Some((length(lattice.middle(index) - center) as i64, cell, parcels))
            })
            .collect();
        found.sort_by_key(|(distance, cell, _)| (*distance, cell.index));
        let wanted = PARCELS * scale;
        let mut so_far = 0.0;
        let cells: Vec<Settled> = found
            .into_iter()
            .take_while(|(_, _, parcels)| {
                so_far += parcels;
                scale >= 1.0 || so_far - parcels < wanted
            })
            .map(|(_, cell, _)| cell)
            .collect();
        let ranks = cells.iter().enumerate().map(|(rank, cell)| (cell.index, rank)).collect();
        Self { cells, ranks, middles: survey.middles }
    }
}

/// All that is asked to judge a cell.
struct Survey<'a> {
    shape: &'a CityShape,
    ground: &'a Ground,
    lattice: Lattice,
    center: Place,
    middles: Vec<Option<Place>>,
    /// Of every corner, metres.
    sea_m: Vec<f64>,
}

impl Survey<'_> {
    /// A cell and the parcels that it will have, about; `None` where nothing grows.
    fn cell(&self, index: Index) -> Option<(Settled, f64)> {
        let middle = self.lattice.middle(index);
        let ward = self.ground.at(middle).ward?;
        let share = self.gentle_share(middle);
        if share < 0.25 || ISLANDS.contains(&self.shape.wards[ward].code.as_str()) {
            return None;
        }
        let urbanity = self.urbanity(middle, ward, self.lattice.position(index))?;
        let (rural, urban) = PARCELS_PER_CELL;
        let parcels = share * (rural + (urban - rural) * (urbanity / FULLY_URBAN).min(1.0));
        Some((Settled { index, urbanity }, parcels))
    }

    /// How much of a cell can be settled.
    fn gentle_share(&self, middle: Place) -> f64 {
        let step = PITCH_M / f64::from(LOOKS);
        let offset = |look: u8| (f64::from(look) + 0.5) * step - PITCH_M / 2.0;
        let looks = (0..LOOKS).flat_map(|x| (0..LOOKS).map(move |y| (x, y)));
        let gentle = looks.filter(|(x, y)| {
            self.ground.at(middle + Place { x: offset(*x), y: offset(*y) }).is_gentle()
        });
        gentle.count() as f64 / f64::from(LOOKS * LOOKS)
    }

    fn urbanity(&self, at: Place, ward: usize, position: usize) -> Option<f64> {
        let (own, sea_m) = (&self.shape.wards[ward], self.sea_m[position]);
        let from_ward_m = length(at - self.middles[ward]?);
        let is_mountain = !own.is_urban() && own.area_km2 > 100.0 && sea_m > INLAND_M;
        if is_mountain && from_ward_m > MOUNTAIN_REACH_M {
            return None;
        }
        if !own.is_urban() && from_ward_m > WARD_MIDDLE_M && self.is_hill(at, sea_m) {
            return None;
        }
        let base = match (own.is_urban(), own.area_km2) {
            (true, area) if area < 21.0 => 0.36,
            (true, area) if area < 45.0 => 0.18,
            (true, _) => 0.08,
            (false, area) if area < 60.0 => 0.02,
            (false, area) if area < 130.0 => 0.01,
            (false, _) => 0.0,
        };
        let near = |distance_m: f64, reach_m: f64| {
            let share = distance_m / reach_m;
            libm::exp(-share * share)
        };
        let town = if own.is_urban() { 0.3 } else { 0.14 };
        let city = 0.4 * near(length(at - self.center), 4_500.0);
        let beach = 0.08 * near(sea_m, 1_500.0);
        let urbanity = base + town * near(from_ward_m, 1_300.0) + city + beach;
        let is_open = self.ground.at(at).cover == Cover::Field;
        Some(if is_open { urbanity * 0.4 } else { urbanity.min(1.0) })
    }

    /// Hills where no terrain model is: more of them the further inland, in patches of some
    /// kilometres, where smooth noise is high.
    fn is_hill(&self, at: Place, sea_m: f64) -> bool {
        let inland = (sea_m / 45_000.0).clamp(0.0, 0.8);
        noise(at, 3_100.0) > 1.13 - inland
    }
}

/// Smooth noise from 0 to 1, the same for every seed: hills do not move.
fn noise(at: Place, wave_m: f64) -> f64 {
    let scaled = at / wave_m;
    let (x, y) = (scaled.x.floor(), scaled.y.floor());
    let value = |dx: f64, dy: f64| Random::at(0, "hill", (x + dx) as i64, (y + dy) as i64).unit();
    let ease = |share: f64| share * share * (3.0 - 2.0 * share);
    let (u, v) = (ease(scaled.x - x), ease(scaled.y - y));
    let south = value(0.0, 0.0) * (1.0 - u) + value(1.0, 0.0) * u;
    let north = value(0.0, 1.0) * (1.0 - u) + value(1.0, 1.0) * u;
    south * (1.0 - v) + north * v
}

/// The middle of every ward: the gentle place nearest to its centroid.
fn middles(shape: &CityShape, ground: &Ground) -> Vec<Option<Place>> {
    let middle = |(number, ward): (usize, &super::shape::CityWard)| {
        if ISLANDS.contains(&ward.code.as_str()) {
            return None;
        }
        let centroid = ward.ground.centroid()?.0;
        // Rings of growing squares around the centroid, 150 m apart.
        (0..80_i32).find_map(|ring| {
            let side = (-ring..=ring).flat_map(move |x| (-ring..=ring).map(move |y| (x, y)));
            side.filter(|(x, y)| x.abs().max(y.abs()) == ring)
                .map(|(x, y)| centroid + Place { x: f64::from(x), y: f64::from(y) } * 150.0)
                .find(|at| {
                    let square = ground.at(*at);
                    square.is_gentle() && square.ward == Some(number)
                })
        })
    };
    shape.wards.iter().enumerate().map(middle).collect()
}

/// Distance of every corner to the sea, metres, in steps of the lattice.
fn sea_distances(ground: &Ground, lattice: Lattice) -> Vec<f64> {
    let mut distances = vec![f64::INFINITY; lattice.len()];
    let mut open = VecDeque::new();
    for (position, distance) in distances.iter_mut().enumerate() {
        let at = lattice.middle(lattice.index(position));
        // Water outside of every ward is the sea.
        if ground.is_water(at) && ground.at(at).ward.is_none() {
            *distance = 0.0;
            open.push_back(position);
        }
    }
    while let Some(position) = open.pop_front() {
        for next in lattice.around(lattice.index(position)) {
            let next = lattice.position(next);
            if distances[next].is_infinite() {
                distances[next] = distances[position] + PITCH_M;
                open.push_back(next);
            }
        }
    }
    distances
}
