//! The command line: commands, flags and the environment variables behind them.

mod export;
mod fleet;
mod key;
mod qgis;
mod retention;
mod words;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::environment::without_empty_variables;
use crate::exit;
use crate::output::Format;
use crate::settings::{Given, LogFormat};

pub use export::ExportArgs;
pub use fleet::{DEFAULT_SEED, DEFAULT_UNITS, FleetArgs};
pub use key::{KeyCommand, KeyCreateArgs};
pub use qgis::{QgisArgs, QgisCommand, QgisUserArgs};
pub use retention::{PruneArgs, RetentionArgs};
pub use words::{MAX_LABEL_CHARS, breaks_a_line};

/// One city's infrastructure on one live map: GIS database, vector tiles, downloads, search, dispatch.
#[derive(Debug, Parser)]
#[command(name = "urbis", version, after_help = exit::HELP, after_long_help = exit::HELP)]
#[command(arg_required_else_help = true, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    pub common: CommonArgs,
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// Reads the command line and the environment; ends the process where they are wrong, and for
    /// `--help`.
    pub fn read() -> Self {
        let matches = without_empty_variables(Self::command()).get_matches();
        let mut arguments = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        match (&mut arguments.command, matches.subcommand()) {
            (Command::Status(asked), Some((_, matches))) => asked.whom = Whom::named_in(matches),
            (Command::Import(asked), Some((_, matches))) => {
                asked.is_synthetic_flag = is_flag(matches, "with_synthetic");
            }
            _ => {}
        }
        arguments
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything: a private PostGIS, the bundled city, the map. Needs no configuration.
    Up(UpArgs),
    /// Serve the map from a database that is already there.
    Serve(ServeArgs),
    /// Bring the database's tables up to the program and the layer files.
    Migrate(DatabaseArgs),
    /// Take files into a layer, or a whole city: all of a source is published, or nothing.
    Import(ImportArgs),
    /// Write layers into a file: GeoPackage, FlatGeobuf, GeoJSON, CSV or Shapefile.
    Export(ExportArgs),
    /// Make, list and revoke keys: who may see what is not open, and who may write.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Say how QGIS reaches the database, write a project for it, make logins.
    Qgis(QgisArgs),
    /// Delete what nobody needs any more: changes that every node has seen, and, where it is asked
    /// for, old history. Running nodes do so by themselves.
    Prune(PruneArgs),
    /// Drive a simulated fleet for a running server, for demonstrations: real bases, roads of the
    /// server's own /route, and every unit marked as made up. `up` has one by itself.
    Fleet(FleetArgs),
    /// Check layer files, their examples, the vehicle profiles, the styles and the city's folder.
    Check(CheckArgs),
    /// List the layers.
    Layers(LayersArgs),
    /// Show what the running node serves.
    Status(StatusArgs),
    /// Grow a whole city that is made up, for benchmarks, into a database or files of its own; with
    /// neither it is counted and hashed.
    Synth(SynthArgs),
}

