//! Coordinate reference systems: which one a file is in, and the way to the one of a table.
//!
//! Axis order is the traditional one of GIS files everywhere: x = easting or longitude.
//! VN-2000 goes to WGS 84 by EPSG:6960 and nothing else; the library on its own may pick
//! EPSG:5194, which is 0.7 m off in Da Nang.

use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use urbis_model::Srid;

use crate::raw;

/// EPSG:6960 "VN-2000 to WGS 84 (2)" as a position-vector shift, which is the opposite sign of
/// the rotations as EPSG prints them: metres, arc seconds, parts per million.
///
/// Source: EPSG dataset, operation 6960 (coordinate frame, method 9607); Decision 05/2007/QĐ-BTNMT.
const VN2000_TO_WGS84: [f64; 7] = [
    -191.904_414_29,
    -39.303_182_79,
    -111.450_328_35,
    0.009_288_36,
    -0.019_754_79,
    0.004_273_72,
    0.252_906_278,
];

/// How EPSG's text names the datum.
const VN2000_DATUM: &str = "Vietnam_2000";

/// Numbers that mean another one here. EPSG:6959 is EPSG:5899 with its false origin swapped by
/// mistake, withdrawn since; files that say it hold coordinates of EPSG:5899. EPSG:4979 is
/// EPSG:4326 with heights, which are dropped.
const ALIASES: [(u32, u32); 2] = [(6959, 5899), (4979, 4326)];

/// How far outside the published area of a CRS coordinates may lie, in degrees. Hoàng Sa is 4.0
/// east of the area of EPSG:5899; swapped axes land 10 off.
const AREA_MARGIN_DEGREES: f64 = 5.0;

/// CRSs that files without a usable EPSG code are compared with.
const COMMON: [u32; 11] = [4326, 5899, 3405, 3406, 5896, 5897, 5898, 4756, 3857, 32648, 32649];

/// The CRS that a number stands for now.
pub(crate) fn current(srid: Srid) -> Srid {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == srid.0);
    alias.map_or(srid, |(_, meant)| Srid(*meant))
}

/// The CRS of a number, VN-2000 with its shift.
pub(crate) fn spatial_ref(srid: Srid) -> Result<SpatialRef, GdalError> {
    let mut srs = SpatialRef::from_epsg(current(srid).0)?;
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    if srs.get_attr_value("DATUM", 0)?.as_deref() == Some(VN2000_DATUM) {
        raw::bind_shift(&srs, VN2000_TO_WGS84)?;
    }
    Ok(srs)
}

/// The EPSG number of a file's CRS, its alias resolved; `None` where it is none that
/// we know.
pub(crate) fn identify(found: &SpatialRef) -> Option<Srid> {
    let named = found
        .auth_name()
        .filter(|name| name == "EPSG")
        .and_then(|_| u32::try_from(found.auth_code().ok()?).ok());
    if let Some(code) = named {
        return Some(current(Srid(code)));
    }
    let mut candidates = COMMON.into_iter().chain(ALIASES.map(|(alias, _)| alias));
    let code = candidates.find(|code| is_like(found, *code).unwrap_or(false))?;
    Some(current(Srid(code)))
}

fn is_like(found: &SpatialRef, code: u32) -> Result<bool, GdalError> {
    let known = SpatialRef::from_epsg(code)?;
    if raw::is_same(found, &known)? {
        return Ok(true);
    }
    // Files often bind a shift of their own, or call the same numbers by another name.
    let parameters = |srs: &SpatialRef| {
        let text = srs.to_proj4()?;
        let words = text.split_whitespace().filter(|word| !word.starts_with("+towgs84"));
        Ok::<_, GdalError>(words.map(str::to_owned).collect::<Vec<_>>())
    };
    Ok(found.is_projected() && parameters(found)? == parameters(&known)?)
}

/// What to call a file's CRS in a message.
pub(crate) fn describe(found: &SpatialRef) -> String {
    if let Some(srid) = identify(found) {
        return srid.to_string();
    }
    let name = found.name().filter(|name| name != "unnamed");
    name.or_else(|| found.to_proj4().ok()).unwrap_or_else(|| "a CRS without a name".to_owned())
}

/// Says whether a file's CRS says nothing: a drawing plane, or a placeholder.
pub(crate) fn says_nothing(found: &SpatialRef) -> bool {
    found.is_local() || found.name().is_none_or(|name| name.to_lowercase().starts_with("undefined"))
}

/// The way from a source's CRS to a table's, and the part of the earth where both make sense.
pub(crate) struct Projection {
    /// `None` where source and table are in one CRS.
    to_storage: Option<CoordTransform>,
    to_wgs84: CoordTransform,
    /// West, south, east, north in degrees.
    area: [f64; 4],
}

impl Projection {
    /// Prepares the way.
    pub(crate) fn new(from: Srid, to: Srid) -> Result<Self, GdalError> {
        let (source, storage) = (spatial_ref(from)?, spatial_ref(to)?);
        let to_storage =
            if from == to { None } else { Some(CoordTransform::new(&source, &storage)?) };
        let to_wgs84 = CoordTransform::new(&source, &spatial_ref(Srid::WGS84)?)?;
        Ok(Self { to_storage, to_wgs84, area: overlap(area_of(from)?, area_of(to)?) })
    }

    /// The transform into the table's CRS, where one is needed.
    pub(crate) const fn to_storage(&self) -> Option<&CoordTransform> {
        self.to_storage.as_ref()
    }

