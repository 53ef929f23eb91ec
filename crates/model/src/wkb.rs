//! Reading WKB from the front, and which way a ring goes.
//!
//! Source: OGC 06-103r4, 8.2; the kinds of three and four axes are those of SQL/MM (1000 and more).

/// What is left of a little-endian WKB without SRID; x = easting or longitude. Nothing in it is
/// trusted: a number that is not there is `None`.
#[derive(Debug, Clone, Copy)]
pub struct WkbReader<'a>(&'a [u8]);

impl<'a> WkbReader<'a> {
    /// The kind of a Point.
    pub const POINT: u32 = 1;
    /// The kind of a LineString.
    pub const LINE: u32 = 2;
    /// The kind of a Polygon.
    pub const POLYGON: u32 = 3;
    /// The kind of a MultiLineString.
    pub const MULTI_LINE: u32 = 5;
    /// The kind of a MultiPolygon.
    pub const MULTI_POLYGON: u32 = 6;

    /// Of the bytes of a geometry.
    pub const fn new(wkb: &'a [u8]) -> Self {
        Self(wkb)
    }

    /// The head of a geometry: its kind and its number of axes, 2 to 4.
    pub fn header(&mut self) -> Option<(u32, usize)> {
        let [order] = self.take()?;
        let kind = self.number().filter(|_| order == 1)?;
        let axes = match kind / 1_000 {
            0 => 2,
            1 | 2 => 3,
            3 => 4,
            _ => return None,
        };
        Some((kind % 1_000, axes))
    }

    /// How many parts, rings or positions follow.
    pub fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    /// The same, and it stays to be read.
    pub fn peek_number(&self) -> Option<u32> {
        self.0.first_chunk().copied().map(u32::from_le_bytes)
    }

    /// The x and y of a position of so many axes; `None` where one of them is no finite number: it
    /// has no place on the map.
    pub fn position(&mut self, axes: usize) -> Option<[f64; 2]> {
        let position = [self.axis()?, self.axis()?];
        for _ in 2..axes {
            self.axis()?;
        }
        position.iter().all(|number| number.is_finite()).then_some(position)
    }

    fn axis(&mut self) -> Option<f64> {
        self.take().map(f64::from_le_bytes)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }
}

/// Turns a closed ring of x before y the way that a polygon of RFC 7946 (3.1.6) has it:
/// an exterior counter-clockwise, a hole clockwise. A ring without an area stays as it is.
pub fn wind_ring(ring: &mut [[f64; 2]], kind: Ring) {
    let area = doubled_area(ring);
    if area != 0.0 && (area > 0.0) != (kind == Ring::Exterior) {
        ring.reverse();
    }
}

/// What a ring bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ring {
    /// A polygon, from outside: the first of its rings.
    Exterior,
    /// A hole in it.
    Hole,
}

impl Ring {
    /// Of the place of a ring in its polygon, from 0.
    pub const fn of_place(place: u32) -> Self {
        if place == 0 { Self::Exterior } else { Self::Hole }
    }
}

/// Positive where the ring goes counter-clockwise; from its first vertex, so that small rings far
/// from the origin lose no digits.
fn doubled_area(ring: &[[f64; 2]]) -> f64 {
    let Some([x0, y0]) = ring.first().copied() else { return 0.0 };
    let edges = ring.windows(2).map(|edge| {
        let ([ax, ay], [bx, by]) = (edge[0], edge[1]);
        (ax - x0) * (by - y0) - (bx - x0) * (ay - y0)
    });
    edges.sum()
}