impl Command {
    /// The settings that this command's flags and variables give.
    pub fn given(&self, common: CommonArgs) -> Given {
        let given = Given { common, ..Given::default() };
        match self {
            Self::Up(UpArgs { database, node, pg_listen, with_synthetic, without_fleet }) => {
                Given {
                    database: database.clone(),
                    node: node.clone(),
                    pg_listen: *pg_listen,
                    with_synthetic: *with_synthetic,
                    without_fleet: *without_fleet,
                    ..given
                }
            }
            Self::Serve(ServeArgs { database_url, node }) => {
                let database =
                    DatabaseArgs { database_url: database_url.clone(), ..DatabaseArgs::default() };
                Given { database, node: node.clone(), ..given }
            }
            Self::Migrate(database) => Given { database: database.clone(), ..given },
            Self::Import(asked) => Given {
                database: asked.database.clone(),
                with_synthetic: asked.with_synthetic,
                ..given
            },
            Self::Prune(asked) => {
                let retention = asked.retention.clone();
                let node = NodeArgs { retention, ..NodeArgs::default() };
                Given { database: asked.database.clone(), node, ..given }
            }
            Self::Qgis(asked) => {
                let node = NodeArgs { city: asked.city.clone(), ..NodeArgs::default() };
                Given { database: asked.database().clone(), node, ..given }
            }
            Self::Export(asked) => {
                let node = NodeArgs { city: asked.city.clone(), ..NodeArgs::default() };
                Given { database: asked.database.clone(), node, ..given }
            }
            Self::Key(asked) => Given { database: asked.database().clone(), ..given },
            Self::Check(asked) => {
                let node = NodeArgs { city: asked.city.clone(), ..NodeArgs::default() };
                Given { node, styles: asked.styles.clone(), ..given }
            }
            Self::Synth(asked) => {
                let node = NodeArgs { city: asked.city.clone(), ..NodeArgs::default() };
                Given { node, ..given }
            }
            Self::Layers(_) | Self::Fleet(_) => given,
            Self::Status(asked) => {
                let database =
                    DatabaseArgs { data_dir: asked.data_dir.clone(), ..DatabaseArgs::default() };
                let node = NodeArgs { listen: asked.listen, ..NodeArgs::default() };
                Given { database, node, ..given }
            }
        }
    }
}

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct CommonArgs {
    /// TOML file with settings
    #[arg(long, global = true, env = "URBIS_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the layer files [default: layers]
    #[arg(long, global = true, env = "URBIS_LAYERS", value_name = "DIR")]
    pub layers: Option<PathBuf>,
    /// Folder of the vehicle profiles [default: profiles/vehicle]
    #[arg(long, global = true, env = "URBIS_PROFILES", value_name = "DIR")]
    pub profiles: Option<PathBuf>,
    /// What to log, as in RUST_LOG [default: info,sqlx=error]
    #[arg(long, global = true, env = "RUST_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// How to log [default: text]
    #[arg(long, global = true, env = "URBIS_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// Which database.
#[derive(Debug, Clone, Default, Args)]
pub struct DatabaseArgs {
    /// A PostgreSQL of your own; without it the private one below the data folder is used
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Data folder [default: /var/lib/urbis as root, else ~/.local/share/urbis]
    #[arg(long, env = "URBIS_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Folder of PostgreSQL's programs, where they are not found by themselves
    #[arg(long, env = "URBIS_PG_BIN_DIR", value_name = "DIR")]
    pub pg_bin_dir: Option<PathBuf>,
}

/// How a node serves.
#[derive(Debug, Clone, Default, Args)]
pub struct NodeArgs {
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8400]
    #[arg(long, env = "URBIS_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Address that clients use, for every link that the node writes
    #[arg(long, env = "URBIS_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Proxy (address or CIDR) whose X-Forwarded-* headers are believed; may be repeated
    #[arg(
        long = "trusted-proxy",
        env = "URBIS_TRUSTED_PROXIES",
        value_name = "CIDR",
        value_delimiter = ','
    )]
    pub trusted_proxies: Option<Vec<String>>,
    /// Most memory for finished tiles, mebibytes; 0 keeps none [default: 256]
    #[arg(long, env = "URBIS_TILE_CACHE_MB", value_name = "MB")]
    pub tile_cache_mb: Option<u32>,
    /// Folder of what live writers sent and the database does not have yet, for this node alone;
    /// without it nothing live is taken [default: spool in the data folder for `up`, else none]
    #[arg(long, env = "URBIS_SPOOL_DIR", value_name = "DIR")]
    pub spool_dir: Option<PathBuf>,
    /// Folder for files that are made to be downloaded [default: downloads in the data folder for
    /// `up`, else the system's for temporary files]
    #[arg(long, env = "URBIS_DOWNLOADS_DIR", value_name = "DIR")]
    pub downloads_dir: Option<PathBuf>,
    /// Largest file that is made to be downloaded, mebibytes [default: 2048]
    #[arg(long, env = "URBIS_DOWNLOAD_MAX_MB", value_name = "MB")]
    pub download_max_mb: Option<NonZeroU32>,
    /// Most files that are made to be downloaded at a time; 0 makes none [default: 2]
    #[arg(long, env = "URBIS_DOWNLOADS_AT_ONCE", value_name = "N")]
    pub downloads_at_once: Option<u16>,
    /// Folder of the city: its settings and source files [default: data/danang]
    #[arg(long, env = "URBIS_CITY", value_name = "DIR")]
    pub city: Option<PathBuf>,
    #[command(flatten)]
    pub retention: RetentionArgs,
}

/// Flags of `up`.
#[derive(Debug, Args)]
pub struct UpArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub node: NodeArgs,
    /// Let QGIS reach the private PostgreSQL by TCP, as role qgis with a password
    #[arg(long, env = "URBIS_PG_LISTEN", value_name = "ADDRESS:PORT")]
    pub pg_listen: Option<SocketAddr>,
    /// Also grow what has no open data, such as parcels and permits: made up, and marked as such
    #[arg(long, env = "URBIS_WITH_SYNTHETIC", value_parser = BoolishValueParser::new())]
    pub with_synthetic: bool,
    /// Do not drive a simulated fleet over the map
    #[arg(long, env = "URBIS_WITHOUT_FLEET", value_parser = BoolishValueParser::new())]
    pub without_fleet: bool,
}

/// Flags of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The PostgreSQL to serve from; required, `urbis up` runs one itself
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    #[command(flatten)]
    pub node: NodeArgs,
}

