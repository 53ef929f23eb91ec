//! Settings: the first of flag, environment variable, file and default wins.
//!
//! Empty variables do not come as far as this: see [`crate::environment`].

mod file;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;
use urbis_store::Retention;

use crate::args::{CommonArgs, DatabaseArgs, NodeArgs};
use crate::settings::file::FileSettings;

/// What flags and environment variables say; what a command has no flag for is absent.
#[derive(Debug, Default)]
pub struct Given {
    /// Of every command.
    pub common: CommonArgs,
    /// Which database.
    pub database: DatabaseArgs,
    /// How to serve.
    pub node: NodeArgs,
    /// TCP address of the private cluster.
    pub pg_listen: Option<SocketAddr>,
    /// Folder of the styles to check.
    pub styles: Option<PathBuf>,
    /// Whether made-up data is imported, too.
    pub with_synthetic: bool,
    /// Whether no simulated fleet drives.
    pub without_fleet: bool,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person
    Text,
    /// One JSON object a line
    Json,
}

/// Every setting, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Address of the node.
    pub listen: SocketAddr,
    /// Address that clients use.
    pub public_url: Option<String>,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<String>,
    /// Most memory for finished tiles, mebibytes.
    pub tile_cache_mb: u32,
    /// Folder of what live writers sent and the database does not have yet.
    pub spool_dir: Option<PathBuf>,
    /// Folder for files that are made to be downloaded.
    pub downloads_dir: Option<PathBuf>,
    /// Largest of them, mebibytes.
    pub download_max_mb: NonZeroU32,
    /// Most that are made at a time.
    pub downloads_at_once: u16,
    /// What is kept, and for how long.
    pub retention: Retention,
    /// A database of the user's; a private cluster where absent.
    pub database_url: Option<String>,
    /// Data folder of the node.
    pub data_dir: PathBuf,
    /// TCP address of the private cluster.
    pub pg_listen: Option<SocketAddr>,
    /// Folder of PostgreSQL's programs.
    pub pg_bin_dir: Option<PathBuf>,
    /// Folder of the layer files.
    pub layers: PathBuf,
    /// Folder of the vehicle profiles.
    pub profiles: PathBuf,
    /// Folder of the styles to check; those that are served are part of the binary.
    pub styles: PathBuf,
    /// Folder of the city.
    pub city: PathBuf,
    /// Whether made-up data is imported, too.
    pub with_synthetic: bool,
    /// Whether no simulated fleet drives.
    pub without_fleet: bool,
    /// Log filter.
    pub log: String,
    /// Log format.
    pub log_format: LogFormat,
}

impl Settings {
    /// Decides every setting.
    ///
    /// # Errors
    ///
    /// [`crate::exit::UsageError`] where the file cannot be used; an unknown key is an error
    /// with the nearest known one.
    pub fn resolve(given: Given) -> anyhow::Result<Self> {
        let file = given.common.config.as_deref().map(FileSettings::read).transpose()?;
        Ok(Self::merge(given, file.unwrap_or_default()))
    }

    fn merge(given: Given, file: FileSettings) -> Self {
        let Given { common, database, node, pg_listen, styles, with_synthetic, without_fleet } =
            given;
        let retention = retention(&node, &file);
        Self {
            listen: node.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN),
            public_url: filled(node.public_url).or_else(|| filled(file.public_url)),
            trusted_proxies: node.trusted_proxies.or(file.trusted_proxies).unwrap_or_default(),
            tile_cache_mb: node
                .tile_cache_mb
                .or(file.tile_cache_mb)
                .unwrap_or(DEFAULT_TILE_CACHE_MB),
            spool_dir: node.spool_dir.or_else(|| filled(file.spool_dir).map(Into::into)),
            downloads_dir: node
                .downloads_dir
                .or_else(|| filled(file.downloads_dir).map(Into::into)),
            download_max_mb: node
                .download_max_mb
                .or(file.download_max_mb)
                .unwrap_or(DEFAULT_DOWNLOAD_MAX_MB),
            downloads_at_once: node
                .downloads_at_once
                .or(file.downloads_at_once)
                .unwrap_or(DEFAULT_DOWNLOADS_AT_ONCE),
            retention,
            database_url: filled(database.database_url).or_else(|| filled(file.database_url)),
            data_dir: database.data_dir.or_else(|| file.data_dir.map(PathBuf::from)).map_or_else(
                default_data_dir,
                |dir| {
                    if dir.as_os_str().is_empty() { default_data_dir() } else { dir }
                },
            ),
            pg_listen: pg_listen.or(file.pg_listen),
            pg_bin_dir: database.pg_bin_dir.or_else(|| filled(file.pg_bin_dir).map(Into::into)),
            layers: common.layers.or(file.layers).unwrap_or_else(|| "layers".into()),
            profiles: common
                .profiles
                .or(file.profiles)
                .unwrap_or_else(|| "profiles/vehicle".into()),
            styles: styles.or(file.styles).unwrap_or_else(|| "styles".into()),
            city: node.city.or(file.city).unwrap_or_else(|| "data/danang".into()),
            with_synthetic: with_synthetic || file.with_synthetic.unwrap_or_default(),
            without_fleet: without_fleet || file.without_fleet.unwrap_or_default(),
            log: filled(common.log).or_else(|| filled(file.log)).unwrap_or_else(default_log),
            log_format: common.log_format.or(file.log_format).unwrap_or(LogFormat::Text),
        }
    }
}

