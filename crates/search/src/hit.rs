//! One result of a search.

use urbis_model::{BBox, FeatureId, LayerId, LonLat, Srid};

/// What a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HitKind {
    /// A feature, or several of one name, by its name.
    Name,
    /// A house by its number.
    Address,
    /// An alley by its number.
    Alley,
    /// A parcel by sheet and number.
    Parcel,
    /// A place by its coordinates.
    Coordinate,
}

impl HitKind {
    /// The word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Address => "address",
            Self::Alley => "alley",
            Self::Parcel => "parcel",
            Self::Coordinate => "coordinate",
        }
    }
}

/// How the words that were typed are those of the result; the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    /// The very words, marks aside.
    Whole,
    /// The last is the beginning of a word.
    Start,
    /// With typing errors.
    Similar,
}

impl Matched {
    /// Of 100.
    pub(crate) const fn from_quality(quality: u8) -> Self {
        match quality {
            100 => Self::Whole,
            90.. => Self::Start,
            _ => Self::Similar,
        }
    }

    /// The word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Start => "start",
            Self::Similar => "similar",
        }
    }
}

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What it is called, as the data has it.
    pub title: String,
    /// What it is and where it lies, in the language that was asked for; may be empty.
    pub subtitle: String,
    /// What it is.
    pub kind: HitKind,
    /// The feature to open: of several, the one at `place`. `None` for a coordinate.
    pub feature: Option<(LayerId, FeatureId)>,
    /// Where to go: on the feature, near the middle of all that the result stands for.
    pub place: LonLat,
    /// Around all that the result stands for.
    pub bbox: BBox,
    /// What a coordinate was taken for.
    pub srid: Option<Srid>,
    /// From 0 to 1; grows with the match, the class and the nearness.
    pub score: f64,
    /// How it matches.
    pub matched: Matched,
}

/// The language of a subtitle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}
