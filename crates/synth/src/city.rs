//! A whole city at full size, for benchmarks: three million parcels and what belongs to them.
//!
//! - **In**: a [`CityShape`] (real wards, waters, uses, slopes), a seed and a scale: 1 is the whole
//!   city, less is the part that is nearest to its middle, as dense as it is there.
//! - **Out**: [`CityRecord`]s in batches, one batch a cell of the lattice; parcels, buildings and
//!   utility nodes in EPSG:5899, streets, turns and barriers in EPSG:4326 to 8 decimals. Nothing is kept: memory does
//!   not grow with the city.
//! - The same shape, seed and scale give the same bytes, whatever the number of threads, the build
//!   and the machine: each cell grows by itself from numbers that depend on seed and place alone,
//!   batches come in order, and sines and logarithms are those of crate `libm`, not the platform's.
//! - Some features are wrong on purpose, and each of them says so ([`CityRecord::flaw`]).

mod barrier;
mod cell;
mod flaw;
mod grain;
mod ground;
mod lattice;
mod learnt;
mod mountain;
mod name;
mod projection;
mod quad;
mod rail;
mod record;
mod road;
mod rows;
mod settlement;
mod shape;
mod skeleton;
mod stream;
mod street;
mod trace;
mod turn;
mod utility;
mod writer;

use std::sync::Arc;

use geo::Coord;

pub use flaw::{Flaw, FlawKind};
pub use record::{CityLayer, CityRecord};
pub use shape::{CityShape, CityWard, Slope, plane_polygons, polygons_of_ewkb};
pub use stream::{CityBatch, LayerSummary, hash_of_all};
pub use trace::TraceRow;
pub use turn::TurnRestriction;

use self::grain::{Grain, SIDES};
use self::ground::Ground;
use self::lattice::{Edge, Index, Lattice, edges_of, is_upright, line_of};
use self::learnt::TOWN;
use self::projection::Place;
use self::rail::Rail;
use self::settlement::Settlement;
use self::skeleton::{Rank, Skeleton, Span};
use self::street::{Street, Way};
use crate::plane::degrees_of;
use crate::random::Random;

/// Cells from one name of a main street to the next, along it.
const NAME_CELLS: i32 = 7;

/// A city that can grow: its plan, not its features.
#[derive(Debug, Clone)]
pub struct SyntheticCity {
    city: Arc<City>,
}

/// What all cells know.
#[derive(Debug)]
pub(crate) struct City {
    seed: u64,
    scale: f64,
    /// Code and full name of each ward.
    wards: Vec<(Arc<str>, Arc<str>)>,
    ground: Ground,
    rail: Rail,
    lattice: Lattice,
    settlement: Settlement,
    skeleton: Skeleton,
}

impl SyntheticCity {
    /// Plans a city; `scale` is its share of the full size, above 0 and at most 1.
    ///
    /// Cost: some seconds and 100 MB for the full size.
    pub fn plan(shape: &CityShape, seed: u64, scale: f64) -> Self {
        let ground = Ground::new(shape);
        let (rail, lattice) = (Rail::new(), Lattice::new(seed));
        let settlement = Settlement::new(shape, &ground, lattice, scale);
        let skeleton = Skeleton::new(&ground, &rail, lattice, &settlement);
        let ward =
            |ward: &CityWard| (Arc::from(ward.code.as_str()), Arc::from(ward.full_name.as_str()));
        let wards = shape.wards.iter().map(ward).collect();
        let city = City { seed, scale, wards, ground, rail, lattice, settlement, skeleton };
        Self { city: Arc::new(city) }
    }

    /// Cells of the lattice that are settled.
    pub fn cells(&self) -> usize {
        self.city.settlement.cells.len()
    }

    /// The bridges: both ends of each in degrees to 8 decimals, x = longitude.
    pub fn bridges(&self) -> Vec<[Coord<f64>; 2]> {
        let place = |index| self.city.lattice.place(index);
        let bridges = self.city.skeleton.spans.iter().filter(|span| span.is_bridge);
        let ends = |span: &Span| [span.corners[0], span.corners[span.corners.len() - 1]];
        bridges.map(|span| ends(span).map(|corner| written(place(corner)))).collect()
    }

    /// Where streets cross the railway at grade, degrees to 8 decimals, x = longitude: each is a
    /// node of a street, and of [`Self::railway`].
    pub fn level_crossings(&self) -> Vec<Coord<f64>> {
        self.city.level_crossings().into_iter().map(written).collect()
    }

    /// The railway from north to south, with a node at each level crossing; degrees to 8 decimals,
    /// x = longitude.
    pub fn railway(&self) -> Vec<Coord<f64>> {
        let line = self.city.rail.through(&self.city.level_crossings());
        line.into_iter().map(written).collect()
    }
}

impl City {
    /// What grows by itself: the settled cells, and at last what lies between them.
    pub(crate) fn units(&self) -> usize {
        self.settlement.cells.len() + 1
    }

