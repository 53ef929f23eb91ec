//! What QGIS draws: styles (QML) and a project made from the catalogue and a MapLibre style.
//!
//! - **In**: the catalogue, a style that [`urbis_catalog::style::Style::expand`] gave for a class,
//!   the drawings of its icons, and words on how a client reaches the database.
//! - **Out**: QML documents, a `.qgz` file, the style itself in forms that QGIS reads; texts and
//!   bytes, the same for the same input.
//! - The views that they draw are made elsewhere; so is every file and every table.
//!
//! A style layer of MapLibre becomes one symbol layer of QGIS: a rule a code of the code list that
//! its colours go by, with the Vietnamese meaning in the legend, and widths that follow the scale
//! as they follow the zoom.
//!
//! Source: QGIS 3.22, which writes and reads these documents; there is no schema of them.

mod archive;
mod category;
mod color;
mod draw;
mod expression;
mod fields;
mod fold;
mod label;
mod plain;
mod project;
mod qml;
mod scale;
mod symbol;
mod xml;

use std::collections::BTreeMap;

pub use plain::{CodesInUse, Shown, write_plainly};
pub use project::{Connection, ProjectRequest, write_project};
pub use qml::{LayerStyle, StyleRequest, write_style};

/// Drawings by the names that a style gives them: SVG documents.
pub type Icons = BTreeMap<String, String>;
