//! One cell of the lattice, grown whole: its streets, alleys, plots, and the main streets that are
//! its own.
//!
//! Streets that would lie in water, on steep ground or over the railway are left out, and so is
//! what then hangs on nothing.

mod alley;
mod block;
mod local;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::City;
use super::barrier;
use super::grain::{Grain, Side};
use super::ground::Cover;
use super::lattice::{Edge, SLOTS, edges_of};
use super::learnt::{BlockKind, TOWN};
use super::projection::Place;
use super::quad::Quad;
use super::rows::Plot;
use super::settlement::Settled;
use super::street::{Street, Way};
use crate::random::Random;

/// A street piece between two places where streets meet.
#[derive(Debug, Clone)]
struct Piece {
    ends: (usize, usize),
    way: Way,
    name: Arc<str>,
    /// Alleys that begin here: share of the piece and node.
    alleys: Vec<(f64, usize)>,
    is_kept: bool,
}

/// A place within a cell in slots: across the columns, along them.
type Slot = (u8, u8);

/// A plot and what it is for.
#[derive(Debug, Clone)]
pub(crate) struct Lot {
    pub(crate) plot: Plot,
    pub(crate) kind: BlockKind,
    pub(crate) cover: Cover,
    /// Position of its ward.
    pub(crate) ward: usize,
    pub(crate) street: Arc<str>,
    /// Number of its block within the cell.
    pub(crate) block: usize,
    /// House number or way through the alleys, such as `K12/5`.
    pub(crate) house: String,
}

/// What grew in a cell.
#[derive(Debug, Default)]
pub(crate) struct Grown {
    pub(crate) streets: Vec<Street>,
    pub(crate) lots: Vec<Lot>,
}

/// Grows a unit of the city: the cell of a rank, or, after all cells, what lies between them.
pub(crate) fn grow_unit(city: &City, unit: usize) -> Grown {
    let mut grown = if unit < city.settlement.cells.len() {
        grow(city, unit)
    } else {
        Grown { streets: city.far_streets(), lots: Vec::new() }
    };
    barrier::stand(city, unit, &mut grown.streets);
    grown
}

/// Grows the cell of a rank.
fn grow(city: &City, rank: usize) -> Grown {
    let settled = city.settlement.cells[rank];
    let mut cell = Cell::new(city, settled);
    cell.lay_streets();
    cell.keep_joined();
    let mut grown = Grown { streets: cell.main_streets(rank), lots: Vec::new() };
    let mut alleys = Vec::new();
    for column in 0..cell.grain.rows.len() {
        for row in 0..cell.grain.rows[column].len() - 1 {
            cell.fill_block((column, row), &mut grown.lots, &mut alleys);
        }
    }
    cell.give_streets(&mut grown.streets);
    grown.streets.extend(alleys);
    grown
}

struct Cell<'a> {
    city: &'a City,
    settled: Settled,
    grain: Grain,
    quad: Quad,
    edges: [Edge; 4],
    nodes: Vec<Place>,
    ids: BTreeMap<Slot, usize>,
    pieces: Vec<Piece>,
    /// Positions of the pieces of the street on the left of each column, and of those across it.
    uprights: Vec<Vec<usize>>,
    across: BTreeMap<Slot, usize>,
    local_m: f64,
    has_one_ways: bool,
}

impl<'a> Cell<'a> {
    fn new(city: &'a City, settled: Settled) -> Self {
        let (i, j) = settled.index;
        let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)];
        let mut random = Random::at(city.seed, "cell", i.into(), j.into());
        Self {
            city,
            settled,
            grain: Grain::of(city.seed, settled),
            quad: Quad { corners: corners.map(|corner| city.lattice.place(corner)) },
            edges: edges_of(settled.index),
            nodes: Vec::new(),
            ids: BTreeMap::new(),
            pieces: Vec::new(),
            uprights: Vec::new(),
            across: BTreeMap::new(),
            local_m: match settled.urbanity {
                urbanity if urbanity > TOWN => random.between(5.5, 8.0),
                _ if random.chance(0.5) => 5.0,
                _ => 4.2,
            },
            has_one_ways: settled.urbanity > 0.8 && random.chance(0.6),
        }
    }

    /// West to east and south to north, in slots.
    const fn eastward(&self, (p, q): Slot) -> Slot {
        if self.grain.is_transposed { (q, p) } else { (p, q) }
    }

    /// The side that a slot lies on; none for those within and for the corners.
    const fn side(&self, slot: Slot) -> Option<Side> {
        match self.eastward(slot) {
            (_, 0) => Some(Side::South),
            (_, SLOTS) => Some(Side::North),
            (0, _) => Some(Side::West),
            (SLOTS, _) => Some(Side::East),
            _ => None,
        }
    }

    fn edge(&self, side: Side) -> Edge {
        self.edges[side as usize]
    }

    fn place(&self, slot: Slot) -> Place {
        let (x, y) = self.eastward(slot);
        match self.side(slot) {
            Some(side @ (Side::South | Side::North)) => {
                self.city.lattice.on_edge(self.edge(side), x)
            }
            Some(side) => self.city.lattice.on_edge(self.edge(side), y),
            None => self.quad.at(f64::from(x) / f64::from(SLOTS), f64::from(y) / f64::from(SLOTS)),
        }
    }

    fn is_sound(&self, slot: Slot) -> bool {
        match self.side(slot) {
            Some(side) => self.city.skeleton.streets.contains_key(&self.edge(side)),
            None => self.city.ground.at(self.place(slot)).is_gentle(),
        }
    }

    fn node(&mut self, slot: Slot) -> usize {
        if let Some(id) = self.ids.get(&slot) {
            return *id;
        }
        self.nodes.push(self.place(slot));
        self.ids.insert(slot, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// The main streets that no nearer cell has beside it.
    fn main_streets(&self, rank: usize) -> Vec<Street> {
        let own = |edge: &&Edge| self.city.owner(**edge) == Some(rank);
        self.edges.iter().filter(own).flat_map(|edge| self.city.main_street(*edge)).collect()
    }
}
