//! Why a node stopped, or did not start. What goes wrong in one request is a [`crate::problem`].

use std::net::SocketAddr;

use urbis_dispatch::SpoolError;
use urbis_store::StoreError;

/// Why a node stopped, or did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {listen}")]
    Bind {
        /// The address asked for.
        listen: SocketAddr,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },

    /// The first load failed. Later losses of the database stop nothing.
    #[error("cannot load the city")]
    Load {
        /// What the store said.
        #[source]
        cause: StoreError,
    },

    /// The folder for what live writers send cannot be used.
    #[error("cannot keep what live writers send")]
    Spool {
        /// What the spool said.
        #[source]
        cause: SpoolError,
    },

    /// The folder for files that are made to be downloaded cannot be used.
    #[error("cannot use the folder for downloads")]
    Downloads {
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },

    /// A base URL that links cannot be made from.
    #[error(
        "base URL '{found}' is not valid, wanted http://host or https://host, with or without port and path"
    )]
    BaseUrlInvalid {
        /// The text as it came.
        found: String,
    },

    /// A trusted proxy that is neither an address nor a network.
    #[error(
        "trusted proxy '{found}' is not valid, wanted an address or a network such as 10.0.0.0/8"
    )]
    ProxyInvalid {
        /// The text as it came.
        found: String,
    },
}

impl ServerError {
    /// Stable code for logs, reports and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Bind { .. } => "cannot_bind",
            Self::Load { .. } => "cannot_load",
            Self::Spool { .. } => "cannot_spool",
            Self::Downloads { .. } => "cannot_download",
            Self::BaseUrlInvalid { .. } => "base_url_invalid",
            Self::ProxyInvalid { .. } => "proxy_invalid",
        }
    }
}
