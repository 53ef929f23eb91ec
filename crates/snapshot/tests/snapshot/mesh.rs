//! A random coverage: cells whose neighbours share wiggling edges, as wards do.

use geo_types::{Coord, LineString, Polygon};
use urbis_model::Feature;

use crate::support::{Random, feature};

/// South-west corner and side of a cell, degrees.
const WEST: f64 = 108.0;
const SOUTH: f64 = 15.9;
const SIDE: f64 = 0.05;

type Corner = (usize, usize);

/// A grid of cells.
pub struct Mesh {
    pub columns: usize,
    pub rows: usize,
    corners: Vec<Vec<Coord<f64>>>,
    /// The vertices between a corner and the next one east of it, and the next one north.
    eastward: Vec<Vec<Vec<Coord<f64>>>>,
    northward: Vec<Vec<Vec<Coord<f64>>>>,
}

impl Mesh {
    pub fn new(columns: usize, rows: usize, random: &mut Random) -> Self {
        let mut jitter = || random.between(-0.2, 0.2) * SIDE;
        let corners = (0..=rows)
            .map(|row| {
                (0..=columns)
                    .map(|column| Coord {
                        x: WEST + column as f64 * SIDE + jitter(),
                        y: SOUTH + row as f64 * SIDE + jitter(),
                    })
                    .collect()
            })
            .collect();
        let none = vec![vec![vec![]; columns + 1]; rows + 1];
        let mut mesh = Self { columns, rows, corners, eastward: none.clone(), northward: none };
        for row in 0..=rows {
            for column in 0..=columns {
                mesh.wiggle_edges((column, row), random);
            }
        }
        mesh
    }

    /// Draws the edges east and north of a corner anew.
    pub fn wiggle_edges(&mut self, (column, row): Corner, random: &mut Random) {
        let from = self.corners[row][column];
        if column < self.columns {
            self.eastward[row][column] = wiggle(from, self.corners[row][column + 1], random);
        }
        if row < self.rows {
            self.northward[row][column] = wiggle(from, self.corners[row + 1][column], random);
        }
    }

    /// The number of a cell's feature.
    pub fn number(&self, (column, row): Corner) -> u64 {
        (row * self.columns + column + 1) as u64
    }

    /// A cell, started anywhere and wound either way.
    pub fn cell(&self, (column, row): Corner, random: &mut Random) -> Feature {
        let corner = |column: usize, row: usize| self.corners[row][column];
        let back = |edge: &Vec<Coord<f64>>| edge.iter().rev().copied().collect::<Vec<_>>();
        let mut ring = vec![corner(column, row)];
        ring.extend(&self.eastward[row][column]);
        ring.push(corner(column + 1, row));
        ring.extend(&self.northward[row][column + 1]);
        ring.push(corner(column + 1, row + 1));
        ring.extend(back(&self.eastward[row + 1][column]));
        ring.push(corner(column, row + 1));
        ring.extend(back(&self.northward[row][column]));
        let start = random.below(ring.len() as u64) as usize;
        ring.rotate_left(start);
        if random.below(2) == 0 {
            ring.reverse();
        }
        feature(self.number((column, row)), Polygon::new(LineString(ring), vec![]), "cell")
    }

    pub fn cells(&self, random: &mut Random) -> Vec<Feature> {
        let corners = (0..self.rows).flat_map(|row| (0..self.columns).map(move |c| (c, row)));
        corners.map(|corner| self.cell(corner, random)).collect()
    }
}

/// Vertices between two corners, from a walk with steps of many sizes.
fn wiggle(from: Coord<f64>, to: Coord<f64>, random: &mut Random) -> Vec<Coord<f64>> {
    let mut line = vec![from, to];
    for level in 0..6 {
        let sway = SIDE * 0.08 / f64::from(1 << level);
        let middles: Vec<Coord<f64>> = line
            .windows(2)
            .map(|ends| Coord {
                x: f64::midpoint(ends[0].x, ends[1].x) + random.between(-sway, sway),
                y: f64::midpoint(ends[0].y, ends[1].y) + random.between(-sway, sway),
            })
            .collect();
        let mut finer: Vec<Coord<f64>> =
            line.iter().zip(&middles).flat_map(|(a, b)| [*a, *b]).collect();
        finer.push(to);
        line = finer;
    }
    line[1..line.len() - 1].to_vec()
}
