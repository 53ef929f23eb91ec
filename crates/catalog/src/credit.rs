//! Licence and attribution, which go wherever the data goes.

use crate::Layer;

/// The codes of licences that have a page of their own at spdx.org.
const SPDX_LICENCES: [&str; 6] =
    ["MIT", "ODbL-1.0", "CC-BY-4.0", "CC0-1.0", "Apache-2.0", "CC-BY-SA-4.0"];

/// Under which terms some layers may be used, and who is to be named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credit {
    licences: Vec<String>,
    lines: Vec<String>,
}

impl Credit {
    /// Of one layer.
    pub fn of(layer: &Layer) -> Self {
        Self::of_all([layer])
    }

    /// Of several layers, each licence and each line once.
    pub fn of_all<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Self {
        let mut credit = Self::default();
        for source in layers.into_iter().flat_map(|layer| &layer.sources) {
            add(&mut credit.licences, &source.licence);
            add(&mut credit.lines, source.attribution.as_deref().unwrap_or(&source.publisher));
        }
        credit
    }

    /// The licences in one line.
    pub fn licence(&self) -> String {
        self.licences.join("; ")
    }

    /// The lines to show, in one line.
    pub fn attribution(&self) -> String {
        self.lines.join("; ")
    }

    /// Addresses of the licences that have one.
    pub fn addresses(&self) -> Vec<String> {
        self.licences.iter().filter_map(|name| licence_page(name)).collect()
    }
}

/// The page of a licence by its code, where it has one at spdx.org.
pub fn licence_page(licence: &str) -> Option<String> {
    let is_known = SPDX_LICENCES.contains(&licence);
    is_known.then(|| format!("https://spdx.org/licenses/{licence}.html"))
}

fn add(lines: &mut Vec<String>, line: &str) {
    if !line.is_empty() && !lines.iter().any(|known| known == line) {
        lines.push(line.to_owned());
    }
}