/// Where a node listens: reachable from this machine alone until asked for more.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8400);

/// Room for the finished tiles of a city, or nearly.
const DEFAULT_TILE_CACHE_MB: u32 = 256;

/// What every Shapefile reader reads, and the whole city with room to spare.
const DEFAULT_DOWNLOAD_MAX_MB: NonZeroU32 = NonZeroU32::new(2048).expect("more than zero");

/// Each takes a core.
const DEFAULT_DOWNLOADS_AT_ONCE: u16 = 2;

/// An hour of silence is a node that is gone; history is for ever, for it cannot be made again;
/// where units were is kept for a month.
fn retention(node: &NodeArgs, file: &FileSettings) -> Retention {
    let default = Retention::default();
    let silent = node.retention.silent_node_minutes.or(file.silent_node_minutes);
    let minutes = |minutes: NonZeroU32| Duration::from_secs(u64::from(minutes.get()) * 60);
    let days = |days: u32| (days > 0).then(|| Duration::from_secs(u64::from(days) * 86_400));
    let changes = node.retention.keep_changes_days.or(file.keep_changes_days);
    let history = node.retention.keep_history_days.or(file.keep_history_days);
    let runs = node.retention.keep_import_runs_days.or(file.keep_import_runs_days);
    let live = node.retention.keep_live_days.or(file.keep_live_days);
    Retention {
        silence: silent.map_or(default.silence, minutes),
        changes: changes.map_or(default.changes, |kept| days(kept).unwrap_or_default()),
        history: history.map_or(default.history, days),
        runs: runs.map_or(default.runs, days),
        live: live.map_or(default.live, days),
    }
}

/// The driver logs what we report ourselves; slow statements are normal in an import.
fn default_log() -> String {
    "info,sqlx=error".into()
}

/// An empty text means "not set": TOML has no null.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn default_data_dir() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return "/var/lib/urbis".into();
    }
    let absolute = |name: &str| {
        std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute())
    };
    let share = absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .unwrap_or_else(|| "/var/tmp".into());
    share.join("urbis")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_says_what_holds_without_it() {
        let text = include_str!("../../../urbis.example.toml");
        let example = FileSettings::parse(text).unwrap();
        let shown = Settings::merge(Given::default(), example);
        assert_eq!(shown, Settings::merge(Given::default(), FileSettings::default()));
    }

    #[test]
    fn the_example_file_shows_every_key() {
        let text = include_str!("../../../urbis.example.toml");
        for key in file::KEYS {
            let shown = text.lines().any(|line| line.starts_with(&format!("{key} = ")));
            assert!(shown || text.contains(&format!("# {key} = ")), "no {key}");
        }
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let file = "listen = '127.0.0.1:1'\nlayers = 'file'\ntrusted_proxies = ['10.0.0.0/8']";
        let mut given = Given::default();
        given.node.listen = Some("127.0.0.1:2".parse().unwrap());
        let settings = Settings::merge(given, FileSettings::parse(file).unwrap());
        assert_eq!(settings.listen.port(), 2);
        assert_eq!(settings.layers, PathBuf::from("file"));
        assert_eq!(settings.styles, PathBuf::from("styles"));
        assert_eq!(settings.trusted_proxies, ["10.0.0.0/8"]);
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest() {
        let error = FileSettings::parse("lisen = '127.0.0.1:1'").unwrap_err();
        assert!(error.to_string().contains("'lisen'"), "{error}");
        assert!(error.to_string().contains("did you mean 'listen'"), "{error}");
    }
}
