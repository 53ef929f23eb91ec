//! A stretch of street between two junctions, and what is said of it.

use std::sync::Arc;

use super::projection::Place;
use super::skeleton::Rank;

/// What kind of way a street is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// On an edge of the lattice.
    Main { rank: Rank, width_m: f64, is_urban: bool },
    /// Over water.
    Bridge { rank: Rank },
    /// Over the railway, at grade.
    LevelCrossing { rank: Rank },
    /// Within a cell.
    Local { width_m: f64 },
    /// Within a cell, for one direction.
    Directed { width_m: f64, is_forward: bool },
    /// Kiệt.
    Alley { width_m: f64 },
    /// Hẻm: a dead end off an alley.
    SideAlley,
}

impl Way {
    /// Says whether it is for one direction.
    pub(crate) const fn is_one_way(self) -> bool {
        matches!(self, Self::Directed { .. })
    }

    /// Says whether it is one of the streets that lead on from cell to cell.
    pub(crate) const fn is_main(self) -> bool {
        matches!(self, Self::Main { .. } | Self::Bridge { .. } | Self::LevelCrossing { .. })
    }

    /// Says whether vehicles leave it to those on foot and on motorbikes.
    pub(crate) const fn is_alley(self) -> bool {
        matches!(self, Self::Alley { .. } | Self::SideAlley)
    }

    /// A code of the layer's `class`.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Main { rank: Rank::Minor, is_urban: true, .. } => "residential",
            Self::Main { rank, .. } | Self::Bridge { rank } | Self::LevelCrossing { rank } => {
                rank.class()
            }
            Self::Local { width_m } if width_m < 4.5 => "track",
            Self::Local { width_m } if width_m < 5.2 => "unclassified",
            Self::Local { .. } | Self::Directed { .. } => "residential",
            Self::Alley { .. } | Self::SideAlley => "service",
        }
    }

    /// Width of the carriageway, metres.
    pub(crate) fn width_m(self) -> f64 {
        match self {
            Self::Main { width_m, .. }
            | Self::Local { width_m }
            | Self::Directed { width_m, .. }
            | Self::Alley { width_m } => width_m,
            Self::Bridge { rank } | Self::LevelCrossing { rank } => rank.width_m(),
            Self::SideAlley => 1.6,
        }
    }

    /// Lanes in both directions together; `None` where nobody paints any.
    pub(crate) const fn lanes(self) -> Option<i64> {
        match self {
            Self::Main { rank, .. } | Self::Bridge { rank } | Self::LevelCrossing { rank } => {
                Some(rank.lanes())
            }
            _ => None,
        }
    }

    /// Speed limit, km/h.
    pub(crate) fn speed_kmh(self) -> Option<i64> {
        match self {
            Self::Main { rank, .. } | Self::Bridge { rank } | Self::LevelCrossing { rank } => {
                Some(rank.speed_kmh())
            }
            Self::Local { width_m } | Self::Directed { width_m, .. } if width_m > 4.5 => Some(40),
            _ => None,
        }
    }

    /// How fast one really drives, km/h.
    pub(crate) fn usual_kmh(self) -> f64 {
        match self {
            Self::Alley { .. } | Self::SideAlley => 10.0,
            _ => self.speed_kmh().map_or(20.0, |limit| limit as f64 * 0.75),
        }
    }

    /// A code of the layer's `surface`.
    pub(crate) fn surface(self) -> &'static str {
        match self {
            Self::Local { width_m } if width_m < 4.5 => "unpaved",
            Self::Alley { .. } | Self::SideAlley => "concrete",
            _ => "asphalt",
        }
    }
}

impl Rank {
    const fn class(self) -> &'static str {
        match self {
            Self::Trunk => "trunk",
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Tertiary => "tertiary",
            Self::Minor => "unclassified",
        }
    }

    /// Width of the carriageway, metres.
    pub(crate) const fn width_m(self) -> f64 {
        match self {
            Self::Trunk => 22.5,
            Self::Primary => 15.0,
            Self::Secondary => 10.5,
            Self::Tertiary => 7.5,
            Self::Minor => 6.0,
        }
    }

    /// Lanes in both directions together.
    const fn lanes(self) -> i64 {
        match self {
            Self::Trunk => 6,
            Self::Primary => 4,
            Self::Secondary | Self::Tertiary | Self::Minor => 2,
        }
    }

    const fn speed_kmh(self) -> i64 {
        match self {
            Self::Trunk | Self::Primary => 60,
            Self::Secondary | Self::Tertiary => 50,
            Self::Minor => 40,
        }
    }
}

/// A stretch of street without a junction between its ends.
#[derive(Debug, Clone)]
pub(crate) struct Street {
    /// Two or more corners.
    pub(crate) line: Vec<Place>,
    pub(crate) way: Way,
    /// Empty where it has none.
    pub(crate) name: Arc<str>,
}

impl Street {
    pub(crate) const fn new(line: Vec<Place>, way: Way, name: Arc<str>) -> Self {
        Self { line, way, name }
    }
}
