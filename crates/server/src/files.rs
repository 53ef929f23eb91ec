//! The files that are served as they are: the web map, its fonts and sprites, the styles.
//!
//! Every binary holds them, a debug binary as well: it runs on a machine that has no sources. The
//! build script has them embedded anew when one changes.

use std::borrow::Cow;

use rust_embed::Embed;

/// Bytes of a file; borrowed from the binary, or made by a test.
pub(crate) type Contents = Cow<'static, [u8]>;

#[derive(Embed)]
#[folder = "../../web/dist"]
struct Web;

#[derive(Embed)]
#[folder = "../../styles"]
struct Styles;

/// Where files come from: the binary's own, or a test's.
#[derive(Debug, Clone, Copy)]
pub struct Files {
    /// Reads a file of the web map by its path, such as `assets/urbis.js`.
    pub web: fn(&str) -> Option<Contents>,
    /// Paths of all files of the web map.
    pub web_paths: fn() -> Vec<String>,
    /// Reads a style by its file name, such as `danang.json`.
    pub style: fn(&str) -> Option<Contents>,
    /// File names of all styles.
    pub style_paths: fn() -> Vec<String>,
}

impl Files {
    /// The files that the binary was built with.
    pub const fn embedded() -> Self {
        Self {
            web: |path| Web::get(path).map(|file| file.data),
            web_paths: || Web::iter().map(Cow::into_owned).collect(),
            style: |name| Styles::get(name).map(|file| file.data),
            style_paths: || Styles::iter().map(Cow::into_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_holds_its_files_and_reads_no_source() {
        let files = Files::embedded();
        let names = (files.style_paths)();
        assert!(!names.is_empty());
        for name in names {
            assert!(matches!((files.style)(&name), Some(Cow::Borrowed(_))), "{name}");
        }
    }
}
