//! What QGIS reads in the database: a view a layer and class, styles, projects, and who may log in.
//!
//! The views are made by the reconciler from the catalogue; see `docs/qgis.md` for what they hold.
//! Styles and projects come finished from others: here they are only kept.

mod place;
mod publish;
mod user;
mod view;

use urbis_model::Openness;

pub use place::DatabaseAddress;
pub use publish::{QgisProject, QgisPublication, QgisStyle};
pub use user::{QgisUser, UserName, UserNameInvalid};
pub(crate) use view::QgisViews;

/// The schema with the views of a class.
pub const fn qgis_schema(class: Openness) -> &'static str {
    match class {
        Openness::Open => "qgis",
        Openness::Internal => "qgis_internal",
        Openness::Restricted => "qgis_restricted",
    }
}
