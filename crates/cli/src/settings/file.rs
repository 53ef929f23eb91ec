//! The settings file: flat TOML, unknown keys refused.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use urbis_catalog::Nearest;

use crate::exit::UsageError;
use crate::settings::LogFormat;

/// Every key that a file may have.
pub(crate) const KEYS: [&str; 25] = [
    "listen",
    "public_url",
    "trusted_proxies",
    "tile_cache_mb",
    "spool_dir",
    "downloads_dir",
    "download_max_mb",
    "downloads_at_once",
    "silent_node_minutes",
    "keep_changes_days",
    "keep_history_days",
    "keep_import_runs_days",
    "keep_live_days",
    "database_url",
    "data_dir",
    "pg_listen",
    "pg_bin_dir",
    "layers",
    "profiles",
    "styles",
    "city",
    "with_synthetic",
    "without_fleet",
    "log",
    "log_format",
];

/// What a settings file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSettings {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) public_url: Option<String>,
    pub(crate) trusted_proxies: Option<Vec<String>>,
    pub(crate) tile_cache_mb: Option<u32>,
    pub(crate) spool_dir: Option<String>,
    pub(crate) downloads_dir: Option<String>,
    pub(crate) download_max_mb: Option<NonZeroU32>,
    pub(crate) downloads_at_once: Option<u16>,
    pub(crate) silent_node_minutes: Option<NonZeroU32>,
    pub(crate) keep_changes_days: Option<u32>,
    pub(crate) keep_history_days: Option<u32>,
    pub(crate) keep_import_runs_days: Option<u32>,
    pub(crate) keep_live_days: Option<u32>,
    pub(crate) database_url: Option<String>,
    pub(crate) data_dir: Option<String>,
    pub(crate) pg_listen: Option<SocketAddr>,
    pub(crate) pg_bin_dir: Option<String>,
    pub(crate) layers: Option<PathBuf>,
    pub(crate) profiles: Option<PathBuf>,
    pub(crate) styles: Option<PathBuf>,
    pub(crate) city: Option<PathBuf>,
    pub(crate) with_synthetic: Option<bool>,
    pub(crate) without_fleet: Option<bool>,
    pub(crate) log: Option<String>,
    pub(crate) log_format: Option<LogFormat>,
}

impl FileSettings {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`UsageError`] with the file's name.
    pub(crate) fn read(path: &Path) -> Result<Self, UsageError> {
        let named = |what: String| UsageError(format!("settings '{}': {what}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|cause| named(cause.to_string()))?;
        Self::parse(&text).map_err(|error| named(error.to_string()))
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// [`UsageError`] with the line or the key.
    pub(crate) fn parse(text: &str) -> Result<Self, UsageError> {
        let table: toml::Table =
            text.parse().map_err(|cause: toml::de::Error| UsageError(cause.to_string()))?;
        if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let nearest = Nearest::find(unknown, KEYS);
            return Err(UsageError(format!("key '{unknown}' is not known{nearest}")));
        }
        // From the text, not the table: only so does an error know its line.
        toml::from_str(text).map_err(|cause| UsageError(cause.to_string()))
    }
}
