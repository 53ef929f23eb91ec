//! Coordinates that somebody typed: degrees of WGS 84, or metres on a plane of VN-2000.
//!
//! Degrees come as decimals or as degrees, minutes and seconds, latitude first or, where only that
//! makes sense, longitude first; letters of the compass settle it (`N E S W`, Vietnamese `B` and
//! `Đ`). Decimals have a point or a comma. Metres come in either order, too: Vietnamese surveys call
//! the northing X and write it first.
//!
//! Which plane is meant is told by the numbers (where the mainland and Hoàng Sa lie on each); each
//! that makes sense gives a place. The neighbour's zone EPSG:5898 has the same numbers as EPSG:5899
//! and is not tried: Da Nang is not mapped in it.

use std::ops::Range;

use urbis_model::{LonLat, Srid};

use crate::fold::fold;

mod vn2000;

use vn2000::{Plane, TM3, UTM48, UTM49};

/// A place that may be meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    pub place: LonLat,
    /// What the numbers were taken for.
    pub srid: Srid,
}

/// Longest text that is read as coordinates.
const MAX_LEN: usize = 80;

/// Where numbers on the planes lie: eastings, northings, metres (mainland extents and Hoàng Sa of
/// domain.md 2.1).
const PLANES: [(Plane, Range<f64>, Range<f64>); 5] = [
    (TM3, 430_000.0..620_000.0, 1_645_000.0..1_800_000.0),
    (UTM49, 90_000.0..265_000.0, 1_645_000.0..1_805_000.0),
    (UTM48, 735_000.0..910_000.0, 1_645_000.0..1_805_000.0),
    (TM3, 860_000.0..1_050_000.0, 1_690_000.0..1_910_000.0),
    (UTM49, 515_000.0..690_000.0, 1_690_000.0..1_910_000.0),
];

/// The places that a text may mean, the likeliest first; none where it is no pair of coordinates.
pub(crate) fn read(text: &str) -> Vec<Placed> {
    if text.len() > MAX_LEN || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let text = fold(text);
    let Some([one, other]) = read_pair(&text) else { return Vec::new() };
    if let Some(place) = degrees(&one, &other) {
        return vec![Placed { place, srid: Srid::WGS84 }];
    }
    if one.axis.is_some() || other.axis.is_some() {
        return Vec::new();
    }
    let on_planes = |easting: f64, northing: f64| {
        let planes = PLANES.into_iter();
        let meant = planes.filter(move |(_, x, y)| x.contains(&easting) && y.contains(&northing));
        meant.filter_map(move |(plane, ..)| {
            Some(Placed { place: plane.to_lonlat(easting, northing)?, srid: plane.srid })
        })
    };
    on_planes(one.value, other.value).chain(on_planes(other.value, one.value)).collect()
}

/// Which way an angle counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Latitude,
    Longitude,
}

/// One number of a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Number {
    value: f64,
    axis: Option<Axis>,
    /// It has a fraction, minutes, or a sign of degrees: a whole number is no angle.
    is_angle: bool,
}

/// The place, where the numbers are angles.
fn degrees(one: &Number, other: &Number) -> Option<LonLat> {
    if !one.is_angle || !other.is_angle || (one.axis.is_some() && one.axis == other.axis) {
        return None;
    }
    let is_lon_first = one.axis == Some(Axis::Longitude)
        || other.axis == Some(Axis::Latitude)
        || (one.axis.is_none() && other.axis.is_none() && one.value.abs() > 90.0);
    let (lon, lat) = if is_lon_first { (one, other) } else { (other, one) };
    LonLat::new(lon.value, lat.value).ok()
}

/// Cuts a folded text into two numbers.
fn read_pair(text: &str) -> Option<[Number; 2]> {
    let text = text.trim().trim_start_matches('(').trim_end_matches(')').trim();
    if text.contains(['°', '\'', '"', '′', '″', 'º']) {
        return read_angles(text);
    }
    let pieces: Vec<&str> = match text.split_once(';') {
        Some((one, other)) => vec![one.trim(), other.trim()],
        None => text.split_whitespace().filter(|piece| *piece != ",").collect(),
    };
    let (one, other) = match pieces[..] {
        [one, other] => (one.trim_end_matches(','), other),
        [both] => split_joined(both)?,
        _ => return None,
    };
    Some([read_number(one)?, read_number(other)?])
}

/// `16.06,108.22` or `16,06,108,22`.
fn split_joined(text: &str) -> Option<(&str, &str)> {
    let commas: Vec<usize> = text.match_indices(',').map(|(at, _)| at).collect();
    let at = match commas[..] {
        [one] if text.contains('.') || text.len() > 12 => one,
        [_, middle, _] => middle,
        _ => return None,
    };
    Some((&text[..at], &text[at + 1..]))
}

/// A decimal, perhaps with a letter of the compass.
fn read_number(text: &str) -> Option<Number> {
    let (digits, axis, sign) = compass(text);
    let points = digits.matches(['.', ',']).count();
    let last = digits.rfind(['.', ',']);
    let has_both = digits.contains('.') && digits.contains(',');
    let plain: String = match last {
        // Thousands are parted, such as 1.776.387,41 or 1.776.387.
        Some(last) if points > 1 => {
            let is_fraction = has_both && digits[..last].matches(&digits[last..=last]).count() == 0;
            let (whole, rest) = digits.split_at(last);
            let whole: String =
                whole.chars().filter(|letter| !['.', ','].contains(letter)).collect();
            format!("{whole}{}{}", if is_fraction { "." } else { "" }, &rest[1..])
        }
        _ => digits.replace(',', "."),
    };
    let unsigned = plain.strip_prefix('-').unwrap_or(&plain);
    let is_number = unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && unsigned.starts_with(|first: char| first.is_ascii_digit());
    let value: f64 = plain.parse().ok().filter(|_| is_number && plain.len() <= 24)?;
    let is_angle = points == 1 || axis.is_some();
    Some(Number { value: value * sign, axis, is_angle })
}

