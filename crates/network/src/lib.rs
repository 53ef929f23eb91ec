//! The road network of a city: a graph of its roads layer, live weights over it, and searches by
//! travel time.
//!
//! Words: a **segment** is a feature of the roads layer; a **joint** a place where segments join;
//! a **link** the piece of a segment's part between two consecutive joints; a **junction** (node)
//! a joint where there is a choice or a road ends; an **edge** the chain of links between two
//! junctions; an **arc** an edge in one direction; a **state** what a search labels.
//!
//! No I/O, no clock: the same city gives the same answers.

mod alternatives;
mod arc;
mod by_road;
mod conditions;
mod graph;
mod id;
mod instructions;
mod length;
mod line;
mod link;
mod live;
mod pages;
mod position;
mod reach;
mod report;
mod road_state;
mod roads;
mod route;
mod search;
mod snap;
mod stand;
mod traffic;
mod wave;
mod weights;

pub use alternatives::{MAX_SHARED, MAX_STRETCH};
pub use arc::{ArcView, ChangedArcs, Incoming, Outgoing, Turn};
pub use by_road::{ByRoad, FEATURE_WITHIN, FoundByRoad, MAX_LOOKED_AT, RoadAsk, nearest_by_road};
pub use conditions::{Condition, ConditionId, Direction, Effect, Reach, Span, spans_within};
pub use graph::{Graph, SNAP_TOLERANCE};
pub use id::{ArcId, LinkId, NodeId, StateId};
pub use instructions::{Guide, Heading, Instruction, Language, Manoeuvre, Sharpness, Side};
pub use line::geometry;
pub use link::{Barrier, Link, Oneway, RoadTraits, Travel, Word};
pub use live::LiveRoads;
pub use position::{OnArc, RoadPosition};
pub use reach::{RADIUS_M, ReachArea, ReachAsk, reach};
pub use report::{Island, MAX_EXAMPLES, NearlyTouching, NetworkReport, OnewayTrap, TrapKind};
pub use road_state::{RoadState, RoadStateOutcome, RoadStateUpdate};
pub use roads::Roads;
pub use route::{Route, Trip, route};
pub use search::{
    ArcStretch, Arrival, Arrivals, Expansion, Limits, Reachable, Target, all_times, first_arrivals,
    guided_time, nearest_reachable,
};
pub use snap::{Snap, SnapRules, snap};
pub use stand::Stand;
pub use wave::Spread;
pub use weights::IMPASSABLE;
