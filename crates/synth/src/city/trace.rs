//! Vehicles that drive through the streets, with a position a second.

use std::collections::{HashMap, HashSet};

use geo::Coord;

use super::learnt::VEHICLES;
use super::street::{Street, Way};
use super::{SyntheticCity, cell, turn, writer};
use crate::plane::{Cell, degrees_of};
use crate::random::Random;
use crate::ring::line_m;

/// One position of one vehicle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceRow {
    /// Number of the vehicle, from 1.
    pub vehicle: usize,
    /// Seconds since the start.
    pub second: u32,
    /// Degrees, x = longitude.
    pub at: Coord<f64>,
    /// Speed, km/h.
    pub speed_kmh: f64,
    /// Degrees clockwise from north.
    pub heading: f64,
}

/// The streets as a graph for driving; alleys are left out.
#[derive(Default)]
struct Network {
    streets: Vec<Drive>,
    /// Streets that may be entered at each node.
    exits: Vec<Vec<u32>>,
    /// Street, node and street that must not be entered there from the first.
    forbidden: HashSet<(u32, u32, u32)>,
}

/// One stretch of street in the direction of its line.
struct Drive {
    nodes: (u32, u32),
    ends: (Coord<f64>, Coord<f64>),
    metres: f32,
    kmh: f32,
    /// It may be driven against its line alone.
    is_backward: bool,
}

impl SyntheticCity {
    /// Drives the vehicles of the city for some seconds; `sink` gets a row a vehicle and second,
    /// vehicle after vehicle, and says whether to go on.
    ///
    /// Cost: the streets in memory, about 100 bytes each.
    pub fn drive(&self, seconds: u32, sink: &mut dyn FnMut(TraceRow) -> bool) {
        let network = self.network();
        if network.streets.is_empty() {
            return;
        }
        let count = ((VEHICLES * self.city.scale).ceil() as usize).max(10);
        for vehicle in 1..=count {
            let random = &mut Random::at(self.city.seed, "vehicle", vehicle as i64, 0);
            let mut here = random.whole(0, network.streets.len() as i64 - 1) as u32;
            let mut start = network.streets[here as usize].entry();
            let mut driven_m = 0.0;
            for second in 0..seconds {
                let street = &network.streets[here as usize];
                let row = street.position(vehicle, second, start, driven_m);
                driven_m += row.speed_kmh / 3.6;
                if !sink(row) {
                    return;
                }
                // At most one junction a second: streets are longer than that.
                if driven_m > f64::from(street.metres) {
                    driven_m = 0.0;
                    start = street.other(start);
                    here = network.next(here, start, random);
                }
            }
        }
    }

    fn network(&self) -> Network {
        let city = &self.city;
        let mut ids: HashMap<Cell, u32> = HashMap::new();
        let mut network = Network::default();
        for unit in 0..city.units() {
            let streets = cell::grow_unit(city, unit).streets;
            let numbers: Vec<Option<u32>> =
                streets.iter().map(|street| network.add(street, &mut ids)).collect();
            for turn in turn::forbidden(city, &streets) {
                if let (Some(from), Some(to)) = (numbers[turn.from], numbers[turn.to]) {
                    network.forbidden.insert((from, ids[&turn.via], to));
                }
            }
        }
        network
    }
}

impl Network {
    /// The number of a street in the network; `None` for alleys.
    fn add(&mut self, street: &Street, ids: &mut HashMap<Cell, u32>) -> Option<u32> {
        if street.way.is_alley() {
            return None;
        }
        let cells = [street.line[0], street.line[street.line.len() - 1]].map(writer::degree_cell);
        let nodes = cells.map(|cell| {
            let new = ids.len() as u32;
            *ids.entry(cell).or_insert(new)
        });
        self.exits.resize(ids.len(), Vec::new());
        let number = self.streets.len() as u32;
        let way = street.way;
        let [from, to] = cells.map(degrees_of);
        self.streets.push(Drive {
            nodes: (nodes[0], nodes[1]),
            ends: (from, to),
            metres: line_m(&street.line) as f32,
            kmh: way.usual_kmh() as f32,
            is_backward: matches!(way, Way::Directed { is_forward: false, .. }),
        });
        if !matches!(way, Way::Directed { is_forward: false, .. }) {
            self.exits[nodes[0] as usize].push(number);
        }
        if !matches!(way, Way::Directed { is_forward: true, .. }) {
            self.exits[nodes[1] as usize].push(number);
        }
        Some(number)
    }

    /// The next street from a node: any that may be entered but the one that one comes from, which
    /// is the last resort.
    fn next(&self, from: u32, node: u32, random: &mut Random) -> u32 {
        let exits = self.exits[node as usize].iter().copied();
        let may = |to: &u32| *to != from && !self.forbidden.contains(&(from, node, *to));
        let others: Vec<u32> = exits.filter(may).collect();
        if others.is_empty() { from } else { *random.pick(&others) }
    }
}

impl Drive {
    /// A node at which it may be entered.
    const fn entry(&self) -> u32 {
        if self.is_backward { self.nodes.1 } else { self.nodes.0 }
    }

    const fn other(&self, node: u32) -> u32 {
        if self.nodes.0 == node { self.nodes.1 } else { self.nodes.0 }
    }

    fn position(&self, vehicle: usize, second: u32, start: u32, driven_m: f64) -> TraceRow {
        let (from, to) = if self.nodes.0 == start { self.ends } else { (self.ends.1, self.ends.0) };
        let share = (driven_m / f64::from(self.metres)).min(1.0);
        let along = to - from;
        let at = from + along * share;
        let east = along.x * libm::cos(from.y.to_radians());
        let heading = libm::atan2(east, along.y).to_degrees().rem_euclid(360.0);
        TraceRow { vehicle, second, at, speed_kmh: f64::from(self.kmh), heading }
    }
}
