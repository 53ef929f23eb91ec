//! The box of a question, in one of six CRSs.

use super::FeatureCrs;

/// Four edges that are no box.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the box {found:?} {fault}")]
pub struct FeatureBoxInvalid {
    /// The numbers as they came.
    pub found: [f64; 4],
    /// What is wrong with them.
    pub fault: &'static str,
}

/// Which part of the earth is asked for; edges belong to it.
///
/// x = longitude or easting, whatever the axis order of the CRS. In degrees the west edge may be
/// the greater: such a box goes across the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeatureBox {
    pub(super) crs: FeatureCrs,
    pub(super) min: [f64; 2],
    pub(super) max: [f64; 2],
}

impl FeatureBox {
    /// Reads the four numbers of a parameter `bbox`, which are in the axis order of the CRS: two of
    /// the lower corner, two of the upper.
    ///
    /// # Errors
    ///
    /// [`FeatureBoxInvalid`] where a number is none or lies outside of the earth, or the upper
    /// corner lies below the lower one.
    pub fn new(numbers: [f64; 4], crs: FeatureCrs) -> Result<Self, FeatureBoxInvalid> {
        let invalid = |fault| FeatureBoxInvalid { found: numbers, fault };
        let [a, b, c, d] = numbers;
        let (min, max) = if crs.is_north_first() { ([b, a], [d, c]) } else { ([a, b], [c, d]) };
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(invalid("has a number that is not finite"));
        }
        if min[1] > max[1] {
            return Err(invalid("has its upper corner below its lower one"));
        }
        if !crs.is_geographic() {
            let ordered = min[0] <= max[0];
            return if ordered {
                Ok(Self { crs, min, max })
            } else {
                Err(invalid("ends west of its start"))
            };
        }
        let on_earth = |[x, y]: [f64; 2]| x.abs() <= 180.0 && y.abs() <= 90.0;
        if on_earth(min) && on_earth(max) {
            Ok(Self { crs, min, max })
        } else {
            Err(invalid("lies outside of the earth"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_the_axis_order_of_the_crs() {
        let expected = ([107.0, 15.0], [108.0, 16.0]);
        let corners =
            |numbers, crs| FeatureBox::new(numbers, crs).map(|found| (found.min, found.max));
        assert_eq!(corners([107.0, 15.0, 108.0, 16.0], FeatureCrs::Crs84), Ok(expected));
        assert_eq!(corners([15.0, 107.0, 16.0, 108.0], FeatureCrs::Wgs84), Ok(expected));
        let metres = [500_000.0, 1_700_000.0, 600_000.0, 1_800_000.0];
        let expected = ([500_000.0, 1_700_000.0], [600_000.0, 1_800_000.0]);
        assert_eq!(corners(metres, FeatureCrs::Vn2000Tm3), Ok(expected));
    }

    #[test]
    fn what_is_no_box_is_refused_and_one_across_the_antimeridian_is_one() {
        assert!(FeatureBox::new([177.0, 65.0, -177.0, 70.0], FeatureCrs::Crs84).is_ok());
        for (numbers, crs) in [
            ([177.0, 70.0, 178.0, 65.0], FeatureCrs::Crs84),
            ([0.0, 0.0, 181.0, 1.0], FeatureCrs::Crs84),
            ([0.0, 0.0, 1.0, 91.0], FeatureCrs::Crs84),
            ([107.0, 15.0, 108.0, 16.0], FeatureCrs::Wgs84),
            ([2.0, 0.0, 1.0, 1.0], FeatureCrs::Vn2000Tm3),
            ([0.0, f64::NAN, 1.0, 1.0], FeatureCrs::Vn2000Tm3),
            ([0.0, 0.0, f64::INFINITY, 1.0], FeatureCrs::WebMercator),
        ] {
            assert!(FeatureBox::new(numbers, crs).is_err(), "{numbers:?} {crs:?}");
        }
    }
}
