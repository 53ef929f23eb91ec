//! Joins polygons by taking away the edges that two of them share.
//!
//! ```text
//!   +--->---+--->---+        +--->-------+      an edge that runs both ways is no border
//!   |   A   ^v  B   |   ->   |           |
//!   +---<---+---<---+        +---<-------+
//! ```
//!
//! What is left of the edges are closed walks with the inside on their right. At a place where
//! several walks meet, each takes the sharpest right turn, and so stays with the piece that it
//! goes around; a walk that comes to a place twice is cut there, so that no ring touches itself.
//! Polygons that share no edge with another are left as they are; so are those that would make a
//! hole in nothing, as invalid ones may.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::paths::{Paths, UnitXy, twice_area};

/// One side of a ring.
#[derive(Debug, Clone, Copy)]
struct Edge {
    from: UnitXy,
    to: UnitXy,
    polygon: usize,
}

/// Joins polygons: exteriors that run clockwise on screen, each followed by its holes.
pub(crate) fn join_polygons(rings: &Paths) -> Paths {
    let polygons = split_polygons(rings);
    let edges = edges(&polygons);
    let mut pieces = Pieces::new(polygons.len());
    let borders = cancel(&edges, &mut pieces);
    let mut walks = Walks::new(edges, borders, &mut pieces);
    let mut joined = Paths::default();
    for (index, polygon) in polygons.iter().enumerate() {
        match pieces.role(index) {
            Role::Alone => polygon.iter().for_each(|ring| joined.push_path(ring)),
            Role::First => match to_polygons(walks.rings_of(index)) {
                Some(piece) => joined.append(&piece),
                None => {
                    let each = polygons.iter().enumerate();
                    let own = each.filter(|(other, _)| pieces.root(*other) == index);
                    own.flat_map(|(_, rings)| rings).for_each(|ring| joined.push_path(ring));
                }
            },
            Role::Joined => {}
        }
    }
    joined
}

fn split_polygons(rings: &Paths) -> Vec<Vec<&[UnitXy]>> {
    let mut polygons: Vec<Vec<&[UnitXy]>> = Vec::new();
    for ring in rings.iter() {
        match polygons.last_mut().filter(|_| twice_area(ring) < 0) {
            Some(polygon) => polygon.push(ring),
            None => polygons.push(vec![ring]),
        }
    }
    polygons
}

fn edges(polygons: &[Vec<&[UnitXy]>]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (polygon, rings) in polygons.iter().enumerate() {
        for ring in rings {
            let following = ring.iter().cycle().skip(1);
            edges.extend(ring.iter().zip(following).map(|(a, b)| Edge {
                from: *a,
                to: *b,
                polygon,
            }));
        }
    }
    edges
}

/// Which polygons are one piece: a forest whose roots are the smallest of their piece.
struct Pieces {
    parents: Vec<usize>,
    is_touched: Vec<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Shares no edge.
    Alone,
    /// The first polygon of its piece.
    First,
    /// Another of its piece.
    Joined,
}

impl Pieces {
    fn new(polygons: usize) -> Self {
        Self { parents: (0..polygons).collect(), is_touched: vec![false; polygons] }
    }

    fn root(&mut self, mut polygon: usize) -> usize {
        while self.parents[polygon] != polygon {
            self.parents[polygon] = self.parents[self.parents[polygon]];
            polygon = self.parents[polygon];
        }
        polygon
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.is_touched[one] = true;
        self.is_touched[other] = true;
        self.parents[one.max(other)] = one.min(other);
    }

    fn role(&mut self, polygon: usize) -> Role {
        match (self.root(polygon) == polygon, self.is_touched[polygon]) {
            (true, true) => Role::First,
            (true, false) => Role::Alone,
            (false, _) => Role::Joined,
        }
    }
}

/// Pairs edges that run both ways; says of each edge whether it is left.
fn cancel(edges: &[Edge], pieces: &mut Pieces) -> Vec<bool> {
    let key = |index: usize| {
        let Edge { from, to, .. } = edges[index];
        (from.min(to), from.max(to))
    };
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_unstable_by_key(|index| (key(*index), *index));
    let mut is_left = vec![true; edges.len()];
    for twins in order.chunk_by(|a, b| key(*a) == key(*b)) {
        let (there, back): (Vec<usize>, Vec<usize>) =
            twins.iter().partition(|index| edges[**index].from < edges[**index].to);
        for (one, other) in there.into_iter().zip(back) {
            is_left[one] = false;
            is_left[other] = false;
            pieces.join(edges[one].polygon, edges[other].polygon);
        }
    }
    is_left
}

/// The edges that are left of pieces, by piece and place.
struct Walks {
    /// Piece and edge, in order of piece and start.
    edges: Vec<(usize, Edge)>,
    is_walked: Vec<bool>,
}

impl Walks {
    fn new(edges: Vec<Edge>, is_left: Vec<bool>, pieces: &mut Pieces) -> Self {
        let left = edges.into_iter().zip(is_left).filter(|(_, is_left)| *is_left);
        let mut edges: Vec<(usize, Edge)> =
            left.map(|(edge, _)| (pieces.root(edge.polygon), edge)).collect();
        edges.retain(|(piece, _)| pieces.is_touched[*piece]);
        edges.sort_by_key(|(piece, edge)| (*piece, edge.from, edge.to));
        Self { is_walked: vec![false; edges.len()], edges }
    }

