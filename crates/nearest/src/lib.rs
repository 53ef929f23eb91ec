//! Nearest features to a place, and the polygons around it, over one immutable snapshot.
//!
//! [`nearest()`] is the k nearest features by WGS 84 geodesic, of all or of those that are asked
//! for; [`containing`] is exact point in polygon on the integer world grid. Both read a
//! [`urbis_snapshot::LayerSnapshot`] and nothing else: no I/O, no clock, the same answer for the
//! same snapshot.

mod contain;
mod nearest;
mod origin;
mod piece;
mod plane;
mod quick;
mod shape;

pub use contain::containing;
pub use nearest::{Ask, Found, Nearest, nearest, nearest_until};
pub use quick::nearest_if_quick;
