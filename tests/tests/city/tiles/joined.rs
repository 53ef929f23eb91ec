//! Zooms at which a layer's features are joined: what was joined must have the length or area of
//! its members as PostGIS has them.

use std::collections::{BTreeMap, BTreeSet};

use fast_mvt::MvtGeometry;
use geo_types::{Line, LineString};
use urbis_tests::DecodedFeature;

/// Simplification moves a line by half a pixel at most, in tile units.
const HALF_PIXEL: f64 = 4.0;

/// Share of a winding line's length that is left at least when it is simplified.
const LEFT_OF_LENGTH: f64 = 0.7;

/// Length in tile units of lines, or area in square units and length of the border.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    size: f64,
    border: f64,
    members: usize,
}

/// Compares joined features with the members that PostGIS draws one by one; what of a member lies
/// in the tile may vanish by rounding where its id is in `vanishing`.
pub fn compare(
    place: &str,
    ours: &[DecodedFeature],
    theirs: &BTreeMap<u64, DecodedFeature>,
    vanishing: &BTreeSet<u64>,
) {
    let joined = sizes(ours.iter());
    assert_eq!(joined.len(), ours.len(), "{place}: two features of the same attributes");
    let members = sizes(theirs.values());
    let stay = theirs.iter().filter(|(id, _)| !vanishing.contains(id));
    for key in sizes(stay.map(|(_, feature)| feature)).keys() {
        assert!(joined.contains_key(key), "{place}: nothing of {key}");
    }
    for (key, size) in &joined {
        let wanted = members.get(key).unwrap_or_else(|| panic!("{place}: nobody else has {key}"));
        let within = match ours[0].geometry {
            MvtGeometry::Polygon(_) | MvtGeometry::MultiPolygon(_) => {
                (size.size - wanted.size).abs() <= HALF_PIXEL * wanted.border
            }
            _ => {
                let slack = 2.0 * HALF_PIXEL * wanted.members as f64;
                size.size <= wanted.size + slack
                    && size.size >= LEFT_OF_LENGTH * wanted.size - slack
            }
        };
        assert!(within, "{place}: {key}: {size:?} of {wanted:?}");
    }
}

fn sizes<'a>(features: impl Iterator<Item = &'a DecodedFeature>) -> BTreeMap<String, Size> {
    let mut sizes: BTreeMap<String, Size> = BTreeMap::new();
    for feature in features {
        let size = sizes.entry(format!("{:?}", feature.attributes)).or_default();
        add(size, &feature.geometry);
        size.members += 1;
    }
    sizes
}

fn add(total: &mut Size, geometry: &MvtGeometry) {
    match geometry {
        MvtGeometry::LineString(line) => total.size += length(line),
        MvtGeometry::MultiLineString(lines) => total.size += lines.iter().map(length).sum::<f64>(),
        MvtGeometry::Polygon(polygon) => add_polygon(total, polygon),
        MvtGeometry::MultiPolygon(polygons) => {
            polygons.iter().for_each(|polygon| add_polygon(total, polygon));
        }
        other => panic!("no such geometry is joined: {other:?}"),
    }
}

fn add_polygon(total: &mut Size, polygon: &geo_types::Polygon<i32>) {
    let holes: f64 = polygon.interiors().iter().map(area).sum();
    total.size += area(polygon.exterior()) - holes;
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    total.border += rings.map(length).sum::<f64>();
}

fn length(line: &LineString<i32>) -> f64 {
    line.lines().map(|line| f64::from(line.dx()).hypot(f64::from(line.dy()))).sum()
}

fn area(ring: &LineString<i32>) -> f64 {
    let cross = |line: Line<i32>| {
        f64::from(line.start.x) * f64::from(line.end.y)
            - f64::from(line.end.x) * f64::from(line.start.y)
    };
    ring.lines().map(cross).sum::<f64>().abs() / 2.0
}
