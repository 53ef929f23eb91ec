//! Walks two-dimensional well-known binary: positions, what PostGIS would refuse, EWKB.
//!
//! Only what [`crate::raw::coerce`] gives out is read here: little-endian Point, MultiLineString
//! and MultiPolygon.
//!
//! Source: OGC 06-103r4, "Simple feature access, part 1", clause 8.2; PostGIS `lwgeom_api.c` for
//! the SRID flag.

use urbis_model::Srid;

/// PostGIS's flag for "an SRID follows".
const SRID_FLAG: u32 = 0x2000_0000;

/// Bytes of the byte order and the type.
const HEADER: usize = 5;

const POINT: u32 = 1;
const LINE_STRING: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_POINT: u32 = 4;
const COLLECTION: u32 = 7;

/// What a sequence of positions draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One position.
    Point,
    /// A line.
    Line,
    /// The ring of a polygon.
    Ring,
}

/// A sequence of positions within a geometry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sequence {
    /// What it draws.
    pub(crate) shape: Shape,
    /// Positions, x then y.
    pub(crate) positions: Vec<(f64, f64)>,
}

/// Takes a geometry apart; `None` where the bytes are not what [`crate::raw::coerce`] gives.
pub(crate) fn sequences(wkb: &[u8]) -> Option<Vec<Sequence>> {
    let mut reader = Reader { rest: wkb };
    let mut found = Vec::new();
    reader.geometry(&mut found, 0)?;
    reader.rest.is_empty().then_some(found)
}

/// Adds the SRID, which makes it what PostGIS reads.
pub(crate) fn to_ewkb(wkb: &[u8], srid: Srid) -> Vec<u8> {
    let (header, rest) = wkb.split_at(HEADER.min(wkb.len()));
    let mut ewkb = Vec::with_capacity(wkb.len() + 4);
    ewkb.extend_from_slice(header);
    if let Some(flags) = ewkb.get_mut(HEADER - 1) {
        *flags |= SRID_FLAG.to_le_bytes()[3];
    }
    ewkb.extend_from_slice(&srid.0.to_le_bytes());
    ewkb.extend_from_slice(rest);
    ewkb
}

/// Takes the SRID out again, which GDAL does not read; little-endian bytes without one come back
/// as they are.
pub(crate) fn without_srid(wkb: &[u8]) -> Vec<u8> {
    let mut plain = wkb.to_vec();
    let flag = SRID_FLAG.to_le_bytes()[3];
    if plain.len() >= HEADER + 4 && plain[0] == 1 && plain[HEADER - 1] & flag != 0 {
        plain[HEADER - 1] &= !flag;
        plain.drain(HEADER..HEADER + 4);
    }
    plain
}

/// What PostGIS would not store, whatever the layer says of invalid geometry.
pub(crate) fn unstorable(sequences: &[Sequence]) -> Option<&'static str> {
    sequences.iter().find_map(|Sequence { shape, positions }| match (shape, positions.len()) {
        (Shape::Line, 1) => Some("a line of one position"),
        (Shape::Ring, 0..=3) => Some("a ring of fewer than four positions"),
        (Shape::Ring, _) if positions.first() != positions.last() => {
            Some("a ring that is not closed")
        }
        _ => None,
    })
}

/// Deepest nesting that is walked; the kinds that come here have one level.
const MAX_DEPTH: u8 = 4;

/// Reads from the front; counts are bounded by the bytes left, so that none is trusted.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*head)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn position(&mut self) -> Option<(f64, f64)> {
        let x = self.take().map(f64::from_le_bytes)?;
        let y = self.take().map(f64::from_le_bytes)?;
        Some((x, y))
    }

    fn geometry(&mut self, found: &mut Vec<Sequence>, depth: u8) -> Option<()> {
        if self.take::<1>()? != [1] || depth > MAX_DEPTH {
            return None;
        }
        match self.number()? {
            POINT => {
                found.push(Sequence { shape: Shape::Point, positions: vec![self.position()?] });
            }
            LINE_STRING => found.push(self.sequence(Shape::Line)?),
            POLYGON => {
                for _ in 0..self.number()? {
                    found.push(self.sequence(Shape::Ring)?);
                }
            }
            MULTI_POINT..=COLLECTION => {
                for _ in 0..self.number()? {
                    self.geometry(found, depth + 1)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn sequence(&mut self, shape: Shape) -> Option<Sequence> {
        let count = self.number()? as usize;
        if count > self.rest.len() / 16 {
            return None;
        }
        let positions = (0..count).map(|_| self.position()).collect::<Option<_>>()?;
        Some(Sequence { shape, positions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f64, y: f64) -> Vec<u8> {
        let mut wkb = vec![1, 1, 0, 0, 0];
        wkb.extend(x.to_le_bytes());
        wkb.extend(y.to_le_bytes());
        wkb
    }

    #[test]
    fn an_ewkb_names_its_srid_between_the_type_and_the_rest() {
        let ewkb = to_ewkb(&point(1.0, 2.0), Srid(5899));
        assert_eq!(ewkb[..9], [1, 1, 0, 0, 0x20, 0x0b, 0x17, 0, 0]);
        assert_eq!(ewkb[9..], point(1.0, 2.0)[5..]);
        assert_eq!(without_srid(&ewkb), point(1.0, 2.0));
        assert_eq!(without_srid(&point(1.0, 2.0)), point(1.0, 2.0));
    }

    #[test]
    fn bytes_that_promise_more_than_they_hold_are_refused() {
        assert!(sequences(&point(1.0, 2.0)).is_some());
        assert!(sequences(&point(1.0, 2.0)[..20]).is_none());
        assert!(sequences(&[1, 2, 0, 0, 0, 255, 255, 255, 255]).is_none());
        assert!(sequences(&[1, 6, 0, 0, 0, 255, 255, 255, 255]).is_none());
        assert!(sequences(&[]).is_none());
    }

    #[test]
    fn what_postgis_would_refuse_is_named() {
        let ring =
            |positions: &[(f64, f64)]| Sequence { shape: Shape::Ring, positions: positions.into() };
        let (a, b, c) = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0));
        assert_eq!(unstorable(&[ring(&[a, b, c, a])]), None);
        assert!(unstorable(&[ring(&[a, b, a])]).is_some());
        assert!(unstorable(&[ring(&[a, b, c, b])]).is_some());
        let line = Sequence { shape: Shape::Line, positions: vec![a] };
        assert!(unstorable(&[line]).is_some());
    }
}