    /// The rings of one piece, none of which touches itself.
    fn rings_of(&mut self, piece: usize) -> Vec<Vec<UnitXy>> {
        let start = self.edges.partition_point(|(other, _)| *other < piece);
        let end = self.edges.partition_point(|(other, _)| *other <= piece);
        let mut rings = Vec::new();
        for first in start..end {
            if !self.is_walked[first] {
                let walk = self.walk(piece, first);
                split_walk(walk, &mut rings);
            }
        }
        rings
    }

    fn walk(&mut self, piece: usize, first: usize) -> Vec<UnitXy> {
        let mut walk = Vec::new();
        let mut next = Some(first);
        while let Some(index) = next {
            self.is_walked[index] = true;
            let (_, edge) = self.edges[index];
            walk.push(edge.from);
            next = self.sharpest_right(piece, edge);
        }
        walk
    }

    /// The edge that goes on with the piece on its right; `None` where the walk is closed.
    fn sharpest_right(&self, piece: usize, edge: Edge) -> Option<usize> {
        let place = (piece, edge.to);
        let start = self.edges.partition_point(|(piece, edge)| (*piece, edge.from) < place);
        let leaving =
            self.edges[start..].iter().take_while(|(piece, edge)| (*piece, edge.from) == place);
        let open = (start..).zip(leaving).filter(|(index, _)| !self.is_walked[*index]);
        open.max_by(|a, b| compare_turns(edge, a.1.1, b.1.1)).map(|(index, _)| index)
    }
}

/// Orders two ways to go on: the one that turns more to the right is greater.
fn compare_turns(edge: Edge, one: Edge, other: Edge) -> Ordering {
    let before = edge.from.to(edge.to);
    let (one, other) = (one.from.to(one.to), other.from.to(other.to));
    let side = |next| match (before.cross(next).signum(), before.dot(next) > 0) {
        (1, _) => 2,
        (0, true) => 1,
        (0, false) => 3,
        _ => 0,
    };
    side(one).cmp(&side(other)).then_with(|| other.cross(one).cmp(&0))
}

/// Cuts a walk at each place that it comes to twice.
fn split_walk(walk: Vec<UnitXy>, rings: &mut Vec<Vec<UnitXy>>) {
    let mut open: Vec<UnitXy> = Vec::with_capacity(walk.len());
    let mut positions: HashMap<UnitXy, usize> = HashMap::with_capacity(walk.len());
    for vertex in walk {
        if let Some(position) = positions.get(&vertex).copied() {
            open[position + 1..].iter().for_each(|gone| {
                positions.remove(gone);
            });
            rings.push(open.drain(position..).collect());
        } else {
            positions.insert(vertex, open.len());
        }
        open.push(vertex);
    }
    rings.push(open);
}

/// An exterior ring, and the smallest box around it.
struct Exterior {
    ring: Vec<UnitXy>,
    low: UnitXy,
    high: UnitXy,
}

/// Exteriors, each followed by the holes that lie in it; `None` where a hole lies in none of them.
fn to_polygons(rings: Vec<Vec<UnitXy>>) -> Option<Paths> {
    let with_area = rings.into_iter().map(|ring| (twice_area(&ring), ring));
    let (mut exteriors, holes): (Vec<_>, Vec<_>) =
        with_area.filter(|(area, _)| *area != 0).partition(|(area, _)| *area > 0);
    // The smallest exterior that holds a hole is its own.
    exteriors.sort_by_key(|(area, _)| *area);
    let exteriors: Vec<Exterior> =
        exteriors.into_iter().map(|(_, ring)| Exterior::new(ring)).collect();
    let mut owned: Vec<Vec<&[UnitXy]>> = vec![Vec::new(); exteriors.len()];
    for (_, hole) in &holes {
        let owner = exteriors.iter().position(|exterior| exterior.holds(hole))?;
        owned[owner].push(hole);
    }
    let mut polygons = Paths::default();
    for (exterior, holes) in exteriors.iter().zip(owned) {
        polygons.push_path(&exterior.ring);
        holes.into_iter().for_each(|hole| polygons.push_path(hole));
    }
    Some(polygons)
}

impl Exterior {
    fn new(ring: Vec<UnitXy>) -> Self {
        let (mut low, mut high) = (ring[0], ring[0]);
        for vertex in &ring {
            low = UnitXy { x: low.x.min(vertex.x), y: low.y.min(vertex.y) };
            high = UnitXy { x: high.x.max(vertex.x), y: high.y.max(vertex.y) };
        }
        Self { ring, low, high }
    }

    /// Says whether it holds another ring that does not cross it, by the middle of an edge: the
    /// corners may touch.
    fn holds(&self, hole: &[UnitXy]) -> bool {
        let [a, b, ..] = hole else { return false };
        let double = |place: &UnitXy| UnitXy { x: place.x * 2, y: place.y * 2 };
        let middle = UnitXy { x: a.x + b.x, y: a.y + b.y };
        let (low, high) = (double(&self.low), double(&self.high));
        if !(low.x..=high.x).contains(&middle.x) || !(low.y..=high.y).contains(&middle.y) {
            return false;
        }
        let following = self.ring.iter().cycle().skip(1);
        let crossings = self.ring.iter().zip(following).filter(|(a, b)| {
            let (a, b) = (double(a), double(b));
            let (north, south) = if a.y <= b.y { (a, b) } else { (b, a) };
            // An edge to the east of the middle.
            north.y <= middle.y && middle.y < south.y && north.to(south).cross(north.to(middle)) > 0
        });
        crossings.count() % 2 == 1
    }
}
