//! Travel times by plain Dijkstra over the vertices of the streets, with geodesic lengths: no
//! graph of links, no arcs, no integers.

use std::collections::HashMap;

use geo::{Distance, Geodesic, Point};
use urbis_model::{LonLat, WorldXy};

use crate::city::{Town, place, speed_m_s};

/// Between the time of an oracle and that of a search, milliseconds: each link is rounded to a
/// whole one, and no way in these cities has more links.
pub const ROUNDING_MS: f64 = 60.0;

/// A street between two vertices.
struct Piece {
    from: usize,
    to: usize,
    length_m: f64,
    speed_m_s: f64,
    forward: bool,
    backward: bool,
}

/// All vertices and what joins them.
pub struct Oracle {
    vertices: Vec<LonLat>,
    pieces: Vec<Piece>,
}

/// A place on a piece: its share of the piece's length.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    piece: usize,
    share: f64,
}

impl Oracle {
    pub fn new(town: &Town) -> Self {
        let mut numbers: HashMap<WorldXy, usize> = HashMap::new();
        let mut vertices = Vec::new();
        let mut pieces = Vec::new();
        for street in &town.streets {
            let cells = street.line.iter().map(|at| WorldXy::from_lonlat(place(*at)));
            let line: Vec<usize> = cells
                .map(|cell| {
                    *numbers.entry(cell).or_insert_with(|| {
                        vertices.push(cell.to_lonlat());
                        vertices.len() - 1
                    })
                })
                .collect();
            let Some(speed_m_s) = speed_m_s(street.class) else { continue };
            pieces.extend(line.windows(2).map(|ends| Piece {
                from: ends[0],
                to: ends[1],
                length_m: metres(vertices[ends[0]], vertices[ends[1]]),
                speed_m_s,
                forward: street.oneway != "backward",
                backward: street.oneway != "forward",
            }));
        }
        Self { vertices, pieces }
    }

    /// With all directions turned round.
    pub fn reversed(&self) -> Self {
        let turned =
            |piece: &Piece| Piece { forward: piece.backward, backward: piece.forward, ..*piece };
        Self { vertices: self.vertices.clone(), pieces: self.pieces.iter().map(turned).collect() }
    }

    /// Places on all pieces, at most so many metres apart.
    pub fn every(&self, step_m: f64) -> Vec<Spot> {
        let spots = self.pieces.iter().enumerate().flat_map(|(number, piece)| {
            let steps = (piece.length_m / step_m).ceil();
            (0..=steps as usize).map(move |at| Spot { piece: number, share: at as f64 / steps })
        });
        spots.collect()
    }

    /// Number of pieces that can be driven.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// A place on a piece.
    pub fn spot(&self, piece: usize, share: f64) -> Spot {
        Spot { piece, share }
    }

    pub fn place(&self, spot: Spot) -> LonLat {
        let piece = &self.pieces[spot.piece];
        let (from, to) = (self.vertices[piece.from], self.vertices[piece.to]);
        let mix = |from: f64, to: f64| from + (to - from) * spot.share;
        LonLat::new(mix(from.lon(), to.lon()), mix(from.lat(), to.lat())).unwrap()
    }

    /// Least milliseconds from a place to every vertex.
    pub fn from(&self, start: Spot) -> Vec<f64> {
        let mut times = vec![f64::INFINITY; self.vertices.len()];
        let piece = &self.pieces[start.piece];
        if piece.forward {
            times[piece.to] = piece.ms() * (1.0 - start.share);
        }
        if piece.backward {
            times[piece.from] = times[piece.from].min(piece.ms() * start.share);
        }
        let mut is_final = vec![false; times.len()];
        // The nearest that is not final by a scan of all: nothing to get wrong.
        while let Some(at) = (0..times.len())
            .filter(|at| !is_final[*at] && times[*at].is_finite())
            .min_by(|a, b| times[*a].total_cmp(&times[*b]))
        {
            is_final[at] = true;
            for piece in &self.pieces {
                if piece.from == at && piece.forward {
                    times[piece.to] = times[piece.to].min(times[at] + piece.ms());
                }
                if piece.to == at && piece.backward {
                    times[piece.from] = times[piece.from].min(times[at] + piece.ms());
                }
            }
        }
        times
    }

    /// Least milliseconds from a place to another, where those from the first are known.
    pub fn time(&self, start: Spot, times: &[f64], end: Spot) -> Option<f64> {
        let piece = &self.pieces[end.piece];
        let mut best = f64::INFINITY;
        if piece.forward {
            best = times[piece.from] + piece.ms() * end.share;
        }
        if piece.backward {
            best = best.min(times[piece.to] + piece.ms() * (1.0 - end.share));
        }
        if start.piece == end.piece {
            let ahead = (end.share - start.share) * piece.ms();
            if piece.forward && ahead >= 0.0 {
                best = best.min(ahead);
            }
            if piece.backward && ahead <= 0.0 {
                best = best.min(-ahead);
            }
        }
        best.is_finite().then_some(best)
    }
}

impl Piece {
    fn ms(&self) -> f64 {
        self.length_m / self.speed_m_s * 1e3
    }
}

pub fn metres(from: LonLat, to: LonLat) -> f64 {
    Geodesic.distance(Point::new(from.lon(), from.lat()), Point::new(to.lon(), to.lat()))
}
