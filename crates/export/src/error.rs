//! Why a file was not written.

/// Why a file was not written. What there is of it is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The disk or the folder failed.
    #[error("cannot write a file while {doing}")]
    Io {
        /// What was being done, such as `writing the table`.
        doing: &'static str,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },

    /// A format cannot hold so much.
    #[error("a {what} holds no more than {limit_bytes} bytes")]
    TooLarge {
        /// Of what, such as `.dbf file`.
        what: &'static str,
        /// How much it holds.
        limit_bytes: u64,
    },
}

impl ExportError {
    /// Stable code; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "export_unwritable",
            Self::TooLarge { .. } => "export_too_large",
        }
    }

    /// Names what was being done.
    pub(crate) fn while_doing(doing: &'static str) -> impl Fn(std::io::Error) -> Self {
        move |cause| Self::Io { doing, cause }
    }
}
