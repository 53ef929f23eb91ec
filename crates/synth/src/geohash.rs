//! GeoHash of 12 characters, the form of a parcel's id.
//!
//! Source: Gustavo Niemeyer, geohash.org, 2008; bits of longitude and latitude in turn, base 32.

use geo::Coord;

const ALPHABET: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
const CHARACTERS: usize = 12;

/// The GeoHash of a place in degrees, x = longitude.
pub(crate) fn geohash(at: Coord<f64>) -> String {
    let (mut lon, mut lat) = ((-180.0, 180.0), (-90.0, 90.0));
    let mut bits = (0..CHARACTERS * 5)
        .map(|bit| if bit % 2 == 0 { halve(&mut lon, at.x) } else { halve(&mut lat, at.y) });
    let mut character = || {
        let index = (0..5).fold(0, |index, _| index * 2 + usize::from(bits.next() == Some(true)));
        char::from(ALPHABET[index])
    };
    (0..CHARACTERS).map(|_| character()).collect()
}

/// Keeps the half of a range in which a value lies; says whether it is the upper one.
fn halve(range: &mut (f64, f64), value: f64) -> bool {
    let middle = f64::midpoint(range.0, range.1);
    let upper = value >= middle;
    if upper {
        range.0 = middle
    } else {
        range.1 = middle
    }
    upper
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_place_has_its_known_hash() {
        // The example of the original description: 57.64911, 10.40744 is u4pruydqqvj.
        let hash = geohash(Coord { x: 10.40744, y: 57.64911 });
        assert!(hash.starts_with("u4pruydqqvj"), "{hash}");
    }
}