    /// Says whether a box (west, south, east, north in the source's CRS) lies where the CRS
    /// holds, by its corners.
    pub(crate) fn covers(&self, [west, south, east, north]: [f64; 4]) -> bool {
        let (mut x, mut y) = ([west, east, west, east], [south, south, north, north]);
        if self.to_wgs84.transform_coords(&mut x, &mut y, &mut []).is_err() {
            return false;
        }
        let [area_west, area_south, area_east, area_north] = self.area;
        x.iter().all(|lon| (area_west..=area_east).contains(lon))
            && y.iter().all(|lat| (area_south..=area_north).contains(lat))
    }
}

fn overlap(one: [f64; 4], other: [f64; 4]) -> [f64; 4] {
    let [west, south, east, north] = one;
    [west.max(other[0]), south.max(other[1]), east.min(other[2]), north.min(other[3])]
}

/// The published area of a CRS grown by the margin, never beyond the earth.
fn area_of(srid: Srid) -> Result<[f64; 4], GdalError> {
    let Some(area) = SpatialRef::from_epsg(current(srid).0)?.area_of_use() else {
        return Ok([-180.0, -90.0, 180.0, 90.0]);
    };
    Ok([
        (area.west_lon_degree - AREA_MARGIN_DEGREES).max(-180.0),
        (area.south_lat_degree - AREA_MARGIN_DEGREES).max(-90.0),
        (area.east_lon_degree + AREA_MARGIN_DEGREES).min(180.0),
        (area.north_lat_degree + AREA_MARGIN_DEGREES).min(90.0),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// lat, lon, EPSG:5899 E, N, EPSG:3406 E, N; made with cs2cs of PROJ 9.1.1.
    const GOLDEN: [[f64; 6]; 7] = [
        [16.0610, 108.2270, 550840.1548, 1776387.4104, 203110.3036, 1777786.3296],
        [16.0471, 108.2062, 548618.0666, 1774844.3470, 200862.5432, 1776277.1779],
        [15.8801, 108.3380, 562773.1204, 1756400.9836, 214737.9199, 1757601.7054],
        [15.5736, 108.4740, 577453.9633, 1722531.7034, 228904.4459, 1723490.2623],
        [16.1200, 107.9900, 525475.2753, 1782871.8121, 177828.6788, 1784674.9551],
        [15.8830, 108.1110, 538463.0683, 1756666.7694, 190416.3977, 1758245.5459],
        // Hoàng Sa, 3.86° off the central meridian.
        [16.5350, 111.6080, 911847.7166, 1832729.6528, 564682.4948, 1828329.4376],
    ];

    /// A millimetre, in metres and, at this latitude, in degrees.
    const MM: f64 = 0.001;
    const MM_DEGREES: f64 = 9e-9;

    fn go(from: u32, to: u32, x: f64, y: f64) -> (f64, f64) {
        let projection = Projection::new(Srid(from), Srid(to)).unwrap();
        let (mut x, mut y) = ([x], [y]);
        projection.to_storage().unwrap().transform_coords(&mut x, &mut y, &mut []).unwrap();
        (x[0], y[0])
    }

    #[test]
    fn vn2000_meets_the_golden_vectors_to_a_millimetre_and_back() {
        for [lat, lon, east, north, utm_east, utm_north] in GOLDEN {
            for (srid, x, y) in [(5899, east, north), (3406, utm_east, utm_north)] {
                let found = go(4326, srid, lon, lat);
                assert!((found.0 - x).abs() < MM && (found.1 - y).abs() < MM, "{srid} {found:?}");
                let back = go(srid, 4326, x, y);
                let off = (back.0 - lon).abs().max((back.1 - lat).abs());
                assert!(off < MM_DEGREES, "{srid} {back:?}");
            }
            let found = go(3406, 5899, utm_east, utm_north);
            assert!((found.0 - east).abs() < MM && (found.1 - north).abs() < MM, "{found:?}");
        }
    }

    #[test]
    fn the_withdrawn_crs_is_taken_for_the_right_one() {
        assert_eq!(identify(&SpatialRef::from_epsg(6959).unwrap()), Some(Srid(5899)));
        let found = go(6959, 4326, 550840.1548, 1776387.4104);
        assert!((found.0 - 108.2270).abs() < MM_DEGREES, "{found:?}");
    }

    #[test]
    fn swapped_axes_and_the_origin_are_outside_the_area_and_hoang_sa_is_inside() {
        let land = Projection::new(Srid(5899), Srid(5899)).unwrap();
        let at = |x: f64, y: f64| land.covers([x, y, x, y]);
        assert!(at(550840.1548, 1776387.4104));
        assert!(at(1030917.98, 1900359.81));
        assert!(!at(1776387.4104, 550840.1548));
        assert!(!at(0.0, 0.0));
        let degrees = Projection::new(Srid(4326), Srid(5899)).unwrap();
        assert!(degrees.covers([108.2, 16.0, 108.3, 16.1]));
        assert!(!degrees.covers([16.0, 108.2, 16.1, 108.3]));
        assert!(!degrees.covers([0.0, 0.0, 0.0, 0.0]));
    }

    #[test]
    fn a_crs_that_a_prj_file_spells_is_recognised() {
        let srs = SpatialRef::from_epsg(5899).unwrap();
        srs.morph_to_esri().unwrap();
        let esri = SpatialRef::from_esri(&srs.to_wkt().unwrap()).unwrap();
        assert_eq!(identify(&esri), Some(Srid(5899)));
        let shifted = "+proj=tmerc +lat_0=0 +lon_0=107.75 +k=0.9999 +x_0=500000 +y_0=0 \
            +ellps=WGS84 +towgs84=-191.9,-39.3,-111.45,0,0,0,0 +units=m +no_defs";
        assert_eq!(identify(&SpatialRef::from_proj4(shifted).unwrap()), Some(Srid(5899)));
        assert_eq!(identify(&SpatialRef::from_epsg(32649).unwrap()), Some(Srid(32649)));
    }
}
