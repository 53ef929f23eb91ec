//! The documents as pages: the same facts for people, in Vietnamese and in English.
//!
//! Both languages stand in a page, each in elements of its own; a switch without a script hides
//! one of them.
//!
//! Pages run no script of their own but [`Asset::Script`], and work without it; all texts of the
//! catalogue and of features are escaped by the templates.

mod asset;
mod collection_page;
mod collections_page;
mod feature_table;
mod landing_page;
mod outline;
mod schema_page;
mod words;

use askama::Template;
use urbis_catalog::Title;

pub use asset::Asset;
pub use feature_table::FeatureTable;

/// What every page begins and ends with.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Base of the addresses.
    base: String,
    title: Title,
    city: Title,
    /// The same document for programs.
    json: String,
}

impl crate::Site<'_> {
    /// The frame of the page of a document at an address.
    pub(crate) fn frame(&self, vi: &str, en: &str, json: &str) -> Frame {
        Frame {
            base: self.base.to_owned(),
            title: words::both(vi, en),
            city: self.city.title.clone(),
            json: format!("{json}{}f=json", if json.contains('?') { '&' } else { '?' }),
        }
    }
}

/// Fills a template in.
fn render(template: &impl Template) -> String {
    template.render().expect("text is written into memory, and no value of ours fails to show")
}
