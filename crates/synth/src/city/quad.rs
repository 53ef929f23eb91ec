//! Four-cornered grounds: places in them by two shares, and what is left when streets take their
//! width.

use super::projection::Place;
use crate::ring::{area_m2, cross, dot, left, length};

/// A convex ground with corners A, B, C, D.
///
/// ```text
/// D────────C      t = 1
/// │        │
/// A────────B      t = 0
/// s = 0    s = 1
/// ```
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quad {
    pub(crate) corners: [Place; 4],
}

impl Quad {
    /// The place at two shares.
    pub(crate) fn at(&self, s: f64, t: f64) -> Place {
        let [a, b, c, d] = self.corners;
        let (low, high) = (a + (b - a) * s, d + (c - d) * s);
        low + (high - low) * t
    }

    /// Mean length along s, metres.
    pub(crate) fn length_m(&self) -> f64 {
        let [a, b, c, d] = self.corners;
        f64::midpoint(length(b - a), length(c - d))
    }

    /// Mean length along t, metres.
    pub(crate) fn width_m(&self) -> f64 {
        let [a, b, c, d] = self.corners;
        f64::midpoint(length(d - a), length(c - b))
    }

    /// The same ground with s running the other way.
    pub(crate) const fn turned(&self) -> Self {
        let [a, b, c, d] = self.corners;
        Self { corners: [b, a, d, c] }
    }

    /// The ground less a strip along each side (AB, BC, CD, DA), metres; `None` where nothing
    /// convex is left.
    pub(crate) fn less(&self, strips_m: [f64; 4]) -> Option<Self> {
        let sign = area_m2(&self.corners).signum();
        let side = |number: usize| {
            let (from, to) = (self.corners[number], self.corners[(number + 1) % 4]);
            let along = (to - from) / length(to - from);
            (from + left(along) * (sign * strips_m[number]), along)
        };
        let corner = |number: usize| {
            let ((p, along), (q, other)) = (side((number + 3) % 4), side(number));
            let turn = cross(along, other);
            (turn.abs() > 0.2).then(|| p + along * (cross(q - p, other) / turn))
        };
        let corners = [corner(0)?, corner(1)?, corner(2)?, corner(3)?];
        let convex = (0..4).all(|number| {
            let [a, b, c] = [number, number + 1, number + 2].map(|n| corners[n % 4]);
            sign * cross(b - a, c - b) > 0.0
        });
        let same_way = (0..4).all(|number| {
            let (own, old) = (number, (number + 1) % 4);
            let (new_side, old_side) =
                (corners[old] - corners[own], self.corners[old] - self.corners[own]);
            dot(new_side, old_side) > 0.0
        });
        (convex && same_way).then_some(Self { corners })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_make_a_square_smaller_by_themselves() {
        let corner = |x: f64, y: f64| Place { x, y };
        let square =
            Quad { corners: [corner(0., 0.), corner(10., 0.), corner(10., 10.), corner(0., 10.)] };
        let less = square.less([1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(area_m2(&less.corners), (10.0 - 1.0 - 3.0) * (10.0 - 2.0 - 4.0));
        assert!(square.less([6.0, 0.0, 6.0, 0.0]).is_none());
        // Clockwise grounds shrink, too.
        let less = square.turned().less([1.0, 1.0, 1.0, 1.0]).unwrap();
        assert_eq!(area_m2(&less.corners), -64.0);
    }
}
