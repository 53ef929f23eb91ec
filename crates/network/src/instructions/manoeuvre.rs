//! What a driver does at a place of a route.

/// Left or right of the direction of travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
}

/// How far a turn goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharpness {
    /// From 25° to 60°.
    Slight,
    /// From 60° to 130°.
    Plain,
    /// Beyond 130°.
    Sharp,
}

/// One of eight directions of the compass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Heading {
    North,
    NorthEast,
    East,
    SouthEast,
    South,
    SouthWest,
    West,
    NorthWest,
}

impl Heading {
    /// The direction nearest to a bearing: degrees clockwise from north, any number of turns.
    pub(super) fn from_bearing(bearing_deg: f64) -> Self {
        const ALL: [Heading; 8] = [
            Heading::North,
            Heading::NorthEast,
            Heading::East,
            Heading::SouthEast,
            Heading::South,
            Heading::SouthWest,
            Heading::West,
            Heading::NorthWest,
        ];
        let eighths = (bearing_deg.rem_euclid(360.0) / 45.0).round() as usize;
        ALL[eighths % ALL.len()]
    }
}

/// What a driver does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manoeuvre {
    /// Sets off.
    Depart(Heading),
    /// Leaves the way straight on.
    Turn(Side, Sharpness),
    /// Goes on where the road gets another name.
    Straight,
    /// Enters a roundabout and leaves it by an exit, counted from 1; `None` where the route ends
    /// in it.
    Roundabout(Option<u8>),
    /// Turns back on the same road.
    UTurn,
    /// Goes onto a bridge, straight on.
    Bridge,
    /// Goes into a tunnel, straight on.
    Tunnel,
    /// Goes onto a ferry.
    Ferry,
    /// Is there; the side on which the destination lies, where it is beside the road.
    Arrive(Option<Side>),
}

impl Manoeuvre {
    /// Stable code for programs: `depart`, `turn_left`, `turn_slight_right`, `turn_sharp_left`,
    /// `straight`, `roundabout`, `u_turn`, `bridge`, `tunnel`, `ferry`, `arrive`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Depart(_) => "depart",
            Self::Turn(Side::Left, Sharpness::Slight) => "turn_slight_left",
            Self::Turn(Side::Left, Sharpness::Plain) => "turn_left",
            Self::Turn(Side::Left, Sharpness::Sharp) => "turn_sharp_left",
            Self::Turn(Side::Right, Sharpness::Slight) => "turn_slight_right",
            Self::Turn(Side::Right, Sharpness::Plain) => "turn_right",
            Self::Turn(Side::Right, Sharpness::Sharp) => "turn_sharp_right",
            Self::Straight => "straight",
            Self::Roundabout(_) => "roundabout",
            Self::UTurn => "u_turn",
            Self::Bridge => "bridge",
            Self::Tunnel => "tunnel",
            Self::Ferry => "ferry",
            Self::Arrive(_) => "arrive",
        }
    }
}
