//! Takes out of a style what a class must not see.

use serde_json::Value;
use urbis_model::Openness;

use crate::Catalog;

/// Takes out of a style what is above the class.
pub(super) fn cut(_style: &mut Value, _catalog: &Catalog, _class: Openness) {}
