//! Tiles as another decoder reads them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod content;
mod coverage;
mod decode;
mod dense;
mod explain;
mod fuzz;
mod joined;
mod odd;
mod openness;
mod polygon;
mod ready;
mod speed;
mod version;

// Layers, features and meshes are those of the snapshot's tests.
#[path = "../../../snapshot/tests/snapshot/mesh.rs"]
mod mesh;
#[path = "../../../snapshot/tests/snapshot/odd_geometry.rs"]
mod odd_geometry;
#[path = "../../../snapshot/tests/snapshot/support.rs"]
mod support;
#[path = "../../../snapshot/tests/snapshot/wards.rs"]
mod wards;