/// A letter of the compass at the start or the end of a text, and the rest.
fn compass(text: &str) -> (&str, Option<Axis>, f64) {
    let text = text.trim().trim_end_matches(',');
    let axis_of = |letter: char| match letter {
        'n' | 'b' => Some((Axis::Latitude, 1.0)),
        's' => Some((Axis::Latitude, -1.0)),
        'e' | 'd' => Some((Axis::Longitude, 1.0)),
        'w' => Some((Axis::Longitude, -1.0)),
        _ => None,
    };
    if let Some((axis, sign)) = text.chars().last().and_then(axis_of) {
        return (text[..text.len() - 1].trim(), Some(axis), sign);
    }
    match text.chars().next().and_then(axis_of) {
        Some((axis, sign)) => (text[1..].trim(), Some(axis), sign),
        None => (text, None, 1.0),
    }
}

/// Two angles with signs of degrees, such as `16°03'39.6"N 108°13'37"E`.
fn read_angles(text: &str) -> Option<[Number; 2]> {
    let text =
        text.replace('º', "°").replace('′', "'").replace(['″', '”'], "\"").replace("''", "\"");
    // The second begins at the number before the second sign of degrees.
    let second = text.match_indices('°').nth(1)?.0;
    let digits =
        text[..second].bytes().rev().take_while(|byte| byte.is_ascii_digit() || *byte == b'.');
    let mut start = second - digits.count();
    // Letters of the compass stand before both numbers, or behind.
    let is_letter = |letter: char| letter.is_ascii_alphabetic();
    if text.starts_with(is_letter) && text[..start].ends_with(is_letter) {
        start -= 1;
    }
    Some([read_angle(&text[..start])?, read_angle(&text[start..])?])
}

fn read_angle(text: &str) -> Option<Number> {
    let (text, axis, sign) = compass(text.trim().trim_end_matches([',', ';']));
    let (degrees, rest) = text.split_once('°')?;
    let (minutes, rest) = rest.split_once('\'').unwrap_or((rest, ""));
    let seconds = rest.trim().trim_end_matches('"');
    let number = |text: &str| -> Option<f64> {
        let text = text.trim().replace(',', ".");
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if text.is_empty() { Some(0.0) } else { text.parse().ok().filter(|_| is_plain) }
    };
    let (degrees, minutes, seconds) = (number(degrees)?, number(minutes)?, number(seconds)?);
    if minutes >= 60.0 || seconds >= 60.0 {
        return None;
    }
    let value = sign * (degrees + minutes / 60.0 + seconds / 3600.0);
    Some(Number { value, axis, is_angle: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn degrees_of(text: &str) -> Option<(f64, f64)> {
        match read(text)[..] {
            [Placed { place, srid: Srid::WGS84 }] => Some((place.lon(), place.lat())),
            _ => None,
        }
    }

    #[test]
    fn degrees_are_read_however_people_write_them() {
        for text in [
            "16.06, 108.22",
            "16.06,108.22",
            "16.06 108.22",
            "108.22 16.06",
            "108.22,16.06",
            "16,06 108,22",
            "16,06; 108,22",
            "16,06, 108,22",
            "16,06,108,22",
            "(16.06, 108.22)",
            "16.06N 108.22E",
            "N16.06 E108.22",
            "E108.22, N16.06",
            "16.06B 108.22Đ",
            "16°3'36\"N 108°13'12\"E",
            "16°03′36″ 108°13′12″",
            "16°3.6' 108°13.2'",
            "108°13'12\"E, 16°3'36\"N",
            "16°3'36\"B, 108°13'12\"Đ",
            "N16°3'36\" E108°13'12\"",
            "16.06° 108.22°",
        ] {
            let Some((lon, lat)) = degrees_of(text) else { panic!("{text}: {:?}", read(text)) };
            assert!(
                (lon - 108.22).abs() < 1e-9 && (lat - 16.06).abs() < 1e-9,
                "{text}: {lon} {lat}"
            );
        }
    }

    #[test]
    fn metres_are_read_on_the_plane_that_the_numbers_tell() {
        for (text, srid) in [
            ("550840.1548 1776387.4104", 5899),
            ("1776387.4104, 550840.1548", 5899),
            ("550840,1548 1776387,4104", 5899),
            ("1.776.387,4104; 550.840,1548", 5899),
            ("550,840.1548 1,776,387.4104", 5899),
            ("203110.3036 1777786.3296", 3406),
        ] {
            let [Placed { place, srid: found }, ..] = read(text)[..] else {
                panic!("{text}: {:?}", read(text))
            };
            assert_eq!(found, Srid(srid), "{text}");
            assert!((place.lon() - 108.2270).abs() < 1e-7, "{text} {place}");
            assert!((place.lat() - 16.0610).abs() < 1e-7, "{text} {place}");
        }
        let hoang_sa = read("911847.7166 1832729.6528");
        assert!(hoang_sa.iter().any(|p| (p.place.lon() - 111.608).abs() < 1e-6), "{hoang_sa:?}");
    }

    #[test]
    fn what_is_no_pair_of_coordinates_is_none() {
        for text in [
            "12/345",
            "12 345",
            "16 108",
            "16.06",
            "Trần Phú",
            "12 Trần Phú",
            "16.06 108.22 7",
            "95.1 190.2",
            "16°61'0\" 108°0'0\"",
            "nan nan",
            "1e5 1e6",
            "N16.06 N16.07",
            "",
            "°",
            "°°",
            "16.06 e",
            "12,345",
            "1 000 000",
            "é°°é",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
