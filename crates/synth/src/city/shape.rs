//! What a whole city grows on: wards, waters, known uses of the ground and slopes of the real one.

use geo::{Coord, LineString, MapCoords, MultiPolygon, Polygon};
use urbis_model::LonLat;

use super::projection::from_degrees;
use super::writer::rounded;

/// The real shape of a city. Geometries in EPSG:5899, x = easting, metres.
#[derive(Debug, Clone)]
pub struct CityShape {
    /// Middle of the city: what is nearest to it grows first.
    pub center: LonLat,
    /// At most 255, in an order that is always the same: the city depends on it.
    pub wards: Vec<CityWard>,
    /// Sea, rivers, lakes.
    pub water: Vec<MultiPolygon>,
    /// Ground whose use is known, with its code of the land statistics; later ones lie on top.
    pub uses: Vec<(String, MultiPolygon)>,
    /// Slopes, where there is a model of the terrain.
    pub slope: Option<Slope>,
}

/// A ward or commune.
#[derive(Debug, Clone)]
pub struct CityWard {
    /// Five digits.
    pub code: String,
    /// Such as `Phường Hải Châu`.
    pub full_name: String,
    /// As published.
    pub area_km2: f64,
    /// Its ground.
    pub ground: MultiPolygon,
}

impl CityWard {
    /// Says whether it is a town's ward (phường).
    pub(crate) fn is_urban(&self) -> bool {
        is_urban(&self.full_name)
    }
}

/// Says whether a full name is that of a town's ward (phường).
pub(crate) fn is_urban(full_name: &str) -> bool {
    full_name.starts_with("Phường")
}

/// Slopes in whole degrees on a grid of longitude and latitude.
#[derive(Debug, Clone)]
pub struct Slope {
    west: f64,
    north: f64,
    step: f64,
    columns: usize,
    degrees: Vec<u8>,
}

impl Slope {
    /// Reads a binary PGM whose comment is `# west <degrees> north <degrees> step <degrees>`; rows
    /// from north to south, one byte a place, the slope in degrees.
    ///
    /// `None` where it is something else.
    pub fn from_pgm(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.splitn(5, |byte| *byte == b'\n');
        let mut line = || lines.next();
        (line()? == b"P5").then_some(())?;
        let words: Vec<&str> = std::str::from_utf8(line()?).ok()?.split_whitespace().collect();
        let number = |name: &str| -> Option<f64> {
            words.get(words.iter().position(|word| *word == name)? + 1)?.parse().ok()
        };
        let size = std::str::from_utf8(line()?).ok()?;
        let (columns, rows) = size.split_once(' ')?;
        let (columns, rows): (usize, usize) = (columns.parse().ok()?, rows.parse().ok()?);
        line()?;
        let degrees = line()?.to_vec();
        (degrees.len() == columns * rows).then_some(Self {
            west: number("west")?,
            north: number("north")?,
            step: number("step")?,
            columns,
            degrees,
        })
    }

    /// The slope at a place in degrees; `None` outside.
    pub(crate) fn at(&self, degrees: Coord<f64>) -> Option<u8> {
        let column = ((degrees.x - self.west) / self.step).floor();
        let row = ((self.north - degrees.y) / self.step).floor();
        if column < 0.0 || row < 0.0 || column as usize >= self.columns {
            return None;
        }
        self.degrees.get(row as usize * self.columns + column as usize).copied()
    }
}

/// Polygons in degrees, x = longitude, put on the plane of EPSG:5899.
pub fn plane_polygons(degrees: &MultiPolygon) -> MultiPolygon {
    degrees.map_coords(from_degrees)
}

/// The MultiPolygon of an EWKB in EPSG:4326 or EPSG:5899, on the plane of EPSG:5899; `None` where
/// it is something else. Corners lie on the millimetre grid.
pub fn polygons_of_ewkb(ewkb: &[u8]) -> Option<MultiPolygon> {
    let mut reader = Reader { bytes: ewkb };
    let (kind, srid) = reader.header()?;
    (kind == 6).then_some(())?;
    let count = reader.number()?;
    let polygons = (0..count).map(|_| reader.polygon()).collect::<Option<Vec<_>>>()?;
    let polygons = MultiPolygon::new(polygons);
    let plane = match srid {
        Some(4326) => plane_polygons(&polygons),
        Some(5899) => polygons,
        _ => return None,
    };
    // Who projected them may have done so on another machine, to another last digit.
    Some(plane.map_coords(rounded))
}

/// Little-endian WKB.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = tail;
        Some(*head)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn header(&mut self) -> Option<(u32, Option<u32>)> {
        (self.take::<1>()? == [1]).then_some(())?;
        let kind = self.number()?;
        let srid = if kind & 0x2000_0000 != 0 { Some(self.number()?) } else { None };
        Some((kind & 0xff, srid))
    }

    fn polygon(&mut self) -> Option<Polygon> {
        (self.header()?.0 == 3).then_some(())?;
        let count = self.number()?;
        let mut rings = (0..count).map(|_| self.ring()).collect::<Option<Vec<_>>>()?.into_iter();
        Some(Polygon::new(rings.next()?, rings.collect()))
    }

    fn ring(&mut self) -> Option<LineString> {
        let count = self.number()?;
        let float = |reader: &mut Self| reader.take().map(f64::from_le_bytes);
        (0..count).map(|_| Some(Coord { x: float(self)?, y: float(self)? })).collect()
    }
}
