//! Why the catalogue cannot be used.

use std::path::PathBuf;

/// A fault in `layers/`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read '{}'", .path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

impl CatalogError {
    /// Stable code for logs, reports and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "catalog_unreadable",
        }
    }
}
