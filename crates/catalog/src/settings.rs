//! What a city is called and where it lies: `city.toml` in the city's folder.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use urbis_model::BBox;

use crate::parse::read_toml;
use crate::{CatalogError, Title};

/// Name of the settings file in a city's folder.
const FILE_NAME: &str = "city.toml";

/// The settings of a city.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitySettings {
    /// The city's name.
    pub title: Title,
    /// The part of the earth that maps show; far islands may lie outside. Degrees, EPSG:4326.
    pub bbox: BBox,
    /// What a map shows first.
    pub view: View,
    /// Longitude, latitude of the built-up middle, degrees, EPSG:4326; the view's centre where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub core: Option<[f64; 2]>,
    /// The city's time: a date in a question means its start there. UTC where absent.
    #[serde(default)]
    pub utc_offset: UtcOffset,
}

/// What a map shows first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Longitude, latitude in degrees, EPSG:4326.
    pub center: [f64; 2],
    /// MapLibre zoom (512-pixel tiles).
    pub zoom: f64,
}

/// Minutes east of Greenwich that a city's clocks are ahead of UTC, written `+07:00`.
///
/// One offset for the whole year: a city with summer time has no place here yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcOffset {
    minutes: i16,
}

/// Why a text is no [`UtcOffset`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is no UTC offset such as +07:00, from -12:00 to +14:00")]
pub struct UtcOffsetInvalid {
    found: String,
}

impl UtcOffset {
    /// Seconds to add to UTC.
    pub const fn seconds(self) -> i32 {
        self.minutes as i32 * 60
    }
}

impl FromStr for UtcOffset {
    type Err = UtcOffsetInvalid;

    fn from_str(text: &str) -> Result<Self, UtcOffsetInvalid> {
        const RANGE_MINUTES: std::ops::RangeInclusive<i16> = -12 * 60..=14 * 60;
        let parse = || {
            let [sign, h1, h2, b':', m1, m2] = *text.as_bytes() else { return None };
            let number = |tens: u8, ones: u8| {
                let are_digits = tens.is_ascii_digit() && ones.is_ascii_digit();
                are_digits.then(|| i16::from(tens - b'0') * 10 + i16::from(ones - b'0'))
            };
            let (hours, minutes) = (number(h1, h2)?, number(m1, m2).filter(|m| *m < 60)?);
            let ahead = hours * 60 + minutes;
            let minutes = match sign {
                b'+' => ahead,
                b'-' => -ahead,
                _ => return None,
            };
            RANGE_MINUTES.contains(&minutes).then_some(Self { minutes })
        };
        let found = || text.chars().take(80).collect();
        parse().ok_or_else(|| UtcOffsetInvalid { found: found() })
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let ahead = self.minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", ahead / 60, ahead % 60)
    }
}

impl TryFrom<String> for UtcOffset {
    type Error = UtcOffsetInvalid;

    fn try_from(text: String) -> Result<Self, UtcOffsetInvalid> {
        text.parse()
    }
}

impl From<UtcOffset> for String {
    fn from(offset: UtcOffset) -> Self {
        offset.to_string()
    }
}

impl CitySettings {
    /// Reads `city.toml` of a city's folder.
    ///
    /// # Errors
    ///
    /// [`CatalogError`] where the file is missing, has an unknown key, or contradicts itself.
    pub fn load(dir: &Path) -> Result<Self, CatalogError> {
        let path = dir.join(FILE_NAME);
        let settings: Self = read_toml(&path)?;
        let [west, south, east, north] = settings.bbox.into();
        let [lon, lat] = settings.view.center;
        if !(west..=east).contains(&lon) || !(south..=north).contains(&lat) {
            return Err(CatalogError::ViewOutsideCity { path });
        }
        Ok(settings)
    }

    /// Longitude, latitude of the city's built-up middle, which the whole view need not centre on.
    pub fn core(&self) -> [f64; 2] {
        self.core.unwrap_or(self.view.center)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_has_one_spelling_and_comes_back_as_it_was_written() {
        for (text, seconds) in
            [("+07:00", 25_200), ("-03:30", -12_600), ("+00:00", 0), ("+14:00", 50_400)]
        {
            let offset: UtcOffset = text.parse().unwrap();
            assert_eq!((offset.seconds(), offset.to_string()), (seconds, text.to_owned()));
        }
        for text in [
            "", "7", "07:00", "+7:00", "+0700", "+07:60", "+14:01", "-12:01", "Z", "+07:0a",
            " +07:0",
        ] {
            assert!(text.parse::<UtcOffset>().is_err(), "{text}");
        }
    }
}
