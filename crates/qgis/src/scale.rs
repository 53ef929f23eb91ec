//! Zooms as scales.

/// Scale denominator of zoom 0, as QGIS reckons for vector tiles: 512-pixel tiles, 0.28 mm a pixel.
///
/// Source: `QgsVectorTileUtils::scaleToZoom`, QGIS 3.22; OGC 17-083r2, annex D.
const ZOOM_0: f64 = 559_082_264.028_717_8 / 2.0;

/// Millimetres on paper of a pixel of MapLibre, 1/96 inch.
pub(crate) const MM: f64 = 25.4 / 96.0;

/// The scale denominator of a zoom.
pub(crate) fn denominator(zoom: f64) -> f64 {
    ZOOM_0 / zoom.exp2()
}

/// The zoom of the map as an expression of QGIS.
pub(crate) fn zoom() -> String {
    format!("log(2, {ZOOM_0} / @map_scale)")
}

/// From a zoom on and before another; open where absent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Zooms {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
}

impl Zooms {
    /// The condition that the map's scale is in the range; `None` where every scale is.
    pub(crate) fn condition(self) -> Option<String> {
        let from = self.min.map(|zoom| format!("@map_scale <= {}", denominator(zoom)));
        let to = self.max.map(|zoom| format!("@map_scale > {}", denominator(zoom)));
        match (from, to) {
            (Some(from), Some(to)) => Some(format!("({from} AND {to})")),
            (from, to) => from.or(to),
        }
    }

    /// What both ranges have.
    pub(crate) fn and(self, other: Self) -> Self {
        let either = |a: Option<f64>, b: Option<f64>, pick: fn(f64, f64) -> f64| match (a, b) {
            (Some(a), Some(b)) => Some(pick(a, b)),
            (a, b) => a.or(b),
        };
        Self {
            min: either(self.min, other.min, f64::max),
            max: either(self.max, other.max, f64::min),
        }
    }

    /// The smallest range with both.
    pub(crate) fn or(self, other: Self) -> Self {
        let both = |a: Option<f64>, b: Option<f64>, pick: fn(f64, f64) -> f64| Some(pick(a?, b?));
        Self { min: both(self.min, other.min, f64::min), max: both(self.max, other.max, f64::max) }
    }

    /// As rules and layers of QGIS spell it: the largest and the smallest denominator, 0 where there
    /// is no limit. Whole numbers: QGIS reads a fraction as no limit at all.
    pub(crate) fn denominators(self) -> (u64, u64) {
        let whole = |zoom: Option<f64>| zoom.map_or(0, |zoom| denominator(zoom).round() as u64);
        (whole(self.min), whole(self.max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_open_where_it_has_no_end() {
        let from = Zooms { min: Some(13.0), max: None };
        assert_eq!(from.denominators(), (34_124, 0));
        assert_eq!(from.or(Zooms::default()), Zooms::default());
        assert_eq!(
            from.and(Zooms { min: Some(9.0), max: Some(15.0) }).denominators(),
            (34_124, 8_531)
        );
        assert_eq!(Zooms::default().condition(), None);
    }
}
