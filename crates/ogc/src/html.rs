//! The documents as pages: the same facts for people, Vietnamese before English.
//!
//! Pages run no script of their own but [`Asset::Script`], and work without it; all texts of the
//! catalogue and of features are escaped by the templates.

mod asset;
mod collection_page;
mod feature_table;
mod outline;
mod schema_page;

use askama::Template;

pub use asset::Asset;
pub use feature_table::FeatureTable;

/// What every page begins and ends with.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Base of the addresses.
    base: String,
    /// Vietnamese and English.
    title: (String, String),
    city: String,
    /// The same document for programs.
    json: String,
}

impl crate::Site<'_> {
    /// The frame of the page of a document at an address.
    pub(crate) fn frame(&self, vi: &str, en: &str, json: &str) -> Frame {
        Frame {
            base: self.base.to_owned(),
            title: (vi.to_owned(), en.to_owned()),
            city: self.city.title.vi.clone(),
            json: format!("{json}{}f=json", if json.contains('?') { '&' } else { '?' }),
        }
    }
}

/// Fills a template in.
fn render(template: &impl Template) -> String {
    template.render().expect("text is written into memory, and no value of ours fails to show")
}
