//! Simple rings on the plane: area, box, and the cut by a straight line.
//!
//! A ring is a list of corners, anticlockwise, the first one not repeated.

use geo::{LineString, Polygon};

use crate::plane::Xy;

/// Corners of a simple polygon without holes, metres.
pub(crate) type Ring = Vec<Xy>;

/// Signed area, m²; positive where the ring runs anticlockwise.
pub(crate) fn area_m2(ring: &[Xy]) -> f64 {
    edges(ring).map(|(a, b)| cross(a, b)).sum::<f64>() / 2.0
}

/// Every side of a ring, the closing one too.
pub(crate) fn edges(ring: &[Xy]) -> impl Iterator<Item = (Xy, Xy)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// The z component of the cross product.
pub(crate) fn cross(a: Xy, b: Xy) -> f64 {
    a.x * b.y - a.y * b.x
}

/// The inner product.
pub(crate) fn dot(a: Xy, b: Xy) -> f64 {
    a.x * b.x + a.y * b.y
}

/// Length of a vector, metres.
pub(crate) fn length(a: Xy) -> f64 {
    libm::hypot(a.x, a.y)
}

/// Length of a line of several corners, metres.
pub(crate) fn line_m(corners: &[Xy]) -> f64 {
    corners.windows(2).map(|side| length(side[1] - side[0])).sum()
}

/// Distance of a place from the straight piece between two others, metres.
pub(crate) fn distance_m(at: Xy, (from, to): (Xy, Xy)) -> f64 {
    let (along, beside) = (to - from, at - from);
    // A piece of no length is its end.
    let share = (dot(beside, along) / dot(along, along).max(1e-12)).clamp(0.0, 1.0);
    length(beside - along * share)
}

/// A quarter turn to the left.
pub(crate) fn left(a: Xy) -> Xy {
    Xy { x: -a.y, y: a.x }
}

/// The outer ring of a polygon, anticlockwise.
pub(crate) fn exterior(polygon: &Polygon) -> Ring {
    open_ring(polygon.exterior())
}

/// A closed line as a ring, anticlockwise.
pub(crate) fn open_ring(line: &LineString) -> Ring {
    let mut ring = line.0.clone();
    ring.pop();
    if area_m2(&ring) < 0.0 {
        ring.reverse();
    }
    ring
}

/// Says whether a place lies within a ring (rays, even-odd).
pub(crate) fn contains(ring: &[Xy], at: Xy) -> bool {
    let crosses = |(a, b): &(Xy, Xy)| {
        (a.y > at.y) != (b.y > at.y) && at.x < a.x + (b.x - a.x) * (at.y - a.y) / (b.y - a.y)
    };
    edges(ring).filter(crosses).count() % 2 == 1
}

/// The smallest box around a ring that has one side along a side of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    /// Middle.
    pub(crate) middle: Xy,
    /// Unit vector along the longer side.
    pub(crate) along: Xy,
    /// Longer side, metres.
    pub(crate) length_m: f64,
    /// Shorter side, metres.
    pub(crate) width_m: f64,
}

impl Frame {
    /// The frame of a ring; of equally small ones the first.
    pub(crate) fn around(ring: &[Xy]) -> Self {
        let directions = edges(ring).filter(|(a, b)| length(*b - *a) > 0.5);
        let frames = directions.map(|(a, b)| Self::towards(ring, (b - a) / length(b - a)));
        let smaller = |best: Self, next: Self| {
            if next.length_m * next.width_m < best.length_m * best.width_m - 1e-6 {
                next
            } else {
                best
            }
        };
        frames.reduce(smaller).unwrap_or_else(|| Self::towards(ring, Xy { x: 1.0, y: 0.0 }))
    }

    fn towards(ring: &[Xy], along: Xy) -> Self {
        let (low_s, high_s) = extent(ring, along);
        let (low_t, high_t) = extent(ring, left(along));
        let middle = along * ((low_s + high_s) / 2.0) + left(along) * ((low_t + high_t) / 2.0);
        let (s, t) = (high_s - low_s, high_t - low_t);
        if s >= t {
            Self { middle, along, length_m: s, width_m: t }
        } else {
            Self { middle, along: left(along), length_m: t, width_m: s }
        }
    }

    /// The line across the longer side, `offset_m` from the middle.
    pub(crate) fn across(&self, offset_m: f64) -> Cut {
        Cut { through: self.middle + self.along * offset_m, direction: left(self.along) }
    }

    /// The line along the longer side, `offset_m` to the left of the middle.
    pub(crate) fn lengthwise(&self, offset_m: f64) -> Cut {
        Cut { through: self.middle + left(self.along) * offset_m, direction: self.along }
    }
}

fn extent(ring: &[Xy], along: Xy) -> (f64, f64) {
    let positions = ring.iter().map(|corner| dot(*corner, along));
    positions.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), s| (low.min(s), high.max(s)))
}

/// A straight line to cut by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// A place on it.
    pub(crate) through: Xy,
    /// Unit vector along it.
    pub(crate) direction: Xy,
}

/// What a cut made of a ring.
#[derive(Debug, Clone, Default)]
pub(crate) struct Halves {
    /// Left of the line.
    pub(crate) left: Vec<Ring>,
    /// Right of the line.
    pub(crate) right: Vec<Ring>,
}

/// A corner of the cut ring: old, or where the line crosses.
#[derive(Debug, Clone, Copy)]
enum Node {
    Corner {
        at: Xy,
        is_left: bool,
    },
    /// The crossing's number in the order of the ring.
    Crossing {
        number: usize,
    },
}