/// Flags of `import`.
#[derive(Debug, Args)]
#[command(
    override_usage = "urbis import [OPTIONS] LAYER SOURCE...\n       urbis import [OPTIONS] --city DIR"
)]
pub struct ImportArgs {
    /// Layer to import into
    #[arg(required_unless_present = "city", conflicts_with = "city")]
    pub layer: Option<String>,
    /// Files; each is read as the source of the same name in the layer's file says
    #[arg(required_unless_present = "city", conflicts_with = "city", num_args = 1..)]
    pub sources: Vec<PathBuf>,
    /// Import every source of every layer from this folder
    #[arg(long, value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// With --city: also grow and import what has no open data: made up, and marked as such
    #[arg(long, env = "URBIS_WITH_SYNTHETIC", value_parser = BoolishValueParser::new())]
    pub with_synthetic: bool,
    /// Read the files as this source of the layer's file, whatever their names
    #[arg(long = "as", value_name = "SOURCE", requires = "layer")]
    pub read_as: Option<String>,
    /// CRS of the files' coordinates, such as EPSG:5899, where they do not say it (CSV, DXF)
    #[arg(long, value_name = "EPSG:N", conflicts_with = "city")]
    pub crs: Option<String>,
    /// Name of the source within the layer, the same at every re-import; two files of one name are
    /// one source unless this tells them apart [default: the file's name]
    #[arg(long, value_name = "NAME", conflicts_with = "city")]
    pub source: Option<String>,
    /// Do everything but publish
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON report a source; one that fails prints an error with a stable code
    #[arg(long)]
    pub json: bool,
    /// Who wins where a feature was edited here and changed in the source
    #[arg(long, value_name = "WHO")]
    pub take: Option<TakeArg>,
    /// Only what touches this feature, such as admin_unit:20194; nothing outside it is closed
    #[arg(long, value_name = "LAYER:CODE")]
    pub clip: Option<String>,
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[arg(skip)]
    is_synthetic_flag: bool,
}

/// Who wins a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TakeArg {
    /// The source's record, over every edit, also one that was kept before
    Source,
    /// The edit made here
    Edit,
}

/// Flags of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Folder of the map styles [default: styles]
    #[arg(long, env = "URBIS_STYLES", value_name = "DIR")]
    pub styles: Option<PathBuf>,
    /// Folder of the city [default: data/danang]
    #[arg(long, env = "URBIS_CITY", value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// Also compare the layers with those of a git revision: what apps read of its tiles must stay,
    /// or carry a notice of its end there
    #[arg(long, value_name = "REV")]
    pub against: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Flags of `layers`.
#[derive(Debug, Args)]
pub struct LayersArgs {
    /// Print one JSON object a layer
    #[arg(long)]
    pub json: bool,
}

/// Flags of `synth`.
#[derive(Debug, Args)]
pub struct SynthArgs {
    /// The same seed, scale and bundled data give the same city
    #[arg(long, value_name = "N")]
    pub seed: u64,
    /// Share of the full size, nearest to the city's middle first: 1 is three million parcels
    #[arg(long, value_name = "F", value_parser = words::parse_scale)]
    pub scale: f64,
    /// A PostgreSQL of its own to load into; it must hold no feature, and is never the private one
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Folder for the layers' files, forbidden turns, flaws and vehicles' traces
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// With --to: format of the layers; pbf is the road network alone
    #[arg(long, value_enum, default_value_t = CityFormat::Fgb)]
    pub format: CityFormat,
    /// Folder of the real city whose shape it takes [default: data/danang]
    #[arg(long, env = "URBIS_CITY", value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// Threads that grow; the outcome is the same
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub threads: usize,
    /// With --to: seconds that every vehicle drives, a position a second
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub trace_seconds: u32,
}

/// What a made-up city's files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CityFormat {
    /// One FlatGeobuf a layer.
    Fgb,
    /// One GeoPackage.
    Gpkg,
    /// The road network as OSM PBF.
    Pbf,
}

/// Flags of `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Ask the node of this data folder and no other; without it the one of the usual data folder
    /// is asked, else the one at the configured address
    #[arg(long, env = "URBIS_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Ask the node at this address, whatever its data folder
    #[arg(long, env = "URBIS_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    #[arg(skip)]
    whom: Whom,
}

/// Which node `status` asks. Only a flag names one: a variable says what holds for every command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whom {
    /// The one at an address.
    Address,
    /// The one of a data folder.
    Folder,
    /// The one of the data folder, else the one at the configured address.
    #[default]
    Any,
}

impl Whom {
    fn named_in(matches: &ArgMatches) -> Self {
        match (is_flag(matches, "listen"), is_flag(matches, "data_dir")) {
            (true, _) => Self::Address,
            (false, true) => Self::Folder,
            (false, false) => Self::Any,
        }
    }
}

/// Says whether an argument was given on the command line, and not by a variable.
fn is_flag(matches: &ArgMatches, name: &str) -> bool {
    matches.value_source(name) == Some(ValueSource::CommandLine)
}

impl ImportArgs {
    /// Whether made-up data was asked for where there is no city to grow it from. A variable may
    /// be meant for another command.
    pub const fn asks_to_grow_one_file(&self) -> bool {
        self.is_synthetic_flag && self.city.is_none()
    }
}

impl CheckArgs {
    /// How to print.
    pub const fn format(&self) -> Format {
        Format::from_flag(self.json)
    }
}

impl LayersArgs {
    /// How to print.
    pub const fn format(&self) -> Format {
        Format::from_flag(self.json)
    }
}

impl StatusArgs {
    /// Which node to ask.
    pub const fn whom(&self) -> Whom {
        self.whom
    }

    /// How to print.
    pub const fn format(&self) -> Format {
        Format::from_flag(self.json)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Arguments::command().debug_assert();
    }
}
