//! Live state in the database: units, their history, states of roads.
//!
//! [`LiveWriter`] writes batches of what was acknowledged, which the spool keeps until then;
//! [`crate::Store::live_state`] reads the last state when a node starts. Whether a report counts was
//! decided before ([`urbis_model::Verdict`]); here it is kept.

mod latest;
mod prune;
mod read;
mod stage;
mod write;

pub use read::LiveState;
pub use write::{LiveWriter, LiveWritten};

pub(crate) use prune::{drop_day, make_days_ahead, old_days};