/// Cuts a ring by a line. New corners are the same numbers on both sides.
///
/// `None` where the line misses the ring, or the outcome is not the ring cut in pieces: a ring
/// that touches itself.
pub(crate) fn cut(ring: &[Xy], by: Cut) -> Option<Halves> {
    let walk = Walk::along(ring, by)?;
    let mut halves = Halves::default();
    for start in 0..walk.nodes.len() {
        let Node::Corner { is_left, .. } = walk.nodes[start] else { continue };
        let Some(piece) = walk.piece(start)? else { continue };
        if is_left { halves.left.push(piece) } else { halves.right.push(piece) }
    }
    let sum: f64 = halves.left.iter().chain(&halves.right).map(|piece| area_m2(piece)).sum();
    let all_turn_left = halves.left.iter().chain(&halves.right).all(|piece| area_m2(piece) > 0.0);
    ((sum - area_m2(ring)).abs() < 1e-6 * sum.abs() && all_turn_left).then_some(halves)
}

/// A ring with the crossings of a line put in.
struct Walk {
    nodes: Vec<Node>,
    /// Place of each crossing.
    places: Vec<Xy>,
    /// Position in `nodes` of each crossing.
    positions: Vec<usize>,
    /// The other end of the cut that starts at each crossing.
    partners: Vec<usize>,
}

impl Walk {
    fn along(ring: &[Xy], by: Cut) -> Option<Self> {
        let side = |corner: Xy| cross(by.direction, corner - by.through);
        let mut nodes = Vec::with_capacity(ring.len() + 4);
        let (mut places, mut positions) = (Vec::new(), Vec::new());
        for (a, b) in edges(ring) {
            let (from, to) = (side(a), side(b));
            nodes.push(Node::Corner { at: a, is_left: from >= 0.0 });
            if (from >= 0.0) != (to >= 0.0) {
                positions.push(nodes.len());
                nodes.push(Node::Crossing { number: places.len() });
                places.push(a + (b - a) * (from / (from - to)));
            }
        }
        if places.len() < 2 {
            return None;
        }
        let mut order: Vec<usize> = (0..places.len()).collect();
        let along = |number: &usize| dot(places[*number], by.direction);
        order.sort_by(|one, other| along(one).total_cmp(&along(other)).then(one.cmp(other)));
        let mut partners = vec![0; places.len()];
        // Within a simple ring, the line runs from its first crossing to its second, and so on.
        for pair in order.chunks_exact(2) {
            partners[pair[0]] = pair[1];
            partners[pair[1]] = pair[0];
        }
        Some(Self { nodes, places, positions, partners })
    }

    /// The piece that a corner belongs to; `Some(None)` where an earlier corner started it.
    fn piece(&self, start: usize) -> Option<Option<Ring>> {
        let mut piece = Ring::new();
        let mut here = start;
        for _ in 0..=2 * self.nodes.len() {
            match self.nodes[here] {
                Node::Corner { at, .. } => piece.push(at),
                Node::Crossing { number } => {
                    let partner = self.partners[number];
                    piece.extend([self.places[number], self.places[partner]]);
                    here = self.positions[partner];
                }
            }
            here = (here + 1) % self.nodes.len();
            if here == start {
                piece.dedup();
                return Some(Some(piece));
            }
            if here < start && matches!(self.nodes[here], Node::Corner { .. }) {
                return Some(None);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(corners: &[(f64, f64)]) -> Ring {
        corners.iter().map(|(x, y)| Xy { x: *x, y: *y }).collect()
    }

    fn level(y: f64) -> Cut {
        Cut { through: Xy { x: 0.0, y }, direction: Xy { x: 1.0, y: 0.0 } }
    }

    #[test]
    fn a_comb_falls_into_its_teeth() {
        // ┌┐┌┐
        // │└┘│   cut above the back: two teeth and the back.
        // └──┘
        let comb = ring(&[
            (0.0, 0.0),
            (6.0, 0.0),
            (6.0, 4.0),
            (4.0, 4.0),
            (4.0, 1.0),
            (2.0, 1.0),
            (2.0, 4.0),
            (0.0, 4.0),
        ]);
        let halves = cut(&comb, level(2.0)).unwrap();
        assert_eq!(halves.left.iter().map(|r| area_m2(r)).collect::<Vec<_>>(), [4.0, 4.0]);
        assert_eq!(
            halves.right.iter().map(|r| area_m2(r)).collect::<Vec<_>>(),
            [10.0 + 4.0 - 2.0 - 2.0 + 0.0]
        );
    }

    #[test]
    fn a_line_through_a_corner_cuts_there() {
        let square = ring(&[(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]);
        let diagonal = 0.5_f64.sqrt();
        let by = Cut { through: Xy { x: 0.0, y: 0.0 }, direction: Xy { x: diagonal, y: diagonal } };
        let halves = cut(&square, by).unwrap();
        assert!((area_m2(&halves.left[0]) - 2.0).abs() < 1e-9);
        assert!((area_m2(&halves.right[0]) - 2.0).abs() < 1e-9);
        assert!(cut(&square, level(5.0)).is_none(), "a line beyond it");
    }

    #[test]
    fn the_frame_of_a_tilted_rectangle_is_the_rectangle() {
        let (along, across) = (Xy { x: 0.6, y: 0.8 }, Xy { x: -0.8, y: 0.6 });
        let zero = Xy { x: 0.0, y: 0.0 };
        let tilted = [zero, along * 10.0, along * 10.0 + across * 4.0, across * 4.0];
        let frame = Frame::around(&tilted);
        assert!((frame.length_m - 10.0).abs() < 1e-9 && (frame.width_m - 4.0).abs() < 1e-9);
        assert!(cross(frame.along, along).abs() < 1e-9);
    }
}
