//! What slows or closes a stretch of road for a time: closures of the city and live road states.
//!
//! A [`Condition`] says where ([`Reach`]) and what ([`Effect`]); [`matching`] finds the stretches
//! of links that it covers, once for each graph. What it means for a vehicle is decided by the
//! weights: water that stops an ambulance only slows a rescue truck.

mod bands;
mod closures;
mod index;
mod line;
mod matching;
mod outline;

use std::fmt;
use std::sync::Arc;

use urbis_model::{FeatureId, Moment, Openness, WorldBox, WorldXy};

use crate::{LinkId, Travel};

pub(crate) use closures::{closure, closures_at};
pub(crate) use index::{Affected, Conditions};
pub(crate) use line::Line;
pub use matching::spans_within;
pub(crate) use matching::{Matcher, area_of};
pub(crate) use outline::Xy;

/// Which condition: a feature of the closures layer, or a live state by the key that its reporter
/// gave it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionId {
    /// A feature of the closures layer.
    Layer(FeatureId),
    /// A live road state.
    Live(Arc<str>),
}

impl fmt::Display for ConditionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(feature) => feature.fmt(f),
            Self::Live(key) => f.write_str(key),
        }
    }
}

/// What a condition does to a stretch.
///
/// Of several on one stretch the one that leaves the least speed counts; they do not add up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// Nobody passes.
    Closed,
    /// Water of a depth in centimetres: a vehicle's profile says how fast it wades, if at all.
    Depth(u32),
    /// Part of its speed that every vehicle keeps, above 0, at most 1.
    SpeedFactor(f64),
    /// Fastest speed of every vehicle, km/h, above 0; it makes none faster.
    SpeedKmh(f64),
}

impl Effect {
    /// Water of a depth in metres, in centimetres rounded up: it is never taken for shallower than
    /// it is.
    pub fn water(depth_m: f64) -> Self {
        // A depth such as 0.3 times 100 is a hair above 30.
        Self::Depth((depth_m * 100.0 - 1e-6).ceil().max(0.0) as u32)
    }

    /// Says whether it slows or stops any vehicle.
    pub(crate) fn slows(self) -> bool {
        match self {
            Self::Closed | Self::SpeedKmh(_) => true,
            Self::Depth(centimetres) => centimetres > 0,
            Self::SpeedFactor(factor) => factor < 1.0,
        }
    }
}

/// For which direction of travel a condition holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Both.
    #[default]
    Both,
    /// Along its line, or along the segment as it is drawn.
    Along,
    /// Against it.
    Against,
}

/// Where a condition is, apart from any graph.
#[derive(Debug, Clone, PartialEq)]
pub enum Reach {
    /// A whole road segment.
    Segment(FeatureId),
    /// What runs along these lines.
    Lines(Arc<[Box<[WorldXy]>]>),
    /// What lies inside these rings, by the even-odd rule; both directions always.
    Area(Arc<[Box<[WorldXy]>]>),
    /// What lies within a radius in metres; both directions always.
    Circle(WorldXy, f64),
}

/// A stretch of one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The link.
    pub link: LinkId,
    /// Where it begins, millimetres from the link's first vertex as it is drawn.
    pub from_mm: u32,
    /// Where it ends; beyond `from_mm`.
    pub to_mm: u32,
    /// The direction of travel that it holds for; `None` for both.
    pub travel: Option<Travel>,
}

/// What slows or closes a stretch, and all that an explanation needs to say about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Which, and from where.
    pub id: ConditionId,
    /// Where, as it was reported.
    pub reach: Reach,
    /// For whom, by direction of travel.
    pub direction: Direction,
    /// Where, on the links of the graph; empty where no road is.
    pub spans: Vec<Span>,
    /// What it does.
    pub effect: Effect,
    /// Why, such as `flood`: a word of the closures layer's `cause`, or of the reporter.
    pub cause: Option<Arc<str>>,
    /// The road's name, as the source gives it.
    pub title: Option<Arc<str>>,
    /// When it began in the world.
    pub since: Option<Moment>,
    /// First moment at which it holds no more.
    pub until: Option<Moment>,
    /// When it was seen so; `None` for a feature of a layer, which tells no such moment.
    pub reported_at: Option<Moment>,
    /// Who may be told of it. It slows everybody.
    pub openness: Openness,
    /// Where its reach lies; `None` for a segment's, which lies where the segment does.
    pub(crate) area: Option<WorldBox>,
}

impl Condition {
    /// Says whether it holds at a moment.
    pub fn holds_at(&self, moment: Moment) -> bool {
        self.since.is_none_or(|since| since <= moment)
            && self.until.is_none_or(|until| moment < until)
    }
}