    /// The settled cell that grows an edge: the first in order of those beside it.
    pub(crate) fn owner(&self, edge: Edge) -> Option<usize> {
        self.beside(edge).min()
    }

    fn beside(&self, edge: Edge) -> impl Iterator<Item = usize> {
        let (i, j) = edge.0;
        let other = if is_upright(edge) { (i - 1, j) } else { (i, j - 1) };
        [(i, j), other].into_iter().filter_map(|index| self.settlement.ranks.get(&index).copied())
    }

    /// The main street on an edge, cut where the streets of both cells reach it.
    pub(crate) fn main_street(&self, edge: Edge) -> Vec<Street> {
        let Some(rank) = self.skeleton.streets.get(&edge).copied() else { return Vec::new() };
        let mut stops = vec![0, lattice::SLOTS];
        let mut is_urban = false;
        for cell in self.beside(edge).map(|rank| self.settlement.cells[rank]) {
            let side = edges_of(cell.index).iter().position(|own| *own == edge);
            let grain = Grain::of(self.seed, cell);
            stops.extend(side.into_iter().flat_map(|side| grain.ends_at(SIDES[side])));
            is_urban |= cell.urbanity > TOWN;
        }
        stops.sort_unstable();
        stops.dedup();
        let way = Way::Main { rank, width_m: self.main_width_m(rank, edge), is_urban };
        let name = self.main_name(edge);
        let place = |slot: u8| match slot {
            0 => self.lattice.place(edge.0),
            lattice::SLOTS => self.lattice.place(edge.1),
            _ => self.lattice.on_edge(edge, slot),
        };
        let piece =
            |pair: &[u8]| Street::new(vec![place(pair[0]), place(pair[1])], way, Arc::clone(&name));
        stops.windows(2).map(piece).collect()
    }

    /// Width of the carriageway of a main street, metres.
    pub(crate) fn main_width_m(&self, rank: Rank, edge: Edge) -> f64 {
        let line = i64::from(line_of(edge));
        let wide = Random::at(self.seed, "width", line, i64::from(is_upright(edge))).unit();
        (rank.width_m() * (0.9 + 0.2 * wide) * 2.0).round() / 2.0
    }

    /// The name of a main street: the same for some kilometres.
    pub(crate) fn main_name(&self, edge: Edge) -> Arc<str> {
        let along = if is_upright(edge) { edge.0.1 } else { edge.0.0 };
        let key = if is_upright(edge) { "upright street" } else { "level street" };
        let stretch = i64::from(along.div_euclid(NAME_CELLS));
        let mut random = Random::at(self.seed, key, i64::from(line_of(edge)), stretch);
        Arc::from(name::street(&mut random))
    }

    /// Main streets beside no settled cell, bridges and level crossings.
    pub(crate) fn far_streets(&self) -> Vec<Street> {
        let far = self.skeleton.streets.keys().filter(|edge| self.owner(**edge).is_none());
        let mut streets: Vec<Street> = far.flat_map(|edge| self.main_street(*edge)).collect();
        streets.extend(self.skeleton.spans.iter().flat_map(|span| self.span(span)));
        streets
    }

    /// A bridge is one piece; a street over the railway is cut at the rails.
    fn span(&self, span: &Span) -> Vec<Street> {
        let name = self.main_name((span.corners[0], span.corners[1]));
        if span.is_bridge {
            let line = span.corners.iter().map(|corner| self.lattice.place(*corner)).collect();
            return vec![Street::new(line, Way::Bridge { rank: span.rank }, name)];
        }
        let way = Way::LevelCrossing { rank: span.rank };
        let rails = self.rails_of(span);
        let mut pieces = vec![Vec::new()];
        for (at, is_rail) in rails {
            let last = pieces.len() - 1;
            pieces[last].push(at);
            if is_rail {
                pieces.push(vec![at]);
            }
        }
        pieces.into_iter().map(|line| Street::new(line, way, Arc::clone(&name))).collect()
    }

    /// The places of a way from end to end, and which of them lie on the rails.
    fn rails_of(&self, span: &Span) -> Vec<(Place, bool)> {
        let place = |index: Index| self.lattice.place(index);
        let mut places = vec![(place(span.corners[0]), false)];
        for pair in span.corners.windows(2) {
            let crossings = self.rail.crossings(place(pair[0]), place(pair[1]));
            places.extend(crossings.into_iter().map(|at| (at, true)));
            places.push((place(pair[1]), false));
        }
        places
    }

    fn level_crossings(&self) -> Vec<Place> {
        let spans = self.skeleton.spans.iter().filter(|span| !span.is_bridge);
        let places = spans.flat_map(|span| self.rails_of(span));
        places.filter_map(|(at, is_rail)| is_rail.then_some(at)).collect()
    }
}

/// A place as streets have it.
fn written(place: Place) -> Coord<f64> {
    degrees_of(writer::degree_cell(place))
}
