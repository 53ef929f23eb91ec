//! The road network of a city: a graph of its roads layer, live weights over it, and searches by
//! travel time.
//!
//! Words: a **segment** is a feature of the roads layer; a **joint** a place where segments join;
//! a **link** the piece of a segment's part between two consecutive joints; a **junction** (node)
//! a joint where there is a choice or a road ends; an **edge** the chain of links between two
//! junctions; an **arc** an edge in one direction; a **state** what a search labels.
//!
//! No I/O, no clock: the same city gives the same answers.

mod arc;
mod conditions;
mod graph;
mod id;
mod link;
mod live;
mod position;
mod report;
mod road_state;
mod roads;
mod search;
mod snap;
mod traffic;
mod weights;

pub use arc::{ArcView, ChangedArcs, Incoming, Outgoing, Turn};
pub use conditions::{Condition, ConditionId, Direction, Effect, Reach, Span};
pub use graph::Graph;
pub use id::{ArcId, LinkId, NodeId, StateId};
pub use link::{Barrier, Link, Oneway, RoadTraits, Travel, Word};
pub use live::LiveRoads;
pub use position::{OnArc, RoadPosition};
pub use report::{Island, NearlyTouching, NetworkReport, OnewayTrap, TrapKind};
pub use road_state::{RoadState, RoadStateOutcome, RoadStateUpdate};
pub use roads::Roads;
pub use search::{
    ArcStretch, Arrival, Arrivals, Limits, Reachable, Target, all_times, first_arrivals,
    nearest_reachable,
};
pub use snap::{Snap, SnapRules, snap};
pub use weights::IMPASSABLE;
